"""slipwayd killed with SIGKILL in every state and started again: it finishes, each effect once."""

import http.client
import threading

import pytest
import release

WAY = ["received", "compiling", "packaging", "twin-deploying", "twin-testing", "awaiting-approval"]


def finish(slipway, ends):
    """From wherever it is, to its end."""
    found = slipway.wait(1, {"awaiting-approval", "rolling-out", "rolling-back", *ends}, 60)
    if found["state"] == "awaiting-approval":
        slipway.wait_ready_to_approve(1)
        assert slipway.decide(1)[0] == 200, slipway.tail()
    return slipway.wait(1, ends, 60)


def kill_at(slipway, state, times, after):
    """Kills the daemon `after` seconds after it said for the nth time that the deployment has
    moved to `state`."""
    seen, killed = [], threading.Event()

    def kill():
        slipway.process.kill()
        killed.set()

    def moved(_, now):
        if now == state:
            seen.append(now)
            if len(seen) == times:
                threading.Timer(after, kill).start() if after else kill()

    slipway.on_move = moved
    return killed


def approve_and_be_killed(slipway):
    """The daemon may die of the very approval."""
    try:
        assert slipway.decide(1)[0] == 200, slipway.tail()
    except (OSError, http.client.HTTPException):
        pass


def run(sandbox, tmp_path, state, times, failing, after=0.0):
    cloud = release.Cloud(sandbox).prepare(delay_ms=100)
    cloud.settings(component_ms=300)
    slipway = release.Slipway(cloud, tmp_path)
    if failing:
        cloud.sandbox.control("POST", "devices/update", {"group": "line-b", "fail": {
            "fraction": 0.3, "component": release.COMPONENT, "version": "1.0.1",
            "class": "FAILED_ROLLBACK_COMPLETE", "status": "FAILED"}})
    killed = kill_at(slipway, state, times, after)
    slipway.start()
    cloud.approve(cloud.publish())
    if state not in WAY:
        slipway.wait_ready_to_approve(1)
        approve_and_be_killed(slipway)
    assert killed.wait(60), slipway.tail()
    slipway.process.wait()
    slipway.on_move = None
    slipway.start()
    return cloud, slipway


def check_effects(cloud, deployments):
    effects = cloud.effects()
    puts = [e["key"] for e in effects if e["operation"] == "PutObject"
            and "components/" in str(e["key"])]
    assert len(puts) == len({str(k) for k in puts}) == 1
    assert sum(e["operation"] == "CreateComponentVersion" for e in effects) == 1
    for group, count in deployments.items():
        assert len(cloud.deployments_of(group)) == count, group


@pytest.mark.parametrize("after", [0.0, 0.1])
@pytest.mark.parametrize("state", [*WAY, "live"])
def test_killed_on_the_way_it_goes_live_with_each_effect_once(sandbox, tmp_path, state, after):
    cloud, slipway = run(sandbox, tmp_path, state, 1, failing=False, after=after)
    assert finish(slipway, {"live"})["state"] == "live"
    check_effects(cloud, {"twin": 1, "line-a": 1, "line-b": 1})
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()


@pytest.mark.parametrize("times", range(1, 7))
def test_killed_at_each_step_of_the_rollout_it_goes_live(sandbox, tmp_path, times):
    """rolling-out is entered and moved within: wave deployed, baking, next wave, ..."""
    cloud, slipway = run(sandbox, tmp_path, "rolling-out", times, failing=False)
    assert finish(slipway, {"live"})["state"] == "live"
    check_effects(cloud, {"twin": 1, "line-a": 1, "line-b": 1})
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()


@pytest.mark.parametrize("state,times", [("rolling-back", 1), ("rolling-back", 2), ("rolled-back", 1)])
def test_killed_while_rolling_back_it_finishes(sandbox, tmp_path, state, times):
    cloud, slipway = run(sandbox, tmp_path, state, times, failing=True)
    assert finish(slipway, {"rolled-back"})["state"] == "rolled-back"
    check_effects(cloud, {"twin": 1, "line-a": 2, "line-b": 2})
    assert set(cloud.running("line-a").values()) == {None}
    slipway.verify_audit()
    assert slipway.stop() == 0, slipway.tail()
