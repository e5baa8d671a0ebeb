"""Test a compiled model as its twin would run it: a `command` driver for the twin tests.

    twin_test.py --artifact FILE --artifact-sha256 HEX --component NAME --version VERSION
                 --target TARGET --run-id ID --output FILE --golden DIR [--thing NAME]

FILE is the compiled model or the component's ZIP that holds exactly one (.onnx, .ort).  It is
loaded with ONNX Runtime and run over the golden set in DIR.  Measured are accuracy, agreement with
the reference model and the divergence from it, the latency of single inferences, load time, memory
and its growth.  The result is one slipway.twin-result/1 document, which appears whole or not at
all.

The document names the digest of the artifact that was really read, not the one that was asked for.
Exit: 0 whenever a document was written, also one that says FAIL or ERROR; 2 wrong call; 3 the
artifact or the golden set cannot be read; 5 the document cannot be written.
"""

import argparse
import datetime
import gc
import hashlib
import io
import json
import math
import os
import platform
import sys
import time
import zipfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # Its idle threads would count as our load.
import numpy

INFERENCES = 50000
WARM_UP = 2000
MODEL_BYTES_MAX = 2**31 - 1
SUITES = {
    "integration": (
        "artifact_is_the_one_named",
        "loads",
        "input_shape",
        "output_shape",
        "outputs_finite",
    ),
    "stress": ("sustained_run", "same_answer_after_load"),
}


def stop(status, text):
    """Ends the program with the reason in one line."""
    print("twin_test: " + " ".join(str(text).split()), file=sys.stderr)
    sys.exit(status)


def now():
    stamp = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def words(reason):
    """What an exception says, in one line."""
    return " ".join(f"{type(reason).__name__}: {reason}".split())[:500]


class Results:
    """The tests of the suites; one that never ran is SKIPPED."""

    def __init__(self):
        self.tests = {}
        self.broken = set()

    def run(self, suite, name, check):
        """Runs `check`, which returns why it fails, or nothing; an exception is an ERROR."""
        start = time.perf_counter()
        try:
            message = check() or ""
        except Exception as reason:
            message = words(reason)
            self.broken.add(suite)
        self.tests[suite, name] = {
            "name": name,
            "status": "FAIL" if message else "PASS",
            "ms": round((time.perf_counter() - start) * 1000, 3),
            "message": message,
        }
        return not message

    def suite(self, suite):
        skipped = {"status": "SKIPPED", "ms": 0, "message": "an earlier test did not pass"}
        tests = [
            self.tests.get((suite, name), {"name": name, **skipped}) for name in SUITES[suite]
        ]
        count = {s: sum(t["status"] == s for t in tests) for s in ("PASS", "FAIL", "SKIPPED")}
        status = "FAIL" if count["FAIL"] else "SKIPPED" if count["SKIPPED"] else "PASS"
        return {
            "status": "ERROR" if suite in self.broken else status,
            "passed": count["PASS"],
            "failed": count["FAIL"],
            "skipped": count["SKIPPED"],
            "tests": tests,
        }


class Golden:
    """The golden set: inputs, labels, what the reference model answers, and what names them."""

    def __init__(self, folder):
        def path(name):
            return os.path.join(folder, name)

        with open(path("golden.json"), encoding="utf-8") as file:
            self.about = json.load(file)
        count, classes = self.about["samples"], self.about["classes"]
        digest = hashlib.sha256()
        arrays = {}
        for part, kind in (("inputs", "<f4"), ("labels", "<i4"), ("reference", "<f4")):
            with open(path(self.about[part]), "rb") as file:
                content = file.read()
            digest.update(content)
            arrays[part] = numpy.frombuffer(content, kind)
        self.inputs = arrays["inputs"].reshape(count, self.about["features"])
        self.labels = arrays["labels"].reshape(count)
        self.reference = arrays["reference"].reshape(count, classes)
        self.digest = "sha256:" + digest.hexdigest()


def model_of(content):
    """The model inside the artifact: the file itself, or the one model of the ZIP."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [i for i in archive.infolist() if not i.is_dir()]
        models = [i for i in files if i.filename.lower().endswith((".onnx", ".ort"))]
        models = models or (files if len(files) == 1 else [])
        if len(models) != 1:
            raise ValueError(f"the ZIP holds {len(models)} models (.onnx, .ort) instead of one")
        if models[0].file_size > MODEL_BYTES_MAX:
            raise ValueError(f"{models[0].filename} is larger than {MODEL_BYTES_MAX} bytes")
        return archive.read(models[0])


def load(content):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def proc_number(path, key, unit=1):
    """One number of a /proc file of `key: value` lines, or None where there is none."""
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) * unit
    except OSError:
        pass
    return None


def rss():
    return proc_number("/proc/self/status", "VmRSS", 1024) or 0


class Twin:
    """One loaded model, run over the golden set."""

    def __init__(self, content, golden):
        self.golden, self.metrics = golden, {}
        start = time.perf_counter()
        self.session = load(content)
        self.metrics["load_us"] = {"value": round((time.perf_counter() - start) * 1e6, 1), "n": 1}
        self.input = self.session.get_inputs()[0]
        self.rows = [golden.inputs[k : k + 1] for k in range(len(golden.inputs))]

    def answers(self):
        return numpy.vstack([self.session.run(None, {self.input.name: r})[0] for r in self.rows])

    def input_shape(self):
        inputs, features = self.session.get_inputs(), self.golden.about["features"]
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            return f"one float input is needed, the model has {[i.type for i in inputs]}"
        shape = inputs[0].shape
        if len(shape) != 2 or shape[0] not in (1, None) and not isinstance(shape[0], str):
            return f"the input has shape {shape} instead of [1, {features}]"
        return "" if shape[1] == features else f"{shape[1]} inputs instead of {features}"

    def output_shape(self):
        self.output = self.answers()
        return "" if self.output.shape == self.golden.reference.shape else (
            f"{self.output.shape} outputs instead of {self.golden.reference.shape}"
        )

    def outputs_finite(self):
        bad = int((~numpy.isfinite(self.output)).sum())
        return f"{bad} outputs are not finite numbers" if bad else ""

    def measure_answers(self):
        """Accuracy, agreement and divergence: of the answers given before the load."""
        reference = self.golden.reference.astype(numpy.float64)
        mine = self.output.astype(numpy.float64)
        count, floor = len(reference), 1e-12
        guess = mine.argmax(axis=1)
        ratio = numpy.log(numpy.maximum(reference, floor) / numpy.maximum(mine, floor))
        for name, value in (
            ("accuracy", (guess == self.golden.labels).mean()),
            ("agreement", (guess == reference.argmax(axis=1)).mean()),
            ("kl_mean", max(0.0, (reference * ratio).sum(axis=1).mean())),
            ("abs_difference_max", numpy.abs(mine - reference).max()),
        ):
            self.metrics[name] = {"value": float(value), "n": count}

    def sustained_run(self):
        """Many single inferences: latency, throughput, memory, processor, reads from disk."""
        run, name, rows = self.session.run, self.input.name, self.rows
        spent = numpy.full(INFERENCES, -1, dtype=numpy.int64)  # Touched now: no growth later.
        for k in range(WARM_UP):
            run(None, {name: rows[k % len(rows)]})
        gc.collect()
        memory, processor = rss(), time.process_time()
        reads = proc_number("/proc/self/io", "read_bytes")
        start = time.perf_counter()
        for k in range(INFERENCES):
            before = time.perf_counter_ns()
            run(None, {name: rows[k % len(rows)]})
            spent[k] = time.perf_counter_ns() - before
        wall = time.perf_counter() - start
        busy, grown = time.process_time() - processor, rss() - memory
        self.measure_run(spent, wall, busy, grown)
        if reads is not None:
            moved = proc_number("/proc/self/io", "read_bytes") - reads
            self.metrics["io_read_bps"] = {"value": moved / wall, "n": INFERENCES}

    def measure_run(self, spent, wall, busy, grown):
        points = numpy.percentile(spent / 1000, (50, 90, 99, 99.9))
        self.metrics["latency_us"] = {
            **{k: round(float(v), 3) for k, v in zip(("p50", "p90", "p99", "p999"), points)},
            "n": INFERENCES,
            "scenario": "SingleStream",
        }
        peak = proc_number("/proc/self/status", "VmHWM", 1024)
        for name, value in (
            ("throughput_ips", INFERENCES / wall),
            ("rss_peak_bytes", peak),
            ("rss_growth_bytes_per_1k", grown * 1000 / INFERENCES),
            ("cpu_pct", 100 * busy / wall),
        ):
            if value is not None and math.isfinite(value):
                self.metrics[name] = {"value": round(value, 3), "n": INFERENCES}

    def same_answer_after_load(self):
        difference = float(numpy.abs(self.answers() - self.output).max())
        return f"the answers moved by up to {difference}" if difference > 1e-6 else ""


def test(options, content, digest, golden):
    """Runs every test that the ones before it allow.  Returns the results and the metrics."""
    results, twin = Results(), []
    asked = options.artifact_sha256.lower()
    results.run(
        "integration",
        "artifact_is_the_one_named",
        lambda: "" if digest == asked else f"the digest is {digest} instead of {asked}",
    )

    def loads():
        try:
            twin.append(Twin(model_of(content), golden))
        except Exception as reason:  # ONNX Runtime raises a class of its own per status code.
            return words(reason)
        return ""

    loaded = results.run("integration", "loads", loads)
    metrics = twin[0].metrics if twin else {}
    fine = loaded and all(
        results.run("integration", name, getattr(twin[0], name))
        for name in ("input_shape", "output_shape", "outputs_finite")
    )
    if fine:
        twin[0].measure_answers()
        for name in SUITES["stress"]:
            if not results.run("stress", name, getattr(twin[0], name)):
                break
    return results, metrics


def environment(thing):
    def runtime():
        import onnxruntime

        return "onnxruntime " + onnxruntime.__version__

    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1] for line in file if line.startswith("model name")]
        model = names[0].strip() if names else model
    except OSError:
        pass
    return {
        "thing": thing,
        "nucleus": "none",
        "runtime": runtime(),
        "cpu": model,
        "cores": os.cpu_count() or 1,
        "mem_bytes": proc_number("/proc/meminfo", "MemTotal", 1024) or 0,
    }


def write(path, document):
    """Writes the document beside its place, then renames it."""
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(document, file, allow_nan=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, path)
    except OSError as reason:
        stop(5, f"{path}: cannot be written: {reason.strerror}")


def read_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    names = "artifact artifact-sha256 component version target run-id output"
    for name in names.split():
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--golden", required=True, help="folder of the golden set")
    parser.add_argument("--thing", default=platform.node(), help="name of the twin device")
    return parser.parse_args(arguments)


def main(arguments):
    options = read_options(arguments)
    started = now()
    try:
        golden = Golden(options.golden)
    except (OSError, ValueError, KeyError) as reason:
        stop(3, f"{options.golden}: the golden set cannot be read: {reason}")
    try:
        with open(options.artifact, "rb") as file:
            content = file.read(MODEL_BYTES_MAX)
    except OSError as reason:
        stop(3, f"{options.artifact}: cannot be read: {reason.strerror}")
    digest = hashlib.sha256(content).hexdigest()
    results, metrics = test(options, content, digest, golden)
    document = {
        "schema": "slipway.twin-result/1",
        "run_id": options.run_id,
        "started": started,
        "finished": now(),
        "subject": {
            "component": options.component,
            "version": options.version,
            "artifact_sha256": digest,
            "target": options.target,
        },
        "environment": environment(options.thing),
        "suites": {suite: results.suite(suite) for suite in SUITES},
        "metrics": metrics,
        "reference": {"model": golden.about["reference_model"], "golden_set": golden.digest},
        "logs": [],
    }
    write(options.output, document)
    states = ", ".join(f"{name} {suite['status']}" for name, suite in document["suites"].items())
    accuracy = metrics.get("accuracy", {}).get("value")
    print(f"twin_test: {states}, accuracy {'unknown' if accuracy is None else round(accuracy, 4)}")


if __name__ == "__main__":
    main(sys.argv[1:])
