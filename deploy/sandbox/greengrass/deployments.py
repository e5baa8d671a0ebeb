"""Greengrass deployments: one latest per target, each new one replacing the one before."""

import collections
import json
import re
import time
import uuid

from moto.iot.models import iot_backends

from ..errors import AwsError
from ..event_bus import iso
from ..front import Reply
from ..pages import page
from .components import not_found, stamp
from .recipes import NAME, VERSION

TARGET = re.compile(r"arn:aws:iot:([^:]+):([^:]+):(thinggroup|thing)/(.+)")
# Greengrass quotas: the deployment document of a thing and of a group.
DOCUMENT_BYTES_MAX = {"thing": 7 * 1024, "thinggroup": 31 * 1024}
ENDED = ("SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT", "CANCELED", "REMOVED")


class Execution:
    """One device's share of a deployment: an IoT job execution."""

    def __init__(self, thing):
        self.thing = thing
        self.status = "QUEUED"
        self.queued = self.updated = time.time()
        self.started = None
        self.details = {}

    def become(self, status, details=None):
        self.status = status
        self.updated = time.time()
        if status == "IN_PROGRESS":
            self.started = self.updated
        if details:
            self.details = details


class Deployment:
    """One revision for one target, with its job."""

    def __init__(self, call, kind, target_name, revision):
        params = call.params
        self.account, self.region = call.account, call.region
        self.kind, self.target_name = kind, target_name
        self.target = params["targetArn"]
        self.revision = revision
        self.id = str(uuid.uuid4())
        self.job_id = str(uuid.uuid4()) if kind == "thinggroup" else None
        self.name = params.get("deploymentName")
        self.components = params.get("components", {})
        self.policies = params.get("deploymentPolicies")
        self.job_config = params.get("iotJobConfiguration")
        self.parent = params.get("parentTargetArn")
        self.tags = dict(params.get("tags", {}))
        self.created = self.updated = time.time()
        self.completed = None
        self.status = "ACTIVE"
        self.latest = True
        self.executions = {}

    @property
    def job_arn(self):
        return self.job_id and f"arn:aws:iot:{self.region}:{self.account}:job/{self.job_id}"

    @property
    def arn(self):
        return f"arn:aws:greengrass:{self.region}:{self.account}:deployments:{self.id}"

    def counts(self):
        """How many executions are in each status."""
        return collections.Counter(execution.status for execution in self.executions.values())

    def versions(self):
        """{component name: version} of the document."""
        return {name: given["componentVersion"] for name, given in self.components.items()}


class Deployments:
    """Handlers of the deployment operations."""

    def __init__(self, world, front, components, fleet):
        self.world = world
        self.components = components
        self.fleet = fleet
        self.stores = {}
        self.parents = {}
        for name in ("CreateDeployment", "GetDeployment", "ListDeployments", "CancelDeployment",
                     "DeleteDeployment", "TagResource", "UntagResource", "ListTagsForResource"):
            method = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
            front.own["greengrassv2", name] = getattr(self, method)

    def reset(self):
        self.stores.clear()
        self.parents.clear()

    def store(self, account, region):
        """{deployment id: Deployment}, oldest first, of an account and Region."""
        return self.stores.setdefault((account, region), {})

    def latest(self, account, region, target):
        """The latest deployment of a target, or None."""
        for deployment in reversed(self.store(account, region).values()):
            if deployment.target == target:
                return deployment
        return None

    def by_job(self, account, region, job_id):
        """The deployment that a job belongs to, or None."""
        for deployment in self.store(account, region).values():
            if deployment.job_id == job_id:
                return deployment
        return None

    def create_deployment(self, call):
        token = call.params.get("clientToken")
        kept = self.world.tokens.replay(call, token)
        if kept is not None:
            return Reply(kept, effect=False, replay=True)
        kind, name = self.check_target(call, call.params["targetArn"])
        self.check_components(call)
        self.check_document(call, kind)
        self.check_parent(call)
        store = self.store(call.account, call.region)
        before = self.latest(call.account, call.region, call.params["targetArn"])
        revision = int(before.revision) + 1 if before else 1
        deployment = Deployment(call, kind, name, str(revision))
        if before is not None:
            self.replace(before)
        if deployment.parent is None:
            self.replace_children(deployment)
        store[deployment.id] = deployment
        self.fleet.roll_out(deployment)
        result = {"deploymentId": deployment.id}
        if deployment.job_id:
            result.update(iotJobId=deployment.job_id, iotJobArn=deployment.job_arn)
        self.world.tokens.keep(call, token, result)
        call.entry["key"]["revisionId"] = deployment.revision
        return Reply(result)

    def check_target(self, call, arn):
        """(kind, name) of a target that must exist in the caller's account and Region."""
        match = TARGET.fullmatch(arn)
        if match is None or (match.group(2), match.group(1)) != (call.account, call.region):
            raise AwsError("ValidationException", f"'{arn}' is not a thing or thing group of this "
                           "account and Region.", 400, {"reason": "FIELD_VALIDATION_FAILED"})
        kind, name = match.group(3), match.group(4)
        backend = iot_backends[call.account][call.region]
        exists = arn in backend.thing_groups if kind == "thinggroup" else arn in backend.things
        if not exists:
            raise not_found("thing group" if kind == "thinggroup" else "thing", arn)
        return kind, name

    def check_components(self, call):
        """Each component version must exist and be deployable; AWS's own are taken on trust."""
        for name, given in call.params.get("components", {}).items():
            version = given["componentVersion"]
            if not NAME.fullmatch(name) or not VERSION.fullmatch(version):
                raise AwsError("ValidationException", f"'{name}' {version} is not a component "
                               "version.", 400, {"reason": "FIELD_VALIDATION_FAILED"})
            merge = given.get("configurationUpdate", {}).get("merge")
            if merge is not None and not _is_object(merge):
                raise AwsError("ValidationException", f"configurationUpdate.merge of '{name}' is "
                               "not a JSON object.", 400, {"reason": "CANNOT_PARSE"})
            if name.startswith("aws.greengrass."):
                continue
            component = self.components.find(call.account, call.region, name, version)
            arn = f"arn:aws:greengrass:{call.region}:{call.account}:components:{name}" \
                  f":versions:{version}"
            if component is None:
                raise not_found("component", arn)
            if component.state() != "DEPLOYABLE":
                raise AwsError("ValidationException", f"Component {arn} is in state "
                               f"{component.state()} and cannot be deployed.", 400,
                               {"reason": "OTHER"})

    @staticmethod
    def check_document(call, kind):
        document = {name: call.params[name] for name in
                    ("components", "deploymentPolicies", "deploymentName") if name in call.params}
        size = len(json.dumps(document, separators=(",", ":")).encode())
        if size > DOCUMENT_BYTES_MAX[kind]:
            raise AwsError("ValidationException", f"The deployment document of {size} bytes is "
                           f"over the limit of {DOCUMENT_BYTES_MAX[kind]}.", 400,
                           {"reason": "OTHER"})

    def check_parent(self, call):
        """A subdeployment's group belongs to one parent for ever (developer guide)."""
        parent = call.params.get("parentTargetArn")
        if parent is None:
            return
        self.check_target(call, parent)
        key = call.account, call.region, call.params["targetArn"]
        bound = self.parents.setdefault(key, parent)
        if bound != parent:
            raise AwsError("ConflictException", "The target already belongs to the parent "
                           f"{bound}.", 409, {"resourceId": call.params["targetArn"],
                                              "resourceType": "thing group"})

    def replace(self, deployment):
        """A newer revision takes over: the job is cancelled, devices that wait drop it."""
        deployment.latest = False
        if deployment.status == "ACTIVE":
            deployment.status = "INACTIVE"
        self.cancel_executions(deployment, ("QUEUED", "IN_PROGRESS"))

    def replace_children(self, deployment):
        """Revising a parent replaces all its subdeployments."""
        for other in self.store(deployment.account, deployment.region).values():
            if other.parent == deployment.target and other.status == "ACTIVE":
                self.replace(other)

    def cancel_executions(self, deployment, statuses):
        deployment.completed = deployment.updated = time.time()
        for execution in deployment.executions.values():
            if execution.status in statuses:
                execution.become("CANCELED")
                self.report(deployment, execution)

    def cancel_deployment(self, call):
        deployment = self.find(call)
        if deployment.status != "ACTIVE":
            raise AwsError("ConflictException", f"Deployment {deployment.id} is in status "
                           f"{deployment.status} and cannot be canceled.", 409,
                           {"resourceId": deployment.id, "resourceType": "deployment"})
        self.cancel(deployment, "CANCELED", ("QUEUED",))
        return Reply({"message": "The deployment was canceled."})

    def cancel(self, deployment, status, statuses):
        """Stop a deployment: devices whose execution is in `statuses` drop it."""
        deployment.status = status
        self.cancel_executions(deployment, statuses)

    def delete_deployment(self, call):
        deployment = self.find(call)
        if deployment.status == "ACTIVE":
            raise AwsError("ConflictException", f"Deployment {deployment.id} is active.", 409,
                           {"resourceId": deployment.id, "resourceType": "deployment"})
        del self.store(call.account, call.region)[deployment.id]
        return Reply(None)

    def find(self, call):
        identifier = call.params["deploymentId"]
        deployment = self.store(call.account, call.region).get(identifier)
        if deployment is None or self.world.hidden(deployment.created):
            raise not_found("deployment", identifier)
        return deployment

    def get_deployment(self, call):
        """As AWS writes it: what was not given is an explicit null (aws.md 3)."""
        deployment = self.find(call)
        components = {name: {"componentVersion": given["componentVersion"],
                             "configurationUpdate": given.get("configurationUpdate"),
                             "runWith": given.get("runWith")}
                      for name, given in deployment.components.items()}
        return Reply({**_listed(deployment), "iotJobId": deployment.job_id,
                      "iotJobArn": deployment.job_arn, "components": components,
                      "deploymentPolicies": deployment.policies,
                      "iotJobConfiguration": deployment.job_config, "tags": deployment.tags},
                     effect=False)

    def list_deployments(self, call):
        params = call.params
        history = params.get("historyFilter", "LATEST_ONLY")
        found = [deployment for deployment in
                 reversed(self.store(call.account, call.region).values())
                 if params.get("targetArn") in (None, deployment.target)
                 and params.get("parentTargetArn") in (None, deployment.parent)
                 and (history == "ALL" or deployment.latest)
                 and not self.world.hidden(deployment.created)]
        some, token = page(found, params, self.world.settings, 100)
        return Reply({"deployments": [_listed(deployment) for deployment in some],
                      "nextToken": token}, effect=False)

    def tagged(self, call):
        """What a resource ARN names: a deployment or a component version."""
        arn = call.params["resourceArn"]
        for deployment in self.store(call.account, call.region).values():
            if deployment.arn == arn:
                return deployment
        for versions in self.components.store(call).values():
            for component in versions.values():
                if component.arn == arn:
                    return component
        raise not_found("resource", arn)

    def tag_resource(self, call):
        self.tagged(call).tags.update(call.params["tags"])
        return Reply({})

    def untag_resource(self, call):
        resource = self.tagged(call)
        for key in call.params["tagKeys"]:
            resource.tags.pop(key, None)
        return Reply({})

    def list_tags_for_resource(self, call):
        return Reply({"tags": self.tagged(call).tags}, effect=False)

    def report(self, deployment, execution):
        """Tell EventBridge that a device is done; only these outcomes have events."""
        if execution.status not in ("SUCCEEDED", "FAILED", "REJECTED", "CANCELED"):
            return
        status = execution.status
        if status == "SUCCEEDED" and deployment.kind == "thing":
            status = "COMPLETED"
        details = execution.details
        detail = {"deploymentId": deployment.id, "coreDeviceExecutionStatus": status,
                  "statusDetails": {
                      "errorStack": details.get("errorStack", []),
                      "errorTypes": details.get("errorTypes", [])},
                  "reason": details.get("reason", "SUCCESSFUL" if status in
                                        ("SUCCEEDED", "COMPLETED") else "")}
        arn = f"arn:aws:greengrass:{deployment.region}:{deployment.account}:coreDevices:" \
              f"{execution.thing}"
        self.world.events.emit(deployment.account, deployment.region, {
            "source": "aws.greengrass", "time": iso(execution.updated), "resources": [arn],
            "detail-type": "Greengrass V2 Effective Deployment Status Change", "detail": detail})


def _listed(deployment):
    return {"targetArn": deployment.target, "revisionId": deployment.revision,
            "deploymentId": deployment.id, "deploymentName": deployment.name,
            "creationTimestamp": stamp(deployment.created),
            "deploymentStatus": deployment.status, "isLatestForTarget": deployment.latest,
            "parentTargetArn": deployment.parent}


def _is_object(text):
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
