"""The registry is only eventually consistent: what it says may be older than the event."""

import json
import time

import pytest
import release


def old_answer(cloud, arn, status):
    """What DescribeModelPackage said in the second of the approval, before it."""
    found = cloud.sagemaker.describe_model_package(ModelPackageName=arn)
    modified = int(found["LastModifiedTime"].timestamp())
    return json.dumps({"ModelPackageArn": arn, "ModelPackageGroupName": "digits",
                       "ModelPackageVersion": found["ModelPackageVersion"],
                       "ModelPackageStatus": "Completed", "ModelApprovalStatus": status,
                       "CreationTime": modified, "LastModifiedTime": modified,
                       "InferenceSpecification": found["InferenceSpecification"]})


def confirmed_after(sandbox, tmp_path, status):
    """A daemon whose first look at the approved package finds `status` instead."""
    cloud = release.Cloud(sandbox).prepare()
    slipway = release.Slipway(cloud, tmp_path)
    arn = cloud.publish()
    cloud.approve(arn)
    cloud.sandbox.control("POST", "faults", {
        "operation": "sagemaker.DescribeModelPackage", "kind": "garbage",
        "params": {"body": old_answer(cloud, arn, status)}})
    return slipway.start()


def test_pending_in_the_second_of_the_approval_is_an_old_answer(sandbox, tmp_path):
    slipway = confirmed_after(sandbox, tmp_path, "PendingManualApproval")
    slipway.wait(1, "awaiting-approval")
    assert slipway.stop() == 0, slipway.tail()


def test_rejected_in_the_second_of_the_approval_is_a_rejection(sandbox, tmp_path):
    slipway = confirmed_after(sandbox, tmp_path, "Rejected")
    slipway.wait(1, "rejected")
    time.sleep(0.2)
    assert slipway.stop() == 0, slipway.tail()


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_the_sweep_finds_an_approval_that_was_taken_back(sandbox, tmp_path, status):
    cloud = release.Cloud(sandbox).prepare(rule=False)
    slipway = release.Slipway(cloud, tmp_path, sweep={"interval": "1s"}).start()
    arn = cloud.publish()
    cloud.approve(arn)
    slipway.wait(1, "awaiting-approval")
    time.sleep(1.1)
    cloud.set_status(arn, status)
    slipway.wait(1, "rejected")
    assert slipway.stop() == 0, slipway.tail()
