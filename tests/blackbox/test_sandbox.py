"""Is the sandbox a stand-in that can be trusted?

Goal: with boto3, which is not ours, see that what should work works, that what AWS refuses is
refused, that the ledger tells the truth and that every kind of fault does what it says.
"""

import datetime
import hashlib
import http.client
import json
import socket
import threading
import time
import urllib.error

import botocore.auth
import botocore.exceptions
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Sandbox, eventually

ClientError = botocore.exceptions.ClientError


def refusal(call, *arguments, **members):
    """(code, HTTP status) of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **members)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def raw(sandbox, target, body, service="sqs", headers=None, **key):
    """A signed JSON request that boto3 would not let through; (status, headers, document)."""
    host = sandbox.endpoint.removeprefix("http://")
    request = AWSRequest("POST", sandbox.endpoint + "/", data=body, headers={
        "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"})
    signer = Credentials(key.get("access", sandbox.info["access_key"]),
                         key.get("secret", sandbox.info["secret_key"]))
    SigV4Auth(signer, key.get("scope", service), key.get("region", "us-east-1")).add_auth(request)
    return send(host, "POST", "/", body, {**dict(request.headers.items()), **(headers or {})})


def send(host, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        try:
            return answer.status, answer.headers, json.loads(data)
        except ValueError:
            return answer.status, answer.headers, data
    finally:
        connection.close()


# Starting and stopping.

def test_it_starts_quickly_says_where_it_is_and_ends_cleanly(tmp_path):
    started = time.monotonic()
    process = Sandbox(tmp_path / "state")
    took = time.monotonic() - started
    assert json.loads((tmp_path / "state").read_text()) == process.info
    assert process.info["endpoint"].startswith("http://127.0.0.1:")
    assert process.control("GET", "health")["status"] == "ok"
    assert process.stop() == 0
    assert not (tmp_path / "state").exists()
    assert took < 10, f"took {took:.1f} s"


# Services that moto serves.

def test_an_object_can_be_put_once_only_when_asked(sandbox):
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="a/b c+ü.zip", Body=b"one", IfNoneMatch="*")
    code = refusal(s3.put_object, Bucket="models", Key="a/b c+ü.zip", Body=b"two", IfNoneMatch="*")
    assert code == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket="models", Key="a/b c+ü.zip")["Body"].read() == b"one"
    assert s3.head_object(Bucket="models", Key="a/b c+ü.zip")["ContentLength"] == 3
    listed = s3.list_objects_v2(Bucket="models", Prefix="a/")["Contents"]
    assert [item["Key"] for item in listed] == ["a/b c+ü.zip"]
    s3.copy_object(Bucket="models", Key="copy", CopySource="models/a/b c+ü.zip")
    part = s3.get_object(Bucket="models", Key="copy", Range="bytes=1-2")
    assert part["Body"].read() == b"ne"
    assert refusal(s3.get_object, Bucket="models", Key="none") == ("NoSuchKey", 404)


def test_a_large_object_goes_up_in_parts(sandbox):
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="models")
    upload = s3.create_multipart_upload(Bucket="models", Key="big")["UploadId"]
    piece = b"x" * (5 * 1024 * 1024)
    parts = [{"PartNumber": number, "ETag": s3.upload_part(
        Bucket="models", Key="big", UploadId=upload, PartNumber=number, Body=piece)["ETag"]}
        for number in (1, 2)]
    s3.complete_multipart_upload(Bucket="models", Key="big", UploadId=upload,
                                 MultipartUpload={"Parts": parts})
    assert s3.head_object(Bucket="models", Key="big")["ContentLength"] == 2 * len(piece)


def test_a_long_poll_ends_when_a_message_comes_and_blocks_nobody(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    waited = []

    def poll():
        started = time.monotonic()
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        waited.append((time.monotonic() - started, found[0]["Body"]))
    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.3)
    sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="hello")
    thread.join(5)
    assert waited and waited[0][1] == "hello"
    assert 0.25 < waited[0][0] < 2


def test_a_queue_with_its_own_waiting_time_blocks_nobody(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="q", Attributes={
        "ReceiveMessageWaitTimeSeconds": "2"})["QueueUrl"]
    thread = threading.Thread(target=lambda: sqs.receive_message(QueueUrl=queue))
    thread.start()
    time.sleep(0.2)
    started = time.monotonic()
    assert sqs.list_queues()["QueueUrls"] == [queue]
    assert time.monotonic() - started < 1
    thread.join()
    assert time.monotonic() - started > 1.5


def test_messages_come_again_until_deleted_and_end_in_the_dead_letter_queue(sandbox):
    sqs = sandbox.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
              "maxReceiveCount": "2"}
    queue = sqs.create_queue(QueueName="q", Attributes={
        "RedrivePolicy": json.dumps(policy), "VisibilityTimeout": "0"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    for count in ("1", "2"):
        message = eventually(lambda: sqs.receive_message(
            QueueUrl=queue, AttributeNames=["All"]).get("Messages"))[0]
        assert message["Attributes"]["ApproximateReceiveCount"] == count
    time.sleep(0.01)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    message = sqs.receive_message(QueueUrl=dead)["Messages"][0]
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
    assert refusal(sqs.delete_message, QueueUrl=dead, ReceiptHandle="no such handle")[0] == \
        "ReceiptHandleIsInvalid"


def test_a_batch_delete_tells_each_entry_apart(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(number), "MessageBody": f"body {number}"} for number in range(10)])
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert len(found) == 10
    entries = [{"Id": f"e{number}", "ReceiptHandle": message["ReceiptHandle"]}
               for number, message in enumerate(found[:3])]
    answer = sqs.delete_message_batch(QueueUrl=queue, Entries=entries + [
        {"Id": "bad", "ReceiptHandle": "nonsense"}])
    assert len(answer["Successful"]) == 3
    assert [entry["Id"] for entry in answer["Failed"]] == ["bad"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "7"
    assert attributes["VisibilityTimeout"] == "30"


def test_a_deep_queue_stays_quick(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="deep")["QueueUrl"]
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(10)]
    for _ in range(200):
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    started = time.monotonic()
    seen = 0
    while seen < 2000:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        sqs.delete_message_batch(QueueUrl=queue, Entries=[
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(found)])
        seen += len(found)
    assert time.monotonic() - started < 20


def test_a_stack_with_queue_rule_and_policy_delivers(sandbox):
    template = {"Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "approvals"}},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {
            "Name": "approved", "EventPattern": {"source": ["my.app"]},
            "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}]}}}}
    stack = sandbox.client("cloudformation")
    stack.create_stack(StackName="s", TemplateBody=json.dumps(template))
    assert stack.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    sandbox.client("events").put_events(Entries=[
        {"Source": "my.app", "DetailType": "t", "Detail": '{"n": 1}', "Resources": ["arn:x"]}])
    sqs = sandbox.client("sqs")
    queue = sqs.get_queue_url(QueueName="approvals")["QueueUrl"]
    event = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert set(event) == {"version", "id", "detail-type", "source", "account", "time", "region",
                          "resources", "detail"}
    assert event["account"] == "123456789012" and event["detail"] == {"n": 1}


def test_only_aws_may_send_events_as_aws(sandbox):
    answer = sandbox.client("events").put_events(Entries=[
        {"Source": "aws.sagemaker", "DetailType": "t", "Detail": "{}"},
        {"Source": "my.app", "DetailType": "t", "Detail": "{}"}])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert "EventId" in answer["Entries"][1]


# Accounts.

def test_an_assumed_role_acts_in_its_own_account(sandbox):
    role = "arn:aws:iam::999999999999:role/deployer"
    made = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"]}
    assert sandbox.client("sts", keys).get_caller_identity()["Account"] == "999999999999"
    sandbox.client("sqs", keys).create_queue(QueueName="theirs")
    sandbox.client("sqs").create_queue(QueueName="ours")
    ours = sandbox.client("sqs").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in ours] == ["ours"]
    entry = sandbox.effects("sqs.CreateQueue")[0]
    assert (entry["account"], entry["key"]["QueueName"]) == ("999999999999", "theirs")

    stolen = {**keys, "aws_session_token": None}
    assert refusal(sandbox.client("sqs", stolen).list_queues)[0] == "InvalidClientTokenId"
    sandbox.control("POST", "credentials/expire", {"access_key": made["AccessKeyId"]})
    assert refusal(sandbox.client("sqs", keys).list_queues)[0] == "ExpiredToken"
    assert refusal(sandbox.client("greengrassv2", keys).list_components) == \
        ("ExpiredTokenException", 403)


def test_a_role_can_ask_for_its_external_id(sandbox):
    role = "arn:aws:iam::999999999999:role/deployer"
    sandbox.control("POST", "roles", {"arn": role, "external_id": "the-secret"})
    sts = sandbox.client("sts")
    for wrong in ({}, {"ExternalId": "another"}):
        assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="test", **wrong) == \
            ("AccessDenied", 403)
    assert sts.assume_role(RoleArn=role, RoleSessionName="test", ExternalId="the-secret")


# Signatures.

@pytest.mark.parametrize("service, call, code, status", [
    ("sqs", "list_queues", "SignatureDoesNotMatch", 403),
    ("sagemaker", "list_model_packages", "InvalidSignatureException", 400),
    ("greengrassv2", "list_components", "InvalidSignatureException", 403),
    ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
    ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403)])
def test_a_wrong_secret_is_refused_as_each_service_refuses(sandbox, service, call, code, status):
    wrong = {"aws_access_key_id": sandbox.info["access_key"], "aws_secret_access_key": "wrong"}
    assert refusal(getattr(sandbox.client(service, wrong), call)) == (code, status)


@pytest.mark.parametrize("service, call, code", [
    ("sqs", "list_queues", "InvalidClientTokenId"),
    ("events", "list_rules", "UnrecognizedClientException"),
    ("iot", "list_things", "UnrecognizedClientException"),
    ("s3", "list_buckets", "InvalidAccessKeyId"),
    ("sts", "get_caller_identity", "InvalidClientTokenId")])
def test_an_unknown_key_is_refused_as_each_service_refuses(sandbox, service, call, code):
    wrong = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
    assert refusal(getattr(sandbox.client(service, wrong), call))[0] == code


def test_signatures_are_bound_to_service_region_body_and_time(sandbox):
    def kind(answer):
        return answer[0], answer[2]["__type"].rpartition("#")[2]
    body = b'{"QueueName": "q"}'
    assert raw(sandbox, "AmazonSQS.CreateQueue", body)[0] == 200
    bad = (403, "InvalidSignatureException")
    assert kind(raw(sandbox, "AmazonSQS.CreateQueue", body, scope="s3")) == bad
    assert kind(raw(sandbox, "AmazonSQS.CreateQueue", body, region="mars-1")) == bad
    other = {"X-Amz-Target": "AmazonSQS.DeleteQueue"}
    assert kind(raw(sandbox, "AmazonSQS.CreateQueue", body, headers=other)) == bad
    digest = {"X-Amz-Content-SHA256": hashlib.sha256(b"").hexdigest()}
    assert kind(raw(sandbox, "AmazonSQS.CreateQueue", body, headers=digest)) == bad
    host = sandbox.endpoint.removeprefix("http://")
    unsigned = send(host, "POST", "/", body, {"X-Amz-Target": "AmazonSQS.CreateQueue"})
    assert kind(unsigned) == (403, "MissingAuthenticationTokenException")
    assert len(sandbox.effects()) == 1


def test_an_object_must_be_what_was_signed(sandbox):
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="models")
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: setattr(
        request, "body", b"12345"), unique_id="swap")
    try:
        code = refusal(s3.put_object, Bucket="models", Key="a", Body=b"abcde")
    finally:
        s3.meta.events.unregister("before-send.s3.PutObject", unique_id="swap")
    assert code == ("XAmzContentSHA256Mismatch", 400)


def test_an_old_signature_is_refused(sandbox, monkeypatch):
    for minutes in (-6, 6):
        when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda when=when: when)
        assert refusal(sandbox.client("s3").list_buckets) == ("RequestTimeTooSkewed", 403)
        with pytest.raises(ClientError) as caught:
            sandbox.client("greengrassv2").list_components()
        words = "Signature expired" if minutes < 0 else "Signature not yet current"
        assert caught.value.response["Error"]["Message"].startswith(words)


# Validation.

def no_checks(sandbox, service):
    return sandbox.client(service, parameter_validation=False)


def test_json_services_refuse_what_the_model_forbids(sandbox):
    sagemaker = no_checks(sandbox, "sagemaker")
    role = "arn:aws:iam::123456789012:role/neo"
    good = {"CompilationJobName": "j", "RoleArn": role, "StoppingCondition": {},
            "OutputConfig": {"S3OutputLocation": "s3://b/o", "TargetDevice": "rasp4b"}}
    bad = {"missing": {"RoleArn": None}, "pattern": {"CompilationJobName": "not a name"},
           "too long": {"CompilationJobName": "x" * 64}, "too short": {"RoleArn": "arn"},
           "enum": {"OutputConfig": {"S3OutputLocation": "s3://b/o", "TargetDevice": "toaster"}}}
    for what, change in bad.items():
        params = {name: value for name, value in {**good, **change}.items() if value is not None}
        code = refusal(sagemaker.create_compilation_job, **params)
        assert code == ("ValidationException", 400), what
    for body, code in ((b"{", "SerializationException"), (b"[]", "SerializationException"),
                       (b'{"MaxResults": "5"}', "SerializationException"),
                       (b'{"MaxResults": 5.5}', "SerializationException"),
                       (b'{"MaxResults": 5, "MaxResults": 6}', "SerializationException"),
                       (b'{"NameContains": "\xff"}', "SerializationException"),
                       (b'{"MaxResults": 101}', "ValidationException"),
                       (b'{"Unknown": 1}', "ValidationException")):
        answer = raw(sandbox, "SageMaker.ListModelPackages", body, "sagemaker")
        assert (answer[0], answer[2]["__type"]) == (400, code), body
    assert raw(sandbox, "SageMaker.NoSuchThing", b"{}", "sagemaker")[0] == 404


def test_greengrass_names_the_fields_it_refuses(sandbox):
    greengrass = no_checks(sandbox, "greengrassv2")
    with pytest.raises(ClientError) as caught:
        greengrass.create_deployment(targetArn="nonsense")
    answer = caught.value.response
    assert answer["Error"]["Code"] == "ValidationException"
    assert answer["reason"] == "FIELD_VALIDATION_FAILED"
    assert answer["fields"][0]["name"] == "targetArn"
    for params in ({}, {"targetArn": 5}, {"clientToken": "t" * 65, "targetArn":
                   "arn:aws:iot:us-east-1:123456789012:thinggroup/g"}):
        assert refusal(greengrass.create_deployment, **params)[1] == 400
    assert refusal(greengrass.list_deployments, maxResults=0) == ("ValidationException", 400)


def test_sqs_sts_iot_and_s3_refuse_in_their_own_way(sandbox):
    sqs = no_checks(sandbox, "sqs")
    assert refusal(sqs.receive_message) == ("MissingParameter", 400)
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    assert refusal(sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11)[0] == \
        "InvalidParameterValue"
    assert refusal(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=21)[0] == \
        "InvalidParameterValue"
    assert refusal(sqs.receive_message, QueueUrl=queue + "x")[0] == \
        "AWS.SimpleQueueService.NonExistentQueue"
    assert refusal(sqs.send_message, QueueUrl=queue, MessageBody="x" * (1 << 20) + "x")[0] == \
        "InvalidParameterValue"
    sts = no_checks(sandbox, "sts")
    assert refusal(sts.assume_role, RoleArn="x", RoleSessionName="s") == ("ValidationError", 400)
    assert refusal(no_checks(sandbox, "iot").describe_job, jobId="not a job!") == \
        ("InvalidRequestException", 400)
    assert refusal(sandbox.client("s3").list_objects_v2, Bucket="absent") == ("NoSuchBucket", 404)


def test_what_is_not_served_is_said_plainly(sandbox):
    iot = sandbox.client("iot")
    assert refusal(iot.get_statistics, queryString="*") == ("NotImplemented", 501)
    assert not sandbox.effects()


@pytest.mark.parametrize("request_bytes", [
    b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/2\r\nHost: x\r\n\r\n",
    b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n12345",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])
def test_bytes_that_are_no_request_are_answered_400_and_closed(sandbox, request_bytes):
    host, _, port = sandbox.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request_bytes)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert sandbox.control("GET", "health")["status"] == "ok"


# The ledger.

def test_the_ledger_tells_effects_from_other_requests(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="secret body")
    sqs.receive_message(QueueUrl=queue)
    refusal(sqs.receive_message, QueueUrl=queue + "x")
    operations = [(entry["operation"], entry["effect"]) for entry in
                  sandbox.control("GET", "ledger")]
    assert operations == [("CreateQueue", True), ("SendMessage", True),
                          ("ReceiveMessage", False), ("ReceiveMessage", False)]
    entries = sandbox.control("GET", "ledger?operation=sqs.ReceiveMessage")
    assert [entry["status"] for entry in entries] == [200, 400]
    assert "secret body" not in json.dumps(sandbox.control("GET", "ledger"))
    since = entries[0]["seq"]
    assert len(sandbox.control("GET", f"ledger?since={since}")) == 1
    sandbox.control("DELETE", "ledger")
    assert sandbox.control("GET", "ledger") == []


def test_a_batch_that_failed_whole_is_no_effect(sandbox):
    sqs = sandbox.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "ReceiptHandle": "nonsense"}])
    assert [entry["operation"] for entry in sandbox.effects()] == ["CreateQueue"]
    refusal(sandbox.client("sagemaker").create_model_package, ModelPackageGroupName="absent")
    assert [entry["operation"] for entry in sandbox.effects()] == ["CreateQueue"]


# Faults.

@pytest.fixture
def queue(sandbox):
    return sandbox.client("sqs").create_queue(QueueName="q")["QueueUrl"]


def messages(sandbox, queue):
    attributes = sandbox.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def script(sandbox, kind, params=None, **when):
    sandbox.control("POST", "faults", {"operation": "sqs.SendMessage", "kind": kind, **when,
                                       "params": params or {}})


@pytest.mark.parametrize("kind, code", [
    ("throttle", "RequestThrottled"), ("5xx", "InternalFailure"),
    ("access-denied", "AccessDeniedException"), ("expired-token", "ExpiredToken")])
def test_refusing_faults_do_nothing_and_only_when_due(sandbox, queue, kind, code):
    script(sandbox, kind, nth=2)
    sqs = sandbox.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="1")
    assert refusal(sqs.send_message, QueueUrl=queue, MessageBody="2")[0] == code
    sqs.send_message(QueueUrl=queue, MessageBody="3")
    assert messages(sandbox, queue) == 2
    entries = sandbox.control("GET", "ledger?operation=sqs.SendMessage")
    assert [entry["fault"] for entry in entries] == [None, kind, None]
    assert [entry["effect"] for entry in entries] == [True, False, True]
    assert sandbox.control("GET", "faults")[0]["fired"] == 1


@pytest.mark.parametrize("kind, done", [("lost-request", 0), ("lost-reply", 1)])
def test_lost_requests_and_replies(sandbox, queue, kind, done):
    script(sandbox, kind)
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    assert messages(sandbox, queue) == done
    assert len(sandbox.effects("sqs.SendMessage")) == done


def test_a_late_execution_comes_after_the_connection_is_gone(sandbox, queue):
    script(sandbox, "late-execution", {"delay_ms": 300})
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    assert messages(sandbox, queue) == 0
    eventually(lambda: messages(sandbox, queue) == 1, seconds=2)
    assert len(sandbox.effects("sqs.SendMessage")) == 1


@pytest.mark.parametrize("kind, done", [("html", 0), ("truncated", 1)])
def test_answers_that_are_no_answers(sandbox, queue, kind, done):
    script(sandbox, kind)
    with pytest.raises((botocore.exceptions.BotoCoreError, ClientError)):
        sandbox.client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    assert messages(sandbox, queue) == done


def test_garbage_is_sent_after_the_work_was_done(sandbox, queue):
    script(sandbox, "garbage")
    body = json.dumps({"QueueUrl": queue, "MessageBody": "x"}).encode()
    status, _, answer = raw(sandbox, "AmazonSQS.SendMessage", body)
    assert status == 200 and answer.startswith(b"\0")
    assert messages(sandbox, queue) == 1


def test_endless_and_slow_answers(sandbox, queue):
    body = json.dumps({"QueueUrl": queue, "MessageBody": "x"}).encode()
    script(sandbox, "endless", {"bytes": 1 << 20})
    answer = raw(sandbox, "AmazonSQS.SendMessage", body)
    assert answer[0] == 200 and "Content-Length" not in answer[1]
    assert answer[2] == b"{" + b" " * (1 << 20)
    sandbox.control("DELETE", "faults")
    script(sandbox, "slow", {"delay_ms": 5})
    started = time.monotonic()
    answer = raw(sandbox, "AmazonSQS.SendMessage", body)
    assert "MessageId" in answer[2] and time.monotonic() - started > 0.3


def test_faults_can_repeat(sandbox, queue):
    sqs = sandbox.client("sqs")

    def outcomes(count):
        seen = ""
        for _ in range(count):
            try:
                sqs.send_message(QueueUrl=queue, MessageBody="x")
                seen += "."
            except ClientError:
                seen += "x"
        return seen
    script(sandbox, "throttle", every=3)
    assert outcomes(6) == "..x..x"
    sandbox.control("DELETE", "faults")
    sandbox.control("POST", "faults", [
        {"operation": "*", "kind": "throttle", "from": 2, "count": 2}])
    assert outcomes(5) == ".xx.."


def test_control_calls_that_make_no_sense_are_refused(sandbox):
    for path, body in (("faults", {"operation": "x", "kind": "explode"}),
                       ("faults", {"kind": "throttle"}), ("settings", {"no_such": 1}),
                       ("settings", {"page_size": "ten"}), ("devices", {"count": 3}),
                       ("devices", {"group": "g", "fail": {"class": "ODD"}})):
        with pytest.raises(urllib.error.HTTPError) as caught:
            sandbox.control("POST", path, body)
        assert caught.value.code == 400 and "error" in json.loads(caught.value.read())
