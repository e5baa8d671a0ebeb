"""A small HTTP/1.1 server: one thread per connection, keep-alive, TCP_NODELAY, strict framing.

Python's own http.server costs about half a millisecond a request, more than all the rest of the
sandbox together, and does not let a handler cut a connection in the middle, which faults need.
"""

import select
import socket
import threading
import urllib.parse
from dataclasses import dataclass, field

HEAD_BYTES_MAX = 256 * 1024
BODY_BYTES_MAX = 1024 * 1024 * 1024

REASONS = {
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
    206: "Partial Content", 304: "Not Modified", 307: "Temporary Redirect", 400: "Bad Request",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Content Too Large", 416: "Range Not Satisfiable", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
}


class BadRequest(Exception):
    """Bytes that are not an HTTP/1.1 request; the connection is answered with 400 and closed."""


@dataclass
class Request:
    """One request as it came: the path and query are still percent-encoded."""

    method: str
    path: str
    query: str
    headers: list
    body: bytes = b""
    fields: dict = field(default_factory=dict)
    sock: object = None

    def connected(self):
        """Whether the client still holds the connection; a long poll asks before it takes."""
        readable, _, _ = select.select([self.sock], [], [], 0)
        if not readable:
            return True
        try:
            return self.sock.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False

    def header(self, name, default=None):
        """The value of a header by its lower-case name; several of one name are joined."""
        return self.fields.get(name, default)

    def query_pairs(self):
        """The decoded query parameters in their order, flags having an empty value."""
        return urllib.parse.parse_qsl(self.query, keep_blank_values=True)


@dataclass
class Response:
    """What to answer. `stream` is sent piece by piece after the body; `abort` sends nothing."""

    status: int = 200
    headers: list = field(default_factory=list)
    body: bytes = b""
    stream: object = None
    content_length: int = None
    abort: bool = False
    close: bool = False


class Connection:
    """One accepted connection: reads requests one after the other and answers them."""

    def __init__(self, sock, handle):
        self.sock = sock
        self.handle = handle
        self.buffer = b""

    def run(self):
        """Serve until the peer closes, an answer asks to close, or the framing is broken."""
        try:
            while self.serve_one():
                pass
        except (ConnectionError, TimeoutError, OSError):
            pass
        finally:
            self.sock.close()

    def serve_one(self):
        try:
            request = self.read_request()
        except BadRequest as error:
            body = f"bad request: {error}\n".encode()
            self.send(Response(400, [("Content-Type", "text/plain")], body, close=True), "GET")
            return False
        if request is None:
            return False
        response = self.handle(request)
        if response.abort:
            return False
        if request.header("connection", "").lower() == "close":
            response.close = True
        self.send(response, request.method)
        return not response.close

    def fill(self):
        data = self.sock.recv(262144)
        if not data:
            raise ConnectionError("closed by the peer")
        self.buffer += data

    def read_request(self):
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_BYTES_MAX:
                raise BadRequest("head too large")
            data = self.sock.recv(65536)
            if not data:
                return None
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        request = parse_head(head.decode("iso-8859-1"))
        request.sock = self.sock
        if request.header("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "transfer-encoding" in request.fields:
            request.body = self.read_chunked(request)
        else:
            request.body = self.read_exactly(content_length(request))
        return request

    def read_exactly(self, length):
        if length <= len(self.buffer):
            body, self.buffer = self.buffer[:length], self.buffer[length:]
            return body
        pieces = [self.buffer]
        missing = length - len(self.buffer)
        self.buffer = b""
        while missing:
            data = self.sock.recv(min(missing, 1 << 20))
            if not data:
                raise ConnectionError("closed inside a body")
            pieces.append(data)
            missing -= len(data)
        return b"".join(pieces)

    def read_line(self):
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_BYTES_MAX:
                raise BadRequest("chunk line too large")
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def read_chunked(self, request):
        if request.header("transfer-encoding").lower() != "chunked":
            raise BadRequest("unknown transfer encoding")
        if "content-length" in request.fields:
            raise BadRequest("both Content-Length and Transfer-Encoding")
        pieces, total = [], 0
        while True:
            try:
                size = int(self.read_line().split(b";")[0], 16)
            except ValueError:
                raise BadRequest("chunk size is not a number") from None
            total += size
            if size < 0 or total > BODY_BYTES_MAX:
                raise BadRequest("body too large")
            pieces.append(self.read_exactly(size))
            if size == 0:
                while self.read_line():
                    pass
                return b"".join(pieces)
            self.read_line()

    def send(self, response, method):
        lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.stream is not None and response.content_length is None:
            response.close = True
        elif response.status != 204:
            length = response.content_length
            lines.append(f"Content-Length: {len(response.body) if length is None else length}")
        if response.close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("iso-8859-1", "replace")
        body = b"" if method == "HEAD" or response.status in (204, 304) else response.body
        self.sock.sendall(head + body)
        if response.stream is not None:
            for piece in response.stream:
                self.sock.sendall(piece)


def parse_head(text):
    """Parse request line and headers; refuse what AWS's front ends refuse."""
    lines = text.split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequest("request line")
    headers, fields = [], {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or "\0" in value:
            raise BadRequest("header line")
        value = value.strip(" \t")
        lower = name.lower()
        if lower in fields and lower in ("host", "content-length", "authorization"):
            raise BadRequest(f"header {name} given twice")
        headers.append((name, value))
        fields[lower] = f"{fields[lower]},{value}" if lower in fields else value
    if "host" not in fields:
        raise BadRequest("no Host header")
    target = parts[1]
    if not target.startswith("/"):
        raise BadRequest("request target is not a path")
    path, _, query = target.partition("?")
    if parts[2] == "HTTP/1.0":
        fields["connection"] = "close"
    return Request(parts[0], path, query, headers, fields=fields)


def content_length(request):
    text = request.header("content-length", "0")
    if not text.isascii() or not text.isdigit():
        raise BadRequest("Content-Length is not a number")
    if int(text) > BODY_BYTES_MAX:
        raise BadRequest("body too large")
    return int(text)


class Server:
    """The listener. `handle` is called on the connection's thread with a Request."""

    def __init__(self, port, handle):
        self.handle = handle
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(512)
        self.port = self.listener.getsockname()[1]

    def serve(self):
        """Accept for ever; each connection gets a daemon thread."""
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(600)
            connection = Connection(sock, self.handle)
            threading.Thread(target=connection.run, daemon=True).start()

    def start(self):
        """Serve on a background thread."""
        threading.Thread(target=self.serve, daemon=True).start()
