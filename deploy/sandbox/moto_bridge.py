"""moto, in this process: a request that the own part does not answer is handed to it.

The requests are given to moto's response classes as it gives them to itself when it mocks boto3,
without Flask, which would cost more than all the rest. The account comes from the signing
credential, through moto's own header for that.
"""

import logging
import warnings

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.base_backend import BackendDict
from moto.events.responses import EventsHandler
from moto.iot.responses import IoTResponse
from moto.s3.responses import S3Response
from moto.sagemaker.responses import SageMakerResponse
from moto.sqs.models import sqs_backends
from moto.sqs.responses import SQSResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.sts.responses import TokenResponse
from werkzeug.exceptions import HTTPException

from . import queue_speed
from .errors import AwsError
from .http_server import Response

HOSTS = {"s3": "s3.{region}.amazonaws.com", "iot": "iot.{region}.amazonaws.com",
         "events": "events.{region}.amazonaws.com", "ssm": "ssm.{region}.amazonaws.com",
         "sts": "sts.{region}.amazonaws.com", "sagemaker": "api.sagemaker.{region}.amazonaws.com",
         "cloudformation": "cloudformation.{region}.amazonaws.com"}
CLASSES = {"sqs": SQSResponse, "events": EventsHandler, "iot": IoTResponse,
           "sagemaker": SageMakerResponse, "ssm": SimpleSystemManagerResponse,
           "sts": TokenResponse, "cloudformation": CloudFormationResponse}
# Some of moto's answers lack their type.
DEFAULT_TYPES = {"s3": "application/xml", "sts": "text/xml", "cloudformation": "text/xml",
                 "iot": "application/json", "sqs": "application/x-amz-json-1.0"}
# moto's own framing is replaced by ours.
DROPPED = {"status", "content-length", "transfer-encoding", "connection", "server"}

warnings.filterwarnings("ignore", module="moto")
logging.getLogger("moto").setLevel(logging.ERROR)
queue_speed.apply()


class MotoBridge:
    """Hands requests to moto. Every call must be made under the world's lock."""

    def __init__(self, port):
        self.port = port

    def reset(self):
        """Forget all that moto holds, in every account and Region."""
        BackendDict.reset()

    @staticmethod
    def queue_wait(account, region, url):
        """The seconds a queue's own setting makes a receive wait; 0 when there is no such queue."""
        queue = sqs_backends[account][region].queues.get(url.rpartition("/")[2])
        return int(queue.receive_message_wait_time_seconds) if queue else 0

    def prepare(self, service, request, account, region):
        # SQS builds queue URLs from the host it was called at; the rest only want AWS's names.
        host = f"127.0.0.1:{self.port}"
        if service in HOSTS:
            host = HOSTS[service].format(region=region)
        scheme = "http" if service == "sqs" else "https"
        url = f"{scheme}://{host}{request.path}"
        if request.query:
            url += "?" + request.query
        headers = HeadersDict({name: value for name, value in request.headers
                               if name.lower() not in ("user-agent", "host", "expect")})
        headers["Host"] = host
        headers["x-moto-account-id"] = account
        return AWSPreparedRequest(request.method, url, headers, request.body, False)

    def call(self, service, operation, request, account, region):
        """Let moto answer; its errors come back in AWS's shape, as it makes them."""
        if service != "s3" and service not in CLASSES:
            raise not_served(service, operation)
        prepared = self.prepare(service, request, account, region)
        try:
            if service == "s3":
                answer = s3_dispatch(request.path)(prepared, prepared.url, prepared.headers)
            else:
                answer = CLASSES[service].dispatch(prepared, prepared.url, prepared.headers)
        except HTTPException as error:
            answer = error.code, dict(error.get_headers()), error.get_body()
        except NotImplementedError:
            raise not_served(service, operation) from None
        except KeyError as error:
            # moto's IoT looks things up without asking whether they are there.
            if service != "iot":
                raise
            raise AwsError("ResourceNotFoundException", f"{error} does not exist.", 404) from None
        response = to_response(answer)
        if not any(name.lower() == "content-type" for name, _ in response.headers):
            kind = DEFAULT_TYPES.get(service, "application/x-amz-json-1.1")
            response.headers.append(("Content-Type", kind))
        return response


def not_served(service, operation):
    return AwsError("NotImplemented", f"the sandbox does not serve {service}.{operation}", 501)


def s3_dispatch(path):
    """moto's S3 entry for a path-style path, as its own URL table has it."""
    bucket, slash, key = path.lstrip("/").partition("/")
    if not bucket:
        return S3Response.bucket_dispatch
    if not slash or not key:
        return S3Response.ambiguous_dispatch
    return S3Response.key_dispatch


def to_response(answer):
    """moto's (status, headers, body) as a Response."""
    status, headers, body = answer
    if body is None:
        body = b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode("utf-8")
    length = None
    kept = []
    for name, value in dict(headers).items():
        if name.lower() == "content-length" and not body:
            length = int(value)
        if name.lower() not in DROPPED:
            kept.append((name, value))
    return Response(int(status), kept, body, content_length=length)
