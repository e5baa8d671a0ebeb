"""The parts the benchmarks of the whole daemon are put together from."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SLIPWAY_BENCH_BUILD", ROOT / "build" / "release"))
FOLDER = pathlib.Path(os.environ.get("SLIPWAY_BENCH_FOLDER", ROOT / "build" / "bench"))

CONFIGURATION = """
store: {folder}/slipway.db
work_dir: {folder}/work
listen: 127.0.0.1:0
port_file: {folder}/port
aws:
  region: eu-central-1
  endpoint: {endpoint}
queue:
  url: {endpoint}/111122223333/bench
  receives: {receives}
  wait: 20s
sweep:
  interval: 1h
approvers:
  - name: ada
    keys:
      - file: {folder}/key
pipelines:
  - name: digits
    pattern:
      source: [aws.sagemaker]
      detail: {{ ModelPackageGroupName: [digits], ModelApprovalStatus: [Approved] }}
    target: linux-amd64
    compile:
      driver: none
    package:
      component: com.example.digits
      bucket: bench
      prefix: components
      version: "1.0.{{version}}"
    twin:
      driver: greengrass
      thing_group: twin
      test:
        argv: ["/bin/false"]
    approval:
      required: 1
      expires: 7d
    rollout:
      waves:
        - {{ name: canary, thing_groups: [line-a] }}
        - {{ name: rest, thing_groups: [line-b, line-c] }}
"""


def fresh_folder():
    """An empty folder on the disk the build folder is on."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    return FOLDER


def get(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
        return answer.read()


def keys():
    """The environment of a program that signs what the stub does not check."""
    names = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
    return {**os.environ, **names, "AWS_EC2_METADATA_DISABLED": "true"}


class Program:
    """A started program; ends with the `with` block."""

    def __init__(self, command, log, environment=None):
        self.log = log
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def runs(self):
        """Ends the benchmark if the program has ended by itself."""
        if self.process.poll() is not None:
            end = pathlib.Path(self.log).read_text(errors="replace")[-2000:]
            raise SystemExit(f"{self.log}: ended with {self.process.returncode}:\n{end}")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        raise SystemExit("no VmHWM in /proc")


class Stub(Program):
    def __init__(self, messages=0, describe="rejected"):
        program = BUILD / "tests" / "bench" / "sqs_stub"
        command = [program, "--messages", str(messages), "--describe", describe]
        super().__init__(command, FOLDER / "stub.log")
        self.url = f"http://127.0.0.1:{wait_for(self.port, self.runs)}"

    def port(self):
        words = pathlib.Path(self.log).read_text().split()
        return int(words[1]) if words[:1] == ["port"] and len(words) > 1 else None

    def counts(self):
        return json.loads(get(self.url + "/_stub/counts"))

    def effects(self):
        return json.loads(get(self.url + "/_stub/effects"))

    def release(self, count):
        get(f"{self.url}/_stub/release/{count}", "POST")


class Daemon(Program):
    """slipwayd on FOLDER/slipway.db; log lines go to a file as under systemd they go to a pipe."""

    def __init__(self, stub, receives=16):
        configuration = FOLDER / "slipway.yaml"
        text = CONFIGURATION.format(folder=FOLDER, endpoint=stub.url, receives=receives)
        configuration.write_text(text)
        key = FOLDER / "key"
        with open(os.open(key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write("whsec_" + base64.b64encode(os.urandom(32)).decode())
        (FOLDER / "port").unlink(missing_ok=True)
        self.began = time.monotonic()
        super().__init__([BUILD / "slipwayd", "-c", configuration], FOLDER / "slipwayd.log", keys())

    def ready(self):
        with contextlib.suppress(OSError, ValueError):
            port = int((FOLDER / "port").read_text())
            get(f"http://127.0.0.1:{port}/readyz")
            return time.monotonic()
        return None

    def wait_until_ready(self):
        """Seconds from the start until /readyz says 200."""
        return wait_for(self.ready, self.runs, 60, 0.005) - self.began


class Worker(Program):
    def __init__(self, stub):
        python = ROOT / "build" / "venv" / "bin" / "python"
        script = pathlib.Path(__file__).with_name("worker_boto3.py")
        queue = stub.url + "/111122223333/bench"
        command = [python, script, queue, stub.url, FOLDER / "worker.db"]
        super().__init__(command, FOLDER / "worker.log", keys())


def wait_for(question, alive, seconds=60, pause=0.02):
    """The first answer that is not None; ends the benchmark after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = question()
        if answer is not None:
            return answer
        alive()
        time.sleep(pause)
    raise SystemExit(f"nothing after {seconds} s: {question}")


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values):
    return statistics.median(values)
