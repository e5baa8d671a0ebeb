"""Secrets stay where they belong, through a whole release with failures and refused decisions.

Everything that slipway writes or says, and every program it starts, is searched for canaries: its
AWS keys, its approvers' keys, and what stood in decisions that were refused.
"""

import base64
import json
import os
import pathlib
import resource
import secrets
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
import release

PAGES = ("/", "/deployments/1", "/deployments/2", "/style.css", "/healthz", "/readyz", "/metrics",
         "/v1/deployments", "/v1/deployments/1", "/v1/deployments/2", "/nothing")


class Watch(threading.Thread):
    """Reads command line and environment of everything slipwayd starts, again and again."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.root, self.seen, self.going = pid, {}, True

    def run(self):
        while self.going:
            for pid in self.descendants():
                try:
                    self.look(pid)
                except OSError:
                    pass  # It has ended.
            time.sleep(0.01)

    def look(self, pid):
        if os.readlink(f"/proc/{pid}/exe") == os.readlink(f"/proc/{self.root}/exe"):
            return  # Not begun: for a moment it is slipwayd's copy.
        for name in ("cmdline", "environ"):
            text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
            self.seen.setdefault(f"{name} of {pid}", set()).add(text)

    def descendants(self):
        found, left = [], [self.root]
        while left:
            try:
                children = pathlib.Path(f"/proc/{left[0]}/task/{left[0]}/children").read_text()
            except OSError:
                children = ""
            found += (now := children.split())
            left = left[1:] + now
        return found


def script(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\ntr '\\0' '\\n' < /proc/self/environ >> " f"{folder}/seen-by-{name}\n"
                    + text)
    path.chmod(0o755)
    return str(path)


def steps(folder):
    """A pipeline in which everything is done by programs, and fails at first."""
    found = release.pipeline(folder)
    test, *arguments = found["twin"]["test"]["argv"]
    once = (f"test -e {folder}/failed.$1 || {{ touch {folder}/failed.$1; "
            "echo 'no such operator' >&2; exit 1; }\nsleep 0.2\n")
    found["compile"] = {"driver": "command", "timeout": "10s", "tries": 2, "argv": [
        script(folder, "compile", once + 'cp "$2" "$3"\n'), "compile", "{input}", "{output}"]}
    found["twin"] = {**found["twin"], "tries": 2, "test": {"timeout": "10s", "argv": [
        script(folder, "test", once + f'shift; exec {test} "$@"\n'), "test", *arguments]}}
    return found


def start(sandbox, folder):
    """slipwayd with keys of AWS from a program, approvers' keys from a file, the environment and
    the configuration, and the canaries there are by then."""
    session = sandbox.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{release.ACCOUNT}:role/slipway", RoleSessionName="test")["Credentials"]
    printed = json.dumps({"Version": 1, "AccessKeyId": session["AccessKeyId"],
                          "SecretAccessKey": session["SecretAccessKey"],
                          "SessionToken": session["SessionToken"],
                          "Expiration": session["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")})
    safe = folder / "safe"
    safe.mkdir(mode=0o700)
    (safe / "printed").write_text(printed)
    program = script(folder, "credentials", f"sleep 0.1; cat {safe}/printed\n")
    (safe / "config").write_text(f"[default]\ncredential_process = {program}\n")
    slipway = release.Slipway(release.Cloud(sandbox).prepare(), folder / "run", [steps(folder)],
                              log_level="debug")
    texts = {}
    for name in ("carol", "dave"):
        slipway.keys[name] = secrets.token_bytes(32)
        texts[name] = "whsec_" + base64.b64encode(slipway.keys[name]).decode()
    slipway.settings["approvers"] += [{"name": "carol", "keys": [{"env": "KEY_OF_CAROL"}]},
                                      {"name": "dave", "keys": [{"key": texts["dave"]}]}]
    plain = slipway.environment()
    slipway.environment = lambda: {
        **{name: value for name, value in plain.items() if "ACCESS_KEY" not in name},
        "AWS_CONFIG_FILE": str(safe / "config"), "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "KEY_OF_CAROL": texts["carol"]}
    slipway.config.touch(mode=0o600)
    canaries = {"secret access key": session["SecretAccessKey"],
                "session token": session["SessionToken"]}
    for name, key in slipway.keys.items():
        canaries[f"key of {name}"] = key
        canaries[f"key of {name} in base64"] = base64.b64encode(key).decode()
        canaries[f"key of {name} in hex"] = key.hex()
    return slipway.start(), canaries


def refuse(slipway, canaries, answers):
    """Decisions that are not believed, each with a canary in it."""
    number = 1
    digest = slipway.deployment(number)["digest"]
    for what, change in {
            "another's key": {"key": secrets.token_bytes(32)}, "too old": {"at": int(time.time()) - 900},
            "another's name": {"approver": "bob"}}.items():
        canaries[f"comment of a decision refused for {what}"] = text = "canary" + secrets.token_hex(12)
        body = json.dumps({"deployment": number, "digest": digest, "decision": "approve",
                           "approver": "alice", "comment": text})
        headers = slipway.sign(body, **change)
        canaries[f"signature of a decision refused for {what}"] = headers["webhook-signature"]
        status, answer = slipway.post(number, body, headers)
        assert status == 401
        answers.append((f"refusal for {what}", answer.encode()))
    body = slipway.body(number, digest="0" * 64)
    headers = slipway.sign(body)
    status, answer = slipway.post(number, body, headers)
    assert status == 409
    answers.append(("refusal of another digest", answer.encode()))
    canaries["signature of a decision on another digest"] = headers["webhook-signature"]


def pages(slipway):
    for page in PAGES:
        try:
            with urllib.request.urlopen(slipway.url + page, timeout=10) as answer:
                yield page, answer.read() + str(answer.headers).encode()
        except urllib.error.HTTPError as refusal:
            yield page, refusal.read() + str(refusal.headers).encode()


def files(*places):
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()


def search(canaries, surfaces):
    found = [f"{name} in {place}" for place, content in surfaces for name, canary in canaries.items()
             if (canary if isinstance(canary, bytes) else canary.encode()) in content]
    assert not found, "\n".join(found)


def test_no_secret_leaves_its_place(sandbox, tmp_path):
    slipway, canaries = start(sandbox, tmp_path)
    cloud, answers = slipway.cloud, []
    watch = Watch(slipway.process.pid)
    watch.start()
    for call, kind in (("s3.GetObject", "5xx"), ("greengrassv2.CreateComponentVersion", "garbage"),
                       ("greengrassv2.CreateDeployment", "expired-token"),
                       ("iot.DescribeJob", "html"), ("sagemaker.DescribeModelPackage", "throttle")):
        sandbox.control("POST", "faults", {"operation": call, "kind": kind})
    cloud.send("not a message {")
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(1)
    refuse(slipway, canaries, answers)
    answers += [*pages(slipway), *files(tmp_path / "run" / "work")]
    status, answer = slipway.decide(1, "approve", "dave")
    assert status == 200
    answers.append(("answer to dave", answer.encode()))
    slipway.wait(1, "live")
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(2)
    assert slipway.decide(2, "reject", "carol")[0] == 200
    slipway.wait(2, "rejected")
    answers += pages(slipway)
    for what in (["list"], ["show", 1], ["why", 2], ["dump", "--canonical"], ["check", slipway.config],
                 ["approve", 1, "--as", "bob", "--key", slipway.folder / "alice.key"]):
        _, out, err = slipway.cli(*what)
        answers.append((f"slipway {what[0]}", (out + err).encode()))
    watch.going = False
    watch.join()
    command_line = pathlib.Path(f"/proc/{slipway.process.pid}/cmdline").read_bytes()
    database = [(str(p), p.read_bytes()) for p in slipway.folder.glob("slipway.db*")]
    assert slipway.stop() == 0, slipway.tail()
    seen = [(place, text) for place, texts in watch.seen.items() for text in texts]
    logs = [(f"log: {line}", line.encode()) for line in slipway.lines]
    given = [(path, content) for path, content in files(tmp_path) if "seen-by-" in path]
    assert {pathlib.Path(path).name for path, _ in given} == {"seen-by-compile", "seen-by-test",
                                                              "seen-by-credentials"}
    assert any(place.startswith("environ") for place, _ in seen) and len(database) >= 1
    assert any('"decision-refused"' in line for line in slipway.lines)
    search(canaries, [*answers, *seen, *given, *logs, *database, ("command line", command_line),
                      *files(tmp_path / "run" / "work")])


def dumped(process):
    """Ends it by SIGQUIT; did it leave a core file?"""
    process.send_signal(signal.SIGQUIT)
    how = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT).si_code
    process.wait()
    return how == os.CLD_DUMPED


def test_it_leaves_no_core_file(sandbox, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        other = subprocess.Popen(["/bin/sleep", "60"], cwd=tmp_path)
        time.sleep(0.2)
        if not dumped(other):
            pytest.skip("nothing leaves a core file here")
        slipway = release.Slipway(release.Cloud(sandbox).prepare(), tmp_path / "run").start()
        assert not dumped(slipway.process)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, limits)
