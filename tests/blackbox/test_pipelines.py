"""Pipelines of other shapes: another account, Neo, wrapped events, people who say no."""

import json
import time

import pytest
import release
from conftest import eventually

ROLE = "arn:aws:iam::222233334444:role/slipway"


@pytest.fixture
def cloud(sandbox):
    return release.Cloud(sandbox).prepare()


def run(cloud, tmp_path, **changes):
    return release.Slipway(cloud, tmp_path, [release.pipeline(tmp_path, **changes)]).start()


def test_neo_compiles_under_a_fixed_name_and_its_output_is_packaged(cloud, tmp_path):
    slipway = run(cloud, tmp_path, compile={
        "driver": "neo", "role_arn": f"arn:aws:iam::{release.ACCOUNT}:role/neo",
        "output": f"s3://{release.BUCKET}/neo", "target_device": "jetson_nano", "framework": "ONNX",
        "input_shape": "{\"x\":[1,64]}", "poll": "1s"})
    cloud.approve(cloud.publish())
    shown = slipway.wait_ready_to_approve(1)
    assert sum(e["operation"] == "CreateCompilationJob" for e in cloud.effects()) == 1
    compiled = slipway.deployment(1)["documents"]["compiled"]
    assert compiled["uri"].startswith(f"s3://{release.BUCKET}/neo")
    assert len(shown["digest"]) == 64
    assert slipway.stop() == 0, slipway.tail()


def test_a_cancelled_compilation_is_stopped(cloud, tmp_path):
    cloud.settings(compile_ms=60_000)
    slipway = run(cloud, tmp_path, compile={
        "driver": "neo", "role_arn": f"arn:aws:iam::{release.ACCOUNT}:role/neo",
        "output": f"s3://{release.BUCKET}/neo", "target_device": "jetson_nano", "framework": "ONNX",
        "input_shape": "{\"x\":[1,64]}", "poll": "1s"})
    cloud.approve(cloud.publish())
    slipway.wait(1, "compiling")
    eventually(lambda: any(e["operation"] == "CreateCompilationJob" for e in cloud.effects()))
    status, _, err = slipway.cli("cancel", 1, "--key", slipway.folder / "alice.key", "--as", "alice")
    assert status == 0, err
    slipway.wait(1, "cancelled")
    eventually(lambda: any(e["operation"] == "StopCompilationJob" for e in cloud.effects()))
    assert slipway.stop() == 0, slipway.tail()


def test_an_event_wrapped_by_sns_counts(sandbox, tmp_path):
    cloud = release.Cloud(sandbox).prepare(rule=False)
    slipway = run(cloud, tmp_path)
    arn = cloud.publish(status="Approved")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    event = {"version": "0", "detail-type": "SageMaker Model Package State Change",
             "source": "aws.sagemaker", "account": release.ACCOUNT, "time": at,
             "region": "us-east-1", "resources": [arn], "detail": {
                 "ModelPackageGroupName": "digits", "ModelPackageArn": arn,
                 "ModelPackageVersion": 1, "ModelPackageStatus": "Completed",
                 "ModelApprovalStatus": "Approved", "LastModifiedTime": at}}
    cloud.send(json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x",
                           "Message": json.dumps(event)}))
    slipway.wait(1, "awaiting-approval")
    assert slipway.stop() == 0, slipway.tail()


def test_a_person_says_no(cloud, tmp_path):
    slipway = run(cloud, tmp_path)
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1, "reject")[0] == 200
    slipway.wait(1, "rejected")
    assert slipway.decide(1, "approve")[0] == 409
    status, why, _ = slipway.cli("why", 1)
    assert status == 0 and "alice" in why
    assert slipway.stop() == 0, slipway.tail()


def test_a_halted_wave_waits_for_an_operator_who_goes_on(cloud, tmp_path):
    settings = release.pipeline(tmp_path)
    settings["rollout"]["on_failure"] = "halt"
    slipway = release.Slipway(cloud, tmp_path, [settings]).start()
    cloud.sandbox.control("POST", "devices/update", {"group": "line-b", "fail": {
        "fraction": 0.3, "class": "FAILED_NO_STATE_CHANGE", "status": "FAILED"}})
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    halted = slipway.wait(1, "halted")
    assert "3 of 10" in halted["reason"]
    cloud.sandbox.control("POST", "devices/update", {"group": "line-b", "fail": None})
    status, _, err = slipway.cli("retry", 1, "--key", slipway.folder / "alice.key", "--as", "alice")
    assert status == 0, err
    slipway.wait(1, "live")
    assert set(cloud.running("line-b").values()) == {"1.0.1"}
    assert slipway.stop() == 0, slipway.tail()


def test_a_newer_version_at_the_gate_supersedes_the_one_that_waits(cloud, tmp_path):
    slipway = run(cloud, tmp_path)
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(1)
    time.sleep(1.1)
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(2)
    slipway.wait(1, "superseded")
    assert slipway.stop() == 0, slipway.tail()


def test_another_account_is_reached_by_its_role_with_external_id(sandbox, tmp_path):
    tooling = release.Cloud(sandbox).prepare()
    keys = sandbox.control("POST", "credentials", {"account": "222233334444"})
    sandbox.control("POST", "roles", {"arn": ROLE, "external_id": "slipway-7"})
    other = release.Cloud(sandbox)
    credentials = {"aws_access_key_id": keys["access_key"],
                   "aws_secret_access_key": keys["secret_key"]}
    other.s3 = sandbox.client("s3", credentials, s3={"addressing_style": "path"})
    other.sagemaker = sandbox.client("sagemaker", credentials)
    other.s3.create_bucket(Bucket="other-models")
    other.sagemaker.create_model_package_group(ModelPackageGroupName="digits")
    for group, count in {"twin": 1, "line-a": 2, "line-b": 3}.items():
        sandbox.control("POST", "devices", {"group": group, "count": count, "prefix": f"o-{group}",
                                            "account": "222233334444", "delay_ms": 20})
    settings = release.pipeline(tmp_path, account={"role_arn": ROLE, "external_id": "slipway-7"})
    settings["package"]["bucket"] = "other-models"
    slipway = release.Slipway(tooling, tmp_path, [settings], sweep={"interval": "1s"})
    other.s3.put_object(Bucket="other-models", Key="m.onnx", Body=b"model")
    other.sagemaker.create_model_package(
        ModelPackageGroupName="digits", ModelApprovalStatus="Approved", InferenceSpecification={
            "Containers": [{"Image": "222233334444.dkr.ecr.us-east-1.amazonaws.com/onnx:1",
                            "ModelDataUrl": "s3://other-models/m.onnx"}],
            "SupportedContentTypes": ["a/b"], "SupportedResponseMIMETypes": ["a/b"]})
    slipway.start()  # The sweep finds it: its event went to a bus of its own account.
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    slipway.wait(1, "live")
    ledger = sandbox.control("GET", "ledger?effects=1&operation=CreateDeployment")
    assert {entry["account"] for entry in ledger} == {"222233334444"}
    assert slipway.stop() == 0, slipway.tail()
