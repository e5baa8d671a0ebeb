"""What black-box tests share: a running sandbox, and boto3 clients for it."""

import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest
import release
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 20
# One session for all clients: it keeps the service models, which take long to read.
SESSION = boto3.session.Session()


class Sandbox:
    """One sandbox process: its address, its control API, and clients."""

    def __init__(self, state_file=None):
        command = [str(ROOT / "deploy" / "sandbox" / "run"), "--port", "0"]
        if state_file is not None:
            command += ["--state-file", str(state_file)]
        environment = {**os.environ, "SLIPWAY_PYTHON": sys.executable}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS_MAX)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.process.kill()
            raise RuntimeError("the sandbox did not start")
        self.info = json.loads(line)
        self.endpoint = self.info["endpoint"]
        self.clients = {}

    def stop(self):
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def control(self, method, path, body=None):
        """A control call; an answer other than 200 is raised as urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def client(self, service, credentials=None, region="us-east-1", **options):
        """A boto3 client without retries, so that a test sees each answer; made once for each
        service, credentials, Region and options."""
        name = json.dumps([service, credentials, region, options], sort_keys=True)
        if name not in self.clients:
            self.clients[name] = self.make_client(service, credentials, region, options)
        return self.clients[name]

    def make_client(self, service, credentials, region, options):
        keys = credentials or {"aws_access_key_id": self.info["access_key"],
                               "aws_secret_access_key": self.info["secret_key"]}
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=25,
                        **options)
        return SESSION.client(service, endpoint_url=self.endpoint, region_name=region,
                              config=config, **keys)

    def effects(self, operation=None):
        """The ledger's effects, oldest first."""
        path = "ledger?effects=1" + (f"&operation={operation}" if operation else "")
        return self.control("GET", path)


def eventually(check, seconds=5.0, pause=0.02):
    """Call `check` until it returns something true, and return that; fail after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < until, f"did not come true within {seconds} s"
        time.sleep(pause)


@pytest.fixture(scope="session")
def shared_sandbox():
    """One process for the whole run; tests use `sandbox`, which empties it first."""
    process = Sandbox()
    yield process
    process.stop()


@pytest.fixture
def sandbox(shared_sandbox):
    """The shared sandbox with nothing in it."""
    shared_sandbox.control("POST", "reset")
    before = len(release.RUNNING)
    yield shared_sandbox
    release.kill_leftovers(before)
