"""The controller's Signature Version 4 beside botocore's, on random requests as clients send them."""

import datetime
import hashlib
import json
import os
import pathlib
import random
import string
import subprocess
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import ROOT

BUILD = pathlib.Path(os.environ.get("SLIPWAYD", ROOT / "build" / "asan" / "slipwayd")).parent
TOOLS = pathlib.Path(os.environ.get("SLIPWAY_TOOLS", BUILD / "tests"))
REQUESTS = 400
SERVICES = ["sqs", "sts", "sagemaker", "greengrass", "iot", "s3"]
ODD = "äß€🚀 +%&=/?#:;,@!$'()*[]~\"\\<>"


def word(rng, letters=string.ascii_letters + string.digits + "-_.~" + ODD, least=1, most=12):
    return "".join(rng.choice(letters) for _ in range(rng.randint(least, most)))


def random_path(rng, service):
    """Segments percent-encoded as our typed calls encode them; S3 keys may hold dots and empty segments."""
    segments = [urllib.parse.quote(word(rng), safe="-_.~") for _ in range(rng.randint(0, 4))]
    if service == "s3" and segments and rng.random() < 0.3:
        segments.insert(rng.randint(0, len(segments)), rng.choice(["", ".", ".."]))
    segments = [s for s in segments if service == "s3" or s not in (".", "..")]
    return "/" + "/".join(segments) + ("/" if segments and rng.random() < 0.2 else "")


def random_query(rng):
    pairs = [(word(rng), word(rng, least=0)) for _ in range(rng.choice([0, 0, 1, 2, 5]))]
    if pairs and rng.random() < 0.3:
        pairs.append((pairs[0][0], word(rng)))
    return "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                    for k, v in pairs)


def random_request(rng):
    service = rng.choice(SERVICES)
    body = word(rng, least=0, most=200).encode() if rng.random() < 0.7 else b""
    headers = []
    if body:
        headers.append(("Content-Type", rng.choice(["application/json", "application/x-amz-json-1.0"])))
    if rng.random() < 0.5:
        headers.append(("X-Amz-Target", "AmazonSQS." + word(rng, string.ascii_letters)))
    if rng.random() < 0.3:
        headers.append(("x-amz-meta-" + word(rng, string.ascii_lowercase), "a   b  " + word(rng, "abc  ")))
    if rng.random() < 0.2:
        headers.append(("X-Amz-Meta", "with a longer neighbour"))
    unsigned = service == "s3" and rng.random() < 0.2
    at = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 3 * 86400))
    return {
        "method": rng.choice(["GET", "POST", "PUT", "HEAD", "DELETE"]),
        "host": service + ".us-east-1.amazonaws.com" + rng.choice(["", "", ":8443"]),
        "path": random_path(rng, service), "query": random_query(rng), "headers": headers,
        "payload_hash": "UNSIGNED-PAYLOAD" if unsigned else hashlib.sha256(body).hexdigest(),
        "region": rng.choice(["us-east-1", "eu-central-1"]), "service": service,
        "at": at.strftime("%Y%m%dT%H%M%SZ"), "access_key": rng.choice(["AKIDEXAMPLE", "AKIDOTHER"]),
        "secret_key": rng.choice(["one", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "x" * 100]),
        "token": rng.choice(["", "IQoJ//b3JpZ2luX2VjE==" * 10]),
        "verbatim": service == "s3", "content_hash": service == "s3"}


class FixedClock(botocore.auth.SigV4Auth):
    """botocore's signer with the payload's hash given, and the clock of the request."""

    payload_hash = ""

    def payload(self, request):
        return self.payload_hash


class FixedClockS3(FixedClock, botocore.auth.S3SigV4Auth):
    def payload(self, request):
        return self.payload_hash


def sign_with_botocore(question, monkeypatch):
    at = datetime.datetime.strptime(question["at"], "%Y%m%dT%H%M%SZ")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *a, **k: at, raising=False)
    kind = FixedClockS3 if question["service"] == "s3" else FixedClock
    keys = Credentials(question["access_key"], question["secret_key"], question["token"] or None)
    signer = kind(keys, question["service"], question["region"])
    signer.payload_hash = question["payload_hash"]
    url = f"https://{question['host']}{question['path']}" + ("?" + question["query"] if question["query"] else "")
    request = AWSRequest(question["method"], url, dict(question["headers"]))
    request.context["timestamp"] = question["at"]
    signer.add_auth(request)
    return request.headers["Authorization"], signer


def test_random_requests_are_signed_as_botocore_signs_them(monkeypatch):
    rng = random.Random(20260102)
    questions = [random_request(rng) for _ in range(REQUESTS)]
    lines = "".join(json.dumps(q) + "\n" for q in questions)
    done = subprocess.run([str(TOOLS / "tool_sigv4_sign")], input=lines, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == REQUESTS
    for question, answer in zip(questions, answers):
        expected, _ = sign_with_botocore(question, monkeypatch)
        assert answer["authorization"] == expected, (question, answer["canonical"])
