"""Does the quickstart do what it says, with the daemon under test?

Goal: the second half of deploy/quickstart (the first half only installs and builds) takes a good
model to the fleet, and ends with the reason when a gate refuses a bad one.
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from conftest import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("SLIPWAYD", ROOT / "build" / "asan" / "slipwayd")).parent
PYTHON = os.environ.get("SLIPWAY_PYTHON", sys.executable)
ENVIRONMENT = {"PYTHONPATH": str(ROOT / "deploy"), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}


def command(folder, *arguments):
    parts = [PYTHON, "-m", "quickstart_lib", "--programs", PROGRAMS, "--dir", folder, *arguments]
    return [str(part) for part in parts]


def quickstart(folder, *arguments):
    return subprocess.run(
        command(folder, *arguments),
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_a_good_model_goes_live_in_three_waves(tmp_path):
    done = quickstart(tmp_path / "run", "--yes", "--exit")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("compiling", "packaging", "testing", "wave 1 of 3", "wave 3 of 3: baking"):
        assert words in done.stdout
    for group, count in (("twin", 1), ("line-a", 4), ("line-b", 10), ("line-c", 20)):
        assert re.search(rf"{group} +{count} devices +com\.example\.digits 1\.0\.1\b", done.stdout)


def test_a_bad_model_ends_with_the_gate_the_value_and_the_limit(tmp_path):
    model = ROOT / "deploy" / "models" / "digits_q3.onnx"
    done = quickstart(tmp_path / "run", "--yes", "--exit", "--model", model)
    assert done.returncode == 1
    assert re.search(r"gate accuracy: .*0\.951.*0\.97", done.stdout), done.stdout
    assert re.search(r"line-a +4 devices +nothing", done.stdout)


@pytest.mark.parametrize("first, last", [("/slipway approve ", "--digest "), ("id=msg_", '-d "$body"')])
def test_either_way_to_approve_that_it_prints_does_approve(tmp_path, first, last):
    log = tmp_path / "said"
    with open(log, "w", encoding="utf-8") as said:
        process = subprocess.Popen(
            command(tmp_path / "run", "--exit"), env={**os.environ, **ENVIRONMENT}, stdout=said
        )
    try:
        eventually(lambda: "(openssl gets the key" in log.read_text(), seconds=60)
        lines = log.read_text().splitlines()
        start = next(n for n, line in enumerate(lines) if first in line)
        end = next(n for n, line in enumerate(lines) if n >= start and last in line)
        way = "\n".join(lines[start : end + 1])
        done = subprocess.run(
            ["bash", "-c", way], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, way + done.stdout + done.stderr
        assert process.wait(timeout=90) == 0, log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert "live on the whole fleet" in log.read_text()


def test_keys_and_configuration_are_for_their_owner_only(tmp_path):
    done = quickstart(tmp_path / "run", "--yes", "--exit", "--model", __file__)
    assert done.returncode == 1  # This file is no model.
    for name in ("alice.key", "slipway.yaml"):
        assert (tmp_path / "run" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["somebody's", ""])
def test_a_folder_of_somebody_elses_is_left_alone(tmp_path, content):
    (tmp_path / "precious").write_text(content)
    done = quickstart(tmp_path, "--yes", "--exit")
    assert done.returncode == 1
    assert "give another --dir" in done.stderr
    assert (tmp_path / "precious").read_text() == content
