"""One model all the way, and the ways in which it must stop."""

import json
import time

import pytest
import release
from conftest import eventually


@pytest.fixture
def cloud(sandbox):
    return release.Cloud(sandbox).prepare()


@pytest.fixture
def slipway(cloud, tmp_path):
    daemon = release.Slipway(cloud, tmp_path)
    yield daemon
    if daemon.process is not None and daemon.process.poll() is None:
        assert daemon.stop() == 0, daemon.tail()


def start(slipway, **behaviour):
    """Approves a first model and brings it live, so that there is something to fall back to."""
    slipway.start()
    first = slipway.cloud.publish()
    slipway.cloud.approve(first)
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    slipway.wait(1, "live")
    return first


def test_an_approved_model_reaches_every_device_and_each_effect_happens_once(slipway):
    arn = start(slipway)
    cloud = slipway.cloud
    operations = [e["operation"] for e in cloud.effects() if e["operation"] != "PutObject"]
    assert operations == ["CreateComponentVersion"] + ["CreateDeployment"] * 3
    for group in ("twin", "line-a", "line-b"):
        assert set(cloud.running(group).values()) == {"1.0.1"}
        assert len(cloud.deployments_of(group)) == 1
    shown = slipway.deployment(1)
    assert shown["model_package_arn"] == arn
    assert [d["approver"] for d in shown["decisions"]] == ["alice"]
    slipway.verify_audit()


def test_a_failed_gate_stops_before_approval_and_says_value_and_limit(slipway, tmp_path):
    slipway.settings["pipelines"] = [release.pipeline(tmp_path, twin={
        "driver": "greengrass", "thing_group": "twin", "poll": "1s",
        "test": {"argv": release.result_script(tmp_path, accuracy=0.9511), "timeout": "30s"}})]
    slipway.start()
    slipway.cloud.approve(slipway.cloud.publish())
    failed = slipway.wait(1, "failed")
    status, why, _ = slipway.cli("why", 1)
    assert status == 0
    for words in ("accuracy", "0.9511", "0.97"):
        assert words in why and words in failed["reason"]
    assert not slipway.cloud.deployments_of("line-a")


def test_a_failing_second_wave_rolls_back_what_it_touched_and_nothing_else(slipway):
    slipway.settings["pipelines"][0]["rollout"]["waves"].append(
        {"name": "last", "thing_groups": ["line-c"]})
    slipway.cloud.devices("line-c", 5, delay_ms=20)
    start(slipway)
    cloud = slipway.cloud
    before_c = cloud.sandbox.control("GET", "devices?group=line-c")
    cloud.sandbox.control("POST", "devices/update", {"group": "line-b", "fail": {
        "fraction": 0.3, "component": release.COMPONENT, "version": "1.0.2",
        "class": "FAILED_ROLLBACK_COMPLETE", "status": "FAILED"}})
    cloud.approve(cloud.publish())
    slipway.wait_ready_to_approve(2)
    assert slipway.decide(2)[0] == 200
    slipway.wait(2, "rolled-back", 60)
    status, why, _ = slipway.cli("why", 2)
    assert status == 0
    assert "wave 2 halted" in why and "3 of 10" in why and why.count("\n") == 1
    assert "device line-b-001" in why
    for group in ("line-a", "line-b"):
        assert set(cloud.running(group).values()) == {"1.0.1"}
    assert cloud.sandbox.control("GET", "devices?group=line-c") == before_c
    assert slipway.deployment(1)["state"] == "live"
    slipway.verify_audit()


def test_a_rollout_keeps_every_other_component_of_the_group(slipway):
    cloud = slipway.cloud
    recipe = {"RecipeFormatVersion": "2020-01-25", "ComponentName": "com.example.camera",
              "ComponentVersion": "3.1.4", "ComponentDescription": "x", "Manifests": [
                  {"Platform": {"os": "linux", "runtime": "*"}, "Lifecycle": {"run": "true"}}]}
    cloud.greengrass.create_component_version(inlineRecipe=json.dumps(recipe).encode())
    target = f"arn:aws:iot:us-east-1:{release.ACCOUNT}:thinggroup/line-a"

    def deployable():
        arn = (f"arn:aws:greengrass:us-east-1:{release.ACCOUNT}:components:com.example.camera"
               ":versions:3.1.4")
        return cloud.greengrass.describe_component(arn=arn)["status"]["componentState"] == "DEPLOYABLE"

    eventually(deployable)
    camera = {"com.example.camera": {"componentVersion": "3.1.4", "configurationUpdate": {
        "merge": "{\"rate\":1e2,\"name\":\"caf\\u00e9\"}"}}}
    cloud.greengrass.create_deployment(targetArn=target, components=camera)
    start(slipway)
    latest = cloud.greengrass.list_deployments(targetArn=target)["deployments"][0]["deploymentId"]
    live = cloud.greengrass.get_deployment(deploymentId=latest)["components"]
    assert live["com.example.camera"]["componentVersion"] == "3.1.4"
    assert live["com.example.camera"]["configurationUpdate"]["merge"] == (
        camera["com.example.camera"]["configurationUpdate"]["merge"])
    assert live[release.COMPONENT]["componentVersion"] == "1.0.1"


def test_a_rejection_in_the_registry_stops_a_deployment_that_waits(slipway):
    slipway.start()
    arn = slipway.cloud.publish()
    slipway.cloud.approve(arn)
    slipway.wait_ready_to_approve(1)
    time.sleep(1.1)  # Registry times have whole seconds.
    slipway.cloud.set_status(arn, "Rejected")
    slipway.wait(1, "rejected")
    assert slipway.decide(1)[0] == 409
    assert not slipway.cloud.deployments_of("line-a")


def test_a_rejection_in_the_registry_takes_a_live_version_back(slipway):
    start(slipway)
    second = slipway.cloud.publish()
    slipway.cloud.approve(second)
    slipway.wait_ready_to_approve(2)
    assert slipway.decide(2)[0] == 200
    slipway.wait(2, "live")
    time.sleep(1.1)
    slipway.cloud.set_status(second, "Rejected")
    eventually(lambda: slipway.deployment(2)["state"] == "rolled-back", 30)
    for group in ("line-a", "line-b"):
        assert set(slipway.cloud.running(group).values()) == {"1.0.1"}


def test_the_sweep_finds_an_approval_whose_event_never_came(sandbox, tmp_path):
    cloud = release.Cloud(sandbox).prepare(rule=False)
    slipway = release.Slipway(cloud, tmp_path, sweep={"interval": "1s"})
    cloud.publish(status="Approved")
    slipway.start()
    slipway.wait(1, "awaiting-approval")
    assert slipway.stop() == 0, slipway.tail()


def test_slipways_own_notes_on_a_package_change_nothing(slipway):
    slipway.start()
    arn = slipway.cloud.publish()
    slipway.cloud.approve(arn)
    slipway.wait_ready_to_approve(1)
    time.sleep(1.1)
    slipway.cloud.sagemaker.update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"slipway": "seen"})
    time.sleep(2)
    assert len(slipway.deployments()) == 1
