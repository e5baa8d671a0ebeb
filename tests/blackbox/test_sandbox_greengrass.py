"""Do the sandbox's Greengrass, its jobs and its devices behave as the real ones were seen to?

Goal: the rules a controller lives by (immutable versions, replayed tokens, one deployment per
target that replaces all, counts in a job, devices that fail in classes) hold, seen through boto3.
"""

import base64
import hashlib
import json
import time

import botocore.exceptions
import pytest

from conftest import eventually

ACCOUNT = "123456789012"
ARTIFACT = b"the model"


def refused(call, **members):
    """The whole error answer that a call must end with."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    return caught.value.response


def code(call, **members):
    return refused(call, **members)["Error"]["Code"]


class Cloud:
    """Greengrass with an artifact to deploy, and shorthands."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.greengrass = sandbox.client("greengrassv2")
        self.iot = sandbox.client("iot")
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="artifacts")
        s3.put_object(Bucket="artifacts", Key="model.zip", Body=ARTIFACT)
        sandbox.control("POST", "settings", {"component_ms": 20})

    def recipe(self, version="1.0.0", **changes):
        recipe = {"RecipeFormatVersion": "2020-01-25", "ComponentName": "com.example.model",
                  "ComponentVersion": version, "ComponentDescription": "a model",
                  "Manifests": [{"Platform": {"os": "linux", "runtime": "*"},
                                 "Lifecycle": {"run": "true"},
                                 "Artifacts": [{"URI": "s3://artifacts/model.zip",
                                                "Unarchive": "ZIP"}]}]}
        recipe.update(changes)
        return recipe

    def create(self, version="1.0.0", token=None, **changes):
        members = {"clientToken": token} if token else {}
        return self.greengrass.create_component_version(
            inlineRecipe=json.dumps(self.recipe(version, **changes)).encode(), **members)

    def deployable(self, *versions):
        """Create these versions and wait until they can be deployed."""
        for version in versions:
            arn = self.create(version)["arn"]
            eventually(lambda arn=arn: self.state(arn) == "DEPLOYABLE")

    def state(self, arn):
        return self.greengrass.describe_component(arn=arn)["status"]["componentState"]

    def devices(self, group="line-a", **members):
        self.sandbox.control("POST", "devices", {"group": group, "prefix": group[-1],
                                                 "delay_ms": 30, **members})

    def deploy(self, version, group="line-a", **members):
        return self.greengrass.create_deployment(
            targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/{group}",
            components={"com.example.model": {"componentVersion": version}}, **members)

    def counts(self, made):
        details = self.iot.describe_job(jobId=made["iotJobId"])["job"]["jobProcessDetails"]
        return {name.removeprefix("numberOf").removesuffix("Things"): number
                for name, number in details.items() if name != "processingTargets" and number}

    def settle(self, made, **wanted):
        eventually(lambda: self.counts(made) == wanted, seconds=3)

    def installed(self, group="line-a"):
        """{thing: (version, state)} of the model component."""
        found = {}
        for device in self.sandbox.control("GET", f"devices?group={group}"):
            item = device["installed"].get("com.example.model")
            found[device["thing"]] = item and (item["version"], item["state"])
        return found


@pytest.fixture
def cloud(sandbox):
    return Cloud(sandbox)


# Components.

def test_a_component_becomes_deployable_and_its_recipe_canonical(cloud):
    cloud.sandbox.control("POST", "settings", {"component_ms": 200})
    made = cloud.create()
    assert made["status"]["componentState"] == "REQUESTED"
    eventually(lambda: cloud.state(made["arn"]) == "INITIATED")
    eventually(lambda: cloud.state(made["arn"]) == "DEPLOYABLE")
    recipe = json.loads(cloud.greengrass.get_component(arn=made["arn"])["recipe"])
    artifact = recipe["Manifests"][0]["Artifacts"][0]
    digest = base64.b64encode(hashlib.sha256(ARTIFACT).digest()).decode()
    assert artifact == {"Uri": "s3://artifacts/model.zip", "Digest": digest,
                        "Algorithm": "SHA-256", "Unarchive": "ZIP",
                        "Permission": {"Read": "OWNER", "Execute": "NONE"}}
    assert recipe["ComponentType"] == "aws.greengrass.generic"


def test_a_version_is_immutable_and_its_token_is_replayed(cloud):
    first = cloud.create(token="token-1")
    again = cloud.create(token="token-1")
    assert again["arn"] == first["arn"]
    answer = refused(cloud.create)
    assert answer["Error"]["Code"] == "ConflictException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert answer["resourceId"] == first["arn"]
    ledger = cloud.sandbox.control("GET", "ledger?operation=greengrassv2.CreateComponentVersion")
    assert [(entry["effect"], entry["replay"]) for entry in ledger] == \
        [(True, False), (False, True), (False, False)]


def test_bad_recipes_are_refused(cloud):
    artifact = {"Platform": {}, "Artifacts": [{"Uri": "s3://artifacts/model.zip"}]}
    bad = {"format": {"RecipeFormatVersion": "2021-01-01"}, "name": {"ComponentName": "no name"},
           "reserved": {"ComponentName": "aws.greengrass.Mine"},
           "version": {"ComponentVersion": "1.0"}, "leading zero": {"ComponentVersion": "01.0.0"},
           "too large a number": {"ComponentVersion": "1000000.0.0"}, "no manifests":
           {"Manifests": []}, "unknown key": {"Componentname": "x"},
           "tar": {"Manifests": [{"Artifacts": [{"Uri": "s3://artifacts/model.zip",
                                                 "Unarchive": "TAR"}]}]},
           "not s3": {"Manifests": [{"Artifacts": [{"Uri": "https://x/y"}]}]},
           "run and startup": {"Manifests": [{"Lifecycle": {"run": "a", "startup": "b"}}]},
           "same name twice": {"Manifests": [{"Artifacts": artifact["Artifacts"] * 2}]},
           "dependency": {"ComponentDependencies": {"x": {"DependencyType": "HARD"}}},
           "size": {"ComponentDescription": "x" * 16384}}
    for what, changes in bad.items():
        version = changes.pop("ComponentVersion", "1.0.0")
        assert code(cloud.create, version=version, **changes) == "ValidationException", what
    answer = refused(cloud.create, Manifests=[{"Artifacts": [{"Uri": "s3://artifacts/none"}]}])
    assert "cannot be accessed" in answer["Error"]["Message"]
    assert not cloud.sandbox.effects("greengrassv2.CreateComponentVersion")


def test_a_yaml_recipe_is_taken_and_a_version_can_fail(cloud):
    cloud.sandbox.control("POST", "settings", {
        "component_fail": [{"name": "com\\.example\\.model", "version": "2\\..*",
                            "message": "artifact too odd"}]})
    text = "RecipeFormatVersion: '2020-01-25'\nComponentName: com.example.model\n" \
           "ComponentVersion: '2.0.0'\nManifests:\n- Artifacts:\n" \
           "  - Uri: s3://artifacts/model.zip\n"
    arn = cloud.greengrass.create_component_version(inlineRecipe=text.encode())["arn"]
    eventually(lambda: cloud.state(arn) == "FAILED")
    status = cloud.greengrass.describe_component(arn=arn)["status"]
    assert status["errors"] == {"s3://artifacts/model.zip": "artifact too odd"}
    cloud.devices(count=1)
    assert code(cloud.deploy, version="2.0.0") == "ValidationException"


def test_components_are_listed_in_pages_and_deleted(cloud):
    cloud.deployable("1.0.0", "1.0.10", "1.0.9")
    cloud.sandbox.control("POST", "settings", {"page_size": 2})
    arn = f"arn:aws:greengrass:us-east-1:{ACCOUNT}:components:com.example.model"
    pages = cloud.greengrass.get_paginator("list_component_versions").paginate(arn=arn)
    versions = [[item["componentVersion"] for item in page["componentVersions"]] for page in pages]
    assert versions == [["1.0.10", "1.0.9"], ["1.0.0"]]
    latest = cloud.greengrass.list_components()["components"][0]["latestVersion"]
    assert latest["componentVersion"] == "1.0.10"
    cloud.greengrass.delete_component(arn=f"{arn}:versions:1.0.9")
    assert code(cloud.greengrass.describe_component, arn=f"{arn}:versions:1.0.9") == \
        "ResourceNotFoundException"


def test_new_things_can_be_seen_late(cloud):
    cloud.devices(count=1)
    cloud.deployable("1.0.0")
    cloud.sandbox.control("POST", "settings", {"read_lag_ms": 200})
    arn = cloud.create("1.0.1")["arn"]
    assert code(cloud.greengrass.describe_component, arn=arn) == "ResourceNotFoundException"
    made = cloud.deploy("1.0.0")["deploymentId"]
    assert cloud.greengrass.list_deployments()["deployments"] == []
    eventually(lambda: cloud.greengrass.list_deployments()["deployments"], seconds=1)
    assert cloud.greengrass.get_deployment(deploymentId=made)


# Deployments.

def test_a_deployment_replaces_the_one_before(cloud):
    cloud.deployable("1.0.0", "1.0.1")
    cloud.devices(count=2, offline=1)
    first = cloud.deploy("1.0.0", tags={"made-by": "test"})
    cloud.settle(first, Succeeded=1, Queued=1)
    second = cloud.greengrass.create_deployment(
        targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/line-a", components={})
    cloud.settle(second, Succeeded=1, Queued=1)
    assert cloud.counts(first) == {"Succeeded": 1, "Canceled": 1}
    assert cloud.iot.describe_job(jobId=first["iotJobId"])["job"]["status"] == "CANCELED"
    assert cloud.installed() == {"a-001": None, "a-002": None}
    target = f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/line-a"
    latest = cloud.greengrass.list_deployments(targetArn=target)["deployments"]
    assert [item["deploymentId"] for item in latest] == [second["deploymentId"]]
    history = cloud.greengrass.list_deployments(targetArn=target, historyFilter="ALL")
    assert [(item["revisionId"], item["isLatestForTarget"], item["deploymentStatus"])
            for item in history["deployments"]] == [("2", True, "ACTIVE"), ("1", False, "INACTIVE")]
    tags = cloud.greengrass.get_deployment(deploymentId=first["deploymentId"])["tags"]
    assert tags == {"made-by": "test"}


def test_a_deployment_token_is_replayed_and_another_makes_a_revision(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1)
    first = cloud.deploy("1.0.0", clientToken="token-1")
    assert cloud.deploy("1.0.0", clientToken="token-1")["deploymentId"] == first["deploymentId"]
    assert cloud.deploy("1.0.0", clientToken="token-2")["deploymentId"] != first["deploymentId"]
    assert len(cloud.sandbox.effects("greengrassv2.CreateDeployment")) == 2
    cloud.sandbox.control("POST", "settings", {"token_seconds": 0})
    time.sleep(0.01)
    assert cloud.deploy("1.0.0", clientToken="token-1")["deploymentId"] != first["deploymentId"]


def test_a_token_in_progress_is_refused(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1)
    cloud.sandbox.control("POST", "faults", {
        "operation": "greengrassv2.CreateDeployment", "kind": "late-execution",
        "params": {"delay_ms": 300, "in_progress": True}})
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        cloud.deploy("1.0.0", clientToken="token-1")
    assert code(cloud.deploy, version="1.0.0", clientToken="token-1") == \
        "RequestAlreadyInProgressException"
    eventually(lambda: cloud.sandbox.effects("greengrassv2.CreateDeployment"))
    assert cloud.deploy("1.0.0", clientToken="token-1")
    assert len(cloud.sandbox.effects("greengrassv2.CreateDeployment")) == 1


def test_a_deployment_to_nowhere_or_of_nothing_known_is_refused(cloud):
    cloud.devices(count=1)
    assert code(cloud.deploy, version="9.9.9") == "ResourceNotFoundException"
    cloud.deployable("1.0.0")
    assert code(cloud.deploy, version="1.0.0", group="absent") == "ResourceNotFoundException"
    big = {"merge": json.dumps({"x": "y" * 40000})}
    answer = refused(cloud.greengrass.create_deployment, components={
        "com.example.model": {"componentVersion": "1.0.0", "configurationUpdate": big}},
        targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/line-a")
    assert "over the limit" in answer["Error"]["Message"]
    odd = {"com.example.model": {"componentVersion": "1.0.0", "configurationUpdate":
                                 {"merge": "{not json"}}}
    assert code(cloud.greengrass.create_deployment, components=odd,
                targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/line-a") == \
        "ValidationException"


def test_get_deployment_writes_nulls_and_exponents_as_aws_does(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1)
    made = cloud.deploy("1.0.0")
    seen = []
    cloud.greengrass.meta.events.register(
        "response-received.greengrassv2.GetDeployment",
        lambda response_dict, **_: seen.append(response_dict["body"]))
    cloud.greengrass.get_deployment(deploymentId=made["deploymentId"])
    text = seen[0].decode()
    assert '"deploymentName":null' in text and '"deploymentPolicies":null' in text
    assert '"configurationUpdate":null' in text and '"runWith":null' in text
    assert "E9," in text.partition('"creationTimestamp":')[2]


def test_a_thing_can_be_the_target_and_is_completed(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1)
    made = cloud.greengrass.create_deployment(
        targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thing/a-001",
        components={"com.example.model": {"componentVersion": "1.0.0"}})
    assert "iotJobId" not in made
    eventually(lambda: cloud.greengrass.get_deployment(
        deploymentId=made["deploymentId"])["deploymentStatus"] == "COMPLETED")
    effective = cloud.greengrass.list_effective_deployments(coreDeviceThingName="a-001")
    assert effective["effectiveDeployments"][0]["coreDeviceExecutionStatus"] == "COMPLETED"


def test_cancelling_spares_the_devices_that_have_it(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=3, offline=2)
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Succeeded=1, Queued=2)
    cloud.greengrass.cancel_deployment(deploymentId=made["deploymentId"])
    cloud.settle(made, Succeeded=1, Canceled=2)
    assert code(cloud.greengrass.cancel_deployment, deploymentId=made["deploymentId"]) == \
        "ConflictException"
    assert cloud.installed()["a-001"] == ("1.0.0", "RUNNING")
    again = cloud.deploy("1.0.0")
    cloud.iot.cancel_job(jobId=again["iotJobId"])
    assert cloud.iot.describe_job(jobId=again["iotJobId"])["job"]["status"] == "CANCELED"


def test_a_subdeployment_belongs_to_one_parent(cloud):
    cloud.deployable("1.0.0", "1.0.1")
    cloud.devices("fleet-a", count=2, names=["one", "two"])
    cloud.devices("canary-a", names=["one"])
    cloud.devices("other-a", count=1)
    parent = f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/fleet-a"
    cloud.settle(cloud.deploy("1.0.0", "fleet-a"), Succeeded=2)
    canary = cloud.deploy("1.0.1", "canary-a", parentTargetArn=parent)
    cloud.settle(canary, Succeeded=1)
    assert cloud.installed("fleet-a") == {"one": ("1.0.1", "RUNNING"), "two": ("1.0.0", "RUNNING")}
    other = f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/other-a"
    assert code(cloud.deploy, version="1.0.1", group="canary-a", parentTargetArn=other) == \
        "ConflictException"
    cloud.settle(cloud.deploy("1.0.1", "fleet-a"), Succeeded=2)
    status = cloud.greengrass.get_deployment(deploymentId=canary["deploymentId"])
    assert status["deploymentStatus"] == "INACTIVE"


# Devices.

@pytest.mark.parametrize("runtime, asked, status, seen, left", [
    ("aws_nucleus_classic", None, "FAILED", "FAILED_ROLLBACK_COMPLETE", ("1.0.0", "RUNNING")),
    ("aws_nucleus_classic", "FAILED_NO_STATE_CHANGE", "FAILED", "FAILED_NO_STATE_CHANGE",
     ("1.0.0", "RUNNING")),
    ("aws_nucleus_classic", "FAILED_UNABLE_TO_ROLLBACK", "FAILED", "FAILED_UNABLE_TO_ROLLBACK",
     ("1.0.1", "BROKEN")),
    ("aws_nucleus_lite", None, "FAILED", "FAILED_ROLLBACK_NOT_REQUESTED", ("1.0.1", "BROKEN")),
    ("aws_nucleus_classic", None, "REJECTED", "REJECTED", ("1.0.0", "RUNNING")),
    ("aws_nucleus_classic", None, "TIMED_OUT", "FAILED_NO_STATE_CHANGE", ("1.0.0", "RUNNING"))])
def test_a_share_of_the_devices_fails_for_one_version_only(cloud, runtime, asked, status, seen,
                                                           left):
    cloud.deployable("1.0.0", "1.0.1")
    rule = {"fraction": 0.3, "component": "com.example.model", "version": "1.0.1",
            "status": status, **({"class": asked} if asked else {})}
    cloud.devices(count=10, runtime=runtime, fail=rule)
    cloud.settle(cloud.deploy("1.0.0"), Succeeded=10)
    bad = cloud.deploy("1.0.1")
    word = {"FAILED": "Failed", "REJECTED": "Rejected", "TIMED_OUT": "TimedOut"}[status]
    cloud.settle(bad, Succeeded=7, **{word: 3})
    failed = cloud.iot.list_job_executions_for_job(jobId=bad["iotJobId"], status=status)
    assert [item["thingArn"].rpartition("/")[2] for item in failed["executionSummaries"]] == \
        ["a-001", "a-002", "a-003"]
    details = cloud.iot.describe_job_execution(jobId=bad["iotJobId"], thingName="a-001")
    map_ = details["execution"]["statusDetails"]["detailsMap"]
    assert map_["detailed-deployment-status"] == seen
    assert cloud.installed()["a-001"] == left and cloud.installed()["a-004"] == ("1.0.1", "RUNNING")
    cloud.settle(cloud.deploy("1.0.0"), Succeeded=10)
    assert set(cloud.installed().values()) == {("1.0.0", "RUNNING")}


def test_offline_devices_wait_and_late_ones_catch_up(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=3, offline=1)
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Succeeded=2, Queued=1)
    cloud.sandbox.control("POST", "devices", {"group": "line-a", "prefix": "late", "count": 1,
                                              "late": 100, "delay_ms": 10})
    cloud.settle(made, Succeeded=3, Queued=1)
    cloud.sandbox.control("POST", "devices/update", {"things": ["a-003"], "online": True})
    cloud.settle(made, Succeeded=4)
    cloud.iot.create_thing(thingName="silent")
    cloud.iot.add_thing_to_thing_group(thingGroupName="line-a", thingName="silent")
    cloud.settle(made, Succeeded=4, Queued=1)


def test_other_groups_are_not_touched(cloud):
    cloud.deployable("1.0.0")
    cloud.devices("line-a", count=2)
    cloud.devices("line-b", count=2)
    cloud.settle(cloud.deploy("1.0.0", "line-b"), Succeeded=2)
    untouched = cloud.sandbox.control("GET", "devices?group=line-a")
    assert [device["history"] for device in untouched] == [[], []]
    touched = cloud.sandbox.control("GET", "devices?group=line-b")
    assert [len(device["history"]) for device in touched] == [1, 1]


def test_lite_takes_only_manifests_that_name_it(cloud):
    cloud.create("1.0.0", Manifests=[{"Platform": {"os": "linux"}}])
    cloud.create("1.0.1", Manifests=[{"Platform": {"os": "linux", "runtime": "*"}}])
    time.sleep(0.05)
    cloud.devices(count=1, runtime="aws_nucleus_lite")
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Failed=1)
    execution = cloud.iot.describe_job_execution(jobId=made["iotJobId"], thingName="a-001")
    cause = execution["execution"]["statusDetails"]["detailsMap"]["deployment-failure-cause"]
    assert "No Manifest was found" in cause
    cloud.settle(cloud.deploy("1.0.1"), Succeeded=1)


def test_a_device_can_hang_until_it_is_repaired(cloud):
    cloud.deployable("1.0.0", "1.0.1")
    cloud.devices(count=2, fail={"things": ["a-001"], "version": "1.0.0", "status": "HANG"})
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Succeeded=1, InProgress=1)
    newer = cloud.deploy("1.0.1")
    cloud.settle(newer, Succeeded=1, Queued=1)
    cloud.sandbox.control("POST", "devices/update", {"things": ["a-001"], "fail": None})
    cloud.settle(newer, Succeeded=2)
    assert cloud.counts(made) == {"Succeeded": 1, "Canceled": 1}


def test_a_component_can_break_down_after_its_deployment(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1)
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Succeeded=1)
    cloud.sandbox.control("POST", "devices/update", {"group": "line-a",
                                                     "break": "com.example.model"})
    assert cloud.counts(made) == {"Succeeded": 1}
    assert cloud.installed() == {"a-001": ("1.0.0", "BROKEN")}
    device = cloud.greengrass.get_core_device(coreDeviceThingName="a-001")
    assert device["status"] == "UNHEALTHY"
    cloud.sandbox.control("POST", "devices/update", {"group": "line-a",
                                                     "mend": "com.example.model"})
    device = cloud.greengrass.get_core_device(coreDeviceThingName="a-001")
    assert device["status"] == "HEALTHY"


def test_quotas_are_kept_when_a_test_wants_them(cloud):
    cloud.sandbox.control("POST", "settings", {"quotas": True})
    cloud.create("1.0.0")
    answer = refused(cloud.create, version="1.0.1")
    assert answer["Error"]["Code"] == "ThrottlingException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_a_group_is_listed_in_pages_with_the_groups_below(cloud):
    cloud.iot.create_thing_group(thingGroupName="plant")
    cloud.iot.create_thing_group(thingGroupName="line-a", parentGroupName="plant")
    cloud.devices("line-a", count=5)
    cloud.sandbox.control("POST", "settings", {"page_size": 2})
    pages = list(cloud.iot.get_paginator("list_things_in_thing_group").paginate(
        thingGroupName="plant", recursive=True))
    assert [len(page["things"]) for page in pages] == [2, 2, 1]
    assert cloud.iot.list_things_in_thing_group(thingGroupName="plant")["things"] == []
    assert code(cloud.iot.list_things_in_thing_group, thingGroupName="plant", nextToken="odd") \
        == "InvalidRequestException"


def test_abort_criteria_stop_a_rollout(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=6, offline=3, fail={"fraction": 0.5})
    criteria = {"failureType": "FAILED", "action": "CANCEL", "thresholdPercentage": 50,
                "minNumberOfExecutedThings": 2}
    made = cloud.deploy("1.0.0", iotJobConfiguration={"abortConfig": {"criteriaList": [criteria]}})
    eventually(lambda: cloud.counts(made).get("Canceled") == 3)
    status = cloud.greengrass.get_deployment(deploymentId=made["deploymentId"])["deploymentStatus"]
    assert status == "FAILED"


def test_devices_report_to_eventbridge_and_as_core_devices(cloud):
    sqs = cloud.sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="reports")["QueueUrl"]
    events = cloud.sandbox.client("events")
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["aws.greengrass"]}))
    events.put_targets(Rule="r", Targets=[
        {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:reports"}])
    cloud.deployable("1.0.0")
    cloud.devices(count=1, runtime="aws_nucleus_lite", fail={})
    made = cloud.deploy("1.0.0")
    cloud.settle(made, Failed=1)
    bodies = [json.loads(message["Body"]) for message in sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]]
    by_type = {body["detail-type"]: body for body in bodies}
    event = by_type["Greengrass V2 Effective Deployment Status Change"]
    assert event["resources"] == [f"arn:aws:greengrass:us-east-1:{ACCOUNT}:coreDevices:a-001"]
    assert event["detail"]["deploymentId"] == made["deploymentId"]
    assert event["detail"]["coreDeviceExecutionStatus"] == "FAILED"
    assert event["detail"]["reason"].startswith("FAILED_ROLLBACK_NOT_REQUESTED: ")
    component = by_type["Greengrass V2 Installed Component Status Change"]["detail"]["components"]
    assert component[0]["lifecycleState"] == "BROKEN"
    core = cloud.greengrass.get_core_device(coreDeviceThingName="a-001")
    assert (core["status"], core["runtime"]) == ("UNHEALTHY", "aws_nucleus_lite")
    items = cloud.greengrass.list_installed_components(coreDeviceThingName="a-001")
    assert items["installedComponents"][0]["lifecycleState"] == "BROKEN"
    group = f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/line-a"
    assert cloud.greengrass.list_core_devices(thingGroupArn=group)["coreDevices"] == []
    assert len(cloud.greengrass.list_core_devices()["coreDevices"]) == 1


def test_two_groups_that_want_different_versions_fail_on_the_device(cloud):
    cloud.deployable("1.0.0", "1.0.1")
    cloud.devices("line-a", names=["both"])
    cloud.devices("line-b", names=["both"])
    cloud.settle(cloud.deploy("1.0.0", "line-a"), Succeeded=1)
    made = cloud.deploy("1.0.1", "line-b")
    cloud.settle(made, Failed=1)
    assert cloud.installed()["both"] == ("1.0.0", "RUNNING")


def test_a_thousand_devices_take_a_deployment(cloud):
    cloud.deployable("1.0.0")
    cloud.devices(count=1000)
    started = time.monotonic()
    made = cloud.deploy("1.0.0")
    eventually(lambda: cloud.counts(made) == {"Succeeded": 1000}, seconds=10)
    assert time.monotonic() - started < 10
    pages = cloud.iot.get_paginator("list_job_executions_for_job").paginate(jobId=made["iotJobId"])
    assert [len(page["executionSummaries"]) for page in pages] == [250] * 4
    things = cloud.iot.get_paginator("list_things_in_thing_group").paginate(
        thingGroupName="line-a")
    assert sum(len(page["things"]) for page in things) == 1000
