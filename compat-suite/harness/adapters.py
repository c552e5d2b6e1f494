"""The adapters: small programs, one per SDK, that answer questions over their standard streams."""

import hashlib
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

SUITE = Path(__file__).resolve().parent.parent
BUILD_SECONDS = 1500


class AdapterError(Exception):
    """The adapter died, did not answer in time or refused a command."""


class Kind:
    """One SDK: what its adapter.json says."""

    def __init__(self, name):
        self.name = name
        self.folder = SUITE / name
        manifest = json.loads((self.folder / "adapter.json").read_text(encoding="utf-8"))
        self.sdk = manifest["sdk"]
        self.version = manifest["version"]
        self.language = manifest["language"]
        self.frontend = manifest["kind"] == "frontend"
        self.can = manifest["can"]
        self.notice = manifest.get("notice")
        self.modes = manifest.get("modes", {})
        self.hint = manifest["hint"]
        self._needs = manifest["needs"]
        self._inputs = manifest["inputs"]
        self._build = manifest["build"]
        self.run = manifest["run"]

    @property
    def app_name(self):
        return f"compat-{self.name}"

    @property
    def features_path(self):
        return "/api/frontend" if self.frontend else "/api/client/features"

    @property
    def metrics_path(self):
        return "/api/frontend/client/metrics" if self.frontend else "/api/client/metrics"

    def missing_tool(self):
        """What is wrong with the first tool that is not as needed, or None."""
        for need in self._needs:
            command = need["command"]
            if shutil.which(command[0]) is None:
                return f"there is no {command[0]}"
            try:
                done = subprocess.run(
                    command, cwd=self.folder, capture_output=True, timeout=60, check=False
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                return str(error)
            if done.returncode != 0:
                return f"`{' '.join(command)}` fails"
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            if "atLeast" in need and version_in(said) < version_in(need["atLeast"]):
                return f"`{' '.join(command)}` says {said.splitlines()[0]}"
        return None

    def build(self, log):
        """Builds the adapter unless nothing changed since the last build."""
        stamp = self.folder / ".built"
        wanted = self._fingerprint()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and self._ran_before():
            return
        stamp.unlink(missing_ok=True)
        environment = {**os.environ, "GOTOOLCHAIN": "local", "PYTHONNOUSERSITE": "1"}
        for command in self._build:
            print(f"{self.name}: {' '.join(command)}", flush=True)
            with log.open("ab") as out:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    timeout=BUILD_SECONDS,
                    check=False,
                )
            if done.returncode != 0:
                tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
                raise AdapterError(f"build failed: {' '.join(command)}\n{tail}")
        stamp.write_text(wanted, encoding="utf-8")

    def _ran_before(self):
        program = self.run[0]
        return "/" not in program or (self.folder / program).exists()

    def _fingerprint(self):
        digest = hashlib.sha256(json.dumps(self._build).encode())
        for name in self._inputs:
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()


def version_in(text):
    """The first version number in a text: "go version go1.26.8" is (1, 26, 8)."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    found = re.search(r"\d+(\.\d+)*", plain)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def all_kinds():
    names = sorted(path.parent.name for path in SUITE.glob("*/adapter.json"))
    return [Kind(name) for name in names]


class Adapter:
    """A running adapter process with one SDK client in it."""

    def __init__(self, kind, work, name):
        self.kind = kind
        self.work = work / name
        self.work.mkdir(parents=True, exist_ok=True)
        self._log = (self.work / "stderr.log").open("wb")
        self._process = subprocess.Popen(
            kind.run if "/" not in kind.run[0] else [str(kind.folder / kind.run[0]), *kind.run[1:]],
            cwd=kind.folder,
            env={**os.environ, "HOSTNAME": socket.gethostname(), "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            encoding="utf-8",
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def ask(self, command, timeout=30, **fields):
        """Sends one command and returns the reply."""
        try:
            self._process.stdin.write(json.dumps({"cmd": command, **fields}) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=timeout)
        except (OSError, ValueError) as error:
            raise AdapterError(f"{command}: the adapter is gone ({error})") from error
        except queue.Empty:
            raise AdapterError(f"{command}: no answer within {timeout} s") from None
        if line is None:
            raise AdapterError(f"{command}: the adapter ended\n{self.log_tail()}")
        reply = json.loads(line)
        if not reply.get("ok"):
            raise AdapterError(f"{command}: {reply.get('error')}")
        return reply

    def init(self, url, token, environment="development", ready_ms=15000, **fields):
        return self.ask(
            "init",
            timeout=ready_ms / 1000 + 20,
            url=f"{url}/api/frontend" if self.kind.frontend else f"{url}/api",
            token=token,
            environment=environment,
            appName=self.kind.app_name,
            instanceId=f"{self.kind.app_name}-1",
            refreshMs=1000,
            metricsMs=1000,
            readyMs=ready_ms,
            workDir=str(self.work),
            **fields,
        )

    def evaluate(self, batches, timeout=60):
        return self.ask("evaluate", timeout=timeout, batches=batches)["results"]

    def enabled(self, flag):
        """Whether `flag` is on for the client's own context."""
        [[answer]] = self.evaluate([{"flags": [flag], "only": "enabled"}])
        return answer.get("enabled")

    def becomes(self, flag, wanted, seconds):
        """Waits until `flag` is on (or off). Returns the seconds it took, or None."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if self.enabled(flag) == wanted:
                return time.monotonic() - started
            time.sleep(0.1)
        return None

    def log_tail(self):
        self._log.flush()
        return (self.work / "stderr.log").read_text(encoding="utf-8", errors="replace")[-1500:]

    def close(self):
        try:
            self.ask("close", timeout=5)
            self._process.wait(timeout=5)
        except (AdapterError, subprocess.TimeoutExpired):
            pass
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=5)
        self._log.close()
