"""The other side misbehaves: throttles, loses requests and replies, answers late or nonsense. Each
effect still happens once, and the model goes live."""

import json

import pytest
import release

CALLS = ["sagemaker.DescribeModelPackage", "s3.GetObject", "s3.PutObject",
         "greengrassv2.CreateComponentVersion", "greengrassv2.DescribeComponent",
         "greengrassv2.ListDeployments", "greengrassv2.CreateDeployment", "iot.DescribeJob",
         "sqs.ReceiveMessage", "sqs.DeleteMessageBatch"]
KINDS = ["throttle", "5xx", "html", "lost-request", "lost-reply", "late-execution", "garbage",
         "truncated"]


def go_live(sandbox, tmp_path, faults, seconds=60, **pipeline):
    cloud = release.Cloud(sandbox).prepare()
    slipway = release.Slipway(cloud, tmp_path, [release.pipeline(tmp_path, **pipeline)])
    slipway.start()
    arn = cloud.publish()
    cloud.sandbox.control("POST", "faults", faults)
    cloud.approve(arn)
    slipway.wait_ready_to_approve(1, seconds)
    assert slipway.decide(1)[0] == 200, slipway.tail()
    slipway.wait(1, "live", seconds)
    effects = cloud.effects()
    assert sum(e["operation"] == "CreateComponentVersion" for e in effects) == 1
    for group in ("twin", "line-a", "line-b"):
        assert len(cloud.deployments_of(group)) == 1, group
        assert set(cloud.running(group).values()) == {"1.0.1"}
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()
    return slipway


@pytest.mark.parametrize("kind", KINDS)
def test_every_call_misbehaving_once_costs_time_and_nothing_else(sandbox, tmp_path, kind):
    go_live(sandbox, tmp_path, [{"operation": call, "nth": 1, "kind": kind,
                                 "params": {"delay_ms": 300} if kind == "late-execution" else {}}
                                for call in CALLS])


def test_a_third_of_all_calls_lost_costs_time_and_nothing_else(sandbox, tmp_path):
    go_live(sandbox, tmp_path, [{"operation": "greengrassv2.*", "every": 3, "kind": "lost-reply"},
                                {"operation": "iot.*", "every": 3, "kind": "lost-request"},
                                {"operation": "s3.*", "every": 3, "kind": "5xx"}], 90)


def test_a_refusal_for_good_fails_with_awss_words(sandbox, tmp_path):
    cloud = release.Cloud(sandbox).prepare()
    settings = release.pipeline(tmp_path)
    settings["package"]["tries"] = 1
    slipway = release.Slipway(cloud, tmp_path, [settings]).start()
    cloud.sandbox.control("POST", "faults", {"operation": "greengrassv2.CreateComponentVersion",
                                             "from": 1, "kind": "access-denied"})
    cloud.approve(cloud.publish())
    failed = slipway.wait(1, "failed")
    assert "CreateComponentVersion" in failed["reason"] and "AccessDenied" in failed["reason"]
    cloud.sandbox.control("DELETE", "faults")
    status, _, err = slipway.cli("retry", 1, "--key", slipway.folder / "alice.key", "--as", "alice")
    assert status == 0, err
    slipway.wait_ready_to_approve(1)
    assert slipway.stop() == 0, slipway.tail()


def test_numbers_of_devices_that_cannot_be_halt_the_wave_and_no_more(sandbox, tmp_path):
    cloud = release.Cloud(sandbox).prepare()
    slipway = release.Slipway(cloud, tmp_path).start()
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(1)
    most = 2 ** 63 - 1
    body = json.dumps({"job": {"jobId": "x", "status": "IN_PROGRESS", "jobProcessDetails": {
        "numberOfSucceededThings": most, "numberOfFailedThings": most,
        "numberOfQueuedThings": -most}}})
    cloud.sandbox.control("POST", "faults", {"operation": "iot.DescribeJob", "kind": "garbage",
                                             "params": {"body": body}})
    assert slipway.decide(1)[0] == 200
    found = slipway.wait(1, "rolled-back", 60)
    assert "wave 1 halted" in found["reason"]
    assert slipway.stop() == 0, slipway.tail()
