"""The ledger: every request, who made it, what it named, and whether it changed anything.

Tests take it, not slipway's own records, as the truth about what was done to AWS.
"""

import collections
import itertools
import re
import threading
import time

ENTRIES_MAX = 500_000
TEXT_MAX = 400
# Members worth recording: names, identifiers, tokens, targets and the few values tests ask for.
KEY_MEMBER = re.compile(r"(Name|Arn|ARN|Token|Id|Url|Uri|Key|Bucket|Target|Version|Status|Rule|"
                        r"Label)$|^(name|arn|key|status)$")
# Operations that change nothing begin with one of these.
READING = re.compile(r"(Get|List|Describe|Head|Receive|BatchGet|BatchDescribe|Test|Search|Resolve|"
                     r"Validate|Estimate|Select)")
SECRET = re.compile(r"(SecretAccessKey|SessionToken|WebIdentityToken|NextToken|nextToken)")


def changes_something(service_name, operation):
    """Whether an operation, when it succeeds, is an effect."""
    return service_name != "sts" and not READING.match(operation)


def key_members(params):
    """The short text and number members of a request that say what it is about."""
    found = {}
    for name, value in params.items():
        if SECRET.search(name):
            continue
        if isinstance(value, (str, int)) and KEY_MEMBER.search(name):
            found[name] = value[:TEXT_MAX] if isinstance(value, str) else value
        elif name == "components" and isinstance(value, dict):
            found[name] = {component: given.get("componentVersion")
                           for component, given in value.items()}
        elif name == "Entries" and isinstance(value, list):
            found["entries"] = len(value)
    return found


class Ledger:
    """All entries since the start or the last clear, oldest first."""

    def __init__(self):
        self.lock = threading.Lock()
        self.entries = collections.deque(maxlen=ENTRIES_MAX)
        self.numbers = itertools.count(1)

    def open(self, service, operation, account, region):
        """A new entry for a request that has come in; the caller fills in its outcome."""
        entry = {"seq": next(self.numbers), "time": time.time(), "service": service,
                 "operation": operation, "account": account, "region": region, "key": {},
                 "result": {}, "status": None, "error": None, "effect": False, "replay": False,
                 "fault": None}
        with self.lock:
            self.entries.append(entry)
        return entry

    def read(self, service=None, operation=None, effects=False, since=0):
        """Entries filtered by service, operation ("svc.Op" or "Op"), effect and number."""
        with self.lock:
            entries = list(self.entries)
        if operation and "." in operation:
            service, operation = operation.split(".", 1)
        return [entry for entry in entries
                if (service is None or entry["service"] == service)
                and (operation is None or entry["operation"] == operation)
                and (not effects or entry["effect"]) and entry["seq"] > since]

    def clear(self):
        with self.lock:
            self.entries.clear()
