"""Starting, restarting and stopping the server under test."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ADMIN_TOKEN = "*:*.compat-suite-admin-token"
TOKENS = {
    ("backend", "development"): "*:development.compat-suite-backend",
    ("backend", "production"): "*:production.compat-suite-backend",
    ("frontend", "development"): "default:development.compat-suite-frontend",
    ("frontend", "production"): "default:production.compat-suite-frontend",
}
HEALTHY_SECONDS = 90
STOP_SECONDS = 20


class ServerError(Exception):
    """The server did not start or does not answer."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url, process=None):
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise ServerError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise ServerError(f"no healthy answer from {url}/health within {HEALTHY_SECONDS} s")


class OwnServer:
    """A server process of the suite's own: temporary data folder or a Redis, free loopback port."""

    def __init__(self, command, work, redis=None):
        self._command = command
        self._work = work
        self._redis = redis
        data = work / "data"
        data.mkdir(parents=True)
        self._where = {"BURGEE_REDIS_URL": redis.url} if redis else {"BURGEE_DATA_DIR": str(data)}
        self._log = work / "server.log"
        self._process = None
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_token = ADMIN_TOKEN
        self.tokens = dict(TOKENS)
        self.start()

    def start(self):
        backend = [t for (kind, _), t in TOKENS.items() if kind == "backend"]
        frontend = [t for (kind, _), t in TOKENS.items() if kind == "frontend"]
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "HTTP_HOST": "127.0.0.1",
            **self._where,
            "INIT_ADMIN_API_TOKENS": ADMIN_TOKEN,
            "INIT_BACKEND_API_TOKENS": ",".join(backend),
            "INIT_FRONTEND_API_TOKENS": ",".join(frontend),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until_healthy(self.url, self._process)
        except ServerError as error:
            self.stop()
            tail = self._log.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise ServerError(f"{error}\n{tail}") from error

    def another(self):
        """A second server on the same Redis."""
        return OwnServer(self._command, self._work / "another", self._redis)

    def stop(self):
        """Stops the process politely. Returns whether it ended by itself in time."""
        if self._process is None or self._process.poll() is not None:
            return True
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=STOP_SECONDS)
            return True
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=STOP_SECONDS)
            return False


class GivenServer:
    """A server that already runs elsewhere on this machine; never stopped by the suite."""

    def __init__(self, url, admin_token, admin_type):
        self.url = url.rstrip("/")
        host, _, port = self.url.removeprefix("http://").partition(":")
        if not self.url.startswith("http://") or host not in ("127.0.0.1", "localhost"):
            raise ServerError("--server takes a loopback address: http://127.0.0.1:PORT")
        self.port = int(port or 80)
        self.admin_token = admin_token
        wait_until_healthy(self.url)
        admin = admin_type(self.url, admin_token)
        self.tokens = {
            (kind, environment): admin.create_token(
                f"compat-{kind}-{environment}",
                kind,
                environment,
                ["*"] if kind == "backend" else ["default"],
            )
            for kind, environment in TOKENS
        }

    def stop(self):
        return True
