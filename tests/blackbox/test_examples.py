"""Do the example drivers do what their first lines promise?

Goal: really compile and really test the models of deploy/models with the programs a user would
start from, and see the figures of deploy/models/README.md; see that bad files fail in words.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "deploy" / "models"
PYTHON = os.environ.get("SLIPWAY_PYTHON", sys.executable)
TARGET = "linux-amd64"


def run(program, *arguments):
    command = [PYTHON, str(ROOT / "deploy" / "examples" / program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def compiled(folder, model, name="compiled.onnx", target=TARGET):
    output = folder / name
    done = run("compile_onnx.py", MODELS / model, output, target)
    assert done.returncode == 0, done.stderr
    return output


def twin(folder, artifact, **changes):
    output = folder / "result.json"
    options = {
        "artifact": artifact,
        "artifact-sha256": hashlib.sha256(artifact.read_bytes()).hexdigest(),
        "component": "digits.model",
        "version": "1.0.4",
        "target": TARGET,
        "run-id": "run-1",
        "output": output,
        "golden": MODELS,
        **changes,
    }
    done = run("twin_test.py", *[part for k, v in options.items() for part in ("--" + k, v)])
    return done, json.loads(output.read_text()) if output.exists() else None


@pytest.mark.parametrize(
    "model, accuracy, agreement, divergence",
    [
        ("digits.onnx", 0.9867, 1.0, 0.0),
        ("digits_q8.onnx", 0.9867, 1.0, 7.6e-5),
        ("digits_q3.onnx", 0.9511, 0.9533, 0.141),
    ],
)
def test_a_compiled_model_is_as_good_as_its_map_says(
    tmp_path, model, accuracy, agreement, divergence
):
    start = time.monotonic()
    done, result = twin(tmp_path, compiled(tmp_path, model))
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - start < 30
    metrics = result["metrics"]
    assert metrics["accuracy"]["value"] == pytest.approx(accuracy, abs=5e-5)
    assert metrics["agreement"]["value"] == pytest.approx(agreement, abs=5e-5)
    assert metrics["kl_mean"]["value"] == pytest.approx(divergence, rel=0.02, abs=1e-6)
    assert {name: metrics[name]["n"] for name in ("accuracy", "agreement", "kl_mean")} == {
        "accuracy": 450,
        "agreement": 450,
        "kl_mean": 450,
    }
    assert [suite["status"] for suite in result["suites"].values()] == ["PASS", "PASS"]


def test_the_result_holds_what_its_schema_asks_for(tmp_path):
    artifact = compiled(tmp_path, "digits_q8.onnx")
    _, result = twin(tmp_path, artifact)
    assert result["schema"] == "slipway.twin-result/1"
    assert result["run_id"] == "run-1"
    assert result["subject"] == {
        "component": "digits.model",
        "version": "1.0.4",
        "artifact_sha256": hashlib.sha256(artifact.read_bytes()).hexdigest(),
        "target": TARGET,
    }
    latency = result["metrics"]["latency_us"]
    assert latency["n"] >= 5000
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p999"]
    assert result["metrics"]["load_us"]["value"] > 0
    assert result["metrics"]["rss_peak_bytes"]["value"] > 1_000_000
    assert result["metrics"]["rss_growth_bytes_per_1k"]["value"] <= 1024
    assert result["started"] <= result["finished"]
    reference = hashlib.sha256((MODELS / "digits.onnx").read_bytes()).hexdigest()
    assert result["reference"]["model"] == "sha256:" + reference


def test_the_model_is_found_in_the_packaged_zip(tmp_path):
    artifact = tmp_path / "model.zip"
    with zipfile.ZipFile(artifact, "w") as archive:
        archive.write(compiled(tmp_path, "digits.onnx"), "model/digits.onnx")
    done, result = twin(tmp_path, artifact)
    assert done.returncode == 0, done.stderr
    assert result["suites"]["integration"]["status"] == "PASS"
    assert result["metrics"]["accuracy"]["value"] > 0.98


def test_another_artifact_than_the_named_one_is_told(tmp_path):
    artifact = compiled(tmp_path, "digits.onnx")
    done, result = twin(tmp_path, artifact, **{"artifact-sha256": "0" * 64})
    assert done.returncode == 0
    assert result["suites"]["integration"]["status"] == "FAIL"
    seen = hashlib.sha256(artifact.read_bytes()).hexdigest()
    assert result["subject"]["artifact_sha256"] == seen


def test_a_file_that_is_no_model_fails_the_integration_suite(tmp_path):
    artifact = tmp_path / "broken.onnx"
    artifact.write_bytes((MODELS / "digits.onnx").read_bytes()[:1000])
    done, result = twin(tmp_path, artifact)
    assert done.returncode == 0, done.stderr
    assert result["suites"]["integration"]["status"] == "FAIL"
    assert result["suites"]["stress"]["status"] == "SKIPPED"
    assert "accuracy" not in result["metrics"]


def test_no_golden_set_means_no_document(tmp_path):
    done, result = twin(tmp_path, compiled(tmp_path, "digits.onnx"), golden=tmp_path)
    assert done.returncode == 3
    assert result is None
    assert "the golden set cannot be read" in done.stderr


@pytest.mark.parametrize("target", ["linux-amd64", "linux-arm64"])
def test_the_same_input_and_target_give_the_same_bytes(tmp_path, target):
    first = compiled(tmp_path, "digits_q8.onnx", "first.onnx", target)
    second = compiled(tmp_path, "digits_q8.onnx", "second.onnx", target)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != (MODELS / "digits_q8.onnx").read_bytes()


def test_a_bundle_as_the_registry_holds_it_compiles_to_the_same(tmp_path):
    bundle, output = tmp_path / "model.tar.gz", tmp_path / "from-bundle.onnx"
    with tarfile.open(bundle, "w:gz") as archive:
        archive.add(MODELS / "digits.onnx", "digits.onnx")
        archive.add(MODELS / "README.md", "README.md")
    done = run("compile_onnx.py", bundle, output, TARGET)
    assert done.returncode == 0, done.stderr
    assert output.read_bytes() == compiled(tmp_path, "digits.onnx").read_bytes()


@pytest.mark.parametrize("count, words", [(0, "holds 0 .onnx files"), (2, "holds 2 .onnx files")])
def test_a_bundle_without_exactly_one_model_fails_in_words(tmp_path, count, words):
    bundle, output = tmp_path / "model.tar.gz", tmp_path / "out.onnx"
    with tarfile.open(bundle, "w:gz") as archive:
        for number in range(count):
            archive.add(MODELS / "digits.onnx", f"{number}.onnx")
    done = run("compile_onnx.py", bundle, output, TARGET)
    assert (done.returncode, output.exists()) == (4, False)
    assert words in done.stderr


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "the file is empty"),
        (b"this is not a model\n", "cannot be compiled"),
        (b"\x00" * 4096, "cannot be compiled"),
        (b"\x1f\x8bhalf a bundle", "not a model.tar.gz"),
        (None, "cannot be compiled"),
    ],
)
def test_a_bad_file_fails_in_words_and_leaves_nothing(tmp_path, content, words):
    source, output = tmp_path / "bad.onnx", tmp_path / "out" / "model.onnx"
    output.parent.mkdir()
    half = (MODELS / "digits.onnx").read_bytes()[:5000]
    source.write_bytes(half if content is None else content)
    done = run("compile_onnx.py", source, output, TARGET)
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(output.parent.iterdir())


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        ([], 2, "wrong call"),
        (["in.onnx", "out.onnx", "toaster"], 2, "unknown target 'toaster'"),
        (["/nowhere/in.onnx", "out.onnx", TARGET], 3, "No such file"),
        ([MODELS / "digits.onnx", "/nowhere/out.onnx", TARGET], 5, "cannot be written"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments, status, words):
    done = run("compile_onnx.py", *arguments)
    assert done.returncode == status
    assert words in done.stderr
