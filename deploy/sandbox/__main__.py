"""The command: start the sandbox, say where it is, run until told to stop."""

import argparse
import json
import os
import signal
import sys
import threading

from .control import Control
from .credentials import ACCESS_KEY, ACCOUNT, REGION, SECRET_KEY
from .front import Front
from .http_server import Server
from .model_packages import ModelPackages
from .compilation import Compilation
from .event_rules import EventRules
from .greengrass import Greengrass
from .service_model import Catalogue
from .sts import Sts
from .world import World


def options():
    parser = argparse.ArgumentParser(prog="deploy/sandbox/run", description=(
        "A local AWS for slipway: SQS, EventBridge, STS, S3, SageMaker, Greengrass V2, IoT, SSM "
        "and CloudFormation on one loopback port. Prints one JSON line when ready and runs until "
        "SIGTERM or SIGINT."))
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (0: any free one)")
    parser.add_argument("--state-file", metavar="FILE",
                        help="also write the ready line to FILE, which is removed at the end")
    parser.add_argument("--verbose", action="store_true", help="log each request to stderr")
    return parser.parse_args()


def build(port):
    """Wire all parts together; returns the function that answers any request."""
    world = World(port)
    front = Front(world, Catalogue())
    control = Control(world)
    Sts(world, front)
    EventRules(world, front)
    ModelPackages(world, front)
    Compilation(world, front)
    Greengrass(world, front, control)

    def answer(request):
        if request.path.startswith("/_sandbox/"):
            return control.answer(request)
        return front.answer(request)
    return world, answer


def log_requests(answer):
    def logged(request):
        response = answer(request)
        what = request.header("x-amz-target") or request.path
        status = "-" if response.abort else response.status
        print(f"{request.method} {what} {status}", file=sys.stderr, flush=True)
        return response
    return logged


def main():
    arguments = options()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = Server(arguments.port, None)
    except OSError as error:
        sys.exit(f"cannot listen on 127.0.0.1:{arguments.port}: {error.strerror}")
    _, answer = build(server.port)
    server.handle = log_requests(answer) if arguments.verbose else answer
    server.start()
    line = json.dumps({"endpoint": f"http://127.0.0.1:{server.port}", "access_key": ACCESS_KEY,
                       "secret_key": SECRET_KEY, "region": REGION, "account": ACCOUNT})
    if arguments.state_file:
        partial = f"{arguments.state_file}.{os.getpid()}"
        with open(partial, "w", encoding="utf-8") as file:
            file.write(line + "\n")
        os.replace(partial, arguments.state_file)
    print(line, flush=True)
    stop.wait()
    if arguments.state_file:
        try:
            os.unlink(arguments.state_file)
        except FileNotFoundError:
            pass
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
