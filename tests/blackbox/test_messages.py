"""Messages in every order and of every kind: what they mean must not depend on how they arrive."""

import json
import random
import sqlite3
import time

import pytest
import release
from conftest import Sandbox, eventually

FIRST_DEPTH = 100_000


# ---- in every order ---------------------------------------------------------------------------

def make_history(cloud):
    """Packages whose approval changed in several ways; returns the events that told of it."""
    one, two, three, four = (cloud.publish() for _ in range(4))
    cloud.approve(one)
    cloud.approve(two)
    cloud.approve(three)
    time.sleep(1.1)  # Registry times have whole seconds.
    cloud.set_status(two, "Rejected")
    cloud.set_status(three, "Rejected")
    cloud.sagemaker.update_model_package(ModelPackageArn=one,
                                         CustomerMetadataProperties={"note": "1"})
    time.sleep(1.1)
    cloud.approve(three)
    cloud.set_status(four, "Rejected")
    time.sleep(0.3)
    events = cloud.drain()
    assert len(events) >= 12  # Four packages, their changes, and the echo.
    return events + ["not json", "{\"a\":1}"]


def settle(slipway, packages=3):
    """Until nothing is left to do but to wait for people."""
    def quiet():
        found = slipway.deployments()
        return (len(found) >= packages and
                all(d["state"] in release.ENDED | {"awaiting-approval"} for d in found) and
                not slipway.cloud.drain_count())
    eventually(quiet, 60, 0.2)
    time.sleep(0.5)
    eventually(quiet, 60, 0.2)


class Counting(release.Cloud):
    def drain_count(self):
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        got = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=wanted)
        return sum(int(got["Attributes"][name]) for name in wanted)


def deliver(cloud, events):
    for start in range(0, len(events), 10):
        cloud.sqs.send_message_batch(QueueUrl=cloud.queue_url, Entries=[
            {"Id": str(i), "MessageBody": body} for i, body in enumerate(events[start:start + 10])])


def state_after(cloud, folder, events):
    # A queue of its own makes it another installation, whose effects have other names.
    cloud.queue_url = cloud.sqs.create_queue(QueueName=f"approvals-{folder.name}")["QueueUrl"]
    slipway = release.Slipway(cloud, folder)
    deliver(cloud, events)
    slipway.start()
    settle(slipway)
    dump = slipway.dump()
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()
    return dump


def summary(dump):
    """The dump in short, for the message of a failure."""
    whole = json.loads(dump)
    lines = [f"{p['model_package_arn'].rsplit('/', 1)[1]} approved={p['approved']} " + " ".join(
        f"{d['generation']}:{d['state']}" for d in p["deployments"]) for p in whole["packages"]]
    return "\n".join([*lines, *(q["reason"] for q in whole["quarantine"])])


def test_duplicates_and_order_do_not_matter(sandbox, tmp_path):
    cloud = Counting(sandbox).prepare()
    events = make_history(cloud)
    calm = state_after(cloud, tmp_path / "calm", events)
    states = sorted(d["state"] for p in json.loads(calm)["packages"] for d in p["deployments"])
    assert states.count("awaiting-approval") == 1 and "rejected" in states
    for seed in (1, 2, 3):
        shuffled = events * 10
        random.Random(seed).shuffle(shuffled)
        end = state_after(cloud, tmp_path / str(seed), shuffled)
        assert end == calm, f"seed {seed}:\n{summary(end)}\ncalm:\n{summary(calm)}"


# ---- of every kind ----------------------------------------------------------------------------

def good_event(cloud, arn):
    described = cloud.sagemaker.describe_model_package(ModelPackageName=arn)
    at = described.get("LastModifiedTime", described["CreationTime"]).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({
        "version": "0", "id": "x", "detail-type": "SageMaker Model Package State Change",
        "source": "aws.sagemaker", "account": release.ACCOUNT, "time": at, "region": "us-east-1",
        "resources": [arn], "detail": {
            "ModelPackageGroupName": "digits", "ModelPackageArn": arn, "ModelPackageVersion":
            int(arn.rsplit("/", 1)[1]), "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": "Approved", "LastModifiedTime": at}})


def changed(event, **changes):
    return json.dumps({**json.loads(event), **changes})


def in_detail(event, **changes):
    whole = json.loads(event)
    whole["detail"].update(changes)
    return json.dumps(whole)


BAD = {
    "not-json": lambda good: "this is no JSON",
    "empty-object": lambda good: "{}",
    "array": lambda good: "[1, 2, 3]",
    "number": lambda good: "17",
    "megabyte-of-objects": lambda good: "[" + ",".join(["{}"] * 349_000) + "]",
    "megabyte-of-numbers": lambda good: "[" + ",".join(["0"] * 520_000) + "]",
    "megabyte-of-text": lambda good: json.dumps({"x": "y" * 1_048_000}),
    "depth": lambda good: "[" * FIRST_DEPTH + "]" * FIRST_DEPTH,
    "unclosed-depth": lambda good: "{\"a\":" * FIRST_DEPTH,
    "duplicate-keys": lambda good: good[:-1] + ", \"source\": [\"x\"]}",
    "duplicate-status": lambda good: good.replace(
        "\"ModelApprovalStatus\":", "\"ModelApprovalStatus\": \"Rejected\", \"ModelApprovalStatus\":"),
    "escaped-nul": lambda good: good.replace("digits", "dig\\u0000its"),
    "lone-surrogate": lambda good: good.replace("digits", "dig\\ud800its"),
    "control-character": lambda good: good.replace("digits", "dig\tits"),
    "trailing-text": lambda good: good + " {}",
    "nan": lambda good: good.replace("\"version\": \"0\"", "\"version\": NaN"),
    "truncated": lambda good: good[:len(good) // 2],
    "bom": lambda good: "\ufeff" + good,
    "wrong-account": lambda good: changed(good.replace(release.ACCOUNT, "999999999999")),
    "accounts-differ": lambda good: changed(good, account="999999999999"),
    "arn-is-no-text": lambda good: in_detail(good, ModelPackageArn=17),
    "arn-of-something-else": lambda good: in_detail(good, ModelPackageArn="arn:aws:s3:::bucket"),
    "unknown-status": lambda good: in_detail(good, ModelApprovalStatus="Perhaps"),
    "version-is-text": lambda good: in_detail(good, ModelPackageVersion="one"),
    "time-is-no-time": lambda good: in_detail(good, LastModifiedTime="yesterday"),
    "sns-around-nonsense": lambda good: json.dumps({"Type": "Notification", "Message": "no"}),
    "sns-in-sns": lambda good: json.dumps({"Type": "Notification", "Message": json.dumps(
        {"Type": "Notification", "Message": good})}),
    "long-arn": lambda good: in_detail(good, ModelPackageArn="arn:aws:sagemaker:us-east-1:"
                                       f"{release.ACCOUNT}:model-package/" + "x" * 5000),
}


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """One daemon that gets every kind; the fleet and the stages after RECEIVED do not matter. It has
    a sandbox of its own, for it lives on while other tests use theirs."""
    sandbox = Sandbox()
    cloud = Counting(sandbox).prepare(rule=False)
    slipway = release.Slipway(cloud, tmp_path_factory.mktemp("poison")).start()
    yield slipway
    status = slipway.stop()
    sandbox.stop()
    assert status == 0, slipway.tail()


def quarantined(slipway):
    return sum('"message-quarantined"' in line for line in slipway.lines)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_message_is_kept_aside_and_the_good_one_behind_it_starts(poisoned, kind):
    slipway, cloud = poisoned, poisoned.cloud
    arn = cloud.publish(status="Approved")
    good = good_event(cloud, arn)
    before, started = quarantined(slipway), len(slipway.deployments())
    body = BAD[kind](good)
    assert len(body.encode()) <= 1_048_576
    cloud.send(body)
    cloud.send(good)
    eventually(lambda: len(slipway.deployments()) == started + 1, 5)
    eventually(lambda: quarantined(slipway) == before + 1, 5)


def test_the_quarantine_says_why(poisoned):
    with sqlite3.connect(f"file:{poisoned.settings['store']}?mode=ro", uri=True) as db:
        reasons = [row[0] for row in db.execute("SELECT reason FROM quarantine")]
    assert len(reasons) == len(BAD) and all(len(reason) > 10 for reason in reasons)
    assert any("999999999999" in reason for reason in reasons)
    assert any("ModelApprovalStatus" in reason for reason in reasons)


def plain_program():
    """A daemon without sanitizers: their quarantine of freed memory is not ours."""
    plain = release.ROOT / "build" / "debug" / "slipwayd"
    return str(plain) if "asan" in release.SLIPWAYD and plain.exists() else release.SLIPWAYD


def test_bad_messages_take_no_memory(sandbox, tmp_path):
    cloud = Counting(sandbox).prepare(rule=False)
    slipway = release.Slipway(cloud, tmp_path, program=plain_program()).start()
    arn = cloud.publish(status="Approved")
    good = good_event(cloud, arn)
    cloud.send(good)
    slipway.wait(1, "awaiting-approval")
    before = slipway.memory_kib()
    for round_ in range(3):
        for bad in BAD.values():
            cloud.send(bad(good))
        eventually(lambda: quarantined(slipway) >= (round_ + 1) * len(BAD), 30)
    grown = slipway.memory_kib() - before
    assert grown < 32 * 1024, f"{grown} KiB"
    assert slipway.stop() == 0, slipway.tail()
