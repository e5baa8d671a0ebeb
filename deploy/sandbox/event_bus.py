"""Events: what the sandbox's services emit, and how a rule's target gets them.

moto matches the patterns. Its delivery to SQS is replaced, because the bodies it makes have one
key more than AWS's (ingestion-time), have no account when a transformer ran, and go to the rule's
account whatever the target's ARN says.
"""

import copy
import datetime
import json
import random
import time
import uuid

from moto.events import models as events_models
from moto.sqs import sqs_backends
from moto.utilities.arns import parse_arn

BODY_KEYS = ("version", "id", "detail-type", "source", "account", "time", "region", "resources",
             "detail")


def iso(when):
    """A Unix time, or a datetime of moto's (naive, in UTC), as EventBridge writes it."""
    if isinstance(when, datetime.datetime):
        return when.strftime("%Y-%m-%dT%H:%M:%SZ")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(when)))


def _body(target, event):
    """What the target gets: the event, its Input, its InputPath or its transformer's output."""
    if "Input" in target:
        return target["Input"]
    plain = {key: event[key] for key in BODY_KEYS if key in event}
    if isinstance(plain.get("time"), (int, float, datetime.datetime)):
        plain["time"] = iso(plain["time"])
    if "InputTransformer" in target:
        made = events_models.EventTemplateParser.parse(
            input_template=target["InputTransformer"].get("InputTemplate"),
            input_paths_map=target["InputTransformer"].get("InputPathsMap", {}), event=plain)
        return made if isinstance(made, str) else json.dumps(made)
    if "InputPath" in target:
        return json.dumps(_follow(plain, target["InputPath"]))
    return json.dumps(plain)


def _follow(event, path):
    """A JSONPath of plain steps: $.detail.name."""
    value = event
    for step in path.split(".")[1:]:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _deliver(target, event):
    """Put one event on one queue; a queue that does not exist loses it, as AWS does."""
    arn = parse_arn(target["Arn"])
    backend = sqs_backends[arn.account][arn.region]
    if arn.resource_id not in backend.queues:
        return
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    if group and group.startswith("$"):
        group = str(_follow(event, group))
    backend.send_message(queue_name=arn.resource_id, message_body=_body(target, event),
                         group_id=group)


_moto_send = events_models.Rule.send_to_targets


def _send_to_targets(self, original_event, transform_input=True):
    """Replaces moto's Rule.send_to_targets: SQS targets are ours, all others stay moto's."""
    queues = [target for target in self.targets if ":sqs:" in target["Arn"]]
    others = [target for target in self.targets if ":sqs:" not in target["Arn"]]
    if self.state == "DISABLED":
        return
    if queues and self.event_pattern.matches_event(original_event):
        for target in queues:
            _deliver(target, original_event)
    if others:
        stand_in = copy.copy(self)
        stand_in.targets = others
        _moto_send(stand_in, original_event, transform_input)


events_models.Rule.send_to_targets = _send_to_targets


class EventBus:
    """Emits the events of the sandbox's services onto the default bus of an account."""

    def __init__(self, world):
        self.world = world
        self.seed = None
        self.random = None

    def emit(self, account, region, event):
        """Send an event: {"source", "detail-type", "resources", "detail"[, "time"]}.

        Copies, delay and loss follow the settings, so that tests see best-effort delivery.
        """
        settings = self.world.settings
        if event["detail-type"] in settings.event_drop:
            return
        event.setdefault("time", int(time.time()))
        for _ in range(settings.event_copies):
            delay = self.delay(settings)
            if delay:
                self.world.timers.after(delay, self.send, account, region, event)
            else:
                self.send(account, region, event)

    def delay(self, settings):
        """Seconds until the next event arrives."""
        if self.seed != settings.event_seed:
            self.seed = settings.event_seed
            self.random = random.Random(self.seed)
        jitter = settings.event_jitter_ms * self.random.random()
        return (settings.event_delay_ms + jitter) / 1000

    def send(self, account, region, event):
        """Match one event against the rules of the default bus and deliver it."""
        backend = events_models.events_backends[account][region]
        message = {"version": "0", "id": str(uuid.uuid4()), "account": account, "region": region,
                   **event}
        for rule in list(backend.describe_event_bus("default").rules.values()):
            rule.send_to_targets(copy.deepcopy(message))
        self.world.changed.notify_all()
