"""SIGHUP and SIGTERM in the middle of everything."""

import json
import pathlib
import signal
import time

import pytest
import release
from conftest import eventually


@pytest.fixture
def cloud(sandbox):
    return release.Cloud(sandbox).prepare()


def reload(slipway, pipelines):
    """SIGHUP with these pipelines, until the daemon says that it has them."""
    seen = sum("configuration-reloaded" in line for line in slipway.lines)
    slipway.settings["pipelines"] = pipelines
    slipway.config.write_text(json.dumps(slipway.settings))
    slipway.process.send_signal(signal.SIGHUP)
    eventually(lambda: sum("configuration-reloaded" in line for line in slipway.lines) > seen)


def stranger(tmp_path):
    """A pipeline of another name that takes nothing."""
    return release.pipeline(tmp_path, name="other", pattern={"detail": {"none": ["x"]}})


def test_a_deployment_goes_on_when_its_pipeline_is_back(cloud, tmp_path):
    mine = release.pipeline(tmp_path)
    mine["twin"]["test"]["argv"] = release.result_script(tmp_path, seconds=1.5)
    slipway = release.Slipway(cloud, tmp_path, [mine]).start()
    cloud.approve(cloud.publish())
    slipway.wait(1, "twin-testing")
    reload(slipway, [stranger(tmp_path)])
    shown = slipway.deployment(1)
    assert "its pipeline digits is in the configuration again" in shown["waits_for"]
    assert shown["who"] == "an operator"
    assert "its pipeline digits is in the configuration again" in slipway.cli("why", 1)[1]
    time.sleep(2)
    assert slipway.deployment(1)["state"] == "twin-testing"
    reload(slipway, [mine])
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    slipway.wait(1, "live")
    assert slipway.stop() == 0, slipway.tail()


def test_a_rejection_counts_while_the_pipeline_is_away(cloud, tmp_path):
    mine = release.pipeline(tmp_path)
    slipway = release.Slipway(cloud, tmp_path, [mine]).start()
    arns = [cloud.publish(), cloud.publish()]
    cloud.approve(arns[0])
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    slipway.wait(1, "live")
    cloud.approve(arns[1])
    slipway.wait_ready_to_approve(2)
    reload(slipway, [stranger(tmp_path)])
    time.sleep(1.1)
    for arn in arns:
        cloud.set_status(arn, "Rejected")
    slipway.wait(2, "rejected")
    eventually(lambda: slipway.deployment(1)["state"] == "rolling-back")
    reload(slipway, [mine])
    eventually(lambda: slipway.deployment(1)["state"] == "rolled-back", 20)
    assert set(cloud.running("line-b").values()) == {None}
    assert slipway.stop() == 0, slipway.tail()


def test_reloads_all_the_time_disturb_nothing(cloud, tmp_path):
    slipway = release.Slipway(cloud, tmp_path, sweep={"interval": "1s"}).start()
    cloud.approve(cloud.publish())
    asked = time.monotonic()
    while (found := slipway.deployments()) == [] or found[0]["state"] != "live":
        slipway.process.send_signal(signal.SIGHUP)
        time.sleep(0.15)
        assert time.monotonic() < asked + 60, slipway.tail()
        if found and slipway.state_of_order(1) == "await-approval":
            assert slipway.decide(1)[0] == 200
    effects = [e["operation"] for e in cloud.effects()]
    assert effects.count("CreateComponentVersion") == 1
    assert effects.count("CreateDeployment") == 3
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()


def commands_with(word):
    """The processes that have this word in their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass  # It has ended.
    return found


def test_sigterm_takes_a_stubborn_command_along(cloud, tmp_path):
    script = tmp_path / "stubborn-test.sh"
    script.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n")
    script.chmod(0o755)
    mine = release.pipeline(tmp_path)
    mine["twin"]["test"]["argv"] = [str(script), "{output}"]
    slipway = release.Slipway(cloud, tmp_path, [mine]).start()
    cloud.approve(cloud.publish())
    slipway.wait(1, "twin-testing")
    eventually(lambda: commands_with(str(script)))
    began = time.monotonic()
    assert slipway.stop() == 0, slipway.tail()
    assert time.monotonic() - began < 10
    assert commands_with(str(script)) == []
