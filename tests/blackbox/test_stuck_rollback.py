"""A rollback that some devices do not take: it says so, and a retry tells them again."""

import pytest
import release


@pytest.fixture
def slipway(sandbox, tmp_path):
    pipeline = release.pipeline(tmp_path)
    pipeline["rollout"]["timeout"] = "6s"
    daemon = release.Slipway(release.Cloud(sandbox).prepare(), tmp_path, [pipeline]).start()
    release_next(daemon, 1)
    daemon.wait(1, "live")
    yield daemon
    assert daemon.stop() == 0, daemon.tail()


def release_next(slipway, number):
    slipway.cloud.approve(slipway.cloud.publish())
    slipway.wait_ready_to_approve(number)
    assert slipway.decide(number)[0] == 200


def update(slipway, thing, **behaviour):
    slipway.cloud.sandbox.control("POST", "devices/update", {"things": [thing], **behaviour})


def test_a_retry_gives_the_old_version_to_those_that_failed_to_take_it(slipway):
    cloud = slipway.cloud
    release_next(slipway, 2)
    slipway.wait(2, "live")
    update(slipway, "line-a-001", fail={"component": release.COMPONENT, "version": "1.0.1",
                                        "class": "FAILED_ROLLBACK_COMPLETE"})
    assert slipway.decide(2, "rollback")[0] == 200
    slipway.wait(2, "rollback-stuck")
    assert cloud.running("line-a") == {"line-a-001": "1.0.2", "line-a-002": "1.0.1"}
    assert slipway.decide(2, "retry")[0] == 200
    slipway.wait(2, "rolling-back")
    slipway.wait(2, "rollback-stuck")  # It fails again, and is not called rolled back.
    update(slipway, "line-a-001", fail=None)
    assert slipway.decide(2, "retry")[0] == 200
    slipway.wait(2, "rolled-back")
    assert set(cloud.running("line-a").values()) == {"1.0.1"}


def test_a_device_that_is_away_is_waited_for_until_it_is_taken_out_of_its_group(slipway):
    cloud = slipway.cloud
    update(slipway, "line-a-002", online=False)
    release_next(slipway, 2)
    slipway.wait(2, "rollback-stuck", 60)
    status, why, _ = slipway.cli("why", 2)
    assert status == 0 and "longer than allowed" in why
    iot = cloud.sandbox.client("iot")
    iot.remove_thing_from_thing_group(thingGroupName="line-a", thingName="line-a-002")
    assert slipway.decide(2, "retry")[0] == 200
    slipway.wait(2, "rolled-back")
    assert cloud.running("line-a")["line-a-001"] == "1.0.1"
