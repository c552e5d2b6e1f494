"""A Redis of the suite's own, for the server to keep its flags in."""

import os
import shutil
import socket
import subprocess
import time

START_SECONDS = 30


class RedisError(Exception):
    """It is not installed or does not start."""


class OwnRedis:
    """A process with a temporary folder that listens on a socket of the file system only."""

    def __init__(self, work):
        program = os.environ.get("BURGEE_TEST_REDIS_SERVER", "redis-server")
        if shutil.which(program) is None:
            raise RedisError(f"no {program}; `make packages` installs it")
        self._program = program
        self._folder = work / "redis"
        self._folder.mkdir()
        self._socket = self._folder / "socket"
        self._log = work / "redis.log"
        self.url = f"redis+unix://{self._socket}"
        self.start()

    def start(self):
        """Starts with the files there are."""
        self._socket.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._program,
                    *("--port", "0"),
                    *("--unixsocket", str(self._socket)),
                    *("--dir", str(self._folder)),
                    *("--save", ""),
                    *("--appendonly", "yes"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.02)
        self.stop()
        raise RedisError("Redis does not start")

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self._socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def ask(self, *words):
        """What redis-cli prints for a command, line by line."""
        command = ["redis-cli", "-s", str(self._socket), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=True)
        return done.stdout.splitlines()

    def stop(self):
        """Ends the process as a crash does; its files go with the work folder."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=START_SECONDS)
