"""One simulated Greengrass core device: what it has, and what it makes of a deployment.

Behaviour as measured on real nuclei (twin.md 1 and 2): the classic nucleus restores what was there
before when a deployment with ROLLBACK fails; nucleus lite never does and leaves the broken version.
"""

import time
from dataclasses import dataclass, field

from ..errors import ControlError
from . import recipes

RUNTIMES = ("aws_nucleus_lite", "aws_nucleus_classic")
CLASSES = ("FAILED_NO_STATE_CHANGE", "FAILED_ROLLBACK_COMPLETE", "FAILED_ROLLBACK_NOT_REQUESTED",
           "FAILED_UNABLE_TO_ROLLBACK")
# HANG: the device begins and never ends, and takes nothing else until it is repaired.
STATUSES = ("FAILED", "REJECTED", "TIMED_OUT", "HANG")


@dataclass
class Installed:
    """One component on a device."""

    version: str
    state: str = "RUNNING"
    details: str = ""
    source: str = ""
    codes: list = field(default_factory=list)
    changed: float = field(default_factory=time.time)


@dataclass
class FailRule:
    """When a device fails: always, or only for a component, or only for a version of one."""

    component: str = None
    version: str = None
    failure_class: str = None
    status: str = "FAILED"

    @classmethod
    def read(cls, document):
        """From a control document; ControlError says what is wrong with it."""
        rule = cls(document.get("component"), document.get("version"), document.get("class"),
                   document.get("status", "FAILED"))
        if rule.failure_class not in (None, *CLASSES):
            raise ControlError(f"unknown class '{rule.failure_class}'; known: {', '.join(CLASSES)}")
        if rule.status not in STATUSES:
            raise ControlError(f"unknown status '{rule.status}'; known: {', '.join(STATUSES)}")
        return rule

    def applies(self, versions):
        """Does this rule break a deployment of these {name: version}?"""
        if self.component is None:
            return self.version is None or self.version in versions.values()
        if self.component not in versions:
            return False
        return self.version in (None, versions[self.component])


@dataclass
class Outcome:
    """How a deployment ended on a device."""

    status: str
    failure_class: str = "SUCCESSFUL"
    reason: str = ""
    stack: list = field(default_factory=list)
    types: list = field(default_factory=list)

    def details(self):
        if self.status == "SUCCEEDED":
            return {"class": "SUCCESSFUL", "reason": "SUCCESSFUL"}
        return {"class": self.failure_class, "reason": f"{self.failure_class}: {self.reason}",
                "errorStack": self.stack, "errorTypes": self.types}


class Device:
    """A device's state. The fleet calls `take` when a deployment reaches it."""

    def __init__(self, thing, runtime, delay, architecture):
        self.thing = thing
        self.runtime = runtime
        self.delay = delay
        self.platform = {"os": "linux", "architecture": architecture}
        self.online = True
        self.rule = None
        self.busy = False
        self.hung = None
        self.pending = []
        # Component sets by the group (or thing) that asked for them, and their union as installed.
        self.wanted = {}
        self.installed = {}
        self.succeeded = set()
        self.history = []
        self.reported = time.time()

    def hangs(self, versions):
        """Does a deployment of these versions never end on this device?"""
        return self.rule is not None and self.rule.status == "HANG" and self.rule.applies(versions)

    def set_state(self, component, state):
        """An installed component breaks down or recovers by itself."""
        item = self.installed.get(component)
        if item is None:
            raise ControlError(f"'{component}' is not installed on {self.thing}")
        item.state, item.changed = state, time.time()
        item.details = "the component stopped by itself" if state == "BROKEN" else ""
        item.codes = ["RUN_ERROR"] if state == "BROKEN" else []
        self.reported = time.time()

    def core_version(self):
        return "2.6.0" if self.runtime == "aws_nucleus_lite" else "2.18.0"

    def health(self):
        broken = any(item.state == "BROKEN" for item in self.installed.values())
        return "UNHEALTHY" if broken else "HEALTHY"

    def take(self, deployment, recipe_of):
        """Carry out a deployment. recipe_of(name, version) -> recipe or None (not known)."""
        self.reported = time.time()
        target = deployment.parent or deployment.target
        versions = deployment.versions()
        outcome, others = self.prepare(target, versions, recipe_of)
        if outcome is None and self.rule is not None and self.rule.applies(versions):
            outcome = self.break_down(deployment, target, versions)
        if outcome is None:
            self.wanted[target] = versions
            self.install({**others, **versions}, target)
            self.succeeded.add(target)
            outcome = Outcome("SUCCEEDED")
        self.history.append({
            "time": time.time(), "deploymentId": deployment.id, "jobId": deployment.job_id,
            "target": deployment.target, "revisionId": deployment.revision,
            "components": versions, "status": outcome.status, "class": outcome.failure_class,
            "installed": {name: item.version for name, item in sorted(self.installed.items())}})
        return outcome

    def prepare(self, target, versions, recipe_of):
        """Resolve: (failure or None, components that other groups want)."""
        others = {}
        for group, wanted in self.wanted.items():
            if group != target:
                others.update(wanted)
        for name, version in versions.items():
            if others.get(name, version) != version:
                return self.no_change(f"no version of {name} satisfies {version} and "
                                      f"{others[name]}", "NO_AVAILABLE_COMPONENT_VERSION",
                                      "DEPENDENCY_ERROR"), others
            recipe = recipe_of(name, version)
            if recipe is not None and \
                    recipes.manifest_for(recipe, self.platform, self.runtime) is None:
                return self.no_change(f"No Manifest was found for linux in {name} {version}",
                                      "NO_MATCHING_MANIFEST", "COMPONENT_RECIPE_ERROR"), others
        return None, others

    @staticmethod
    def no_change(reason, code, kind):
        return Outcome("FAILED", "FAILED_NO_STATE_CHANGE", reason,
                       ["DEPLOYMENT_FAILURE", code], [kind])

    def break_down(self, deployment, target, versions):
        """Fail as the rule says, leaving behind what that kind of nucleus leaves behind."""
        rule = self.rule
        if rule.status == "TIMED_OUT":
            return Outcome("TIMED_OUT", "FAILED_NO_STATE_CHANGE", "the device did not answer")
        if rule.status == "REJECTED":
            return Outcome("REJECTED", "REJECTED", "the deployment is stale",
                           ["DEPLOYMENT_REJECTED"], ["REQUEST_ERROR"])
        kind = self.failure_class(deployment)
        blamed = rule.component or next(iter(sorted(versions)), "the component")
        if kind == "FAILED_NO_STATE_CHANGE":
            return self.no_change(f"the artifact of {blamed} has another digest",
                                  "ARTIFACT_CHECKSUM_MISMATCH", "COMPONENT_RECIPE_ERROR")
        if kind != "FAILED_ROLLBACK_COMPLETE":
            others = {name: item.version for name, item in self.installed.items()
                      if name not in self.wanted.get(target, {})}
            self.wanted[target] = versions
            self.install({**others, **versions}, target, broken=blamed)
        return Outcome("FAILED", kind, f"component {blamed} is BROKEN",
                       ["DEPLOYMENT_FAILURE", "COMPONENT_UPDATE_ERROR", "COMPONENT_BROKEN"],
                       ["USER_COMPONENT_ERROR"])

    def failure_class(self, deployment):
        asked = self.rule.failure_class
        if asked == "FAILED_NO_STATE_CHANGE":
            return asked
        if self.runtime == "aws_nucleus_lite":
            return "FAILED_ROLLBACK_NOT_REQUESTED"
        policy = (deployment.policies or {}).get("failureHandlingPolicy", "ROLLBACK")
        if policy == "DO_NOTHING":
            return "FAILED_ROLLBACK_NOT_REQUESTED"
        return asked or "FAILED_ROLLBACK_COMPLETE"

    def install(self, versions, source, broken=None):
        """Make the installed set these {name: version}; `broken` ends up BROKEN."""
        before = self.installed
        self.installed = {}
        for name, version in versions.items():
            kept = before.get(name)
            if kept is not None and kept.version == version and kept.state != "BROKEN" \
                    and name != broken:
                self.installed[name] = kept
                continue
            self.installed[name] = Installed(version, source=source)
            if name == broken:
                self.installed[name].state = "BROKEN"
                self.installed[name].details = "the component exited with an error three times"
                self.installed[name].codes = ["RUN_ERROR"]

    def as_dict(self, groups):
        """What GET /_sandbox/devices tells."""
        return {"thing": self.thing, "groups": groups, "runtime": self.runtime,
                "online": self.online, "fails": self.rule is not None, "status": self.health(),
                "installed": {name: {"version": item.version, "state": item.state}
                              for name, item in sorted(self.installed.items())},
                "history": self.history}
