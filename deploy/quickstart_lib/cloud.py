"""What people do in AWS, with boto3: a platform team prepares, a data scientist publishes."""

import io
import json
import pathlib
import tarfile
import urllib.request

import boto3
from botocore.config import Config

GROUP = "digits"
BUCKET = "slipway-quickstart"
QUEUE = "slipway-approvals"
FLEET = {"twin": 1, "line-a": 4, "line-b": 10, "line-c": 20}
DELAYS_MS = {"twin": 200, "line-a": 300, "line-b": 500, "line-c": 700}
RULE = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Model Package State Change"],
    "detail": {"ModelPackageGroupName": [GROUP]},
}


class Cloud:
    """AWS as the sandbox offers it; `place` is the line the sandbox printed."""

    def __init__(self, place):
        self.place = place
        session = boto3.session.Session(
            aws_access_key_id=place["access_key"],
            aws_secret_access_key=place["secret_key"],
            region_name=place["region"],
        )
        config = Config(retries={"mode": "standard"}, s3={"addressing_style": "path"})

        def client(service):
            return session.client(service, endpoint_url=place["endpoint"], config=config)

        self.s3, self.sqs, self.events = client("s3"), client("sqs"), client("events")
        self.sagemaker = client("sagemaker")

    def control(self, method, path, body=None):
        """The sandbox's own API, which AWS has not."""
        request = urllib.request.Request(
            f"{self.place['endpoint']}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def prepare(self):
        """The platform team's part, once: bucket, queue, and the rule that fills the queue."""
        self.s3.create_bucket(Bucket=BUCKET)
        url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        wanted = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = wanted["Attributes"]["QueueArn"]
        rule = self.events.put_rule(Name="slipway-approvals", EventPattern=json.dumps(RULE))
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule["RuleArn"]}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        put = self.events.put_targets(
            Rule="slipway-approvals", Targets=[{"Id": "slipway", "Arn": arn}]
        )
        if put["FailedEntryCount"]:
            raise RuntimeError(f"the rule takes no target: {put['FailedEntries']}")
        return url

    def people_the_fleet(self):
        """Simulated devices, a thing group for the twin and one for each production line."""
        for group, count in FLEET.items():
            batch = {"group": group, "count": count, "prefix": group}
            self.control("POST", "devices", {**batch, "delay_ms": DELAYS_MS[group]})

    def publish(self, model):
        """The data scientist's part: uploads the model, registers it; returns the package's ARN."""
        model = pathlib.Path(model)
        bundle = io.BytesIO()
        with tarfile.open(fileobj=bundle, mode="w:gz") as archive:
            archive.add(model, arcname=model.name)
        key = f"models/{model.stem}/model.tar.gz"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=bundle.getvalue())
        self.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        image = f"{self.place['account']}.dkr.ecr.{self.place['region']}.amazonaws.com/onnx:1"
        package = self.sagemaker.create_model_package(
            ModelPackageGroupName=GROUP,
            ModelPackageDescription="Reads handwritten digits",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": image, "ModelDataUrl": f"s3://{BUCKET}/{key}"}],
                "SupportedContentTypes": ["application/octet-stream"],
                "SupportedResponseMIMETypes": ["application/octet-stream"],
            },
        )
        return package["ModelPackageArn"]

    def approve(self, arn):
        """The data scientist's word that this version is good; here slipway begins."""
        self.sagemaker.update_model_package(
            ModelPackageArn=arn,
            ModelApprovalStatus="Approved",
            ApprovalDescription="good on the test set",
        )

    def what_runs(self):
        """For each thing group, how many devices run which version of which component."""
        running = {}
        for group in FLEET:
            count = running.setdefault(group, {})
            for device in self.control("GET", f"devices?group={group}"):
                name = ", ".join(versions(device)) or "nothing"
                count[name] = count.get(name, 0) + 1
        return running


def versions(device):
    """`component version` of everything installed on a device, sorted."""
    installed = device.get("installed", {})
    for name, what in sorted(installed.items()):
        yield f"{name} {what['version'] if isinstance(what, dict) else what}"
