"""Orders whose effect was made before and is not there any more, or comes when nobody waits for it.

As after a lost database, a retry by a person, or a request that AWS carries out late.
"""

import time

import pytest
from orders import COMPONENT, Drivers


@pytest.fixture
def drivers(sandbox, tmp_path):
    return Drivers(sandbox, tmp_path)


def test_a_replayed_deployment_is_not_taken_for_the_live_one(drivers):
    """CreateDeployment answers a known token with the deployment it made, replaced or not."""
    d = drivers.fleet()
    d.packaged().through("plan", "wave-deploy", "roll-back")
    del d.documents["wave"], d.documents["rollback"], d.documents["plan"]
    d.through("plan")
    d.failure("wave-deploy", "line-a", "replaced")
    assert COMPONENT not in d.live("line-a")["components"]
    d.generation = 2
    d.through("plan", "wave-deploy")
    assert COMPONENT in d.live("line-a")["components"]


def test_a_replayed_twin_deployment_is_not_taken_for_the_live_one(drivers):
    d = drivers.fleet()
    d.packaged().through("twin-deploy")
    d.component("shop.camera", "3.1.0")
    d.deploy("twin", {"shop.camera": {"componentVersion": "3.1.0"}})
    d.failure("twin-deploy", "replaced")
    d.generation = 2
    d.through("twin-deploy")
    assert set(d.live("twin")["components"]) == {"shop.camera", COMPONENT}


def test_a_copy_of_our_tags_is_not_ours(drivers):
    """Whoever revises a deployment in the console keeps its tags."""
    d = drivers.fleet()
    d.packaged().through("plan", "wave-deploy")
    tags = d.live("line-a")["tags"]
    del d.documents["wave"]
    d.component("shop.camera", "3.1.0")
    d.deploy("line-a", {"shop.camera": {"componentVersion": "3.1.0"}}, tags=tags)
    d.failure("wave-deploy", "line-a", "changed since the plan")


def test_what_ran_before_is_found_without_the_plan_before(drivers):
    """A plan made when our deployment is there already: what to roll back to is older than that."""
    d = drivers.fleet()
    d.packaged()
    d.component("shop.camera", "3.1.0")
    base = d.deploy("line-a", {COMPONENT: {"componentVersion": "1.0.1"},
                               "shop.camera": {"componentVersion": "3.1.0"}})
    d.packaged(body=b"the next model").through("plan", "wave-deploy")
    before = d.document("plan")["groups"]
    d.wave = 1
    d.through("wave-deploy")
    d.documents = {"package": d.documents["package"]}
    d.through("plan")
    groups = d.document("plan")["groups"]
    assert groups[0]["base_deployment_id"] == base
    assert [g["base_version"] for g in groups] == ["1.0.1", None, None]
    assert [g["base_entry"] for g in groups] == [g["base_entry"] for g in before]
    assert groups[0]["seen_deployment_id"] == d.live("line-a")["deploymentId"]
    d.through("roll-back")
    assert d.live("line-a")["components"][COMPONENT]["componentVersion"] == "1.0.1"
    assert COMPONENT not in d.live("line-b")["components"]


def test_a_wave_that_comes_late_is_rolled_back_all_the_same(drivers):
    d = drivers.fleet()
    d.packaged().through("plan")
    d.fault("CreateDeployment", "late-execution", params={"delay_ms": 1500, "in_progress": True})
    assert d.take("wave-deploy")["outcome"] == "unknown"
    halted = int(time.time() * 1000)
    result = d.take("roll-back", wave_since_ms=halted)
    assert result["outcome"] == "under-way", result
    d.until("roll-back", wave_since_ms=halted)
    assert [x["group"] for x in d.document("rollback")["deployments"]] == ["line-a"]
    assert COMPONENT not in d.live("line-a")["components"]
