"""Greengrass core devices, as the simulated devices report them."""

from ..front import Reply
from ..pages import page
from .components import not_found, stamp


class CoreDevices:
    """Handlers of the core device operations."""

    def __init__(self, world, front, fleet, deployments):
        self.world = world
        self.fleet = fleet
        self.deployments = deployments
        for name, handler in (("GetCoreDevice", self.get), ("ListCoreDevices", self.list),
                              ("ListEffectiveDeployments", self.effective),
                              ("ListInstalledComponents", self.installed),
                              ("DeleteCoreDevice", self.delete)):
            front.own["greengrassv2", name] = handler

    def find(self, call):
        name = call.params["coreDeviceThingName"]
        device = self.fleet.devices.get((call.account, call.region, name))
        if device is None:
            raise not_found("core device", name)
        return device

    def get(self, call):
        device = self.find(call)
        return Reply({"coreDeviceThingName": device.thing, "coreVersion": device.core_version(),
                      "platform": "linux", "architecture": device.platform["architecture"],
                      "runtime": device.runtime, "status": device.health(),
                      "lastStatusUpdateTimestamp": stamp(device.reported), "tags": {}},
                     effect=False)

    def list(self, call):
        """With a group, only the cores that have deployed successfully for it (aws.md 3)."""
        params = call.params
        group = params.get("thingGroupArn")
        found = [device for (account, region, _), device in sorted(self.fleet.devices.items())
                 if (account, region) == (call.account, call.region)
                 and params.get("status") in (None, device.health())
                 and params.get("runtime") in (None, device.runtime)
                 and (group is None or group in device.succeeded)]
        some, token = page(found, params, self.world.settings, 100)
        return Reply({"coreDevices": [
            {"coreDeviceThingName": device.thing, "status": device.health(),
             "lastStatusUpdateTimestamp": stamp(device.reported), "platform": "linux",
             "architecture": device.platform["architecture"], "runtime": device.runtime}
            for device in some], "nextToken": token}, effect=False)

    def delete(self, call):
        """The core device is forgotten; its thing stays."""
        device = self.find(call)
        del self.fleet.devices[call.account, call.region, device.thing]
        return Reply(None)

    def effective(self, call):
        device = self.find(call)
        store = self.deployments.store(call.account, call.region)
        items = []
        for deployment in reversed(store.values()):
            execution = deployment.executions.get(device.thing)
            if execution is None:
                continue
            status = execution.status
            if status == "SUCCEEDED" and deployment.kind == "thing":
                status = "COMPLETED"
            items.append({
                "deploymentId": deployment.id, "deploymentName": deployment.name or "",
                "iotJobId": deployment.job_id, "iotJobArn": deployment.job_arn,
                "targetArn": deployment.target, "coreDeviceExecutionStatus": status,
                "reason": execution.details.get("reason"),
                "creationTimestamp": stamp(deployment.created),
                "modifiedTimestamp": stamp(execution.updated),
                "statusDetails": {"errorStack": execution.details.get("errorStack", []),
                                  "errorTypes": execution.details.get("errorTypes", [])}})
        some, token = page(items, call.params, self.world.settings, 100)
        return Reply({"effectiveDeployments": some, "nextToken": token}, effect=False)

    def installed(self, call):
        device = self.find(call)
        items = [{"componentName": name, "componentVersion": item.version,
                  "lifecycleState": item.state, "lifecycleStateDetails": item.details or None,
                  "isRoot": True, "lastStatusChangeTimestamp": stamp(item.changed),
                  "lastReportedTimestamp": stamp(device.reported),
                  "lastInstallationSource": item.source, "lifecycleStatusCodes": item.codes}
                 for name, item in sorted(device.installed.items())]
        some, token = page(items, call.params, self.world.settings, 100)
        return Reply({"installedComponents": some, "nextToken": token}, effect=False)
