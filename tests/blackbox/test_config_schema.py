"""The JSON Schema and the daemon's own check say the same of the same configurations."""

import base64
import json
import os
import pathlib
import re
import subprocess

import jsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "config"
SLIPWAY = os.environ.get("SLIPWAY", str(ROOT / "build" / "asan" / "slipway"))
BAD_CONFIGURATION = 78
ENVIRONMENT = {
    **os.environ,
    **{
        name: "whsec_" + base64.b64encode(bytes([number]) * 32).decode()
        for number, name in enumerate(("ALICE_KEY", "ALICE_NEXT", "BOB_KEY"), 1)
    },
}


class Case:
    """An edit of base.yaml, who refuses what comes of it, and what they say; see cases.txt."""

    def __init__(self, block):
        lines = block.rstrip("\n").split("\n")
        self.refuses, self.name = lines[0].split(": ", 1)
        self.problems = [line[2:] for line in lines[1:] if line.startswith("! ")]
        self.text = (DATA / "base.yaml").read_text(encoding="utf-8")
        edits = [line for line in lines[1:] if line[:2] in ("- ", "+ ")]
        while edits:
            old = self.take(edits, "- ")
            self.replace(old, self.take(edits, "+ "))

    @staticmethod
    def take(edits, mark):
        taken = ""
        while edits and edits[0].startswith(mark):
            taken += edits.pop(0)[2:] + "\n"
        return taken

    def replace(self, old, new):
        assert ("\n" + self.text).count("\n" + old) == 1, f"{self.name}: not once there: {old}"
        self.text = ("\n" + self.text).replace("\n" + old, "\n" + new)[1:]


def read_cases():
    text = (DATA / "cases.txt").read_text(encoding="utf-8")
    return [Case(block) for block in re.split(r"(?m)^== ", text)[1:]]


CASES = read_cases()


def run(*arguments):
    return subprocess.run(
        [SLIPWAY, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(run("config", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def schemas_in(schema):
    """Every schema inside a schema that describes a setting."""
    for key, inner in schema.get("properties", {}).items():
        if isinstance(inner, dict):
            yield key, inner
            yield from schemas_in(inner)
    if isinstance(schema.get("items"), dict):
        yield from schemas_in(schema["items"])


def test_the_schema_describes_every_setting_and_its_own_defaults_and_examples_fit(validator):
    settings = list(schemas_in(validator.schema))
    assert len(settings) > 80
    for key, schema in settings:
        assert schema["description"].endswith("."), key
        inner = validator.evolve(schema=schema)
        for value in schema.get("examples", []) + [schema[k] for k in ("default",) if k in schema]:
            problems = [error.message for error in inner.iter_errors(value)]
            assert not problems, f"{key}: {value}: {problems}"


@pytest.mark.parametrize("name", ["base.yaml", "least.yaml", "../../../deploy/slipway.yaml"])
def test_whole_files_fit_the_schema_and_the_check(validator, name):
    path = DATA / name
    validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    answer = run("check", str(path))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_schema_and_check_agree(validator, case, tmp_path):
    path = tmp_path / "slipway.yaml"
    path.write_text(case.text, encoding="utf-8")
    answer = run("check", str(path))
    said = answer.stdout + answer.stderr
    assert answer.returncode == (BAD_CONFIGURATION if case.problems else 0), said
    for problem in case.problems:
        assert f"{path}:{problem}" in said
    if case.refuses != "yaml":
        assert validator.is_valid(yaml.safe_load(case.text)) == (case.refuses != "both")


def test_the_cases_are_many_and_of_all_kinds():
    refusers = [case.refuses for case in CASES]
    kinds = {kind: refusers.count(kind) for kind in ("fine", "both", "daemon", "yaml")}
    assert all(count >= 15 for count in kinds.values()), kinds
    assert all(bool(case.problems) == (case.refuses != "fine") for case in CASES)
