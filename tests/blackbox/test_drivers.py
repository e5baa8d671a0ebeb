"""The drivers of controller/work, one order at a time, against the sandbox.

Every take of an order is a process of its own, with nothing but the order's progress and documents
to go by, as after a crash. The sandbox checks every request against AWS's service models; its
ledger tells which effects there were.
"""

import hashlib
import io
import json
import os
import pathlib
import tarfile
import time
import zipfile

import pytest
from orders import BUCKET, COMPONENT, ACCOUNT, Drivers


@pytest.fixture
def drivers(sandbox, tmp_path):
    return Drivers(sandbox, tmp_path)


def test_an_approval_goes_all_the_way_and_back(drivers):
    d = drivers.fleet()
    d.pipeline["twin"]["test"]["argv"] = result_script(d)
    d.packaged()
    d.through("twin-deploy", "twin-test", "plan")
    for d.wave in (0, 1):
        d.until("wave-deploy")
        counts = d.until("wave-watch", "observed")["counts"]
        assert sum(counts.values()) == (2, 4)[d.wave]
    settled = {"succeeded": 4, "queued": 0, "in_progress": 0}
    eventually_counts(d, "wave-watch", settled)
    d.until("roll-back")
    assert len(d.document("rollback")["deployments"]) == 3
    eventually_counts(d, "rollback-watch", {"succeeded": 6, "queued": 0, "in_progress": 0})
    assert COMPONENT not in d.live("line-a")["components"]
    assert len(d.sandbox.effects("CreateDeployment")) == 1 + 3 + 3
    assert len(d.sandbox.effects("CreateComponentVersion")) == 1


def eventually_counts(d, kind, wanted, seconds=10):
    """Watches until the counts are as wanted."""
    end, progress = time.monotonic() + seconds, ""
    while True:
        result = d.take(kind, progress)
        progress = result["progress"] or progress
        if result["outcome"] == "observed" and wanted.items() <= result["counts"].items():
            return result
        assert time.monotonic() < end, result
        time.sleep(0.1)


def result_script(d, accuracy="0.99", run_id="$2"):
    return [d.script("test.sh", f"""printf x >> {d.folder}/test.runs
cat > "$1" <<END
{{"schema": "slipway.twin-result/1", "run_id": "{run_id}",
 "subject": {{"component": "$3", "version": "$4", "artifact_sha256": "$5", "target": "$6"}},
 "suites": {{"integration": {{"status": "PASS", "passed": 3, "failed": 0}}}},
 "metrics": {{"accuracy": {{"value": {accuracy}, "n": 450}}}}}}
END
test "$(sha256sum < "$7" | cut -d' ' -f1)" = "$5"
"""), "{output}", "{run_id}", "{component}", "{version}", "{artifact_sha256}", "{target}",
            "{artifact}"]


# Confirm.


def test_confirm_says_what_the_registry_says(drivers):
    uri = drivers.publish()
    result = drivers.until("confirm")
    source = drivers.document("source")
    assert (source["model_uri"], source["group"], source["version"]) == (uri, "digits", 1)
    assert source["approved_s"] == result["approved_s"] > 1_600_000_000
    drivers.sagemaker.update_model_package(ModelPackageArn=drivers.arn,
                                           ModelApprovalStatus="Rejected")
    result = drivers.take("confirm")
    assert (result["outcome"], result["reason"]) == ("withdrawn", "the registry says Rejected")
    assert result["approved_s"] > 1_600_000_000


def test_confirm_refuses_what_cannot_be_deployed(drivers):
    drivers.arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/digits/77"
    drivers.failure("confirm", "does not exist")
    drivers.publish(ModelDataUrl=f"s3://{BUCKET}/in/")
    drivers.failure("confirm", "prefix", ".tar.gz")


def test_confirm_does_not_know_while_aws_is_ill(drivers):
    drivers.publish()
    drivers.fault("DescribeModelPackage", "throttle")
    drivers.fault("DescribeModelPackage", "html", nth=2)
    assert [drivers.take("confirm")["outcome"] for _ in range(3)] == ["unknown", "unknown", "done"]


def test_a_right_given_a_moment_ago_may_not_count_yet(drivers):
    drivers.publish()
    drivers.fault("DescribeModelPackage", "access-denied", count=3)
    drivers.until("confirm")
    drivers.fault("CreateComponentVersion", "access-denied", count=3)
    drivers.through("compile", "package")
    drivers.fault("DescribeModelPackage", "access-denied", count=30)
    drivers.failure("confirm", "sagemaker:DescribeModelPackage")
    drivers.fault("DescribeComponent", "access-denied", count=30)
    drivers.failure("package", "DescribeComponent", "AccessDenied")


# Compile.


def compiler(d, text):
    d.pipeline["compile"] = {"driver": "command", "timeout": "5s", "argv": [
        d.script("compile.sh", f"printf x >> {d.folder}/runs\n" + text),
        "{input}", "{output}", "{target}", "{work}", "{token}"]}


def runs(d, name="runs"):
    path = d.folder / name
    return len(path.read_text()) if path.exists() else 0


def test_a_command_compiles_once(drivers):
    compiler(drivers, 'env > "$4/env"; test -z "$SECRET_OF_SLIPWAY"; echo "for $3 as $5"; '
             'tr a-z A-Z < "$1" > "$2"')
    drivers.publish(b"a model")
    drivers.through("confirm")
    first = drivers.until("compile")
    compiled = drivers.document("compiled")
    assert compiled["sha256"] == hashlib.sha256(b"A MODEL").hexdigest()
    assert compiled["bytes"] == 7
    assert pathlib.Path(compiled["uri"].removeprefix("file://")).read_bytes() == b"A MODEL"
    assert compiled["tool_output"].startswith("for linux-amd64 as ")
    assert drivers.until("compile")["document"] == first["document"]
    assert runs(drivers) == 1
    drivers.generation = 2
    drivers.until("compile")
    assert runs(drivers) == 2
    drivers.through("package")
    uri = drivers.document("package")["uri"].removeprefix(f"s3://{BUCKET}/")
    body = drivers.s3.get_object(Bucket=BUCKET, Key=uri)["Body"].read()
    assert zipfile.ZipFile(io.BytesIO(body)).read("digits.onnx") == b"A MODEL"
    mode = os.stat(drivers.folder / "work").st_mode
    assert mode & 0o077 == 0
    assert drivers.take("confirm", forget=True)["outcome"] == "forgotten"
    assert not list((drivers.folder / "work").iterdir())


def test_a_command_that_fails_says_why(drivers):
    drivers.publish()
    drivers.through("confirm")
    compiler(drivers, 'echo "Traceback" >&2; echo "ValueError: no such operator" >&2; exit 3')
    drivers.failure("compile", "status 3", "ValueError: no such operator")
    compiler(drivers, "exit 0")
    drivers.failure("compile", "left nothing")
    compiler(drivers, ': > "$2"')
    drivers.failure("compile", "left 0 bytes")
    compiler(drivers, 'sleep 60 & sleep 60')
    drivers.pipeline["compile"]["timeout"] = "1s"
    drivers.failure("compile", "compile command")
    path = drivers.folder / "nothing.sh"
    path.write_text("#!/nowhere/interpreter\n")
    path.chmod(0o755)
    drivers.pipeline["compile"]["argv"] = [str(path)]
    drivers.failure("compile", "nothing.sh")


def test_a_command_taken_back_leaves_nothing_running(drivers):
    drivers.publish()
    drivers.through("confirm")
    compiler(drivers, f'echo $$ > {drivers.folder}/pid; sleep 60')
    assert drivers.take("compile", cancel_ms=700)["outcome"] == "cancelled"
    pid = (drivers.folder / "pid").read_text().strip()
    assert not pathlib.Path(f"/proc/{pid}").exists() or \
        "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text()


def neo(d):
    d.pipeline["compile"] = {
        "driver": "neo", "role_arn": f"arn:aws:iam::{ACCOUNT}:role/neo", "framework": "ONNX",
        "input_shape": '{"x": [1, 64]}', "output": f"s3://{BUCKET}/neo/",
        "target_device": "rasp4b", "poll": "1s", "timeout": "10m"}


def test_neo_compiles_once_under_its_name(drivers):
    neo(drivers)
    drivers.publish(name="digits.tar.gz")
    drivers.through("confirm")
    drivers.fault("CreateCompilationJob", "lost-reply")
    first = drivers.take("compile")
    assert first["outcome"] == "unknown"
    drivers.through("compile")
    compiled = drivers.document("compiled")
    assert compiled["uri"].startswith(f"s3://{BUCKET}/neo/")
    effects = drivers.sandbox.effects("CreateCompilationJob")
    assert len(effects) == 1
    drivers.take("compile")
    assert len(drivers.sandbox.effects("CreateCompilationJob")) == 1
    drivers.through("package")


def test_neo_failure_and_foreign_job_are_told_apart(drivers):
    neo(drivers)
    drivers.publish(name="digits.tar.gz")
    drivers.through("confirm")
    drivers.sandbox.control("POST", "settings", {"compile_fail": [
        {"name": "slipway", "reason": "ClientError: bad operator"}]})
    drivers.failure("compile", "bad operator")
    drivers.pipeline["compile"]["output"] = f"s3://{BUCKET}/other/"
    drivers.failure("compile", "exists with other")


def test_stop_ends_a_compilation_that_runs(drivers):
    neo(drivers)
    drivers.sandbox.control("POST", "settings", {"compile_ms": 600_000})
    drivers.publish(name="digits.tar.gz")
    drivers.through("confirm")
    drivers.until("compile", "under-way")
    drivers.until("stop")
    jobs = drivers.sagemaker.list_compilation_jobs()["CompilationJobSummaries"]
    assert [job["CompilationJobStatus"] for job in jobs] == ["STOPPED"]
    drivers.failure("compile", "was stopped")
    drivers.generation = 2
    drivers.until("stop")


def test_a_job_that_never_was_is_looked_for_twice(drivers):
    """The engine counts takes without an answer only: what was seen stands in the progress."""
    neo(drivers)
    drivers.publish(name="digits.tar.gz")
    first = drivers.take("stop")
    assert first["outcome"] == "under-way"
    assert drivers.take("stop", first["progress"])["outcome"] == "done"


# Package.


def tar_gz(files, mtime):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), mtime
            archive.addfile(info, io.BytesIO(content))
    return plain.getvalue()


def test_an_archive_is_repacked_the_same_each_time(drivers):
    files = [("model.onnx", b"weights" * 1000), ("./code/run.py", b"print()")]
    drivers.packaged(body=tar_gz(files, 5), name="model.tar.gz")
    package = drivers.document("package")
    key = package["uri"].removeprefix(f"s3://{BUCKET}/")
    assert key == f"components/{package['sha256']}/{COMPONENT}.zip"
    body = drivers.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert hashlib.sha256(body).hexdigest() == package["sha256"] == drivers.digest
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    assert archive.namelist() == ["code/run.py", "model.onnx"]
    assert archive.read("model.onnx") == b"weights" * 1000
    drivers.packaged(body=tar_gz(files[::-1], 99), name="other.tar.gz")
    assert drivers.document("package")["sha256"] == package["sha256"]
    assert drivers.document("package")["version"] == "1.0.2"


@pytest.mark.parametrize("operation", ["PutObject", "CreateComponentVersion", "DescribeComponent",
                                       "GetComponent", "GetObject"])
@pytest.mark.parametrize("kind", ["lost-reply", "lost-request", "5xx", "truncated"])
def test_packaging_survives_every_lost_answer(drivers, operation, kind):
    drivers.publish()
    drivers.through("confirm", "compile")
    drivers.fault(operation, kind)
    drivers.through("package")
    assert len(drivers.sandbox.effects("CreateComponentVersion")) == 1
    put = [e for e in drivers.sandbox.effects("PutObject") if "components" in json.dumps(e["key"])]
    assert len(put) == 1


def test_an_existing_component_version_is_adopted_or_refused(drivers):
    drivers.packaged()
    drivers.approved_s = 2  # Approved anew: other names, the same component version.
    first = drivers.documents["package"]
    drivers.through("package")
    assert drivers.documents["package"] == first
    drivers.s3.put_object(Bucket=BUCKET, Key="in/1/digits.onnx", Body=b"other")
    drivers.approved_s = 3
    drivers.failure("package", "exists with other content", "package.version")
    assert len(drivers.sandbox.effects("CreateComponentVersion")) == 1


def test_a_component_that_fails_in_the_cloud_fails_the_order(drivers):
    drivers.sandbox.control("POST", "settings", {"component_fail": [
        {"name": COMPONENT, "message": "the artifact cannot be read"}]})
    drivers.publish()
    drivers.through("confirm", "compile")
    drivers.failure("package", "FAILED", "the artifact cannot be read", "change package.version")


def test_packaging_waits_for_what_cannot_be_seen_yet(drivers):
    drivers.sandbox.control("POST", "settings", {"read_lag_ms": 1500, "component_ms": 1000})
    drivers.packaged()
    assert len(drivers.sandbox.effects("CreateComponentVersion")) == 1


def test_an_archive_that_leads_out_is_refused(drivers):
    drivers.publish(body=tar_gz([("../evil", b"x")], 1), name="model.tar.gz")
    drivers.through("confirm", "compile")
    drivers.failure("package", "leads out")


def test_a_replaced_object_is_not_what_was_registered(drivers):
    drivers.publish(ModelDataETag="0123456789abcdef0123456789abcdef")
    drivers.through("confirm", "compile")
    drivers.failure("package", "was replaced since the model was registered")


# Twin.


def test_the_twin_keeps_its_other_components(drivers):
    d = drivers.fleet()
    d.component("shop.camera", "3.1.0")
    entry = {"componentVersion": "3.1.0", "configurationUpdate": {"merge": '{"fps": 5}'}}
    d.deploy("twin", {"shop.camera": entry},
             deploymentPolicies={"failureHandlingPolicy": "DO_NOTHING"})
    d.packaged()
    d.fault("CreateDeployment", "lost-reply")
    d.through("twin-deploy")
    live = d.live("twin")
    assert live["components"]["shop.camera"]["configurationUpdate"] == {"merge": '{"fps": 5}'}
    assert live["components"][COMPONENT]["componentVersion"] == "1.0.1"
    assert live["deploymentPolicies"]["failureHandlingPolicy"] == "DO_NOTHING"
    assert d.document("twin")["things"] == ["twin-001"]
    assert len(d.sandbox.effects("CreateDeployment")) == 2


def test_a_twin_that_fails_says_why(drivers):
    drivers.packaged()
    drivers.failure("twin-deploy", "does not exist")
    drivers.devices("twin", 0)
    drivers.failure("twin-deploy", "has no device")
    drivers.devices("twin", 1, fail={"class": "FAILED_ROLLBACK_COMPLETE"})
    drivers.failure("twin-deploy", "twin-001", "FAILED_ROLLBACK_COMPLETE", "is BROKEN")


def test_a_job_that_succeeded_is_no_proof(drivers):
    drivers.devices("twin", 1)
    drivers.packaged()
    drivers.through("twin-deploy")
    drivers.sandbox.control("POST", "devices/update", {"group": "twin", "break": COMPONENT})
    drivers.failure("twin-deploy", "does not run", "BROKEN")


def test_a_twin_that_is_away_is_waited_for_and_then_not(drivers):
    drivers.devices("twin", 1, offline=1)
    drivers.pipeline["twin"]["deploy_timeout"] = "1s"
    drivers.packaged()
    drivers.failure("twin-deploy", "did not take the component", "1 devices queued")


def test_a_twin_of_commands(drivers):
    drivers.pipeline["twin"] = {
        "driver": "command", "test": {"argv": result_script(drivers), "timeout": "5s"},
        "deploy": {"argv": [drivers.script("deploy.sh", f"printf x >> {drivers.folder}/deploys; "
                                           "echo deployed $2"), "{artifact}", "{version}"],
                   "timeout": "5s"}}
    drivers.packaged()
    drivers.through("twin-deploy", "twin-deploy", "twin-test", "twin-test")
    assert drivers.document("twin")["tool_output"] == "deployed 1.0.1"
    assert (runs(drivers, "deploys"), runs(drivers, "test.runs")) == (1, 1)
    assert drivers.document("result")["metrics"]["accuracy"]["value"] == 0.99
    del drivers.pipeline["twin"]["deploy"]
    drivers.generation = 2
    drivers.through("twin-deploy")


def test_a_result_of_another_run_is_refused(drivers):
    drivers.packaged()
    drivers.pipeline["twin"]["test"]["argv"] = result_script(drivers, run_id="yesterday")
    drivers.failure("twin-test", "run_id")
    drivers.pipeline["twin"]["test"]["argv"] = ["/bin/true"]
    drivers.failure("twin-test", "result")
    drivers.pipeline["twin"]["test"]["argv"] = result_script(drivers, accuracy="1e999")
    drivers.failure("twin-test", "refused")


def test_an_artifact_replaced_in_s3_is_noticed(drivers):
    drivers.packaged()
    key = drivers.document("package")["uri"].removeprefix(f"s3://{BUCKET}/")
    drivers.s3.put_object(Bucket=BUCKET, Key=key, Body=b"other")
    drivers.failure("twin-test", "SHA-256")


# Rollout.


def test_the_plan_shows_base_and_change(drivers):
    d = drivers.fleet()
    d.packaged()
    d.component("shop.camera", "3.1.0")
    base = d.deploy("line-a", {COMPONENT: {"componentVersion": "1.0.1"},
                               "aws.greengrass.Cli": {"componentVersion": "2.12.0"},
                               "shop.camera": {"componentVersion": "3.1.0"}})
    d.packaged(body=b"the next model")
    d.through("plan")
    groups = {group["group"]: group for group in d.document("plan")["groups"]}
    assert [groups[name]["wave"] for name in ("line-a", "line-b", "line-c")] == [0, 1, 1]
    assert groups["line-a"]["base_deployment_id"] == base
    assert groups["line-a"]["base_version"] == "1.0.1"
    assert groups["line-a"]["base_entry"] == {"componentVersion": "1.0.1"}
    assert groups["line-a"]["unpinned"] == ["aws.greengrass.Nucleus"]
    assert groups["line-a"]["changes"] == [
        {"component": COMPONENT, "from": "1.0.1", "to": "1.0.2"}]
    assert groups["line-b"]["base_deployment_id"] is None
    d.pipeline["rollout"]["waves"][0]["thing_groups"] = ["nowhere"]
    d.failure("plan", "nowhere", "does not exist")


@pytest.mark.parametrize("kind", ["lost-reply", "lost-request", "5xx", "late-execution"])
def test_a_wave_deploys_once_whatever_gets_lost(drivers, kind):
    d = drivers.fleet()
    d.packaged().through("plan")
    d.wave = 1
    d.fault("CreateDeployment", kind, nth=2, params={"delay_ms": 300, "in_progress": True}
            if kind == "late-execution" else {})
    d.through("wave-deploy")
    time.sleep(0.4)
    assert len(d.sandbox.effects("CreateDeployment")) == 2
    wave = d.document("wave")
    assert [x["group"] for x in wave["deployments"]] == ["line-b", "line-c"]
    assert [d.live(x["group"])["deploymentId"] for x in wave["deployments"]] == \
        [x["deployment_id"] for x in wave["deployments"]]
    assert d.live("line-b")["tags"]["slipway:token"] == wave["deployments"][0]["token"]
    assert d.live("line-b")["deploymentName"] == "slipway digits 1.0.1 wave"
    del d.documents["wave"]
    d.through("wave-deploy")  # As after a restored database: everything is adopted.
    assert d.document("wave") == wave
    assert len(d.sandbox.effects("CreateDeployment")) == 2


def test_a_group_that_moved_since_the_plan_stops_the_wave(drivers):
    d = drivers.fleet()
    d.packaged().through("plan")
    d.component("shop.camera", "3.1.0")
    d.deploy("line-a", {"shop.camera": {"componentVersion": "3.1.0"}}, deploymentName="by hand")
    d.failure("wave-deploy", "line-a changed since the plan", "by hand")
    d.through("plan", "wave-deploy")
    assert set(d.live("line-a")["components"]) == {"shop.camera", COMPONENT}


def test_only_the_approved_digest_is_deployed(drivers):
    d = drivers.fleet()
    d.packaged().through("plan")
    d.digest = "0" * 64
    d.failure("wave-deploy", "approved was")
    assert not d.sandbox.effects("CreateDeployment")


def test_the_rate_goes_into_the_job(drivers):
    d = drivers.fleet()
    d.pipeline["rollout"]["rate_per_minute"] = 7
    d.packaged().through("plan", "wave-deploy")
    assert d.live("line-a")["iotJobConfiguration"] == {
        "jobExecutionsRolloutConfig": {"maximumPerMinute": 7}}


def test_a_retry_after_a_halt_deploys_anew_and_keeps_the_base(drivers):
    d = drivers.fleet()
    d.packaged()
    d.deploy("line-a", {COMPONENT: {"componentVersion": "1.0.1"}})
    d.packaged(body=b"the next model").through("plan", "wave-deploy")
    base = d.document("plan")["groups"][0]
    d.generation = 2
    d.through("plan")
    again = d.document("plan")["groups"][0]
    assert again["base_deployment_id"] == base["base_deployment_id"]
    assert again["base_entry"] == {"componentVersion": "1.0.1"}
    assert again["seen_deployment_id"] == d.document("wave")["deployments"][0]["deployment_id"]
    d.through("wave-deploy", "roll-back")
    assert d.live("line-a")["components"][COMPONENT]["componentVersion"] == "1.0.1"


def test_failures_are_counted_and_the_broken_among_them(drivers):
    d = drivers
    d.devices("line-a", 10, fail={"fraction": 0.3, "component": COMPONENT,
                                  "class": "FAILED_UNABLE_TO_ROLLBACK"})
    d.devices("line-b", 1)
    d.devices("line-c", 1)
    d.packaged().through("plan", "wave-deploy")
    result = eventually_counts(d, "wave-watch", {"succeeded": 7, "failed": 3})
    assert result["counts"]["broken"] == 3
    assert "line-a-001: FAILED_UNABLE_TO_ROLLBACK" in result["reason"]
    progress, before = result["progress"], len(d.sandbox.control("GET", "ledger"))
    assert d.take("wave-watch", progress)["counts"]["broken"] == 3
    calls = [e["operation"] for e in d.sandbox.control("GET", "ledger")[before:]]
    assert calls == ["DescribeJob"]


def test_a_component_that_stopped_counts_as_failed(drivers):
    d = drivers.fleet()
    d.packaged().through("plan", "wave-deploy")
    eventually_counts(d, "wave-watch", {"succeeded": 2, "failed": 0})
    d.sandbox.control("POST", "devices/update", {"things": ["line-a-002"], "break": COMPONENT})
    result = d.take("wave-watch")
    assert (result["counts"]["succeeded"], result["counts"]["failed"]) == (1, 1)
    assert "line-a-002" in result["reason"]


def test_a_wave_replaced_by_somebody_says_so(drivers):
    d = drivers
    d.devices("line-a", 2, offline=2)
    d.devices("line-b", 1)
    d.devices("line-c", 1)
    d.packaged().through("plan", "wave-deploy")
    d.component("shop.camera", "3.1.0")
    d.deploy("line-a", {"shop.camera": {"componentVersion": "3.1.0"}})
    result = eventually_counts(d, "wave-watch", {"cancelled": 2})
    assert "line-a was cancelled or replaced" in result["reason"]


def test_a_rollback_touches_our_component_only(drivers):
    d = drivers.fleet()
    d.packaged()
    d.component("shop.camera", "3.1.0")
    d.component("shop.camera", "3.2.0")
    base = {"componentVersion": "1.0.1", "runWith": {"posixUser": "ggc_user"}}
    for group in ("line-a", "line-b", "line-c"):
        d.deploy(group, {COMPONENT: base, "shop.camera": {"componentVersion": "3.1.0"}})
    d.packaged(body=b"the next model").through("plan", "wave-deploy")
    d.wave = 1
    d.through("wave-deploy")
    assert d.live("line-a")["components"][COMPONENT]["runWith"] == {"posixUser": "ggc_user"}
    # Somebody updates the camera on line-a and takes our model off line-b meanwhile.
    d.deploy("line-a", {COMPONENT: {"componentVersion": "1.0.2"},
                        "shop.camera": {"componentVersion": "3.2.0"}})
    d.deploy("line-b", {"shop.camera": {"componentVersion": "3.2.0"}})
    before = len(d.sandbox.effects("CreateDeployment"))
    d.fault("CreateDeployment", "lost-reply")
    d.through("roll-back")
    rollback = d.document("rollback")
    assert [x["group"] for x in rollback["deployments"]] == ["line-a", "line-c"]
    assert [x["group"] for x in rollback["untouched"]] == ["line-b"]
    assert "not at all" in rollback["untouched"][0]["why"]
    live = d.live("line-a")["components"]
    assert live[COMPONENT]["componentVersion"] == "1.0.1"
    assert live[COMPONENT]["runWith"] == {"posixUser": "ggc_user"}
    assert live["shop.camera"]["componentVersion"] == "3.2.0"
    assert len(d.sandbox.effects("CreateDeployment")) == before + 2
    d.through("roll-back")
    assert len(d.sandbox.effects("CreateDeployment")) == before + 2
    eventually_counts(d, "rollback-watch", {"succeeded": 4, "failed": 0, "queued": 0})


def test_a_rollback_of_nothing_is_done_at_once(drivers):
    d = drivers.fleet()
    d.packaged().through("plan", "roll-back")
    assert d.document("rollback")["deployments"] == []
    assert sum(d.take("rollback-watch")["counts"].values()) == 0
    assert not d.sandbox.effects("CreateDeployment")
