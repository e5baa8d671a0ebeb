"""The fleet of simulated devices: made by a control call, driven by deployments and time."""

import math

from moto.iot.models import FakeThing, iot_backends

from ..credentials import ACCOUNT, REGION
from ..errors import ControlError
from ..event_bus import iso
from .deployments import ENDED, Execution
from .devices import RUNTIMES, Device, FailRule

COUNT_MAX = 100_000
BATCH = {"group", "count", "prefix", "runtime", "delay_ms", "fail", "offline", "late", "account",
         "region", "architecture", "names"}
CHANGES = {"group", "things", "online", "fail", "delay_ms", "break", "mend", "account", "region"}


class Fleet:
    """All devices by (account, Region, thing name)."""

    def __init__(self, world, front, control, components):
        self.world = world
        self.components = components
        self.deployments = None
        self.devices = {}
        control.add("POST", "devices", self.add_devices)
        control.add("GET", "devices", self.read_devices)
        control.add("POST", "devices/update", self.update_devices)
        front.after["iot", "AddThingToThingGroup"] = self.on_added
        front.after["iot", "RemoveThingFromThingGroup"] = self.on_removed

    def reset(self):
        self.devices.clear()

    # Control calls.

    def add_devices(self, _query, body):
        """Make things, their group and their behaviour; see README.md for the members."""
        unknown = set(body) - BATCH
        if unknown or not isinstance(body.get("group"), str):
            raise ControlError(f"unknown members {sorted(unknown)}" if unknown
                               else "'group' is missing")
        account, region = body.get("account", ACCOUNT), body.get("region", REGION)
        count = body.get("count", 1)
        if not isinstance(count, int) or not 0 <= count <= COUNT_MAX:
            raise ControlError(f"'count' must be between 0 and {COUNT_MAX}")
        prefix = body.get("prefix", body["group"])
        names = body.get("names") or [f"{prefix}-{number:03d}" for number in range(1, count + 1)]
        runtime = body.get("runtime", "aws_nucleus_classic")
        if runtime not in RUNTIMES:
            raise ControlError(f"unknown runtime '{runtime}'; known: {', '.join(RUNTIMES)}")
        rule, failing = read_failures(body.get("fail"), names)
        offline = set(names[len(names) - body.get("offline", 0):])
        with self.world.lock:
            group = self.group(account, region, body["group"])
            for name in names:
                key = account, region, name
                device = self.devices.get(key)
                if device is None:
                    device = self.devices[key] = Device(name, runtime,
                                                        body.get("delay_ms", 50) / 1000,
                                                        body.get("architecture", "amd64"))
                device.rule = rule if name in failing else None
                device.online = name not in offline
                if body.get("late"):
                    self.world.timers.after(body["late"] / 1000, self.join, account, region, group,
                                            name)
                else:
                    self.join(account, region, group, name)
        return {"group": group.arn, "things": names, "failing": sorted(failing),
                "offline": sorted(offline)}

    def group(self, account, region, name):
        """The thing group of that name, made when it does not exist."""
        backend = iot_backends[account][region]
        arn = f"arn:aws:iot:{region}:{account}:thinggroup/{name}"
        if arn not in backend.thing_groups:
            backend.create_thing_group(name, None, {})
        return backend.thing_groups[arn]

    def join(self, account, region, group, name):
        """Put a thing (made when it does not exist) into a group; it gets the group's latest."""
        backend = iot_backends[account][region]
        arn = f"arn:aws:iot:{region}:{account}:thing/{name}"
        if arn not in backend.things:
            backend.things[arn] = FakeThing(name, None, {}, account, region)
        group.things[arn] = backend.things[arn]
        self.catch_up(account, region, group.arn, name)

    def read_devices(self, query, _body):
        account, region = query.get("account", ACCOUNT), query.get("region", REGION)
        wanted = query.get("group")
        with self.world.lock:
            memberships = {}
            for group in iot_backends[account][region].thing_groups.values():
                for thing in group.things.values():
                    memberships.setdefault(thing.thing_name, []).append(group.thing_group_name)
            return [device.as_dict(memberships.get(name, []))
                    for (owner, place, name), device in sorted(self.devices.items())
                    if (owner, place) == (account, region)
                    and (wanted is None or wanted in memberships.get(name, []))]

    def update_devices(self, _query, body):
        """Change devices by name or group; see control.md for the members."""
        unknown = set(body) - CHANGES
        if unknown:
            raise ControlError(f"unknown members {sorted(unknown)}")
        account, region = body.get("account", ACCOUNT), body.get("region", REGION)
        with self.world.lock:
            names = body.get("things")
            if names is None:
                group = self.group(account, region, body.get("group", ""))
                names = sorted(thing.thing_name for thing in group.things.values())
            missing = [name for name in names if (account, region, name) not in self.devices]
            if missing:
                raise ControlError(f"no devices {', '.join(missing)}")
            rule, failing = read_failures(body.get("fail"), names)
            for name in names:
                device = self.devices[account, region, name]
                if "fail" in body:
                    device.rule = rule if name in failing else None
                self.update_device(account, region, device, body)
        return {"things": names}

    def update_device(self, account, region, device, body):
        if "delay_ms" in body:
            device.delay = body["delay_ms"] / 1000
        for word, state in (("break", "BROKEN"), ("mend", "RUNNING")):
            if word in body:
                device.set_state(body[word], state)
                self.report_components(account, region, device)
        if "online" in body:
            device.online = bool(body["online"])
        if "fail" in body and device.hung is not None:
            deployment, device.hung = device.hung, None
            self.end(device, deployment)
        self.kick(device)

    # Membership changes made through the IoT API.

    def on_added(self, call, _response):
        group = self.membership(call)
        name = call.params.get("thingName") or call.params.get("thingArn", "").rpartition("/")[2]
        if group is not None:
            self.catch_up(call.account, call.region, group, name)

    def on_removed(self, call, _response):
        group = self.membership(call)
        name = call.params.get("thingName") or call.params.get("thingArn", "").rpartition("/")[2]
        deployment = self.deployments.latest(call.account, call.region, group)
        execution = deployment.executions.get(name) if deployment else None
        if execution is not None and execution.status == "QUEUED":
            execution.become("REMOVED")

    @staticmethod
    def membership(call):
        if "thingGroupArn" in call.params:
            return call.params["thingGroupArn"]
        return f"arn:aws:iot:{call.region}:{call.account}:thinggroup/" \
               f"{call.params.get('thingGroupName')}"

    def catch_up(self, account, region, target, name):
        """A late joiner gets the group's latest deployment, outside of any rollout rate."""
        deployment = self.deployments.latest(account, region, target)
        if deployment is not None and deployment.status == "ACTIVE":
            self.notify(deployment, name)

    # Deployments.

    def roll_out(self, deployment):
        """Tell the target's devices, at most maximumPerMinute of them a minute."""
        if deployment.kind == "thing":
            self.notify(deployment, deployment.target_name)
            return
        group = iot_backends[deployment.account][deployment.region].thing_groups[deployment.target]
        names = sorted(thing.thing_name for thing in group.things.values())
        schedule = rollout_minutes(len(names), deployment.job_config)
        for name, minute in zip(names, schedule):
            if minute == 0:
                self.notify(deployment, name)
            else:
                self.world.timers.after(60 * minute, self.notify, deployment, name)

    def notify(self, deployment, name):
        """Queue the deployment for one thing; a thing that is no device stays QUEUED for ever."""
        if deployment.status != "ACTIVE" or name in deployment.executions:
            return
        deployment.executions[name] = Execution(name)
        device = self.devices.get((deployment.account, deployment.region, name))
        if device is not None:
            device.pending.append(deployment)
            self.kick(device)

    def kick(self, device):
        """Let an idle, connected device begin with the oldest deployment that waits for it."""
        while device.online and not device.busy and device.pending:
            deployment = device.pending.pop(0)
            if deployment.executions[device.thing].status == "QUEUED":
                device.busy = True
                self.world.timers.after(device.delay / 2, self.begin, device, deployment)

    def begin(self, device, deployment):
        execution = deployment.executions[device.thing]
        if execution.status != "QUEUED" or not device.online:
            device.busy = False
            if execution.status == "QUEUED":
                device.pending.insert(0, deployment)
            self.kick(device)
            return
        execution.become("IN_PROGRESS")
        self.world.timers.after(device.delay / 2, self.end, device, deployment)

    def end(self, device, deployment):
        """The device is through: record what came of it, and go on with the next."""
        execution = deployment.executions[device.thing]
        if execution.status == "IN_PROGRESS" and device.hangs(deployment.versions()):
            self.hang(device, deployment)
            return
        if execution.status == "IN_PROGRESS":
            def recipe_of(name, version):
                found = self.components.find(deployment.account, deployment.region, name, version)
                return found.recipe if found else None
            outcome = device.take(deployment, recipe_of)
            execution.become(outcome.status, outcome.details())
            deployment.updated = execution.updated
            if deployment.kind == "thing":
                deployment.status = "COMPLETED" if outcome.status == "SUCCEEDED" else "FAILED"
            self.deployments.report(deployment, execution)
            self.report_components(deployment.account, deployment.region, device)
            self.abort_if_due(deployment)
        device.busy = False
        self.kick(device)

    def hang(self, device, deployment):
        """The device stays busy; only timeoutConfig, seen from the cloud, ends the execution."""
        device.hung = deployment
        config = (deployment.job_config or {}).get("timeoutConfig", {})
        if "inProgressTimeoutInMinutes" in config:
            self.world.timers.after(60 * config["inProgressTimeoutInMinutes"], self.time_out,
                                    deployment, device.thing)

    def time_out(self, deployment, name):
        execution = deployment.executions[name]
        if execution.status == "IN_PROGRESS":
            execution.become("TIMED_OUT")
            deployment.updated = execution.updated
            self.abort_if_due(deployment)

    def report_components(self, account, region, device):
        """The installed-component event that completes a deployment or tells of a broken one."""
        components = [{"componentName": name, "componentVersion": item.version, "root": True,
                       "lifecycleState": item.state, "lifecycleStatusCodes": item.codes,
                       "lifecycleStateDetails": item.details or None}
                      for name, item in sorted(device.installed.items())]
        arn = f"arn:aws:greengrass:{region}:{account}:coreDevices:{device.thing}"
        self.world.events.emit(account, region, {
            "source": "aws.greengrass", "time": iso(device.reported), "resources": [arn],
            "detail-type": "Greengrass V2 Installed Component Status Change",
            "detail": {"components": components}})

    def abort_if_due(self, deployment):
        """abortConfig: too large a share of failures stops the rollout."""
        config = (deployment.job_config or {}).get("abortConfig")
        if config is None or deployment.status != "ACTIVE":
            return
        counts = deployment.counts()
        done = sum(counts[status] for status in ENDED)
        for rule in config["criteriaList"]:
            kinds = ("FAILED", "REJECTED", "TIMED_OUT") if rule["failureType"] == "ALL" \
                else (rule["failureType"],)
            bad = sum(counts[kind] for kind in kinds)
            if done >= rule["minNumberOfExecutedThings"] and \
                    100 * bad >= rule["thresholdPercentage"] * done:
                self.deployments.cancel(deployment, "FAILED", ("QUEUED",))
                return


def read_failures(document, names):
    """(rule, the names it is for): given by name, or the first ceil(fraction * count)."""
    if document is None:
        return None, set()
    if not isinstance(document, dict):
        raise ControlError("'fail' must be an object")
    unknown = set(document) - {"fraction", "things", "component", "version", "class", "status"}
    if unknown:
        raise ControlError(f"unknown members {sorted(unknown)} in 'fail'")
    rule = FailRule.read(document)
    if "things" in document:
        return rule, set(document["things"])
    fraction = document.get("fraction", 1)
    # 0.3 * 10 is 3.0000000000000004 in binary; a device too many must not fail for that.
    return rule, set(sorted(names)[:math.ceil(round(fraction * len(names), 9))])


def rollout_minutes(count, job_config):
    """In which minute each of `count` devices is told, by the rollout configuration."""
    config = (job_config or {}).get("jobExecutionsRolloutConfig", {})
    exponential = config.get("exponentialRate")
    most = config.get("maximumPerMinute", 1000)
    rate = exponential["baseRatePerMinute"] if exponential else most
    minutes, minute = [], 0
    while len(minutes) < count:
        minutes += [minute] * min(max(1, int(rate)), most, count - len(minutes))
        minute += 1
        if exponential:
            rate = min(most, rate * exponential["incrementFactor"])
    return minutes
