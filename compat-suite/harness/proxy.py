"""A proxy between an SDK and the server that passes every byte on and notes what it saw.

The SDK gets the server's real bytes and the server the SDK's; a parser reads along. Runs in a
thread of its own; one asyncio loop serves all proxies.
"""

import asyncio
import threading
import time

KEPT_BODY_BYTES = 256 * 1024


class ProxyLoop:
    """The background thread and its event loop."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=10)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)


class Exchange:
    """One request and, once it came, its response."""

    def __init__(self, request):
        self.at = time.monotonic()
        self.method, self.path = request.first_line.split(" ")[:2]
        self.headers = request.headers
        self._request = request
        self.status = None
        self.response_headers = {}

    @property
    def body(self):
        return self._request.body

    def __repr__(self):
        return f"{self.method} {self.path} -> {self.status}"


class Proxy:
    """Listens on a free loopback port and forwards to `upstream_port`."""

    def __init__(self, proxies, upstream_port):
        self._proxies = proxies
        self._upstream_port = upstream_port
        self._lock = threading.Lock()
        self._exchanges = []
        self._server = None
        self._writers = set()
        self.broken = []
        self.port = 0
        self.resume()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def exchanges(self, since=0.0, method=None, path=None, token=None):
        """Finished exchanges that began after `since`, oldest first."""
        with self._lock:
            seen = list(self._exchanges)
        return [
            e
            for e in seen
            if e.at >= since
            and e.status is not None
            and (method is None or e.method == method)
            and (path is None or e.path.split("?")[0] == path)
            and (token is None or e.headers.get("authorization") == token)
        ]

    def pause(self):
        """Refuses connections and drops the open ones, as a server does that is not there."""
        self._proxies.run(self._pause())

    def resume(self):
        self._proxies.run(self._resume())

    async def _pause(self):
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._server = None

    async def _resume(self):
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, reuse_address=True, limit=1 << 20
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(up_writer)
        waiting = []
        requests = Messages(False, lambda message: self._on_request(message, waiting))
        responses = Messages(True, lambda message: self._on_response(message, waiting))
        responses.waiting = waiting
        await asyncio.gather(
            self._pump(reader, up_writer, requests), self._pump(up_reader, writer, responses)
        )
        for each in (writer, up_writer):
            each.close()
            self._writers.discard(each)

    async def _pump(self, reader, writer, messages):
        try:
            while data := await reader.read(65536):
                # Read along first, so that what the SDK has seen is already noted.
                self._read_along(messages, data)
                writer.write(data)
                await writer.drain()
            messages.end()
            if writer.can_write_eof():
                writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()

    def _read_along(self, messages, data):
        if messages.lost:
            return
        try:
            messages.feed(data)
        except ValueError as error:
            messages.lost = True
            self.broken.append(str(error))

    def _on_request(self, message, waiting):
        exchange = Exchange(message)
        waiting.append(exchange)
        with self._lock:
            self._exchanges.append(exchange)

    def _on_response(self, message, waiting):
        status = int(message.first_line.split(" ")[1])
        if status < 200:
            return
        if not waiting:
            raise ValueError(f"a response without a request: {message.first_line}")
        exchange = waiting.pop(0)
        exchange.response_headers = message.headers
        exchange.status = status


class Message:
    def __init__(self, first_line, headers):
        self.first_line = first_line
        self.headers = headers
        self.body = b""


class Messages:
    """Splits one direction of a connection into HTTP/1.1 messages."""

    def __init__(self, responses, on_message):
        self._responses = responses
        self._on_message = on_message
        self._buffer = b""
        self._message = None
        self._left = None
        self.waiting = []
        self.lost = False

    def feed(self, data):
        self._buffer += data
        while self._step():
            pass

    def end(self):
        if self._message is not None and self._left == "until close":
            self._finish()

    def _step(self):
        if self._message is None:
            return self._head()
        if self._left == "chunked":
            return self._chunk()
        if self._left == "until close":
            self._keep(self._buffer)
            self._buffer = b""
            return False
        taken = self._buffer[: self._left]
        self._keep(taken)
        self._buffer = self._buffer[len(taken) :]
        self._left -= len(taken)
        if self._left == 0:
            self._finish()
            return bool(self._buffer)
        return False

    def _head(self):
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return False
        self._buffer = rest
        first_line, *lines = head.decode("latin-1").split("\r\n")
        if self._responses and not first_line.startswith("HTTP/1."):
            raise ValueError(f"not the start of a response: {first_line[:60]!r}")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        self._message = Message(first_line, headers)
        self._left = self._body_length(headers, first_line)
        if not self._responses:
            # Told at once: a server may answer before it has the whole body.
            self._on_message(self._message)
        if self._left == 0:
            self._finish()
            return bool(self._buffer)
        if headers.get("content-type", "").startswith("text/event-stream"):
            # Has no end: it counts as answered now, and what follows is not HTTP's business.
            self._finish()
            self.lost = True
            return False
        return True

    def _body_length(self, headers, first_line):
        if self._responses:
            status = int(first_line.split(" ")[1])
            head = self.waiting and self.waiting[0].method == "HEAD"
            if status < 200 or status in (204, 304) or head:
                return 0
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return "chunked"
        if "content-length" in headers:
            return int(headers["content-length"])
        return "until close" if self._responses else 0

    def _chunk(self):
        line, separator, rest = self._buffer.partition(b"\r\n")
        if not separator:
            return False
        size = int(line.split(b";")[0], 16)
        if len(rest) < size + 2:
            return False
        self._keep(rest[:size])
        self._buffer = rest[size + 2 :]
        if size == 0:
            self._finish()
            return bool(self._buffer)
        return True

    def _keep(self, data):
        if len(self._message.body) < KEPT_BODY_BYTES:
            self._message.body += data

    def _finish(self):
        message, self._message, self._left = self._message, None, None
        if self._responses:
            self._on_message(message)
