"""Fault scripts: which call goes wrong, and how (POST /_sandbox/faults)."""

import html
import itertools
import threading
import time

from .errors import AwsError, ControlError
from .http_server import Response

# kind -> does the call still have its effect, unless params.execute says otherwise?
KINDS = {"throttle": False, "5xx": False, "access-denied": False, "expired-token": False,
         "lost-request": False, "lost-reply": True, "late-execution": True, "garbage": True,
         "html": False, "truncated": True, "endless": True, "slow": True}
ENDLESS_BYTES = 64 * 1024 * 1024
FIELDS = {"operation", "nth", "every", "from", "count", "kind", "params"}


class Fault:
    """One script: the operation it is for, which of its calls, and what happens to them."""

    def __init__(self, number, script):
        check_script(script)
        self.number = number
        self.script = script
        self.operation = script["operation"]
        self.kind = script["kind"]
        self.params = script.get("params", {})
        self.seen = 0
        self.fired = 0

    def matches(self, service, operation):
        return self.operation in ("*", operation, f"{service}.{operation}", f"{service}.*")

    def due(self):
        """Count one matching call; is it one that goes wrong?"""
        self.seen += 1
        if "every" in self.script:
            hit = self.seen % self.script["every"] == 0
        elif "from" in self.script:
            first = self.script["from"]
            hit = first <= self.seen < first + self.script.get("count", 1 << 60)
        else:
            first = self.script.get("nth", 1)
            hit = first <= self.seen < first + self.script.get("count", 1)
        self.fired += hit
        return hit

    def executes(self):
        return bool(self.params.get("execute", KINDS[self.kind]))

    def as_dict(self):
        return {"id": self.number, **self.script, "seen": self.seen, "fired": self.fired}


def check_script(script):
    if not isinstance(script, dict) or set(script) - FIELDS:
        raise ControlError(f"a fault is an object with the members {', '.join(sorted(FIELDS))}")
    if not isinstance(script.get("operation"), str):
        raise ControlError("a fault needs an operation such as 'greengrassv2.CreateDeployment'")
    if script.get("kind") not in KINDS:
        raise ControlError(f"unknown kind of fault '{script.get('kind')}'; known: "
                           f"{', '.join(sorted(KINDS))}")
    for name in ("nth", "every", "from", "count"):
        value = script.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ControlError(f"'{name}' must be a whole number of at least 1")
    if not isinstance(script.get("params", {}), dict):
        raise ControlError("'params' must be an object")


class Faults:
    """The scripts in force. The first one that is due for a call decides."""

    def __init__(self):
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.scripts = []

    def add(self, document):
        """Add one script or a list of them; all or none."""
        scripts = document if isinstance(document, list) else [document]
        faults = [Fault(next(self.numbers), script) for script in scripts]
        with self.lock:
            self.scripts.extend(faults)
        return [fault.as_dict() for fault in faults]

    def read(self):
        with self.lock:
            return [fault.as_dict() for fault in self.scripts]

    def clear(self):
        with self.lock:
            self.scripts.clear()

    def take(self, service, operation):
        """The fault for this call, or None."""
        with self.lock:
            due = [fault for fault in self.scripts
                   if fault.matches(service, operation) and fault.due()]
        return due[0] if due else None


def refusal(fault, service):
    """The error of a fault that refuses the call without executing it, else None."""
    params = fault.params
    if fault.kind == "throttle":
        name = params.get("code") or {"sqs": "RequestThrottled", "s3": "SlowDown"}.get(
            service.name, "ThrottlingException")
        status = params.get("status") or {"greengrassv2": 429, "s3": 503}.get(service.name, 400)
        failure = AwsError(name, "Rate exceeded", status)
        failure.headers = list(params.get("headers", {}).items())
        return failure
    if fault.kind == "5xx":
        name = {"greengrassv2": "InternalServerException", "iot": "InternalFailureException",
                "s3": "InternalError"}.get(service.name, "InternalFailure")
        return AwsError(params.get("code") or name, "We encountered an internal error. Please "
                        "try again.", params.get("status", 500))
    if fault.kind == "access-denied":
        return AwsError("AccessDeniedException", "User: sandbox is not authorized to perform this "
                        "operation", 403 if service.protocol.startswith("rest") else 400)
    if fault.kind == "expired-token":
        return AwsError("ExpiredTokenException",
                        "The security token included in the request is expired", 403,
                        query_code="ExpiredToken")
    return None


def disfigure(fault, response):
    """What is sent instead of `response` (which has been made, or is None) under this fault."""
    params = fault.params
    if response is None:
        response = Response(200, [("Content-Type", "application/json")], b"{}")
    if fault.kind in ("lost-request", "lost-reply", "late-execution"):
        return Response(abort=True)
    if fault.kind == "garbage":
        body = params.get("body", "\x00\xff{not json]").encode("utf-8")
        return Response(200, response.headers, body)
    if fault.kind == "html":
        text = html.escape(str(params.get("title", "Service Unavailable")))
        return Response(params.get("status", 503), [("Content-Type", "text/html")],
                        f"<html><head><title>{text}</title></head></html>".encode())
    if fault.kind == "truncated":
        keep = len(response.body) // 2
        return Response(response.status, response.headers, response.body[:keep],
                        content_length=max(len(response.body), 2), close=True)
    if fault.kind == "endless":
        return Response(200, response.headers, response.body[:1] or b"{",
                        stream=endless(params.get("bytes", ENDLESS_BYTES)))
    pause = params.get("delay_ms", 100) / 1000
    return Response(response.status, response.headers, b"", stream=slowly(response.body, pause),
                    content_length=len(response.body))


def endless(limit):
    """White space for ever, as far as any client should want to read."""
    piece = b" " * 65536
    return itertools.repeat(piece, min(limit, ENDLESS_BYTES) // len(piece))


def slowly(body, pause):
    for index in range(len(body)):
        time.sleep(pause)
        yield body[index:index + 1]
