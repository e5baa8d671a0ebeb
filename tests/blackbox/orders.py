"""One deployment's orders, taken up one process at a time: what test_drivers.py works with."""

import json
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = os.path.join(os.environ.get("SLIPWAY_TOOLS", ROOT / "build" / "asan" / "tests"),
                    "tool_work_try")
BUCKET, COMPONENT, ACCOUNT = "models", "com.example.digits", "123456789012"
DOCUMENTS = {"confirm": "source", "compile": "compiled", "package": "package",
             "twin-deploy": "twin", "twin-test": "result", "plan": "plan", "wave-deploy": "wave",
             "roll-back": "rollback"}


class Drivers:
    """One deployment's orders."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        self.s3 = sandbox.client("s3", s3={"addressing_style": "path"})
        self.sagemaker, self.greengrass = sandbox.client("sagemaker"), sandbox.client("greengrassv2")
        self.s3.create_bucket(Bucket=BUCKET)
        self.sagemaker.create_model_package_group(ModelPackageGroupName="digits")
        (folder / "key").write_text("whsec_" + "A" * 43 + "=")
        (folder / "key").chmod(0o600)
        self.pipeline = {
            "name": "digits", "pattern": {"source": ["aws.sagemaker"]}, "target": "linux-amd64",
            "compile": {"driver": "none"},
            "package": {"component": COMPONENT, "bucket": BUCKET, "prefix": "components",
                        "version": "1.0.{version}", "poll": "1s", "timeout": "1m"},
            "twin": {"driver": "greengrass", "thing_group": "twin", "poll": "1s",
                     "deploy_timeout": "30s", "test": {"argv": ["/bin/true"], "timeout": "30s"}},
            "gates": [{"name": "any", "pattern": {"schema": ["slipway.twin-result/1"]}}],
            "approval": {"required": 1, "expires": "1h"},
            "rollout": {"waves": [{"name": "canary", "thing_groups": ["line-a"]},
                                  {"name": "rest", "thing_groups": ["line-b", "line-c"]}],
                        "success": "100%", "failure": "10%", "failure_min": 1, "bake": "1s",
                        "poll": "1s", "timeout": "1m"},
        }
        self.documents, self.arn, self.version = {}, None, 0
        self.generation, self.wave, self.digest, self.approved_s = 1, 0, "", 1

    def script(self, name, text):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return str(path)

    def publish(self, body=b"a model", name="digits.onnx", status="Approved", **container):
        """A registered model; the orders are about it from now on."""
        self.version += 1
        key = f"in/{self.version}/{name}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        self.arn = self.sagemaker.create_model_package(
            ModelPackageGroupName="digits", ModelApprovalStatus=status,
            InferenceSpecification={"Containers": [{
                "Image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/onnx:1",
                "ModelDataUrl": f"s3://{BUCKET}/{key}", **container}],
                "SupportedContentTypes": ["a/b"], "SupportedResponseMIMETypes": ["a/b"]},
        )["ModelPackageArn"]
        return f"s3://{BUCKET}/{key}"

    def take(self, kind, progress="", tries=1, **more):
        """Carries an order out once, in a new process."""
        config = {"store": str(self.folder / "db"), "work_dir": str(self.folder / "work"),
                  "aws": {"region": "us-east-1", "endpoint": self.sandbox.endpoint, "attempts": 1},
                  "queue": {"url": f"{self.sandbox.endpoint}/{ACCOUNT}/q", "accounts": [ACCOUNT]},
                  "approvers": [{"name": "alice", "keys": [{"file": str(self.folder / "key")}]}],
                  "pipelines": [self.pipeline]}
        (self.folder / "slipway.yaml").write_text(json.dumps(config))
        order = {"kind": kind, "pipeline": "digits", "arn": self.arn,
                 "package_version": self.version, "tries": tries, "approved_s": self.approved_s,
                 "generation": self.generation, "wave": self.wave, "digest": self.digest,
                 "progress": progress, "documents": self.documents, **more}
        info = self.sandbox.info
        run = subprocess.run(
            [TOOL, str(self.folder / "slipway.yaml")], input=json.dumps(order), text=True,
            capture_output=True, timeout=60, check=False, cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "AWS_ACCESS_KEY_ID": info["access_key"],
                 "AWS_SECRET_ACCESS_KEY": info["secret_key"], "AWS_EC2_METADATA_DISABLED": "true",
                 "SECRET_OF_SLIPWAY": "x"})
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout.splitlines()[-1])

    def until(self, kind, wanted="done", seconds=20, **more):
        """Takes an order up again and again until it stands as wanted."""
        end, tries, progress = time.monotonic() + seconds, 0, ""
        while True:
            tries += 1
            result = self.take(kind, progress, tries, **more)
            progress = result["progress"] or progress
            if result["outcome"] == wanted:
                break
            assert result["outcome"] in ("under-way", "unknown", "observed"), result
            assert time.monotonic() < end, result
            time.sleep(0.1)
        if wanted == "done" and kind in DOCUMENTS:
            self.documents[DOCUMENTS[kind]] = result["document"]
            self.digest = result["digest"] or self.digest
        return result

    def document(self, name):
        return json.loads(self.documents[name])

    def through(self, *kinds):
        for kind in kinds:
            self.until(kind)
        return self

    def failure(self, kind, *words):
        result = self.until(kind, "failed")
        for word in words:
            assert word in result["reason"], result["reason"]
        return result["reason"]

    def devices(self, group, count=2, **behaviour):
        self.sandbox.control("POST", "devices", {"group": group, "count": count, "prefix": group,
                                                 "delay_ms": 20, **behaviour})

    def fault(self, operation, kind, **more):
        self.sandbox.control("POST", "faults", {"operation": operation, "kind": kind, **more})

    def live(self, group):
        """The live deployment document of a thing group."""
        arn = f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/{group}"
        found = self.greengrass.list_deployments(targetArn=arn, historyFilter="LATEST_ONLY")
        return self.greengrass.get_deployment(
            deploymentId=found["deployments"][0]["deploymentId"])

    def deploy(self, group, components, **more):
        """Somebody else's deployment."""
        return self.greengrass.create_deployment(
            targetArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:thinggroup/{group}", components=components,
            **more)["deploymentId"]

    def component(self, name, version):
        """Somebody else's component."""
        recipe = {"RecipeFormatVersion": "2020-01-25", "ComponentName": name,
                  "ComponentVersion": version, "Manifests": [{"Platform": {"runtime": "*"}}]}
        self.greengrass.create_component_version(inlineRecipe=json.dumps(recipe).encode())
        time.sleep(0.15)

    def fleet(self):
        for group in ("twin", "line-a", "line-b", "line-c"):
            self.devices(group, 1 if group == "twin" else 2)
        return self

    def packaged(self, **published):
        self.publish(**published)
        return self.through("confirm", "compile", "package")
