"""slipwayd as its users meet it: its configuration, its HTTP interface, its signed decisions.

The only file of the quickstart that knows any of these.
"""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import string
import subprocess
import time
import urllib.error
import urllib.request

APPROVER = "alice"
START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 10
ENDED = {"live", "failed", "rejected", "expired", "cancelled", "superseded", "rolled-back"}
STUCK = {"halted", "rollback-stuck"}


class Daemon:
    """One slipwayd with its folder of files."""

    def __init__(self, folder, programs):
        self.folder = pathlib.Path(folder)
        self.programs = pathlib.Path(programs)
        self.config = self.folder / "slipway.yaml"
        self.key_file = self.folder / f"{APPROVER}.key"
        self.log = self.folder / "slipwayd.log"
        self.address = None
        self.process = None

    def configure(self, **values):
        """Writes the approver's key and the configuration, readable by their owner only."""
        self.key = secrets.token_bytes(32)
        write_private(self.key_file, "whsec_" + base64.b64encode(self.key).decode() + "\n")
        template = pathlib.Path(__file__).with_name("slipway.yaml.template")
        text = string.Template(template.read_text(encoding="utf-8")).substitute(
            folder=self.folder, approver=APPROVER, key_file=self.key_file, **values
        )
        write_private(self.config, text)
        (self.folder / "work").mkdir()

    def start(self, credentials):
        """Starts the program and waits until it is ready; RuntimeError says why it is not."""
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "AWS_EC2_METADATA_DISABLED": "true",
            **credentials,
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.programs / "slipwayd", "-c", self.config],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        port_file = self.folder / "port"
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"slipwayd ended at once: {self.why_ended()}")
            if port_file.exists() and port_file.read_text().strip():
                self.address = f"http://127.0.0.1:{port_file.read_text().strip()}"
                if self.ready():
                    return
            time.sleep(0.05)
        raise RuntimeError(f"slipwayd was not ready after {START_SECONDS_MAX} s, see {self.log}")

    def ready(self):
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def why_ended(self):
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        return f"exit status {self.process.returncode}\n  " + "\n  ".join(lines)

    def check(self):
        """RuntimeError if the program is gone."""
        if self.process.poll() is not None:
            raise RuntimeError(f"slipwayd ended: {self.why_ended()}")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    # Its HTTP interface.

    def read(self, path):
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:
            return json.load(answer)

    def deployment_of(self, arn):
        """The newest deployment of a model package, or None."""
        for deployment in self.read("/v1/deployments")["deployments"]:
            if deployment["model_package_arn"] == arn:
                return deployment
        return None

    def deployment(self, number):
        return self.read(f"/v1/deployments/{number}")

    # A decision, signed as Standard Webhooks asks: HMAC-SHA256 over "id.timestamp.body".

    def decision(self, deployment, word, comment):
        return json.dumps(
            {
                "deployment": deployment["id"],
                "digest": deployment["digest"],
                "decision": word,
                "approver": APPROVER,
                "comment": comment,
            }
        )

    def send_decision(self, deployment, word, comment):
        """Sends a decision through the signed webhook; RuntimeError says why it was refused."""
        body, name, now = self.decision(deployment, word, comment), message_id(), int(time.time())
        mac = hmac.new(self.key, f"{name}.{now}.{body}".encode(), hashlib.sha256).digest()
        request = urllib.request.Request(
            f"{self.address}/v1/deployments/{deployment['id']}/decision",
            data=body.encode(),
            method="POST",
            headers={
                "content-type": "application/json",
                "webhook-id": name,
                "webhook-timestamp": str(now),
                "webhook-signature": "v1," + base64.b64encode(mac).decode(),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
        except urllib.error.HTTPError as reason:
            said = reason.read().decode("utf-8", "replace").strip()
            raise RuntimeError(f"the decision was refused: {reason} {said}") from reason

    def approve_command(self, deployment):
        """What a person types to approve."""
        return (
            f"{self.programs}/slipway approve {deployment['id']} --url {self.address} \\\n"
            f"    --as {APPROVER} --key {self.key_file} --digest {deployment['digest']}"
        )

    def approve_request(self, deployment):
        """The same with curl and openssl, as a system of the user's would send it."""
        body = self.decision(deployment, "approve", "looks good")
        return f"""id=msg_$(openssl rand -hex 12); at=$(date +%s)
body='{body}'
key=$(sed s/^whsec_// {self.key_file} | base64 -d | od -An -v -tx1 | tr -d ' \\n')
mac=$(printf '%s.%s.%s' "$id" "$at" "$body" |
      openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
curl -fsS {self.address}/v1/deployments/{deployment['id']}/decision \\
     -H 'content-type: application/json' -H "webhook-id: $id" \\
     -H "webhook-timestamp: $at" -H "webhook-signature: v1,$mac" -d "$body\""""


def message_id():
    return "msg_" + secrets.token_hex(12)


def write_private(path, text):
    """Writes a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
