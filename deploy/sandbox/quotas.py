"""AWS's request quotas, enforced when the setting `quotas` is on.

Sources: AWS General Reference, "AWS IoT Greengrass V2 endpoints and quotas" and "AWS IoT Device
Management endpoints and quotas" (jobs). A quota is a token bucket that holds one second's worth.
"""

import time

from .errors import AwsError

CREATE_COMPONENT_PER_SECOND = 1
GREENGRASS_PER_SECOND = 30
JOBS_PER_SECOND = 10
JOB_OPERATIONS = ("DescribeJob", "ListJobExecutionsForJob", "DescribeJobExecution", "CancelJob")


def quota_of(service, operation):
    """(name of the bucket, requests a second), or None where no quota is kept."""
    if service == "greengrassv2":
        if operation == "CreateComponentVersion":
            return operation, CREATE_COMPONENT_PER_SECOND
        return "greengrassv2", GREENGRASS_PER_SECOND
    if service == "iot" and operation in JOB_OPERATIONS:
        return operation, JOBS_PER_SECOND
    return None


class Quotas:
    """The buckets by account, Region and name: [tokens, time of the last look]."""

    def __init__(self, settings):
        self.settings = settings
        self.buckets = {}

    def reset(self):
        self.buckets.clear()

    def take(self, call):
        """Spend one request of the caller's quota, or refuse with the service's throttling."""
        quota = quota_of(call.service.name, call.name) if self.settings.quotas else None
        if quota is None:
            return
        name, rate = quota
        now = time.monotonic()
        bucket = self.buckets.setdefault((call.account, call.region, name), [rate, now])
        bucket[0] = min(rate, bucket[0] + rate * (now - bucket[1]))
        bucket[1] = now
        if bucket[0] < 1:
            raise AwsError("ThrottlingException", "Rate exceeded",
                           429 if call.service.name == "greengrassv2" else 400)
        bucket[0] -= 1
