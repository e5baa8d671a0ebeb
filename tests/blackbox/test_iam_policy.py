"""deploy/iam-policy.json allows what slipway calls, and nothing else."""

import fnmatch
import json
import pathlib
import re

import pytest
import release
import yaml
from conftest import SESSION

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTROLLER = ROOT / "controller"
POLICY = json.loads((ROOT / "deploy" / "iam-policy.json").read_text(encoding="utf-8"))
MANAGED_POLICY_MAX = 6144  # Characters of a managed policy, without white space.

# File of controller/aws -> botocore's name of the service.
SERVICES = {"sqs": "sqs", "sagemaker": "sagemaker", "s3": "s3", "greengrass": "greengrassv2",
            "iot": "iot", "sts": "sts"}
# Operations whose action is called otherwise; None: no permission is asked for.
ACTIONS = {"s3:HeadObject": "s3:GetObject", "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
           "sts:GetCallerIdentity": None, "sts:AssumeRoleWithWebIdentity": None}
# What an operation needs besides its own action, because of what slipway sends with it.
BESIDES = {"greengrass:CreateComponentVersion": {"greengrass:TagResource"},
           "greengrass:CreateDeployment": {"greengrass:TagResource"},
           "sagemaker:CreateCompilationJob": {"iam:PassRole"}}
# What Greengrass does in the caller's name: the dependent actions of CreateDeployment, GetDeployment
# and ListDeployments in AWS's Service Authorization Reference, and the bucket of the artifacts.
DEPENDENT = {"iot:CancelJob", "iot:CreateJob", "iot:DescribeThing", "iot:UpdateJob",
             "iot:DeleteThingShadow", "iot:GetThingShadow", "iot:UpdateThingShadow",
             "s3:GetBucketLocation"}
# Actions that AWS authorises for no resource, or for one that is not known before the call.
UNSCOPED = {"sagemaker:ListModelPackages", "greengrass:CreateDeployment", "greengrass:ListDeployments"}

FUNCTION = re.compile(r"^(static )?[\w *]+\n(\w+)\([^;{]*\)\n\{(.*?)^\}", re.MULTILINE | re.DOTALL)


def as_list(value):
    return value if isinstance(value, list) else [value]


def actions(wanted=lambda sid: True):
    return {action for statement in POLICY["Statement"] if wanted(statement["Sid"])
            for action in as_list(statement["Action"])}


def resources(action):
    return [resource for statement in POLICY["Statement"] if action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])]


def callers():
    """The text of every source, by path."""
    return {path: path.read_text(encoding="utf-8") for path in CONTROLLER.rglob("*.c")}


def sendable():
    """"service:Operation" of every call in controller/aws that something in controller makes."""
    texts, found = callers(), set()
    for name, service in SERVICES.items():
        own = CONTROLLER / "aws" / f"{name}.c"
        known = set(SESSION.client(service, region_name="us-east-1").meta.service_model.operation_names)
        for static, function, body in FUNCTION.findall(texts[own]):
            used = static or any(re.search(rf"\b{function}\(", text)
                                 for path, text in texts.items() if path != own)
            named = set(re.findall(r'"(\w+)"', body)) & known
            found |= {f"{name}:{operation}" for operation in named if used}
    return found


def needed(operations):
    """The actions that a set of operations needs."""
    found = {ACTIONS.get(operation, operation) for operation in operations} - {None}
    return found.union(*(BESIDES.get(operation, set()) for operation in operations))


def test_the_source_is_understood():
    found = sendable()
    assert {"sqs:ReceiveMessage", "s3:PutObject", "greengrass:CreateDeployment", "iot:DescribeJob",
            "sagemaker:StopCompilationJob", "sts:AssumeRole"} <= found
    # Written, and called by nobody: nothing that a permission is asked for.
    assert not {"sqs:SendMessage", "greengrass:CancelDeployment"} & found


def test_the_policy_allows_what_slipway_calls_and_nothing_else():
    assert actions() - DEPENDENT == needed(sendable())


def test_what_greengrass_needs_is_marked():
    assert actions(lambda sid: sid.startswith("Greengrass")) == DEPENDENT


def test_without_neo_its_statements_can_be_left_out():
    compilation = {"sagemaker:CreateCompilationJob", "sagemaker:DescribeCompilationJob",
                   "sagemaker:StopCompilationJob"}
    left = needed(sendable() - compilation)
    assert actions(lambda sid: not sid.startswith(("Neo", "Greengrass"))) == left


def test_only_what_has_no_resource_is_allowed_on_all():
    assert {a for a in actions() if "*" in resources(a)} == UNSCOPED
    assert all(s["Effect"] == "Allow" and "*" not in "".join(as_list(s["Action"]))
               for s in POLICY["Statement"])


def test_a_role_is_passed_to_sagemaker_only():
    passing = [s for s in POLICY["Statement"] if "iam:PassRole" in as_list(s["Action"])]
    assert [s["Condition"] for s in passing] == [
        {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}]
    assert not any("*" in resource for resource in resources("iam:PassRole"))


def test_it_fits_into_a_managed_policy():
    assert len(re.sub(r"\s", "", json.dumps(POLICY))) <= MANAGED_POLICY_MAX


def test_it_is_the_policy_of_the_example_configuration():
    example = yaml.safe_load((ROOT / "deploy" / "slipway.yaml").read_text(encoding="utf-8"))
    pipeline = example["pipelines"][0]
    region, account = example["aws"]["region"], example["queue"]["accounts"][0]
    package, groups = pipeline["package"], [pipeline["twin"]["thing_group"]]
    groups += [g for wave in pipeline["rollout"]["waves"] for g in wave["thing_groups"]]
    queue = example["queue"]["url"].rpartition("/")[2]
    component = f"greengrass:{region}:{account}:components:{package['component']}"
    wanted = [("sqs:ReceiveMessage", f"sqs:{region}:{account}:{queue}"),
              ("s3:PutObject", f"s3:::{package['bucket']}/slipway/0123/{package['component']}.zip"),
              ("greengrass:CreateComponentVersion", component),
              ("greengrass:GetComponent", f"{component}:versions:1.0.4"),
              *(("iot:DescribeThingGroup", f"iot:{region}:{account}:thinggroup/{g}") for g in groups),
              *(("iot:CreateJob", f"iot:{region}:{account}:thinggroup/{g}") for g in groups),
              *(("sagemaker:DescribeModelPackage",
                 f"sagemaker:{region}:{account}:model-package/{group}/4")
                for group in example["sweep"]["groups"])]
    for action, arn in wanted:
        assert any(fnmatch.fnmatchcase("arn:aws:" + arn, r) for r in resources(action)), (action, arn)


@pytest.fixture
def cloud(sandbox):
    return release.Cloud(sandbox).prepare()


def test_a_rollout_that_fails_sends_nothing_that_is_not_allowed(cloud, tmp_path):
    neo = {"driver": "neo", "role_arn": f"arn:aws:iam::{release.ACCOUNT}:role/neo",
           "output": f"s3://{release.BUCKET}/neo", "target_device": "jetson_nano", "framework": "ONNX",
           "input_shape": "{\"x\":[1,64]}", "poll": "1s"}
    cloud.sandbox.control("POST", "devices/update", {"group": "line-b", "fail": {
        "fraction": 0.5, "component": release.COMPONENT, "class": "FAILED_ROLLBACK_COMPLETE"}})
    cloud.approve(cloud.publish())
    cloud.sandbox.control("DELETE", "ledger")  # From here on all that is sent is slipway's.
    slipway = release.Slipway(cloud, tmp_path, [release.pipeline(tmp_path, compile=neo)]).start()
    slipway.wait_ready_to_approve(1)
    assert slipway.decide(1)[0] == 200
    slipway.wait(1, "rolled-back", 60)
    assert slipway.stop() == 0, slipway.tail()
    prefixes = {service: name for name, service in SERVICES.items()}
    sent = {f"{prefixes[e['service']]}:{e['operation']}"
            for e in cloud.sandbox.control("GET", "ledger")}
    assert sent <= sendable()
    assert needed(sent) <= actions()
    for operation in ("iot:DescribeJobExecution", "sagemaker:CreateCompilationJob",
                      "greengrass:ListInstalledComponents", "sqs:DeleteMessageBatch"):
        assert operation in sent
