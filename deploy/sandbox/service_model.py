"""Which service and operation a request is for, by botocore's service models."""

import re
import urllib.parse

import botocore.session
from botocore.model import ServiceModel

from .errors import AwsError

# The services on the one port, by botocore's names.
NAMES = ("sqs", "events", "sts", "s3", "sagemaker", "greengrassv2", "iot", "ssm", "cloudformation")


class Service:
    """One service: its botocore model and, for REST protocols, its table of URIs."""

    def __init__(self, name, loader):
        self.name = name
        self.model = ServiceModel(loader.load_service_model(name, "service-2"), name)
        self.protocol = self.model.protocol
        self.signing_name = self.model.signing_name
        self.json_version = self.model.metadata.get("jsonVersion")
        self.target_prefix = self.model.metadata.get("targetPrefix")
        self.version = self.model.metadata["apiVersion"]
        self.operations = {}
        self.routes = self.read_routes() if self.protocol.startswith("rest") else []

    def operation(self, name):
        """The operation model, kept because building one is slow."""
        if name not in self.operations:
            if name not in self.model.operation_names:
                return None
            self.operations[name] = self.model.operation_model(name)
        return self.operations[name]

    def read_routes(self):
        """(method, regex, query flags, name) for each operation, the most particular first."""
        routes = []
        for name in self.model.operation_names:
            http = self.operation(name).http
            uri, _, query = http["requestUri"].partition("?")
            flags = [pair for pair in urllib.parse.parse_qsl(query, keep_blank_values=True)
                     if pair[0] != "x-id"]
            pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}", _label, re.escape(uri))
            fixed = len(re.sub(r"\{[^}]*\}", "", uri))
            routes.append((http["method"], re.compile(pattern + "/?"), flags, name,
                           (len(flags), fixed, uri.count("{"))))
        routes.sort(key=lambda route: route[4], reverse=True)
        return routes

    def match_route(self, request):
        """The operation of a REST request and its URI labels, or (None, None)."""
        pairs = request.query_pairs()
        keys = {key for key, _ in pairs}
        for method, pattern, flags, name, _ in self.routes:
            if method != request.method:
                continue
            if any(key not in keys or (value and (key, value) not in pairs)
                   for key, value in flags):
                continue
            found = pattern.fullmatch(request.path)
            if found and self.required_present(name, keys, request):
                labels = {key: urllib.parse.unquote(value)
                          for key, value in found.groupdict().items()}
                return name, labels
        return None, None

    def required_present(self, name, keys, request):
        """S3 tells operations on one URI apart by required query and header members only."""
        if self.name != "s3":
            return True
        shape = self.operation(name).input_shape
        for member in shape.required_members if shape else []:
            info = shape.members[member].serialization
            if info.get("location") == "querystring" and info["name"] not in keys:
                return False
            if info.get("location") == "header" and info["name"].lower() not in request.fields:
                return False
        # CopyObject and PutObject share method and URI; so do UploadPartCopy and UploadPart.
        has_copy = "x-amz-copy-source" in request.fields
        return has_copy == (name in ("CopyObject", "UploadPartCopy"))


def _label(match):
    return f"(?P<{match.group(1)}>{'.+' if match.group(2) else '[^/]+'})"


class Catalogue:
    """All services, and how to tell from a request which one is meant."""

    def __init__(self):
        session = botocore.session.get_session()
        loader = session.get_component("data_loader")
        self.services = {name: Service(name, loader) for name in NAMES}
        self.by_prefix = {service.target_prefix: service for service in self.services.values()
                          if service.target_prefix}
        self.by_version = {service.version: service for service in self.services.values()
                           if service.protocol == "query"}
        self.by_signing = {service.signing_name: service for service in self.services.values()}
        self.regions = frozenset(session.get_available_regions("sqs"))

    def recognise(self, request, scope):
        """(service, operation name, URI labels) of a request. Raises AwsError when there is none.

        JSON services are told by X-Amz-Target, query services by Version, REST services by the
        service in the credential scope, since their paths overlap (S3 takes every path).
        """
        target = request.header("x-amz-target")
        if target is not None:
            return self.by_target(target)
        if request.header("content-type", "").startswith("application/x-www-form-urlencoded"):
            return self.by_form(request)
        service = self.by_signing.get(scope.service) if scope else self.services["s3"]
        if service is None or not service.routes:
            raise AwsError("UnknownOperationException", "no service of the sandbox answers this "
                           f"request ({request.method} {request.path})", 404)
        name, labels = service.match_route(request)
        if name is None:
            raise UnknownOperation(service, request)
        return service, name, labels

    def by_target(self, target):
        prefix, _, name = target.rpartition(".")
        service = self.by_prefix.get(prefix)
        if service is None or service.operation(name) is None:
            raise AwsError("UnknownOperationException", f"unknown target '{target}'", 404)
        return service, name, {}

    def by_form(self, request):
        text = request.body.decode("utf-8", "replace")
        form = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        service = self.by_version.get(form.get("Version"))
        action = form.get("Action", "")
        if service is None or service.operation(action) is None:
            raise AwsError("InvalidAction", f"Could not find operation {action} for version "
                           f"{form.get('Version')}", 400)
        return service, action, {}


class UnknownOperation(AwsError):
    """A REST path that no operation of its service has; knows the service, for the error shape."""

    def __init__(self, service, request):
        code = "MethodNotAllowed" if service.name == "s3" else "UnknownOperationException"
        super().__init__(code, f"no operation of {service.name} is at {request.method} "
                         f"{request.path}", 405 if service.name == "s3" else 404)
        self.service = service
