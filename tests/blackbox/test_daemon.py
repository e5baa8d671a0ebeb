"""How the daemon starts, reloads and ends."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import release
from conftest import eventually


@pytest.fixture
def slipway(sandbox, tmp_path):
    daemon = release.Slipway(release.Cloud(sandbox).prepare(), tmp_path)
    yield daemon
    if daemon.process is not None and daemon.process.poll() is None:
        daemon.stop()


def run(*arguments, env=None):
    return subprocess.run([release.SLIPWAYD, *arguments], capture_output=True, text=True, timeout=20,
                          check=False, env=env or {"PATH": "/usr/bin:/bin"})


def test_a_missing_configuration_is_78_and_says_where_it_looked():
    done = run("-c", "/nonexistent/slipway.yaml")
    assert done.returncode == 78 and "/nonexistent/slipway.yaml" in done.stderr
    assert "/etc/slipway/slipway.yaml" in run().stderr


def test_an_unknown_setting_is_78_and_names_the_nearest(slipway):
    slipway.settings["pipelines"][0]["compille"] = {"driver": "none"}
    slipway.config.write_text(json.dumps(slipway.settings, indent=1))
    done = run("-c", str(slipway.config))
    assert done.returncode == 78
    assert "compille" in done.stderr and "compile" in done.stderr


def test_sigterm_ends_cleanly_within_ten_seconds(slipway):
    slipway.start()
    began = time.monotonic()
    assert slipway.stop() == 0, slipway.tail()
    assert time.monotonic() - began < 10


def test_a_second_daemon_is_refused(slipway):
    slipway.start()
    done = run("-c", str(slipway.config), env=slipway.environment())
    assert done.returncode == 75 and "stop it first" in done.stderr


def test_sighup_takes_a_good_configuration_and_keeps_the_old_one_for_a_bad_one(slipway):
    slipway.start()
    slipway.settings["pipelines"][0]["approval"]["required"] = 2
    slipway.config.write_text(json.dumps(slipway.settings))
    slipway.process.send_signal(signal.SIGHUP)
    eventually(lambda: any("configuration-reloaded" in line for line in slipway.lines))
    slipway.config.write_text("nonsense: [")
    slipway.process.send_signal(signal.SIGHUP)
    eventually(lambda: any("configuration-kept" in line for line in slipway.lines))
    slipway.cloud.approve(slipway.cloud.publish())
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1, approver="alice")[0] == 200
    assert slipway.deployment(1)["state"] == "awaiting-approval"
    assert slipway.decide(1, approver="alice")[0] == 200  # The same person counts once.
    assert slipway.deployment(1)["state"] == "awaiting-approval"
    assert slipway.decide(1, approver="bob")[0] == 200
    slipway.wait(1, {"rolling-out", "live"})


def test_health_and_readiness(slipway):
    slipway.start()

    def answers(path):
        try:
            with urllib.request.urlopen(slipway.url + path, timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            assert error.code == 503, path
            return False

    assert answers("/healthz") and answers("/metrics")
    eventually(lambda: answers("/readyz"))
