"""Do the sandbox's model packages and compilation jobs behave as SageMaker's?

Goal: an approval arrives on a real queue through a real rule, with the keys AWS sends; updates
change what they name and nothing else; compilation jobs take time, read and write real objects.
"""

import io
import json
import tarfile
import time

import botocore.exceptions
import pytest

from conftest import eventually

ROLE = "arn:aws:iam::123456789012:role/neo"
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources",
            "detail"}


def refusal(call, **members):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    return caught.value.response["Error"]["Code"]


class Registry:
    """A model package group whose changes arrive on a queue."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.sagemaker = sandbox.client("sagemaker")
        self.sqs = sandbox.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="approvals")["QueueUrl"]
        events = sandbox.client("events")
        events.put_rule(Name="models", EventPattern=json.dumps({
            "source": ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"],
            "detail": {"ModelPackageGroupName": ["digits"]}}))
        events.put_targets(Rule="models", Targets=[
            {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:approvals"}])
        self.sagemaker.create_model_package_group(ModelPackageGroupName="digits")

    def register(self, **members):
        return self.sagemaker.create_model_package(
            ModelPackageGroupName="digits", InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/m.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"]}, **members)["ModelPackageArn"]

    def update(self, arn, **members):
        self.sagemaker.update_model_package(ModelPackageArn=arn, **members)

    def events(self):
        """All events that wait, taken from the queue."""
        found = []
        while True:
            some = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            if "Messages" not in some:
                return found
            for message in some["Messages"]:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue,
                                        ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def registry(sandbox):
    return Registry(sandbox)


def test_an_approval_arrives_with_the_keys_of_aws(registry):
    arn = registry.register(ModelApprovalStatus="PendingManualApproval")
    registry.update(arn, ModelApprovalStatus="Approved", ApprovalDescription="looks good")
    created, approved = registry.events()
    assert set(approved) == ENVELOPE
    assert approved["account"] == "123456789012" and approved["resources"] == [arn]
    detail = approved["detail"]
    assert set(detail) == {
        "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "CreationTime",
        "InferenceSpecification", "ModelPackageStatus", "ModelPackageStatusDetails",
        "CertifyForMarketplace", "ModelApprovalStatus", "ApprovalDescription",
        "UpdatedModelPackageFields", "LastModifiedTime"}
    assert detail["ModelPackageVersion"] == 1 and detail["ModelApprovalStatus"] == "Approved"
    assert detail["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription"]
    assert created["detail"]["ModelApprovalStatus"] == "PendingManualApproval"
    assert "UpdatedModelPackageFields" not in created["detail"]


def test_metadata_written_back_makes_an_echo(registry):
    arn = registry.register(ModelApprovalStatus="Approved")
    registry.events()
    registry.update(arn, CustomerMetadataProperties={"slipway": "LIVE"})
    echo, = registry.events()
    assert echo["detail"]["ModelApprovalStatus"] == "Approved"
    assert echo["detail"]["UpdatedModelPackageFields"] == ["CustomerMetadataProperties"]
    registry.update(arn, CustomerMetadataProperties={"slipway": "LIVE"})
    assert registry.events() == []


def test_an_update_changes_only_what_it_names(registry):
    arn = registry.register(ModelApprovalStatus="Approved",
                            CustomerMetadataProperties={"a": "1"},
                            ModelLifeCycle={"Stage": "Dev", "StageStatus": "Done"})
    before = registry.sagemaker.describe_model_package(ModelPackageName=arn)
    time.sleep(0.01)
    registry.update(arn, CustomerMetadataProperties={"b": "2"})
    after = registry.sagemaker.describe_model_package(ModelPackageName=arn)
    assert after["ModelApprovalStatus"] == "Approved"
    assert after["CustomerMetadataProperties"] == {"a": "1", "b": "2"}
    assert after["ModelLifeCycle"] == {"Stage": "Dev", "StageStatus": "Done"}
    assert after["LastModifiedTime"] > before["LastModifiedTime"]
    registry.update(arn, CustomerMetadataPropertiesToRemove=["a"], ModelApprovalStatus="Rejected")
    after = registry.sagemaker.describe_model_package(ModelPackageName=arn)
    assert after["CustomerMetadataProperties"] == {"b": "2"}
    assert after["ModelApprovalStatus"] == "Rejected"


def test_client_tokens_of_model_packages_are_replayed(registry):
    first = registry.register(ClientToken="token-1", ModelApprovalStatus="Approved")
    assert registry.register(ClientToken="token-1", ModelApprovalStatus="Approved") == first
    assert len(registry.events()) == 1
    registry.update(first, ModelApprovalStatus="Rejected", ClientToken="token-2")
    registry.update(first, ModelApprovalStatus="Rejected", ClientToken="token-2")
    assert len(registry.sandbox.effects("sagemaker.UpdateModelPackage")) == 1


def test_events_can_be_doubled_late_and_lost(registry):
    control = registry.sandbox.control
    control("POST", "settings", {"event_copies": 3})
    registry.register(ModelApprovalStatus="Approved")
    copies = registry.events()
    assert len({event["id"] for event in copies}) == 3
    assert len({json.dumps(event["detail"]) for event in copies}) == 1
    control("POST", "settings", {"event_copies": 1, "event_delay_ms": 300})
    registry.register(ModelApprovalStatus="Approved")
    assert registry.events() == []
    eventually(registry.events, seconds=2)
    control("POST", "settings", {"event_drop": ["SageMaker Model Package State Change"]})
    registry.register(ModelApprovalStatus="Approved")
    time.sleep(0.4)
    assert registry.events() == []


def test_events_can_come_in_another_order(registry):
    registry.sandbox.control("POST", "settings", {"event_jitter_ms": 600, "event_seed": 5})
    for _ in range(6):
        registry.register(ModelApprovalStatus="Approved")
    found = []
    eventually(lambda: found.extend(registry.events()) or len(found) == 6, seconds=5)
    versions = [event["detail"]["ModelPackageVersion"] for event in found]
    assert sorted(versions) == [1, 2, 3, 4, 5, 6] != versions


def test_packages_are_listed_by_status_and_in_pages(registry):
    for status in ("Approved", "Rejected", "Approved", "Approved"):
        registry.register(ModelApprovalStatus=status)
    registry.sandbox.control("POST", "settings", {"page_size": 2})
    first = registry.sagemaker.list_model_packages(
        ModelPackageGroupName="digits", ModelApprovalStatus="Approved", SortBy="CreationTime",
        SortOrder="Descending")
    versions = [item["ModelPackageVersion"] for item in first["ModelPackageSummaryList"]]
    second = registry.sagemaker.list_model_packages(
        ModelPackageGroupName="digits", ModelApprovalStatus="Approved", SortBy="CreationTime",
        SortOrder="Descending", NextToken=first["NextToken"])
    versions += [item["ModelPackageVersion"] for item in second["ModelPackageSummaryList"]]
    assert versions == [4, 3, 1] and "NextToken" not in second


# Compilation jobs.

@pytest.fixture
def neo(sandbox):
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="in/m.tar.gz", Body=b"model bytes")
    return sandbox.client("sagemaker")


def compile_job(neo, name, source="s3://models/in/m.tar.gz"):
    return neo.create_compilation_job(
        CompilationJobName=name, RoleArn=ROLE, StoppingCondition={"MaxRuntimeInSeconds": 60},
        InputConfig={"S3Uri": source, "Framework": "ONNX", "DataInputConfig": '{"x": [1, 64]}'},
        OutputConfig={"S3OutputLocation": "s3://models/out", "TargetDevice": "rasp4b"})


def status(neo, name):
    return neo.describe_compilation_job(CompilationJobName=name)["CompilationJobStatus"]


def ended(neo, name):
    eventually(lambda: status(neo, name) in ("COMPLETED", "FAILED", "STOPPED"))
    return neo.describe_compilation_job(CompilationJobName=name)


def test_a_compilation_takes_time_and_writes_a_real_object(sandbox, neo):
    compile_job(neo, "one")
    assert status(neo, "one") == "INPROGRESS"
    assert refusal(compile_job, neo=neo, name="one") == "ResourceInUse"
    job = ended(neo, "one")
    assert job["CompilationJobStatus"] == "COMPLETED"
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    body = sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        assert archive.extractfile("compiled.bin").read() == b"model bytes"
    assert len(sandbox.effects("sagemaker.CreateCompilationJob")) == 1


def test_a_compilation_fails_without_its_input_or_when_told(sandbox, neo):
    compile_job(neo, "no-input", "s3://models/in/none.tar.gz")
    assert ended(neo, "no-input")["FailureReason"].startswith("ClientError: InputConfiguration")
    sandbox.control("POST", "settings", {"compile_fail": [{"name": "^bad-", "reason": "too odd"}]})
    compile_job(neo, "bad-1")
    assert ended(neo, "bad-1")["FailureReason"] == "too odd"
    assert refusal(neo.describe_compilation_job, CompilationJobName="absent") == "ResourceNotFound"


def test_a_compilation_can_be_stopped_once(sandbox, neo):
    sandbox.control("POST", "settings", {"compile_ms": 60000})
    compile_job(neo, "slow")
    neo.stop_compilation_job(CompilationJobName="slow")
    assert ended(neo, "slow")["CompilationJobStatus"] == "STOPPED"
    assert refusal(neo.stop_compilation_job, CompilationJobName="slow") == "ValidationException"
    names = [job["CompilationJobName"] for job in
             neo.list_compilation_jobs(StatusEquals="STOPPED")["CompilationJobSummaries"]]
    assert names == ["slow"]


def test_a_compilation_wants_exactly_one_target_and_one_input(neo):
    both = {"TargetDevice": "rasp4b", "TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}}
    for target in ({}, both):
        code = refusal(neo.create_compilation_job, CompilationJobName="x", RoleArn=ROLE,
                       StoppingCondition={}, InputConfig={"S3Uri": "s3://m/x", "Framework": "ONNX"},
                       OutputConfig={"S3OutputLocation": "s3://models/out", **target})
        assert code == "ValidationException"
