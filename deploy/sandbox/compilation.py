"""SageMaker Neo compilation jobs: they take their time, read their input and write an output.

moto's are COMPLETED at once and write nothing. Here a job is INPROGRESS for compile_ms, fails when
its input is not there or when a test said so (setting compile_fail), and ends with a real object.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import time

from moto.s3.models import s3_backends

from .errors import AwsError
from .front import Reply
from .pages import page

TERMINAL = ("COMPLETED", "FAILED", "STOPPED")


class Compilation:
    """Handlers of the compilation job operations; jobs by (account, Region) and name."""

    def __init__(self, world, front):
        self.world = world
        self.jobs = {}
        world.parts.append(self)
        for name, handler in (("Create", self.create), ("Describe", self.describe),
                              ("Stop", self.stop), ("Delete", self.delete)):
            front.own["sagemaker", f"{name}CompilationJob"] = handler
        front.own["sagemaker", "ListCompilationJobs"] = self.list

    def reset(self):
        self.jobs.clear()

    def create(self, call):
        """CreateCompilationJob. There is no token: a name in use is ResourceInUse."""
        params, name = call.params, call.params["CompilationJobName"]
        check_inputs(params)
        key = call.account, call.region, name
        if key in self.jobs:
            raise AwsError("ResourceInUse", f"Resource Already Exists: Compilation job with name "
                           f"{name} already exists. Choose a different name.", 400)
        now = time.time()
        arn = f"arn:aws:sagemaker:{call.region}:{call.account}:compilation-job/{name}"
        job = {member: params[member] for member in
               ("CompilationJobName", "RoleArn", "InputConfig", "OutputConfig", "VpcConfig",
                "StoppingCondition", "ModelPackageVersionArn") if member in params}
        job.update({"CompilationJobArn": arn, "CompilationJobStatus": "INPROGRESS",
                    "CreationTime": now, "LastModifiedTime": now, "CompilationStartTime": now,
                    "FailureReason": "", "ModelArtifacts": {"S3ModelArtifacts": ""},
                    "ModelDigests": {}})
        self.jobs[key] = job
        self.world.timers.after(self.world.settings.compile_ms / 1000, self.finish, call, job)
        return Reply({"CompilationJobArn": arn})

    def find(self, call):
        name = call.params["CompilationJobName"]
        job = self.jobs.get((call.account, call.region, name))
        if job is None or self.world.hidden(job["CreationTime"]):
            raise AwsError("ResourceNotFound", f"Could not find compilation job '{name}'.", 400)
        return job

    def describe(self, call):
        return Reply(dict(self.find(call)), effect=False)

    def stop(self, call):
        """StopCompilationJob: STOPPING, then STOPPED. A job that has ended cannot be stopped."""
        job = self.find(call)
        status = job["CompilationJobStatus"]
        if status in TERMINAL:
            raise AwsError("ValidationException", "The request was rejected because the "
                           f"compilation job is in status {status}.", 400)
        change(job, "STOPPING")
        self.world.timers.after(self.world.settings.stop_ms / 1000, self.stopped, job)
        return Reply(None, effect=status != "STOPPING")

    @staticmethod
    def stopped(job):
        change(job, "STOPPED", CompilationEndTime=time.time())

    def delete(self, call):
        job = self.find(call)
        if job["CompilationJobStatus"] not in TERMINAL:
            raise AwsError("ValidationException", "The compilation job has not ended.", 400)
        del self.jobs[call.account, call.region, job["CompilationJobName"]]
        return Reply(None)

    def list(self, call):
        params = call.params
        found = [job for (account, region, _), job in self.jobs.items()
                 if (account, region) == (call.account, call.region)
                 and params.get("NameContains", "") in job["CompilationJobName"]
                 and params.get("StatusEquals") in (None, job["CompilationJobStatus"])
                 and job["CreationTime"] > params.get("CreationTimeAfter", 0)
                 and job["CreationTime"] < params.get("CreationTimeBefore", 1e12)]
        member = {"Name": "CompilationJobName", "Status": "CompilationJobStatus"}.get(
            params.get("SortBy"), "CreationTime")
        found.sort(key=lambda job: job[member], reverse=params.get("SortOrder") != "Ascending")
        some, token = page(found, params, self.world.settings, 10, ("MaxResults", "NextToken"))
        result = {"CompilationJobSummaries": [summary(job) for job in some]}
        if token:
            result["NextToken"] = token
        return Reply(result, effect=False)

    def finish(self, call, job):
        """The end of the compile time: write the output, or say why there is none."""
        if job["CompilationJobStatus"] != "INPROGRESS":
            return
        for rule in self.world.settings.compile_fail:
            if re.search(rule.get("name", ""), job["CompilationJobName"]):
                reason = rule.get("reason", "ClientError: CompilationError: unable to compile")
                return self.fail(job, reason)
        try:
            data = self.read_input(call, job)
            uri, body = compile_model(data, job)
            self.write_object(call, uri, body)
        except LookupError as error:
            return self.fail(job, f"ClientError: {error.args[0]}")
        job["ModelArtifacts"] = {"S3ModelArtifacts": uri}
        job["ModelDigests"] = {"ArtifactDigest": hashlib.blake2b(body).hexdigest()}
        change(job, "COMPLETED", CompilationEndTime=time.time())

    @staticmethod
    def fail(job, reason):
        change(job, "FAILED", FailureReason=reason, CompilationEndTime=time.time())

    def read_input(self, call, job):
        if "InputConfig" not in job:
            return job["ModelPackageVersionArn"].encode()
        uri = job["InputConfig"]["S3Uri"]
        data = read_object(call.account, uri)
        if data is None:
            raise LookupError(f"InputConfiguration: no object at {uri}")
        return data

    @staticmethod
    def write_object(call, uri, body):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        backend = s3_backends[call.account]["aws"]
        if bucket not in backend.buckets:
            raise LookupError(f"OutputConfiguration: bucket {bucket} does not exist")
        backend.put_object(bucket, key, body)


def check_inputs(params):
    """The members that exclude each other, and the S3 addresses."""
    if ("InputConfig" in params) == ("ModelPackageVersionArn" in params):
        raise AwsError("ValidationException", "Exactly one of InputConfig and "
                       "ModelPackageVersionArn must be specified.", 400)
    output = params["OutputConfig"]
    if ("TargetDevice" in output) == ("TargetPlatform" in output):
        raise AwsError("ValidationException", "Exactly one of TargetDevice and TargetPlatform "
                       "must be specified.", 400)
    for document in (output.get("CompilerOptions"),
                     params.get("InputConfig", {}).get("DataInputConfig")):
        if document is not None and not _is_json(document):
            raise AwsError("ValidationException", f"'{document[:80]}' is not a JSON document.", 400)


def _is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def change(job, status, **members):
    job.update(members, CompilationJobStatus=status, LastModifiedTime=time.time())


def summary(job):
    names = ("CompilationJobName", "CompilationJobArn", "CreationTime", "CompilationStartTime",
             "CompilationEndTime", "CompilationJobStatus", "LastModifiedTime")
    answer = {name: job[name] for name in names if name in job}
    if "TargetDevice" in job["OutputConfig"]:
        answer["CompilationTargetDevice"] = job["OutputConfig"]["TargetDevice"]
    return answer


def read_object(account, uri):
    """The bytes at an s3:// address, or None. Buckets are global: any account's are looked at."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    for owner in [account] + [name for name in list(s3_backends) if name != account]:
        backend = s3_backends[owner]["aws"]
        if bucket in backend.buckets:
            found = backend.get_object(bucket, key)
            return found.value if found is not None else None
    return None


def compile_model(data, job):
    """What Neo would leave behind: a .tar.gz named after the input and the target.

    The archive is the same for the same input and target, so that tests can compare digests.
    """
    output = job["OutputConfig"]
    platform = output.get("TargetPlatform", {})
    target = output.get("TargetDevice") or "-".join(
        platform[name] for name in ("Os", "Arch", "Accelerator") if name in platform)
    source = job.get("InputConfig", {}).get("S3Uri", "model.tar.gz").rpartition("/")[2]
    stem = source.removesuffix(".gz").removesuffix(".tar") or "model"
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in (("compiled.bin", data),
                              ("manifest.json", json.dumps({"target": target}).encode())):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    body = gzip.compress(plain.getvalue(), mtime=0)
    return f"{output['S3OutputLocation'].rstrip('/')}/{stem}-{target}.tar.gz", body
