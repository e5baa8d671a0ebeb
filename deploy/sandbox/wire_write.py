"""Results and errors -> bytes, in the protocol of the service that was called."""

import base64
import json
import math
import uuid
import xml.sax.saxutils

from .http_server import Response


def exponent(seconds):
    """A Unix time as Greengrass writes it: 1.621884415241E9 (aws.md 3, from a real log)."""
    if seconds == 0:
        return "0.0E0"
    power = math.floor(math.log10(abs(seconds)))
    digits = f"{seconds / 10 ** power:.12f}".rstrip("0")
    return f"{digits}0E{power}" if digits.endswith(".") else f"{digits}E{power}"


class Stamp(float):
    """A time that is written in exponent form."""


def dump_json(value):
    """JSON text; Stamp in exponent form, bytes as base64, None as an explicit null."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dump_json(item)}"
                              for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(dump_json(item) for item in value) + "]"
    if isinstance(value, Stamp):
        return exponent(value)
    if isinstance(value, bytes):
        return json.dumps(base64.b64encode(value).decode())
    return json.dumps(value)


def result(service, operation, value):
    """A successful answer of the own part (JSON protocols only)."""
    status = operation.http.get("responseCode", 200)
    kind = "application/json" if service.protocol == "rest-json" else \
        f"application/x-amz-json-{service.json_version}"
    empty = value is None or (status == 204)
    body = b"" if empty else dump_json(value).encode()
    return Response(status, [("Content-Type", kind), ("x-amzn-RequestId", str(uuid.uuid4()))], body)


# Codes that the query and XML services spell otherwise than the JSON services.
S3_CODES = {"UnrecognizedClientException": "InvalidAccessKeyId",
            "InvalidSignatureException": "SignatureDoesNotMatch",
            "ExpiredTokenException": "ExpiredToken", "MissingAuthenticationTokenException":
            "AccessDenied", "IncompleteSignatureException": "AuthorizationHeaderMalformed",
            "ThrottlingException": "SlowDown", "ValidationException": "InvalidArgument",
            "SerializationException": "InvalidArgument", "AccessDeniedException": "AccessDenied",
            "InternalFailure": "InternalError"}
QUERY_CODES = {"UnrecognizedClientException": "InvalidClientTokenId",
               "InvalidSignatureException": "SignatureDoesNotMatch",
               "ExpiredTokenException": "ExpiredToken", "MissingAuthenticationTokenException":
               "MissingAuthenticationToken", "IncompleteSignatureException": "IncompleteSignature",
               "ThrottlingException": "Throttling", "ValidationException": "ValidationError",
               "SerializationException": "MalformedInput",
               "AccessDeniedException": "AccessDenied"}
IOT_CODES = {"ValidationException": "InvalidRequestException",
             "SerializationException": "InvalidRequestException"}
# Errors of the common front, which JSON services send with 400 whatever REST services send.
FRONT_CODES = ("UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
               "MissingAuthenticationTokenException", "IncompleteSignatureException")


def error(service, failure):
    """An AwsError in the shape of the service; `service` None: nobody could be told apart."""
    response = _error(service, failure)
    response.headers += failure.headers
    return response


def _error(service, failure):
    protocol = service.protocol if service else "rest-json"
    if protocol == "rest-xml":
        return _s3_error(failure)
    if protocol == "query":
        return _query_error(failure)
    if service is not None and service.name == "sqs":
        return _sqs_error(failure)
    if protocol == "json":
        return _json_error(service, failure)
    return _rest_json_error(service, failure)


def _json_error(service, failure):
    front = failure.code in FRONT_CODES
    name = f"com.amazon.coral.service#{failure.code}" if front else failure.code
    body = {"__type": name, "message": failure.message, **failure.members}
    headers = [("Content-Type", f"application/x-amz-json-{service.json_version}"),
               ("x-amzn-RequestId", str(uuid.uuid4()))]
    return Response(400 if front else failure.status, headers, dump_json(body).encode())


def _sqs_error(failure):
    space = "com.amazon.coral.service" if failure.code in FRONT_CODES else "com.amazonaws.sqs"
    fault = "Receiver" if failure.status >= 500 else "Sender"
    headers = [("Content-Type", "application/x-amz-json-1.0"),
               ("x-amzn-RequestId", str(uuid.uuid4())),
               ("x-amzn-query-error", f"{failure.query_code};{fault}")]
    body = {"__type": f"{space}#{failure.code}", "message": failure.message}
    return Response(failure.status, headers, dump_json(body).encode())


def _rest_json_error(service, failure):
    code = failure.code
    if service is not None and service.name == "iot":
        code = IOT_CODES.get(code, code)
    headers = [("Content-Type", "application/json"), ("x-amzn-RequestId", str(uuid.uuid4())),
               ("x-amzn-ErrorType", code)]
    body = {"message": failure.message, **failure.members}
    return Response(failure.status, headers, dump_json(body).encode())


def _s3_error(failure):
    code = S3_CODES.get(failure.code, failure.code)
    status = {"ExpiredToken": 400, "SlowDown": 503}.get(code, failure.status)
    request_id = uuid.uuid4().hex[:16].upper()
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{code}</Code><Message>{xml.sax.saxutils.escape(failure.message)}"
            f"</Message><RequestId>{request_id}</RequestId><HostId>sandbox</HostId></Error>")
    return Response(status, [("Content-Type", "application/xml"), ("x-amz-request-id", request_id)],
                    text.encode())


def _query_error(failure):
    code = QUERY_CODES.get(failure.code, failure.code)
    kind = "Receiver" if failure.status >= 500 else "Sender"
    text = ('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            f"<Type>{kind}</Type><Code>{code}</Code>"
            f"<Message>{xml.sax.saxutils.escape(failure.message)}</Message></Error>"
            f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>")
    return Response(failure.status, [("Content-Type", "text/xml")], text.encode())
