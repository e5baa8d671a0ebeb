"""SageMaker model packages: moto stores them; changes, life cycle and events are done here.

moto's UpdateModelPackage sets every field that a partial update leaves out to nothing, keeps no
ModelLifeCycle and emits no event. Sources: SageMaker developer guide, "Amazon SageMaker AI events
that EventBridge can receive" (model package state change); API reference, UpdateModelPackage.
"""

import datetime
import json

from moto.sagemaker import models as sagemaker_models

from .errors import AwsError
from .event_bus import iso
from .front import Reply
from .pages import page

DETAIL_TYPE = "SageMaker Model Package State Change"
# Members an event carries besides the fixed ones, when the package has them.
EVENT_MEMBERS = ("InferenceSpecification", "ApprovalDescription", "MetadataProperties",
                 "ModelMetrics", "ModelLifeCycle", "CustomerMetadataProperties",
                 "ModelPackageDescription", "SourceUri", "Domain", "Task", "SamplePayloadUrl",
                 "DriftCheckBaselines", "AdditionalInferenceSpecifications")
# Request member -> the name UpdatedModelPackageFields has for it ("sourceUri" is AWS's spelling).
UPDATABLE = {"ModelApprovalStatus": "ModelApprovalStatus",
             "ApprovalDescription": "ApprovalDescription",
             "CustomerMetadataProperties": "CustomerMetadataProperties",
             "ModelLifeCycle": "ModelLifeCycle", "InferenceSpecification": "InferenceSpecification",
             "SourceUri": "sourceUri"}

_moto_describe = sagemaker_models.ModelPackage.gen_response_object


def _describe(self):
    """Replaces moto's: adds the members moto does not know."""
    answer = _moto_describe(self)
    for name in ("ModelLifeCycle", "SourceUri"):
        value = getattr(self, _attribute(name), None)
        if value is not None:
            answer[name] = value
    return answer


sagemaker_models.ModelPackage.gen_response_object = _describe


def _attribute(name):
    """The Python attribute of a member: ModelApprovalStatus -> model_approval_status."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter
                   for letter in name).lstrip("_")


class ModelPackages:
    """Handlers of the model package operations."""

    def __init__(self, world, front):
        self.world = world
        self.front = front
        front.own["sagemaker", "CreateModelPackage"] = self.create
        front.own["sagemaker", "UpdateModelPackage"] = self.update
        front.own["sagemaker", "ListModelPackages"] = self.list

    def create(self, call):
        """CreateModelPackage, idempotent by ClientToken, with its event."""
        token = call.params.get("ClientToken")
        kept = self.world.tokens.replay(call, token)
        if kept is not None:
            return Reply(kept, effect=False, replay=True)
        response = self.front.ask_moto(call)
        if response.status != 200:
            return response
        result = json.loads(response.body)
        package = self.find(call, result["ModelPackageArn"])
        for name in ("ModelLifeCycle", "SourceUri"):
            if name in call.params:
                setattr(package, _attribute(name), call.params[name])
        package.last_modified_time = package.creation_time
        self.world.tokens.keep(call, token, result)
        self.emit(call, package, None)
        return Reply(result)

    def update(self, call):
        """UpdateModelPackage: only the members that were sent change."""
        token = call.params.get("ClientToken")
        kept = self.world.tokens.replay(call, token)
        if kept is not None:
            return Reply(kept, effect=False, replay=True)
        package = self.find(call, call.params["ModelPackageArn"])
        changed = [UPDATABLE[name] for name in UPDATABLE
                   if name in call.params and self.set_member(package, name, call.params[name])]
        if self.remove_properties(package, call.params) and \
                "CustomerMetadataProperties" not in changed:
            changed.append("CustomerMetadataProperties")
        if "AdditionalInferenceSpecificationsToAdd" in call.params:
            package.add_additional_inference_specifications(
                call.params["AdditionalInferenceSpecificationsToAdd"])
        package.modifications_done()
        result = {"ModelPackageArn": package.arn}
        self.world.tokens.keep(call, token, result)
        if changed:
            self.emit(call, package, changed)
        return Reply(result)

    def set_member(self, package, name, value):
        """Set one member; metadata properties are merged. Returns whether anything changed."""
        attribute = _attribute(name)
        before = getattr(package, attribute, None)
        if name == "CustomerMetadataProperties":
            value = {**(before or {}), **value}
        setattr(package, attribute, value)
        return value != before

    @staticmethod
    def remove_properties(package, params):
        properties = dict(package.customer_metadata_properties or {})
        gone = [properties.pop(key) for key in params.get("CustomerMetadataPropertiesToRemove", [])
                if key in properties]
        if gone:
            package.customer_metadata_properties = properties
        return bool(gone)

    def find(self, call, name):
        backend = sagemaker_models.sagemaker_backends[call.account][call.region]
        arn = backend.model_package_name_mapping.get(name, name)
        package = backend.model_packages.get(arn)
        if package is None:
            raise AwsError("ValidationException", f"Model package {name} does not exist.", 400)
        return package

    def list(self, call):
        """ListModelPackages with every filter, and pages as small as a test wants them."""
        params = call.params
        backend = sagemaker_models.sagemaker_backends[call.account][call.region]
        found = [package for package in backend.model_packages.values()
                 if _wanted(package, params)]
        by_name = params.get("SortBy") == "Name"
        found.sort(key=lambda package: package.model_package_name if by_name
                   else package.creation_time, reverse=params.get("SortOrder") == "Descending")
        some, token = page(found, params, self.world.settings, 10, ("MaxResults", "NextToken"))
        result = {"ModelPackageSummaryList": [_summary(package) for package in some]}
        if token:
            result["NextToken"] = token
        return Reply(result, effect=False)

    def emit(self, call, package, changed):
        """The state change event, as the developer guide shows it."""
        described = package.gen_response_object()
        detail = {}
        if package.model_package_group_name:
            detail["ModelPackageGroupName"] = package.model_package_group_name
            detail["ModelPackageVersion"] = package.model_package_version
        else:
            detail["ModelPackageName"] = package.model_package_name
        detail.update({
            "ModelPackageArn": package.arn, "CreationTime": iso(package.creation_time),
            "ModelPackageStatus": package.model_package_status,
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": bool(package.certify_for_marketplace),
            "ModelApprovalStatus": package.model_approval_status or "PendingManualApproval"})
        detail.update({name: described[name] for name in EVENT_MEMBERS if described.get(name)})
        if changed:
            detail["UpdatedModelPackageFields"] = changed
        modified = package.last_modified_time or package.creation_time
        detail["LastModifiedTime"] = iso(modified)
        self.world.events.emit(call.account, call.region, {
            "source": "aws.sagemaker", "detail-type": DETAIL_TYPE, "time": iso(modified),
            "resources": [package.arn], "detail": detail})


def _wanted(package, params):
    group = params.get("ModelPackageGroupName")
    if group is not None:
        if package.model_package_group_name != group.rpartition("/")[2]:
            return False
    else:
        kind = params.get("ModelPackageType", "Unversioned")
        versioned = package.model_package_version is not None
        if kind != "Both" and versioned != (kind == "Versioned"):
            return False
    status = params.get("ModelApprovalStatus")
    created = _unix(package.creation_time)
    return (status in (None, package.model_approval_status)
            and params.get("NameContains", "") in package.model_package_name
            and created > params.get("CreationTimeAfter", 0)
            and created < params.get("CreationTimeBefore", 1e12))


def _unix(when):
    """moto's times are naive and in UTC."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    return when.timestamp()


def _summary(package):
    answer = {"ModelPackageArn": package.arn, "CreationTime": _unix(package.creation_time),
              "ModelPackageStatus": package.model_package_status}
    optional = {"ModelPackageGroupName": package.model_package_group_name,
                "ModelPackageVersion": package.model_package_version,
                "ModelPackageDescription": package.model_package_description,
                "ModelApprovalStatus": package.model_approval_status}
    if package.model_package_version is None:
        optional["ModelPackageName"] = package.model_package_name
    answer.update({name: value for name, value in optional.items() if value is not None})
    return answer
