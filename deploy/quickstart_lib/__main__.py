"""deploy/quickstart, second half: starts sandbox and slipwayd, then walks a model to a fleet."""

import argparse
import json
import pathlib
import platform
import select
import shutil
import signal
import subprocess
import sys
import time

import botocore.exceptions

from .cloud import BUCKET, Cloud
from .daemon import Daemon
from .follow import Steps, follow, wait_for_start

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = ".slipway-quickstart"
SANDBOX_SECONDS_MAX = 30
TARGETS = {"x86_64": "linux-amd64", "aarch64": "linux-arm64"}


def read_options(arguments):
    parser = argparse.ArgumentParser(prog="deploy/quickstart", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="approve through the signed webhook")
    parser.add_argument("--exit", action="store_true", help="end once the model is live")
    parser.add_argument("--port", type=int, default=0, help="of the page; 0: any free one")
    parser.add_argument("--model", default=ROOT / "deploy/models/digits.onnx", type=pathlib.Path)
    parser.add_argument("--dir", default=ROOT / "build/quickstart", type=pathlib.Path)
    parser.add_argument("--programs", default=ROOT / "build/programs", type=pathlib.Path)
    options = parser.parse_args(arguments)
    if not 0 <= options.port <= 65535:
        parser.error("--port must be between 0 and 65535")
    if not options.model.is_file():
        parser.error(f"--model {options.model}: no such file")
    return options


def fresh_folder(folder):
    """An empty folder for this run; one of an earlier run is emptied, any other is refused."""
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise RuntimeError(f"{folder} holds files of somebody else's; give another --dir")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).touch()
    return folder


def start_sandbox(folder):
    """Starts the local AWS; returns its process and the line it prints when it is ready."""
    with open(folder / "sandbox.log", "wb") as log:
        process = subprocess.Popen(
            [ROOT / "deploy/sandbox/run"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={"PATH": "/usr/bin:/bin", "SLIPWAY_PYTHON": sys.executable},
        )
    ready, _, _ = select.select([process.stdout], [], [], SANDBOX_SECONDS_MAX)
    line = process.stdout.readline() if ready else b""
    if not line:
        stop(process)
        raise RuntimeError(f"the sandbox did not start, see {folder / 'sandbox.log'}")
    return process, json.loads(line)


def stop(process):
    if process is not None and process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def explain_approval(daemon, deployment):
    print(f"\n  The page: {daemon.address}/")
    print(f"  Version {deployment['digest'][:12]}… waits for your approval. Either type")
    print("\n    " + daemon.approve_command(deployment).replace("\n", "\n    ") + "\n")
    print("  or let a system of yours send the signed webhook:\n")
    print("    " + daemon.approve_request(deployment).replace("\n", "\n    "))
    print("\n  (openssl gets the key as an argument: only on a machine of your own.)\n", flush=True)


def ask(daemon, steps, options):
    """What happens when a person must decide: --yes decides, otherwise it is said how to."""

    def on_wait(deployment):
        if options.yes:
            daemon.send_decision(deployment, "approve", "the quickstart's --yes")
        else:
            steps.interrupt()
            explain_approval(daemon, deployment)
            steps.resume()

    return on_wait


def walk(options, folder, place, daemon, steps):
    """The whole way of one model. Returns the deployment as it ended."""
    cloud = Cloud(place)
    steps.begin("making bucket, queue, rule and 35 simulated devices")
    queue = cloud.prepare()
    cloud.people_the_fleet()
    steps.begin("starting slipwayd")
    daemon.configure(
        root=ROOT,
        python=sys.executable,
        port=options.port,
        region=place["region"],
        endpoint=place["endpoint"],
        queue_url=queue,
        bucket=BUCKET,
        target=TARGETS.get(platform.machine(), "linux-amd64"),
    )
    keys = {"AWS_ACCESS_KEY_ID": place["access_key"], "AWS_SECRET_ACCESS_KEY": place["secret_key"]}
    daemon.start(keys)
    steps.end()
    print(f"\n  The page: {daemon.address}/   configuration and log: {folder}\n")
    steps.begin(f"uploading and registering {options.model.name}")
    arn = cloud.publish(options.model)
    steps.begin("approving it in the SageMaker registry")
    cloud.approve(arn)
    steps.begin("waiting for the event to arrive")
    number = wait_for_start(daemon, arn)["id"]
    return follow(daemon, number, steps, ask(daemon, steps, options)), cloud


def summary(daemon, deployment, cloud, steps, began):
    """What happened, how long it took, and what runs where now."""
    state = deployment["state"]
    print(f"\n  {deployment.get('phrase', state)}: {deployment['model_package_arn']}")
    print(f"  {deployment['waits_for']}")
    print(f"\n  {len(steps.done)} steps in {time.monotonic() - began:.1f} s, the longest:")
    for words, spent in sorted(steps.done, key=lambda step: -step[1])[:5]:
        print(f"    {spent:6.2f} s  {words}")
    print("\n  what runs where:")
    for group, running in cloud.what_runs().items():
        for what, count in sorted(running.items()):
            print(f"    {group:<8} {count:>3} devices  {what}")
    print(flush=True)
    return 0 if state == "live" else 1


def run(options):
    began, steps = time.monotonic(), Steps()
    folder = fresh_folder(options.dir)
    daemon, sandbox = Daemon(folder, options.programs.resolve()), None
    try:
        steps.begin("starting the sandbox")
        sandbox, place = start_sandbox(folder)
        deployment, cloud = walk(options, folder, place, daemon, steps)
        status = summary(daemon, deployment, cloud, steps, began)
        if status == 0 and not options.exit:
            print(f"  slipway keeps running: {daemon.address}/   Ctrl-C ends it", flush=True)
            while daemon.process.poll() is None and sandbox.poll() is None:
                time.sleep(0.5)
            daemon.check()
            raise RuntimeError("the sandbox ended")
        return status
    finally:
        daemon.stop()
        stop(sandbox)


def main(arguments):
    options = read_options(arguments)

    def interrupted(number, _frame):
        raise KeyboardInterrupt(number)

    signal.signal(signal.SIGTERM, interrupted)
    try:
        return run(options)
    except KeyboardInterrupt:
        print("\nquickstart: ended", file=sys.stderr)
        return 0
    except (RuntimeError, OSError, botocore.exceptions.BotoCoreError) as reason:
        print(f"\nquickstart: {reason}", file=sys.stderr)
    except botocore.exceptions.ClientError as reason:
        print(f"\nquickstart: the sandbox refused a call: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
