"""Compile an ONNX model with ONNX Runtime: a `command` driver for the compile stage.

    compile_onnx.py INPUT OUTPUT TARGET

INPUT is an ONNX model, or what SageMaker's registry holds: a model.tar.gz with exactly one in it.
Loads it, applies ONNX Runtime's graph optimisations (constant folding, fusions) and writes the
optimised model to OUTPUT.  For a TARGET that is this machine's own, optimisations that depend on
the processor are applied too; for any other only those that hold everywhere.  The same input,
target and version of ONNX Runtime give the same bytes.

OUTPUT appears whole or not at all: it is written beside its place and then renamed.
Exit: 0 done, 2 wrong call, 3 INPUT cannot be read, 4 INPUT cannot be compiled, 5 OUTPUT cannot be
written.  Failures say why in one line on standard error.
"""

import io
import os
import platform
import sys
import tarfile
import tempfile

TARGETS = ("linux-amd64", "linux-arm64", "linux-arm")
MACHINES = {"x86_64": "linux-amd64", "aarch64": "linux-arm64", "armv7l": "linux-arm"}
INPUT_BYTES_MAX = 2**31 - 1  # A protobuf message, so an ONNX file, cannot be larger.


def stop(status, text):
    """Ends the program with the reason in one line."""
    print("compile_onnx: " + " ".join(str(text).split()), file=sys.stderr)
    sys.exit(status)


def optimise(model, place, target):
    """Writes the optimised form of `model` (bytes) to `place`."""
    import onnxruntime

    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    own = MACHINES.get(platform.machine()) == target
    level = levels.ORT_ENABLE_ALL if own else levels.ORT_ENABLE_EXTENDED
    options.graph_optimization_level = level
    options.optimized_model_filepath = place
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # The warning that the result fits this processor is the intent.
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    describe = [f"{value.name} {value.type} {value.shape}" for value in session.get_inputs()]
    print(
        f"compile_onnx: onnxruntime {onnxruntime.__version__}, target {target}, "
        f"{'processor-specific' if own else 'portable'} optimisations, "
        f"inputs: {'; '.join(describe)}"
    )


def read_model(path):
    """The bytes of the model, or the end of the program."""
    try:
        if os.path.getsize(path) > INPUT_BYTES_MAX:
            stop(4, f"{path}: larger than an ONNX file can be ({INPUT_BYTES_MAX} bytes)")
        with open(path, "rb") as file:
            model = file.read()
    except OSError as reason:
        stop(3, f"{path}: cannot be read: {reason.strerror}")
    if not model:
        stop(4, f"{path}: not an ONNX model: the file is empty")
    return unpacked(path, model) if model[:2] == b"\x1f\x8b" else model


def unpacked(path, bundle):
    """The one model of a model.tar.gz; nothing is written, so names in it cannot lead anywhere."""
    try:
        with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
            models = [m for m in archive if m.isfile() and m.name.lower().endswith(".onnx")]
            if len(models) != 1:
                stop(4, f"{path}: holds {len(models)} .onnx files instead of one")
            if models[0].size > INPUT_BYTES_MAX:
                stop(4, f"{path}: {models[0].name} is larger than an ONNX file can be")
            return archive.extractfile(models[0]).read()
    except (tarfile.TarError, OSError, EOFError) as reason:
        stop(4, f"{path}: not a model.tar.gz: {reason}")


def main(arguments):
    if len(arguments) != 3:
        stop(2, "wrong call; use: compile_onnx.py INPUT OUTPUT TARGET")
    source, output, target = arguments
    if target not in TARGETS:
        stop(2, f"unknown target '{target}'; known are {', '.join(TARGETS)}")
    model = read_model(source)
    folder = os.path.dirname(os.path.abspath(output))
    try:
        handle, place = tempfile.mkstemp(prefix=".compile-", suffix=".onnx", dir=folder)
        os.close(handle)
    except OSError as reason:
        stop(5, f"{output}: cannot be written: {reason.strerror}")
    try:
        try:
            optimise(model, place, target)
        except Exception as reason:  # ONNX Runtime raises a class of its own per status code.
            stop(4, f"{source}: cannot be compiled: {reason}")
        try:
            os.chmod(place, 0o644)
            with open(place, "rb") as file:
                os.fsync(file.fileno())
            os.rename(place, output)
        except OSError as reason:
            stop(5, f"{output}: cannot be written: {reason.strerror}")
        print(f"compile_onnx: {len(model)} bytes in, {os.path.getsize(output)} bytes out: {output}")
    finally:
        if os.path.exists(place):
            os.unlink(place)


if __name__ == "__main__":
    main(sys.argv[1:])
