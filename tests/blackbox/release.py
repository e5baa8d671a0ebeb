"""A team's whole installation for a test: cloud resources, configuration, and slipwayd itself."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLIPWAYD = os.environ.get("SLIPWAYD", str(ROOT / "build" / "asan" / "slipwayd"))
SLIPWAY = os.environ.get("SLIPWAY", str(ROOT / "build" / "asan" / "slipway"))
BUCKET, QUEUE, COMPONENT = "models", "approvals", "com.example.digits"
ACCOUNT = "123456789012"
ENDED = {"live", "failed", "rejected", "expired", "cancelled", "superseded", "rolled-back"}


class Cloud:
    """What a platform team sets up once, and what a data scientist does, with boto3."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.s3, self.sqs = sandbox.client("s3", s3={"addressing_style": "path"}), sandbox.client("sqs")
        self.events, self.sagemaker = sandbox.client("events"), sandbox.client("sagemaker")
        self.greengrass = sandbox.client("greengrassv2")
        self.queue_url = None
        self.versions = 0

    def prepare(self, rule=True, groups=None, delay_ms=20):
        """Bucket, queue, rule, the twin and the lines; without `rule` no event reaches the queue."""
        self.s3.create_bucket(Bucket=BUCKET)
        self.queue_url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        if rule:
            self.connect_rule()
        for group, count in (groups or {"twin": 1, "line-a": 2, "line-b": 10}).items():
            self.devices(group, count, delay_ms=delay_ms)
        self.sagemaker.create_model_package_group(ModelPackageGroupName="digits")
        return self

    def connect_rule(self):
        """EventBridge delivers the approval events to the queue from here on."""
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{QUEUE}"
        self.events.put_rule(Name="approvals", EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
        self.events.put_targets(Rule="approvals", Targets=[{"Id": "q", "Arn": arn}])

    def devices(self, group, count, **behaviour):
        self.sandbox.control("POST", "devices",
                             {"group": group, "count": count, "prefix": group, **behaviour})

    def settings(self, **values):
        self.sandbox.control("POST", "settings", values)

    def publish(self, content=None, status="PendingManualApproval"):
        """Uploads a model and registers it; returns the package's ARN."""
        self.versions += 1
        body = content if content is not None else b"model %d" % self.versions
        key = f"models/{self.versions}/{hashlib.sha256(body).hexdigest()[:8]}/model.onnx"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        container = {"Image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/onnx:1",
                     "ModelDataUrl": f"s3://{BUCKET}/{key}"}
        return self.sagemaker.create_model_package(
            ModelPackageGroupName="digits", ModelApprovalStatus=status,
            InferenceSpecification={"Containers": [container],
                                    "SupportedContentTypes": ["application/octet-stream"],
                                    "SupportedResponseMIMETypes": ["application/octet-stream"]},
        )["ModelPackageArn"]

    def set_status(self, arn, status):
        self.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)

    def approve(self, arn):
        self.set_status(arn, "Approved")

    def send(self, body):
        """A message straight into the queue."""
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def drain(self):
        """Takes every message off the queue and returns the bodies."""
        bodies = []
        while True:
            got = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
            if not got.get("Messages"):
                return bodies
            for message in got["Messages"]:
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=self.queue_url,
                                        ReceiptHandle=message["ReceiptHandle"])

    def effects(self):
        """The ledger's effects of slipway: (operation, what it was about), in order."""
        wanted = {"CreateComponentVersion", "CreateDeployment", "PutObject", "CreateCompilationJob",
                  "CancelDeployment", "StopCompilationJob"}
        return [entry for entry in self.sandbox.effects() if entry["operation"] in wanted]

    def deployments_of(self, group):
        """CreateDeployment effects on one thing group."""
        return [e for e in self.effects() if e["operation"] == "CreateDeployment"
                and json.dumps(e["key"]).find(f"thinggroup/{group}") >= 0]

    def running(self, group):
        """Thing -> version of the component installed there, or None."""
        found = {}
        for device in self.sandbox.control("GET", f"devices?group={group}"):
            what = device["installed"].get(COMPONENT)
            found[device["thing"]] = what["version"] if isinstance(what, dict) else what
        return found


def result_script(folder, accuracy=0.99, seconds=0.0):
    """A twin test of a few lines of shell: writes the result document with this accuracy."""
    path = folder / f"twin-test-{accuracy}-{seconds}.sh"
    path.write_text(f"""#!/bin/sh
sleep {seconds}
cat > "$1.new" <<END
{{"schema": "slipway.twin-result/1", "run_id": "$2",
 "subject": {{"component": "$3", "version": "$4", "artifact_sha256": "$5", "target": "linux-amd64"}},
 "suites": {{"integration": {{"status": "PASS", "passed": 3, "failed": 0}}}},
 "metrics": {{"accuracy": {{"value": {accuracy}, "n": 450}}}}}}
END
mv "$1.new" "$1"
""")
    path.chmod(0o755)
    return [str(path), "{output}", "{run_id}", "{component}", "{version}", "{artifact_sha256}"]


def pipeline(folder, **changes):
    """A pipeline's settings; keyword arguments replace whole sections."""
    return {
        "name": "digits", "pattern": {"detail": {"ModelPackageGroupName": ["digits"]}},
        "target": "linux-amd64",
        "compile": {"driver": "none"},
        "package": {"component": COMPONENT, "bucket": BUCKET, "prefix": "components",
                    "version": "1.0.{version}", "poll": "1s", "timeout": "1m"},
        "twin": {"driver": "greengrass", "thing_group": "twin", "poll": "1s",
                 "deploy_timeout": "30s", "test": {"argv": result_script(folder), "timeout": "30s"}},
        "gates": [{"name": "accuracy", "pattern":
                   {"metrics": {"accuracy": {"value": [{"numeric": [">=", 0.97]}]}}}}],
        "approval": {"required": 1, "expires": "1h"},
        "rollout": {"waves": [{"name": "canary", "thing_groups": ["line-a"]},
                              {"name": "rest", "thing_groups": ["line-b"]}],
                    "success": "100%", "failure": "10%", "failure_min": 1, "bake": "1s",
                    "poll": "1s", "timeout": "1m"},
        **changes,
    }


RUNNING = []  # Daemons that were started; one left by a failed test would take others' messages.


def kill_leftovers(since):
    """Ends what a test started and, having failed, did not stop: all but the first `since`."""
    while len(RUNNING) > since:
        process = RUNNING.pop()
        if process.poll() is None:
            process.kill()
            process.wait()


class Slipway:
    """One slipwayd with its folder; may be killed and started again."""

    def __init__(self, cloud, folder, pipelines=None, program=SLIPWAYD, **settings):
        self.cloud, self.folder, self.program = cloud, pathlib.Path(folder), program
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys = {}
        self.settings = {
            "store": str(self.folder / "slipway.db"), "work_dir": str(self.folder / "work"),
            "listen": "127.0.0.1:0", "port_file": str(self.folder / "port"),
            "aws": {"region": "us-east-1", "endpoint": cloud.sandbox.endpoint},
            "queue": {"url": cloud.queue_url, "wait": "1s", "receives": 2, "visibility": "5s",
                      "accounts": [ACCOUNT]},
            "sweep": {"interval": "1h"},
            "approvers": [self.approver("alice"), self.approver("bob")],
            "pipelines": pipelines or [pipeline(self.folder)],
            **settings,
        }
        self.process, self.lines, self.moves = None, [], []
        self.on_move = None

    def approver(self, name):
        path = self.folder / f"{name}.key"
        self.keys[name] = secrets.token_bytes(32)
        path.write_text("whsec_" + base64.b64encode(self.keys[name]).decode())
        path.chmod(0o600)
        return {"name": name, "keys": [{"file": str(path)}]}

    @property
    def config(self):
        return self.folder / "slipway.yaml"

    def environment(self):
        info = self.cloud.sandbox.info
        return {"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": info["access_key"],
                "AWS_SECRET_ACCESS_KEY": info["secret_key"], "AWS_EC2_METADATA_DISABLED": "true",
                "ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1"}

    # Life.

    def start(self):
        self.config.write_text(json.dumps(self.settings, indent=1))
        port = self.folder / "port"
        port.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.program, "-c", str(self.config)], stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, env=self.environment())
        RUNNING.append(self.process)
        threading.Thread(target=self.read_log, args=(self.process,), daemon=True).start()
        until = time.monotonic() + 20
        while not port.exists():
            assert self.process.poll() is None, "slipwayd ended:\n" + self.tail()
            assert time.monotonic() < until, "slipwayd did not listen:\n" + self.tail()
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{port.read_text().strip()}"
        return self

    def read_log(self, process):
        for raw in process.stderr:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            if '"deployment-moved"' in line:
                move = json.loads(line)
                self.moves.append((move["deployment"], move["state"]))
                if self.on_move is not None:
                    self.on_move(move["deployment"], move["state"])

    def tail(self):
        """The end of the log, and where the queue stands: for the message of a failure."""
        return "\n".join([*self.lines[-15:], *self.queue_figures()])

    def queue_figures(self):
        """The daemon's own counters of its queue, and what the sandbox saw of it last."""
        try:
            with urllib.request.urlopen(self.url + "/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
            ledger = self.cloud.sandbox.control("GET", "ledger?service=sqs")[-8:]
        except (OSError, AttributeError):
            return []
        words = ("message", "receive", "event", "delete", "quarantin")
        return [x for x in lines if not x.startswith("#") and any(w in x for w in words)] + [
            json.dumps({k: e[k] for k in ("time", "operation", "status", "result", "error")})
            for e in ledger]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=15)
        time.sleep(0.05)
        return status

    # Looking.

    def read(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def deployments(self):
        return self.read("/v1/deployments?limit=200")["deployments"]

    def deployment(self, number=1):
        return self.read(f"/v1/deployments/{number}")

    def wait(self, number, states, seconds=40):
        """Until deployment `number` is in one of `states`; fails early in another end."""
        states = {states} if isinstance(states, str) else set(states)
        until = time.monotonic() + seconds
        state = None
        while time.monotonic() < until:
            try:
                found = self.deployment(number)
                state = found["state"]
            except (OSError, urllib.error.HTTPError):
                found = None
            if found is not None and state in states:
                return found
            assert found is None or state not in ENDED, f"{state}: {found.get('reason')}\n{self.tail()}"
            time.sleep(0.05)
        raise AssertionError(f"deployment {number} is {state}, not {states}\n{self.tail()}")

    def wait_ready_to_approve(self, number=1, seconds=40):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.wait(number, "awaiting-approval", seconds)
            if found.get("planned", True) and self.state_of_order(number) == "await-approval":
                return found
            time.sleep(0.05)
        raise AssertionError("it was never planned\n" + self.tail())

    def state_of_order(self, number):
        with sqlite3.connect(f"file:{self.settings['store']}?mode=ro", uri=True) as db:
            row = db.execute("SELECT o.kind FROM outbox o JOIN deployment d ON d.order_id = o.id"
                             " WHERE d.id = ?", (number,)).fetchone()
        return row[0] if row else None

    # Deciding.

    def sign(self, body, approver="alice", name=None, at=None, key=None):
        name = name or "msg_" + secrets.token_hex(8)
        at = int(time.time()) if at is None else at
        mac = hmac.new(key or self.keys[approver], f"{name}.{at}.{body}".encode(), hashlib.sha256)
        return {"content-type": "application/json", "webhook-id": name, "webhook-timestamp": str(at),
                "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode()}

    def post(self, number, body, headers):
        request = urllib.request.Request(f"{self.url}/v1/deployments/{number}/decision",
                                         body.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def body(self, number, decision="approve", approver="alice", digest=None):
        digest = digest if digest is not None else self.deployment(number)["digest"]
        return json.dumps({"deployment": number, "digest": digest, "decision": decision,
                           "approver": approver})

    def decide(self, number=1, decision="approve", approver="alice"):
        body = self.body(number, decision, approver)
        return self.post(number, body, self.sign(body, approver))

    def cli(self, *arguments):
        """Runs `slipway`; returns exit status, stdout, stderr."""
        done = subprocess.run([SLIPWAY, *map(str, arguments)], capture_output=True, text=True,
                              timeout=30, check=False,
                              env={**self.environment(), "SLIPWAY_CONFIG": str(self.config)})
        return done.returncode, done.stdout, done.stderr

    def dump(self):
        status, out, err = self.cli("dump", "--canonical")
        assert status == 0, err
        return out

    def verify_audit(self):
        status, out, err = self.cli("verify-audit")
        assert status == 0, out + err

    def memory_kib(self):
        """Resident memory now."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0
