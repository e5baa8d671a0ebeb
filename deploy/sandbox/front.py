"""What happens to a request: who signed it, what it is, is it valid, is there a fault, do it."""

import json
import sys
import time
import traceback
from dataclasses import dataclass, field

from . import faults, signature, validate, wire_read, wire_write
from .errors import AwsError
from .http_server import Response
from .ledger import changes_something, key_members
from .service_model import UnknownOperation

# Operations that AWS takes unsigned.
UNSIGNED = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
IDLE_POLL_SECONDS = 0.2
MESSAGE_BYTES_MAX = 1024 * 1024


@dataclass
class Call:
    """One request on its way: what it asks, for whom, and its line in the ledger."""

    service: object
    name: str
    operation: object
    request: object
    account: str
    region: str
    caller_arn: str
    entry: dict
    labels: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)


@dataclass
class Reply:
    """What a handler of the own part returns. `effect`: something was really changed."""

    result: dict = None
    effect: bool = True
    replay: bool = False


class Front:
    """Answers AWS requests. `own` maps (service, operation) to a handler of the own part,
    `after` maps the same to a hook that sees a call that moto has answered with success."""

    def __init__(self, world, catalogue):
        self.world = world
        self.catalogue = catalogue
        self.own = {}
        self.after = {}

    def answer(self, request):
        """The response to one AWS request; never raises."""
        service, entry = None, None
        try:
            scope = signature.read_scope(request)
            service, name, labels = self.catalogue.recognise(request, scope)
            call = self.open_call(service, name, request, scope)
            call.labels = labels
            entry = call.entry
            return self.under_fault(call)
        except AwsError as failure:
            if isinstance(failure, UnknownOperation):
                service = failure.service
            if entry is None:
                entry = self.refused_entry(service, request)
            entry["status"], entry["error"] = failure.status, failure.code
            entry["message"] = failure.message
            return wire_write.error(service, failure)
        except Exception:  # A bug must not look like a lost connection.
            traceback.print_exc(file=sys.stderr)
            failure = AwsError("InternalFailure", "the sandbox failed; see its standard error", 500)
            if entry is not None:
                entry["status"], entry["error"] = 500, "InternalFailure"
            return wire_write.error(service, failure)

    def refused_entry(self, service, request):
        name = request.header("x-amz-target", "").rpartition(".")[2]
        return self.world.ledger.open(service.name if service else None,
                                      name or f"{request.method} {request.path}", None, None)

    def open_call(self, service, name, request, scope):
        """Verify the signature and open the ledger entry."""
        if scope is None and name not in UNSIGNED:
            raise AwsError("MissingAuthenticationTokenException", "Request is missing "
                           "Authentication Token", 403, query_code="MissingAuthenticationToken")
        world = self.world
        account, region, arn = "123456789012", "us-east-1", "anonymous"
        if scope is not None:
            credential = signature.verify(request, scope, service.signing_name, world.credentials,
                                          world.settings, self.catalogue.regions)
            account, region, arn = credential.account, scope.region, credential.arn
        entry = world.ledger.open(service.name, name, account, region)
        return Call(service, name, service.operation(name), request, account, region, arn, entry)

    def under_fault(self, call):
        """Carry out a call, with what a fault script has for it."""
        with self.world.lock:
            self.world.quotas.take(call)
        fault = self.world.faults.take(call.service.name, call.name)
        if fault is None:
            return self.carry_out(call)
        call.entry["fault"] = fault.kind
        refusal = faults.refusal(fault, call.service)
        if refusal is not None:
            raise refusal
        if fault.kind == "late-execution":
            self.carry_out_late(call, fault)
            return faults.disfigure(fault, None)
        response = None
        if fault.executes():
            try:
                response = self.carry_out(call)
            except AwsError as failure:
                call.entry["status"], call.entry["error"] = failure.status, failure.code
                response = wire_write.error(call.service, failure)
        return faults.disfigure(fault, response)

    def carry_out_late(self, call, fault):
        """Execute the call after params.delay_ms; its token counts as in progress until then
        when params.in_progress is true."""
        self.read(call)
        token = call.params.get("clientToken") if fault.params.get("in_progress") else None
        self.world.tokens.hold(call, token)

        def run():
            self.world.tokens.release(call, token)
            call.entry["late"] = True
            try:
                self.execute(call)
            except AwsError as failure:
                call.entry["status"], call.entry["error"] = failure.status, failure.code
        self.world.timers.after(fault.params.get("delay_ms", 500) / 1000, run)

    def read(self, call):
        """Parse the parameters and hold them against the model."""
        call.params = wire_read.read_params(call.service, call.operation, call.request,
                                            call.labels)
        call.entry["key"] = key_members(call.params)
        found = validate.violations(call.operation.input_shape, call.params)
        if found:
            raise constraint_error(call.service, found)

    def carry_out(self, call):
        self.read(call)
        if call.service.name == "sqs" and call.name == "ReceiveMessage":
            return self.receive(call)
        with self.world.lock:
            return self.execute(call)

    def execute(self, call):
        """Do it, under the world's lock, and complete the ledger entry."""
        handler = self.own.get((call.service.name, call.name))
        if handler is not None:
            reply = handler(call)
            if isinstance(reply, Response):
                response, effect = reply, succeeded(call, reply)
            else:
                response = wire_write.result(call.service, call.operation, reply.result)
                effect = reply.effect
                call.entry["replay"] = reply.replay
                call.entry["result"] = key_members(reply.result or {})
        else:
            response = self.ask_moto(call)
            effect = succeeded(call, response)
        effect = effect and changes_something(call.service.name, call.name)
        call.entry["status"] = response.status
        call.entry["effect"] = bool(effect)
        if effect:
            self.world.changed.notify_all()
        return response

    def ask_moto(self, call):
        check = LIMITS.get((call.service.name, call.name))
        if check is not None:
            check(call)
        response = self.world.moto.call(call.service.name, call.name, call.request, call.account,
                                        call.region)
        if response.status >= 400:
            call.entry["error"] = moto_error_code(response)
        elif (call.service.name, call.name) in self.after:
            self.after[call.service.name, call.name](call, response)
        return response

    def receive(self, call):
        """ReceiveMessage: moto is asked without waiting; the waiting is done here, so that a
        long poll blocks nobody and ends as soon as a message comes."""
        world, request = self.world, call.request
        wait = call.params.get("WaitTimeSeconds")
        if wait is None:
            wait = world.moto.queue_wait(call.account, call.region, call.params["QueueUrl"])
        if 0 <= wait <= 20:
            request.body = json.dumps({**call.params, "WaitTimeSeconds": 0}).encode()
        until = time.monotonic() + wait
        with world.lock:
            while True:
                response = self.ask_moto(call)
                left = until - time.monotonic()
                if response.status != 200 or b'"Messages"' in response.body or left <= 0:
                    break
                world.changed.wait(min(left, IDLE_POLL_SECONDS))
                if not request.connected():
                    call.entry["status"], call.entry["error"] = 0, "ClientGone"
                    return Response(abort=True)
            call.entry["status"] = response.status
        return response


def succeeded(call, response):
    """Whether an answer of moto's says that anything was done; a batch may have failed whole."""
    if response.status >= 300:
        return False
    if call.service.name == "sqs" and call.name.endswith("Batch"):
        return bool(json.loads(response.body).get("Successful"))
    return True


def constraint_error(service, found):
    """Broken constraints as the service tells them."""
    text = validate.summary(found)
    if service.name == "greengrassv2":
        fields = [{"name": path, "message": message} for path, message in found]
        return AwsError("ValidationException", text, 400,
                        {"reason": "FIELD_VALIDATION_FAILED", "fields": fields})
    if service.name == "iot":
        return AwsError("InvalidRequestException", text, 400)
    if service.name == "sqs":
        path, message = found[0]
        name = path[0].upper() + path[1:]
        if "must not be null" in message:
            return AwsError("MissingParameter", f"The request must contain the parameter {name}.",
                            400)
        return AwsError("InvalidParameterValue", message, 400)
    return AwsError("ValidationException", text, 400)


def moto_error_code(response):
    """The error code in an answer of moto, for the ledger."""
    text = response.body[:2000].decode("utf-8", "replace")
    if text.startswith("{"):
        try:
            document = json.loads(response.body)
            return str(document.get("__type") or document.get("code") or "").rpartition("#")[2]
        except ValueError:
            return None
    return text.partition("<Code>")[2].partition("</Code>")[0] or None


def _send_limit(call):
    if len(call.params.get("MessageBody", "").encode()) > MESSAGE_BYTES_MAX:
        raise AwsError("InvalidParameterValue", "One or more parameters are invalid. Reason: "
                       f"Message must be shorter than {MESSAGE_BYTES_MAX} bytes.", 400)


LIMITS = {("sqs", "SendMessage"): _send_limit}
