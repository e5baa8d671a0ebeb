"""The page in a browser, and the command line as a person uses it, against a running daemon."""

import html
import os
import pty
import shutil
import socket
import subprocess
import threading
import time

import pytest
import release

PAYLOAD = "<img src=x onerror=document.title='hit'>"


@pytest.fixture
def slipway(sandbox, tmp_path):
    daemon = release.Slipway(release.Cloud(sandbox).prepare(), tmp_path).start()
    yield daemon
    if daemon.process.poll() is None:
        assert daemon.stop() == 0, daemon.tail()


def begin(slipway):
    slipway.cloud.approve(slipway.cloud.publish())
    return slipway.wait_ready_to_approve(1)


def browse(url, tmp_path):
    """The document as the browser has it after loading, scripts included if any could run."""
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
                           f"--user-data-dir={tmp_path}/browser", url],
                          capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser here")
def test_hostile_texts_stay_texts_in_a_browser(slipway, tmp_path):
    begin(slipway)
    body = release.json.dumps({"deployment": 1, "decision": "cancel", "approver": "alice",
                               "comment": PAYLOAD + "\u202e\x1b[31m"})
    assert slipway.post(1, body, slipway.sign(body))[0] == 200
    slipway.cloud.send(PAYLOAD)
    slipway.wait(1, "cancelled")
    time.sleep(1.5)
    for path in ("/", "/deployments/1"):
        seen = browse(f"{slipway.url}{path}?refresh=0", tmp_path)
        assert "<title>hit" not in seen and "<img" not in seen
        assert html.escape("<img src=x", quote=False) in seen
        assert "\u202e" not in seen and "\x1b" not in seen
    status, out, _ = slipway.cli("show", 1)
    assert status == 0 and "\x1b" not in out and "\\x1b" in out and "\\u{202e}" in out


def test_page_api_and_command_line_say_the_same(slipway):
    found = begin(slipway)
    # The time left may change between two looks.
    why = found["waits_for"].split(";")[0]
    page = release.urllib.request.urlopen(slipway.url + "/").read().decode()
    assert html.escape(why) in page and found["digest"][:12] in page
    assert why in slipway.cli("why", 1)[1] and why in slipway.cli("list")[1]
    assert release.json.loads(slipway.cli("why", 1, "--json")[1])["who"] == "an approver"
    whole = release.json.loads(slipway.cli("show", 1, "--json")[1])
    assert whole["documents"].keys() == found["documents"].keys()
    assert [r["hash"] for r in whole["history"]] == [r["hash"] for r in found["history"]]


def test_the_command_line_refuses_what_was_not_looked_at(slipway):
    digest = begin(slipway)["digest"]
    me = ("--as", "alice", "--key", slipway.folder / "alice.key")
    status, _, err = slipway.cli("approve", 1, *me)
    assert status == 2 and "--digest HEX is needed" in err
    status, _, err = slipway.cli("approve", 1, "--digest", "0" * 64, *me)
    assert status == 1 and digest in err and "nothing was sent" in err
    status, _, err = slipway.cli("approve", 1, "--digest", digest, "--as", "bob", *me[2:])
    assert status == 1 and "signature" in err
    status, _, err = slipway.cli("approve", 7, "--digest", digest, *me)
    assert status == 1 and "no deployment 7" in err
    assert slipway.deployment(1)["approvals"]["given"] == 0
    status, _, err = slipway.cli("approve", 1, "--digest", digest, *me, "--url", "http://127.0.0.1:1")
    assert status == 69 and "cannot be reached" in err
    slipway.stop()
    assert slipway.cli("approve", 1, "--digest", digest, *me)[0] == 69
    assert slipway.cli("why", 1)[0] == 0, "looking needs no daemon"


def test_an_open_key_file_is_refused(slipway):
    begin(slipway)
    key = slipway.folder / "alice.key"
    key.chmod(0o644)
    status, _, err = slipway.cli("cancel", 1, "--as", "alice", "--key", key)
    assert status == 2 and "chmod 600" in err


@pytest.mark.parametrize("typed, status", [("right", 0), ("wrong", 1)])
def test_on_a_terminal_the_digest_is_typed(slipway, typed, status):
    digest = begin(slipway)["digest"]
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [release.SLIPWAY, "approve", "1", "--as", "alice", "--key", slipway.folder / "alice.key"],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**slipway.environment(), "SLIPWAY_CONFIG": str(slipway.config)})
    os.close(theirs)
    seen = b""
    while b"to approve it: " not in seen:
        seen += os.read(mine, 4096)
    assert digest.encode() in seen
    os.write(mine, (digest[:8] if typed == "right" else "00000000").encode() + b"\n")
    assert process.wait(timeout=20) == status
    os.close(mine)
    assert slipway.deployment(1)["approvals"]["given"] == (1 if status == 0 else 0)


def test_slow_clients_do_not_keep_others_out(slipway):
    port = int(slipway.url.rsplit(":", 1)[1])
    slow = []

    def drip(client):
        try:
            for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 60:
                client.send(bytes([byte]))
                time.sleep(0.25)
        except OSError:
            pass

    for _ in range(200):
        slow.append(socket.create_connection(("127.0.0.1", port)))
        threading.Thread(target=drip, args=(slow[-1],), daemon=True).start()
    waited = []
    for _ in range(50):
        began = time.monotonic()
        with release.urllib.request.urlopen(slipway.url + "/healthz", timeout=5) as answer:
            assert answer.status == 200
        waited.append(time.monotonic() - began)
        time.sleep(0.02)
    assert sorted(waited)[-2] < 0.5, waited
    time.sleep(max(0, 11 - sum(waited)))
    for client in slow:
        client.settimeout(3)
        try:
            assert client.recv(1024) == b"", "cut off by its total time"
        except ConnectionResetError:
            pass
        client.close()


def test_a_foreign_host_is_misdirected(slipway):
    request = release.urllib.request.Request(slipway.url + "/", headers={"Host": "evil.example"})
    with pytest.raises(release.urllib.error.HTTPError) as refusal:
        release.urllib.request.urlopen(request, timeout=5)
    assert refusal.value.code == 421
