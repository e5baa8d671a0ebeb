"""TLS to AWS: who is not vouched for is not spoken to."""

import http.server
import os
import pathlib
import ssl
import subprocess
import threading

import pytest
from conftest import ROOT

BUILD = pathlib.Path(os.environ.get("SLIPWAYD", ROOT / "build" / "asan" / "slipwayd")).parent
TOOLS = pathlib.Path(os.environ.get("SLIPWAY_TOOLS", BUILD / "tests"))
IDENTITY = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>"
            b"<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")


class Handler(http.server.BaseHTTPRequestHandler):
    seen = 0

    def do_POST(self):
        Handler.seen += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(IDENTITY)))
        self.end_headers()
        self.wfile.write(IDENTITY)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    """An HTTPS server on loopback, whose certificate only names localhost; (port, certificate)."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    Handler.seen = 0
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield listener.server_address[1], certificate, context
    listener.shutdown()
    listener.server_close()


def identify(url, **environment):
    return subprocess.run(
        [str(TOOLS / "tool_aws_try"), "sts_identify"], capture_output=True, text=True, timeout=30, check=False,
        env={"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "HOME": "/nonexistent",
             "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", **environment})


def test_a_certificate_of_the_bundle_is_believed(server):
    port, certificate, _ = server
    done = identify(f"https://localhost:{port}", AWS_CA_BUNDLE=str(certificate))
    assert done.stdout.startswith("ok 200"), done.stdout + done.stderr
    assert Handler.seen == 1


def test_an_unknown_certificate_is_not_sent_anything(server):
    port, _, _ = server
    done = identify(f"https://localhost:{port}")
    assert done.stdout.startswith("not sent 0"), done.stdout + done.stderr
    assert "certificate" in done.stdout and Handler.seen == 0


def test_a_certificate_for_another_name_is_not_sent_anything(server):
    port, certificate, _ = server
    done = identify(f"https://127.0.0.1:{port}", AWS_CA_BUNDLE=str(certificate))
    assert done.stdout.startswith("not sent 0"), done.stdout + done.stderr
    assert Handler.seen == 0


def test_old_tls_is_not_sent_anything(server):
    port, certificate, context = server
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    done = identify(f"https://localhost:{port}", AWS_CA_BUNDLE=str(certificate))
    assert done.stdout.startswith("not sent 0"), done.stdout + done.stderr
    assert Handler.seen == 0
