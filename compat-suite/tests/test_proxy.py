"""The proxy's parser and what it notes."""

import http.client
import http.server
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.proxy import Messages, Proxy, ProxyLoop  # noqa: E402


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("If-None-Match") == '"one"':
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", '"one"')
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.proxies = ProxyLoop()
        self.proxy = Proxy(self.proxies, self.server.server_address[1])
        self.client = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=5)

    def tearDown(self):
        self.client.close()
        self.server.shutdown()
        self.server.server_close()
        self.proxies.stop()

    def ask(self, method, path, body=None, headers=None):
        self.client.request(method, path, body, headers or {})
        response = self.client.getresponse()
        return response.status, response.read()

    def test_several_exchanges_on_one_connection_are_noted(self):
        self.assertEqual(self.ask("GET", "/a"), (200, b"abcde"))
        self.assertEqual(self.ask("GET", "/a", headers={"If-None-Match": '"one"'}), (304, b""))
        self.assertEqual(self.ask("POST", "/b?x=1", b"hello")[0], 202)
        first, second, third = self.proxy.exchanges()
        self.assertEqual((first.status, first.response_headers["etag"]), (200, '"one"'))
        self.assertEqual((second.status, second.headers["if-none-match"]), (304, '"one"'))
        self.assertEqual((third.body, third.status), (b"hello", 202))
        self.assertEqual(self.proxy.exchanges(method="POST", path="/b"), [third])
        self.assertEqual(self.proxy.broken, [])

    def test_a_paused_proxy_refuses_and_comes_back_on_the_same_port(self):
        self.ask("GET", "/a")
        self.proxy.pause()
        with self.assertRaises(OSError):
            self.ask("GET", "/a")
        self.client.close()
        with self.assertRaises(ConnectionRefusedError):
            self.ask("GET", "/a")
        self.client.close()
        self.proxy.resume()
        self.assertEqual(self.ask("GET", "/a")[0], 200)


class MessagesTest(unittest.TestCase):
    def parse(self, responses, *pieces):
        found = []
        messages = Messages(responses, found.append)
        for piece in pieces:
            messages.feed(piece)
        messages.end()
        return found

    def test_messages_may_arrive_byte_by_byte(self):
        wire = b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nokGET /y HTTP/1.1\r\n\r\n"
        found = self.parse(False, *[wire[i : i + 1] for i in range(len(wire))])
        self.assertEqual([m.first_line for m in found], ["POST /x HTTP/1.1", "GET /y HTTP/1.1"])
        self.assertEqual(found[0].body, b"ok")

    def test_a_request_is_told_before_its_body_has_come(self):
        found = []
        messages = Messages(False, found.append)
        messages.feed(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\n")
        self.assertEqual(len(found), 1)
        messages.feed(b"ok")
        self.assertEqual((len(found), found[0].body), (1, b"ok"))

    def test_a_response_without_a_length_ends_with_the_connection(self):
        [message] = self.parse(True, b"HTTP/1.1 200 OK\r\n\r\nab", b"cd")
        self.assertEqual(message.body, b"abcd")

    def test_a_body_after_304_is_noticed(self):
        with self.assertRaises(ValueError):
            self.parse(True, b"HTTP/1.1 304 Not Modified\r\n\r\n{}\r\n\r\n")


if __name__ == "__main__":
    unittest.main()
