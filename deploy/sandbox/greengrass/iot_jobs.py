"""IoT jobs of Greengrass deployments; every other job stays moto's."""

import time

from ..errors import AwsError
from ..front import Reply
from ..pages import page

COUNTS = {"Queued": "QUEUED", "InProgress": "IN_PROGRESS", "Succeeded": "SUCCEEDED",
          "Failed": "FAILED", "Rejected": "REJECTED", "Removed": "REMOVED",
          "Canceled": "CANCELED", "TimedOut": "TIMED_OUT"}


def no_job(what):
    return AwsError("ResourceNotFoundException", f"{what} cannot be found.", 404)


class IotJobs:
    """Handlers of the job operations a controller needs."""

    def __init__(self, world, front, deployments):
        self.world = world
        self.front = front
        self.deployments = deployments
        for name, handler in (("DescribeJob", self.describe),
                              ("ListJobExecutionsForJob", self.list_executions),
                              ("ListJobExecutionsForThing", self.list_for_thing),
                              ("DescribeJobExecution", self.describe_execution),
                              ("CancelJob", self.cancel),
                              ("CancelJobExecution", self.cancel_execution)):
            front.own["iot", name] = handler

    def find(self, call):
        return self.deployments.by_job(call.account, call.region, call.params["jobId"])

    def describe(self, call):
        """DescribeJob: the counts of a whole fleet in one answer."""
        deployment = self.find(call)
        if deployment is None:
            return self.front.ask_moto(call)
        seen = deployment.counts()
        counts = {f"numberOf{name}Things": seen[status] for name, status in COUNTS.items()}
        job = {"jobArn": deployment.job_arn, "jobId": deployment.job_id,
               "targetSelection": "CONTINUOUS", "status": job_status(deployment),
               "targets": [deployment.target], "createdAt": round(deployment.created, 3),
               "lastUpdatedAt": round(deployment.updated, 3),
               "jobProcessDetails": {"processingTargets": [], **counts},
               "namespaceId": "aws-gg-deployment"}
        if deployment.status != "ACTIVE":
            job["completedAt"] = round(deployment.completed or deployment.updated, 3)
        config = deployment.job_config or {}
        for theirs in ("jobExecutionsRolloutConfig", "abortConfig", "timeoutConfig"):
            if theirs in config:
                job[theirs] = config[theirs]
        return Reply({"job": job}, effect=False)

    def list_executions(self, call):
        deployment = self.find(call)
        if deployment is None:
            return self.front.ask_moto(call)
        status = call.params.get("status")
        found = [execution for execution in deployment.executions.values()
                 if status in (None, execution.status)]
        found.sort(key=lambda execution: execution.thing)
        some, token = page(found, call.params, self.world.settings, 250)
        return Reply({"executionSummaries": [
            {"thingArn": thing_arn(deployment, execution.thing),
             "jobExecutionSummary": summary(execution)} for execution in some],
            "nextToken": token}, effect=False)

    def list_for_thing(self, call):
        thing, status = call.params["thingName"], call.params.get("status")
        store = self.deployments.store(call.account, call.region)
        found = [(deployment, deployment.executions[thing])
                 for deployment in reversed(store.values())
                 if deployment.job_id and thing in deployment.executions]
        found = [pair for pair in found if status in (None, pair[1].status)]
        some, token = page(found, call.params, self.world.settings, 250)
        return Reply({"executionSummaries": [
            {"jobId": deployment.job_id, "jobExecutionSummary": summary(execution)}
            for deployment, execution in some], "nextToken": token}, effect=False)

    def execution(self, call, deployment):
        thing = call.params["thingName"]
        if thing not in deployment.executions:
            raise no_job(f"Job execution of {call.params['jobId']} for {thing}")
        return deployment.executions[thing]

    def describe_execution(self, call):
        deployment = self.find(call)
        if deployment is None:
            return self.front.ask_moto(call)
        execution = self.execution(call, deployment)
        answer = {"jobId": deployment.job_id, "status": execution.status,
                  "forceCanceled": False, "thingArn": thing_arn(deployment, execution.thing),
                  "versionNumber": 1 + (execution.started is not None)
                  + (execution.status not in ("QUEUED", "IN_PROGRESS")), **summary(execution)}
        answer["statusDetails"] = {"detailsMap": details_map(execution)}
        return Reply({"execution": answer}, effect=False)

    def cancel(self, call):
        """CancelJob on a deployment's job stops the deployment."""
        deployment = self.find(call)
        if deployment is None:
            return self.front.ask_moto(call)
        if deployment.status != "ACTIVE":
            raise AwsError("InvalidRequestException", f"Job {deployment.job_id} is in status "
                           f"{job_status(deployment)} and cannot be canceled.", 400)
        force = call.params.get("force", False)
        self.deployments.cancel(deployment, "CANCELED",
                                ("QUEUED", "IN_PROGRESS") if force else ("QUEUED",))
        return Reply({"jobArn": deployment.job_arn, "jobId": deployment.job_id})

    def cancel_execution(self, call):
        deployment = self.find(call)
        if deployment is None:
            return self.front.ask_moto(call)
        execution = self.execution(call, deployment)
        allowed = ("QUEUED", "IN_PROGRESS") if call.params.get("force") else ("QUEUED",)
        if execution.status not in allowed:
            raise AwsError("InvalidStateTransitionException", "The job execution is in status "
                           f"{execution.status}.", 409)
        execution.become("CANCELED")
        deployment.updated = time.time()
        self.deployments.report(deployment, execution)
        return Reply(None)


def job_status(deployment):
    """A continuous job stays IN_PROGRESS until it is replaced or cancelled."""
    return "IN_PROGRESS" if deployment.status == "ACTIVE" else "CANCELED"


def thing_arn(deployment, thing):
    return f"arn:aws:iot:{deployment.region}:{deployment.account}:thing/{thing}"


def summary(execution):
    answer = {"status": execution.status, "queuedAt": round(execution.queued, 3),
              "lastUpdatedAt": round(execution.updated, 3), "executionNumber": 1}
    if execution.started is not None:
        answer["startedAt"] = round(execution.started, 3)
    return answer


def details_map(execution):
    """statusDetails with the keys the nucleus writes (aws.md 1.5)."""
    details = execution.details
    answer = {}
    if "class" in details:
        answer["detailed-deployment-status"] = details["class"]
    if details.get("reason") and details.get("class") != "SUCCESSFUL":
        answer["deployment-failure-cause"] = details["reason"]
        answer["deployment-error-stack"] = ",".join(details.get("errorStack", []))
        answer["deployment-error-types"] = ",".join(details.get("errorTypes", []))
    return answer
