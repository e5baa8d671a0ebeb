"""Every typed AWS call of the controller, accepted by a checker that is not ours: the sandbox holds each
request against botocore's service models and its signature against botocore's signer."""

import hashlib
import json
import os
import pathlib
import subprocess

import pytest
from conftest import ROOT, eventually

BUILD = pathlib.Path(os.environ.get("SLIPWAYD", ROOT / "build" / "asan" / "slipwayd")).parent
TOOLS = pathlib.Path(os.environ.get("SLIPWAY_TOOLS", BUILD / "tests"))
RECIPE = json.dumps({
    "RecipeFormatVersion": "2020-01-25", "ComponentName": "com.example.Model", "ComponentVersion": "1.0.0",
    "ComponentDescription": "größer", "ComponentPublisher": "x",
    "Manifests": [{"Platform": {"os": "linux"}, "Lifecycle": {"run": "sleep 1"}}]})


class Answer:
    """What the tool printed: outcome, status, code, and its `key: value` lines."""

    def __init__(self, done):
        self.exit = done.returncode
        self.text = done.stdout
        lines = done.stdout.splitlines()
        assert lines, done.stderr
        *outcome, status, code = lines[0].rsplit(" ", 2)
        self.outcome, self.status, self.code = " ".join(outcome), int(status), code
        self.lines = [line.split(": ", 1) for line in lines[1:] if ": " in line]

    def all(self, key):
        return [value for name, value in self.lines if name == key]

    def __getitem__(self, key):
        return self.all(key)[0]


@pytest.fixture
def call(sandbox):
    def run(name, *arguments, **environment):
        tool = "tool_aws_data" if name.startswith(("sqs", "s3")) else "tool_aws_try"
        done = subprocess.run(
            [str(TOOLS / tool), name, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False,
            env={"AWS_ENDPOINT_URL": sandbox.endpoint, "AWS_REGION": "us-east-1", "HOME": "/nonexistent",
                 "AWS_ACCESS_KEY_ID": sandbox.info["access_key"],
                 "AWS_SECRET_ACCESS_KEY": sandbox.info["secret_key"],
                 "AWS_EC2_METADATA_DISABLED": "true", **environment})
        assert "AddressSanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        return Answer(done)

    def good(name, *arguments, **environment):
        answer = run(name, *arguments, **environment)
        assert (answer.exit, answer.outcome) == (0, "ok"), answer.text
        return answer

    good.any = run
    return good


def test_queue_calls(sandbox, call):
    queue = sandbox.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    body = 'größer "\\ \n\t🚀 {"a": [1]}'
    assert len(call("sqs_send", queue, body)["id"]) == 36
    described = call("sqs_describe", queue)
    assert described["arn"].endswith(":q") and described["visible"] == "1"
    received = call("sqs_receive", queue)
    assert received["count"] == "1" and body in received.text
    receipt, count, _ = received["message"].split(" ", 2)
    assert count == "1"
    assert call("sqs_hide", queue, receipt).all("entry") == ["done "]
    entries = call("sqs_delete", queue, receipt, "no-such-receipt").all("entry")
    assert entries[0] == "done " and entries[1].startswith("failed ReceiptHandleIsInvalid")
    assert call("sqs_receive", queue)["count"] == "0"
    missing = call.any("sqs_receive", queue + "-missing")
    assert missing.outcome == "refused" and missing.code in ("QueueDoesNotExist", "NonExistentQueue")


def test_identity_and_roles(sandbox, call):
    assert call("sts_identify")["account"] == sandbox.info["account"]
    role = "arn:aws:iam::999999999999:role/deploy"
    sandbox.control("POST", "roles", {"arn": role, "external_id": "s3cret/+=,.@:-"})
    there = call("sts_identify", TRY_ROLE=role, TRY_EXTERNAL_ID="s3cret/+=,.@:-")
    assert there["account"] == "999999999999" and "deploy" in there["arn"]
    refused = call.any("sts_identify", TRY_ROLE=role, TRY_EXTERNAL_ID="wrong")
    assert refused.outcome == "not sent" and "AccessDenied" in refused["error"]
    assert "s3cret" not in refused.text
    bad = call.any("sts_identify", AWS_SECRET_ACCESS_KEY="wrong")
    assert bad.outcome == "refused" and bad.code == "SignatureDoesNotMatch"


def test_model_package_calls(sandbox, call):
    client = sandbox.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="digits")
    arns = [client.create_model_package(
        ModelPackageGroupName="digits", ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"owner": "a"},
        InferenceSpecification={"Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
                                                "ModelDataUrl": "s3://bucket/model.tar.gz"}],
                                "SupportedContentTypes": ["a/b"],
                                "SupportedResponseMIMETypes": ["a/b"]},
    )["ModelPackageArn"] for _ in range(3)]
    package = call("sagemaker_describe_model_package", arns[0])
    assert package["arn"] == arns[0] and package["group"] == "digits" and package["version"] == "1"
    assert package["approval"] == "Approved" and package["artifact"] == "s3://bucket/model.tar.gz"
    assert json.loads(package["metadata"]) == {"owner": "a"}
    assert int(package["created_ms"]) > 1700000000000
    first = call("sagemaker_list_model_packages", "digits")
    assert len(first.all("package")) == 2
    rest = call("sagemaker_list_model_packages", "digits", first["next"])
    assert {line.split()[0] for line in first.all("package") + rest.all("package")} == set(arns)
    call("sagemaker_list_model_packages", "")
    missing = call.any("sagemaker_describe_model_package", arns[0][:-1] + "99")
    assert missing.outcome == "refused" and missing["found"] == "no", missing.text


def test_compilation_job_calls(sandbox, call):
    sandbox.client("s3").create_bucket(Bucket="bucket")
    sandbox.client("s3").put_object(Bucket="bucket", Key="model.tar.gz", Body=b"x")
    assert "compilation-job/one" in call("sagemaker_create_compilation_job", "one", "device")["arn"]
    assert call("sagemaker_describe_compilation_job", "one")["device"] == "rasp4b"
    again = call.any("sagemaker_create_compilation_job", "one", "device")
    assert again.outcome == "refused" and again.code == "ResourceInUse"
    call("sagemaker_create_compilation_job", "two", "platform")
    assert call("sagemaker_describe_compilation_job", "two")["os"] == "LINUX"
    call("sagemaker_stop_compilation_job", "two")
    done = eventually(lambda: (lambda a: a["status"] == "COMPLETED" and a)(
        call("sagemaker_describe_compilation_job", "one")))
    assert done["artifact"].startswith("s3://bucket/compiled/")
    missing = call.any("sagemaker_describe_compilation_job", "three")
    assert missing["found"] == "no"


def test_object_calls(sandbox, call, tmp_path):
    sandbox.client("s3").create_bucket(Bucket="bucket")
    data = os.urandom(3_000_000)
    digest = hashlib.sha256(data).hexdigest()
    source, target, empty = tmp_path / "source", tmp_path / "target", tmp_path / "empty"
    source.write_bytes(data)
    empty.write_bytes(b"")
    key = "models/größer +=&?#%2F one/model.zip"
    call("s3_put", "bucket", key, source, digest, "new")
    exists = call.any("s3_put", "bucket", key, source, digest, "new")
    assert exists.outcome == "refused" and exists.code == "PreconditionFailed"
    call("s3_put", "bucket", key, source, digest)
    wrong = call.any("s3_put", "bucket", "other", source, hashlib.sha256(b"other").hexdigest())
    assert wrong.outcome == "refused", wrong.text
    head = call("s3_head", "bucket", key)
    assert head["size"] == str(len(data)) and head["sha256"] == digest
    target.write_bytes(b"longer than it will be" * 200000)
    got = call("s3_get", "bucket", key, target, head["etag"])
    assert got["sha256"] == digest and got["size"] == str(len(data)) and target.read_bytes() == data
    changed = call.any("s3_get", "bucket", key, target, '"0123"')
    assert changed.outcome == "refused" and changed.code == "PreconditionFailed"
    call("s3_put", "bucket", "empty", empty, hashlib.sha256(b"").hexdigest())
    assert call("s3_get", "bucket", "empty", target)["size"] == "0" and target.read_bytes() == b""
    assert call.any("s3_get", "bucket", "missing", target).code == "NoSuchKey"
    assert call.any("s3_head", "bucket", "missing").code == "NotFound"


def test_component_calls(sandbox, call):
    made = call("greengrass_create_component_version", RECIPE, "token-1")
    assert made["arn"].endswith(":components:com.example.Model:versions:1.0.0")
    assert call("greengrass_create_component_version", RECIPE, "token-1")["arn"] == made["arn"]
    assert len(sandbox.effects("CreateComponentVersion")) == 1
    conflict = call.any("greengrass_create_component_version", RECIPE, "token-2")
    assert conflict.outcome == "refused" and conflict.code == "ConflictException"
    eventually(lambda: call("greengrass_describe_component", made["arn"])["state"] == "DEPLOYABLE")
    assert json.loads(call("greengrass_describe_component", made["arn"])["tags"]) == {"made-by": "slipway"}
    recipe = json.loads(call("greengrass_get_component", made["arn"]).text.split("recipe: ")[1].split("\ntags: ")[0])
    assert recipe["ComponentDescription"] == "größer" and recipe["ComponentVersion"] == "1.0.0"
    missing = call.any("greengrass_describe_component", made["arn"][:-1] + "9")
    assert missing.outcome == "refused" and missing.code == "ResourceNotFoundException"


def test_deployment_and_job_calls(sandbox, call):
    sandbox.control("POST", "devices", {"group": "line-a", "count": 3, "prefix": "core", "delay_ms": 20})
    made = call("greengrass_create_component_version", RECIPE, "token-1")
    eventually(lambda: call("greengrass_describe_component", made["arn"])["state"] == "DEPLOYABLE")
    group = call("iot_describe_thing_group", "line-a")["arn"]
    assert sorted(call("iot_list_things", "line-a").all("thing")) == ["core-001", "core-002", "core-003"]
    components = json.dumps({"com.example.Model": {"componentVersion": "1.0.0", "configurationUpdate":
                                                   {"merge": json.dumps({"a": "ü"})}}})
    deployed = call("greengrass_create_deployment", group, "release 7", components, "token-9")
    again = call("greengrass_create_deployment", group, "release 7", components, "token-9")
    assert again["id"] == deployed["id"] and len(sandbox.effects("CreateDeployment")) == 1
    read = call("greengrass_get_deployment", deployed["id"])
    assert read["target"] == group and read["name"] == "release 7" and read["job"] == deployed["job"]
    assert json.loads(read["components"]) == json.loads(components), "explicit nulls are gone"
    assert json.loads(read["tags"]) == {"slipway": "1"}
    assert json.loads(read["policies"])["failureHandlingPolicy"] == "ROLLBACK"
    for filter_ in ("latest", "all"):
        assert call("greengrass_list_deployments", group, filter_)["deployment"].split()[0] == deployed["id"]
    eventually(lambda: call("iot_describe_job", deployed["job"])["succeeded"] == "3")
    executions = call("iot_list_executions", deployed["job"], "SUCCEEDED").all("execution")
    assert len(executions) == 3 and executions[0].startswith("core-00")
    assert call("iot_list_executions", deployed["job"], "FAILED").all("execution") == []
    assert "core-001 SUCCEEDED" in call("iot_describe_execution", deployed["job"], "core-001")["execution"]
    assert any(line.startswith("com.example.Model 1.0.0 ")
               for line in call("greengrass_list_installed", "core-001").all("component"))
    assert call.any("greengrass_get_deployment", "no-such").outcome == "refused"
    assert call.any("iot_describe_thing_group", "nö such:group").outcome == "refused"


@pytest.mark.parametrize("kind, outcome, tries", [
    ("throttle", "ok", 2), ("5xx", "ok", 2), ("lost-request", "ok", 2), ("lost-reply", "ok", 2),
    ("html", "ok", 2), ("truncated", "ok", 2), ("garbage", "unknown", 1), ("endless", "unknown", 1),
    ("access-denied", "refused", 1)])
def test_one_fault_of_each_kind(sandbox, call, kind, outcome, tries):
    """Reads survive what passes; what does not is told as it is, and nothing crashes."""
    sandbox.control("POST", "faults", {"operation": "GetCallerIdentity", "nth": 1, "kind": kind})
    answer = call.any("sts_identify")
    assert answer.outcome == outcome, answer.text
    seen = [x for x in sandbox.control("GET", "ledger") if x["operation"] == "GetCallerIdentity"]
    assert len(seen) == tries


def test_a_message_is_not_sent_twice_when_its_end_is_unknown(sandbox, call):
    queue = sandbox.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    sandbox.control("POST", "faults", {"operation": "SendMessage", "nth": 1, "kind": "lost-reply"})
    answer = call.any("sqs_send", queue, "once")
    assert answer.outcome == "unknown", answer.text
    assert call("sqs_describe", queue)["visible"] == "1"


def test_an_expired_token_is_renewed_once(sandbox, call):
    sandbox.control("POST", "faults", {"operation": "GetCallerIdentity", "nth": 1, "kind": "expired-token"})
    assert call("sts_identify")["account"] == sandbox.info["account"]
