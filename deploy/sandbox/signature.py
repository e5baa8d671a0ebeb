"""Signature Version 4, verified with botocore's own signer.

Source: AWS General Reference, "Signature Version 4 signing process". The canonical request is
built by botocore from exactly the headers the client says it signed, so this checks a client
against someone else's code, not against slipway's.
"""

import calendar
import hashlib
import hmac
import re
import time

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials as BotoCredentials

from .errors import AwsError

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^ ,/]+)/(\d{8})/([^ ,/]+)/([^ ,/]+)/aws4_request *, *"
    r"SignedHeaders=([^ ,]+) *, *Signature=([0-9a-f]{64})")
STREAMING = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
UNSIGNED_PAYLOADS = ("UNSIGNED-PAYLOAD", STREAMING)


class Scope:
    """The parts of an Authorization header."""

    def __init__(self, match):
        (self.access_key, self.date, self.region,
         self.service, signed, self.signature) = match.groups()
        self.signed_headers = signed.split(";")


def read_scope(request):
    """The credential scope of a request, or None when the request is not signed at all."""
    text = request.header("authorization")
    if text is None:
        return None
    match = AUTHORIZATION.fullmatch(text.strip())
    if match is None:
        raise AwsError("IncompleteSignatureException",
                       "Authorization header requires 'Credential' parameter, 'Signature' "
                       "parameter, 'SignedHeaders' parameter and the AWS4-HMAC-SHA256 algorithm.",
                       403, query_code="IncompleteSignature")
    return Scope(match)


class _Verifier:
    """Mixin: sign what the client signed, not what botocore would choose to sign."""

    def headers_to_sign(self, request):
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers


class _PlainVerifier(_Verifier, SigV4Auth):
    pass


class _S3Verifier(_Verifier, S3SigV4Auth):
    pass


def expected_signature(request, scope, secret_key):
    """The signature botocore computes for this request under this secret."""
    signed = set(scope.signed_headers)
    headers = HTTPHeaders()
    for name, value in request.headers:
        if name.lower() in signed:
            headers[name] = value
    url = "http://" + request.header("host") + request.path
    if request.query:
        url += "?" + request.query
    aws = AWSRequest(method=request.method, url=url, data=request.body, headers=headers)
    aws.context["timestamp"] = request.header("x-amz-date")
    kind = _S3Verifier if scope.service == "s3" else _PlainVerifier
    verifier = kind(BotoCredentials(scope.access_key, secret_key), scope.service, scope.region)
    # The payload hash must be seen even when its header was (wrongly) left out of SignedHeaders.
    given = request.header("x-amz-content-sha256")
    if given is not None and "x-amz-content-sha256" not in signed:
        verifier.payload = lambda _request: given
    canonical = verifier.canonical_request(aws)
    return verifier.signature(verifier.string_to_sign(aws, canonical), aws)


def check_payload(request, service):
    """The declared payload hash must be that of the body."""
    given = request.header("x-amz-content-sha256")
    if given is None:
        if service == "s3":
            raise AwsError("InvalidRequest",
                           "Missing required header for this request: x-amz-content-sha256", 400)
        return
    if service == "s3" and given in UNSIGNED_PAYLOADS:
        return
    if given.startswith("STREAMING-"):
        raise AwsError("NotImplemented", f"the sandbox does not read '{given}' bodies", 501)
    if given != hashlib.sha256(request.body).hexdigest():
        if service == "s3":
            raise AwsError("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' "
                           "header does not match what was computed.", 400)
        raise mismatch()


def mismatch():
    return AwsError("InvalidSignatureException",
                    "The request signature we calculated does not match the signature you "
                    "provided. Check your AWS Secret Access Key and signing method. Consult the "
                    "service documentation for details.", 403, query_code="SignatureDoesNotMatch")


def check_clock(request, scope, skew_seconds):
    """X-Amz-Date must be well formed, of the scope's day, and within the allowed skew."""
    stamp = request.header("x-amz-date", "")
    try:
        when = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise AwsError("IncompleteSignatureException", "Authorization header requires existence of "
                       "either a 'X-Amz-Date' or a 'Date' header.", 403,
                       query_code="IncompleteSignature") from None
    if stamp[:8] != scope.date:
        raise AwsError("InvalidSignatureException", "Date in Credential scope does not match "
                       f"YYYYMMDD from ISO-8601 version of date from HTTP: '{scope.date}' != "
                       f"'{stamp[:8]}', from '{stamp}'.", 403, query_code="SignatureDoesNotMatch")
    now = time.time()
    if abs(now - when) <= skew_seconds:
        return
    if scope.service == "s3":
        raise AwsError("RequestTimeTooSkewed", "The difference between the request time and the "
                       "current time is too large.", 403)
    text = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    minutes = skew_seconds // 60
    if when < now:
        edge = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now - skew_seconds))
        message = f"Signature expired: {stamp} is now earlier than {edge} ({text} - {minutes} min.)"
    else:
        edge = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now + skew_seconds))
        message = f"Signature not yet current: {stamp} is still later than {edge} " \
                  f"({text} + {minutes} min.)"
    raise AwsError("InvalidSignatureException", message, 403, query_code="SignatureDoesNotMatch")


def check_token(request, credential):
    """A session's token must come with its key, and the session must not be over."""
    if request.header("x-amz-security-token") != credential.token:
        raise AwsError("UnrecognizedClientException",
                       "The security token included in the request is invalid.", 403,
                       query_code="InvalidClientTokenId")
    if credential.expires is not None and credential.expires <= time.time():
        raise AwsError("ExpiredTokenException",
                       "The security token included in the request is expired", 403,
                       query_code="ExpiredToken")


def verify(request, scope, service, credentials, settings, regions):
    """Check a signed request whole; return the credential that signed it, or raise AwsError."""
    credential = credentials.find(scope.access_key)
    if credential is None:
        raise AwsError("UnrecognizedClientException",
                       "The security token included in the request is invalid.", 403,
                       query_code="InvalidClientTokenId")
    if scope.service != service:
        raise AwsError("InvalidSignatureException",
                       f"Credential should be scoped to correct service: '{service}'. ", 403,
                       query_code="SignatureDoesNotMatch")
    if scope.region not in regions:
        raise AwsError("InvalidSignatureException",
                       "Credential should be scoped to a valid region. ", 403,
                       query_code="SignatureDoesNotMatch")
    check_signed_headers(request, scope)
    check_clock(request, scope, settings.skew_seconds)
    check_payload(request, service)
    wanted = expected_signature(request, scope, credential.secret_key)
    if not hmac.compare_digest(wanted, scope.signature):
        raise mismatch()
    check_token(request, credential)
    return credential


def check_signed_headers(request, scope):
    """host and every x-amz-* header must be signed; the list must be sorted and present."""
    signed = scope.signed_headers
    needed = ["host"] + [name for name in request.fields if name.startswith("x-amz-")]
    for name in needed:
        if name not in signed:
            raise AwsError("InvalidSignatureException",
                           f"'{name}' must be a 'SignedHeader' in the AWS Authorization.", 403,
                           query_code="SignatureDoesNotMatch")
    if signed != sorted(signed) or any(name not in request.fields for name in signed):
        raise mismatch()
