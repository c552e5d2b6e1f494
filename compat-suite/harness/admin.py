"""The admin API, as far as the suite needs it, and putting scenarios/flags.json into a server."""

import json
import socket
import urllib.error
import urllib.request

PROJECT = "/api/admin/projects/default"


class AdminError(Exception):
    """The server answered an admin call with something unexpected."""


class Admin:
    def __init__(self, url, token):
        self._url = url
        self._token = token

    def call(self, method, path, body=None, token=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._url + path,
            data=data,
            method=method,
            headers={"Authorization": token or self._token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                raw = response.read()
        except urllib.error.HTTPError as error:
            answer = error.read().decode("utf-8", "replace")
            raise AdminError(f"{method} {path}: {error.code} {answer[:500]}") from error
        except OSError as error:
            raise AdminError(f"{method} {path}: {error}") from error
        try:
            return json.loads(raw) if raw else None
        except ValueError:
            return raw.decode("utf-8", "replace")

    def create_token(self, name, kind, environment, projects):
        body = {"tokenName": name, "type": kind, "environment": environment, "projects": projects}
        return self.call("POST", "/api/admin/api-tokens", body)["secret"]

    def switch(self, flag, on, environment="development"):
        where = f"{PROJECT}/features/{flag}/environments/{environment}"
        self.call("POST", f"{where}/{'on' if on else 'off'}")

    def strategies(self, flag, environment="development"):
        return self.call("GET", f"{PROJECT}/features/{flag}/environments/{environment}/strategies")

    def update_strategy(self, flag, strategy, environment="development"):
        where = f"{PROJECT}/features/{flag}/environments/{environment}/strategies/{strategy['id']}"
        self.call("PUT", where, strategy)

    def archive(self, flag):
        self.call("DELETE", f"{PROJECT}/features/{flag}")

    def segments(self):
        return self.call("GET", "/api/admin/segments")["segments"]

    def update_segment(self, segment):
        self.call("PUT", f"/api/admin/segments/{segment['id']}", segment)

    def usage(self, flag):
        return self.call("GET", f"/api/admin/client-metrics/features/{flag}/raw")["data"]

    def instances(self, app_name, environment="development"):
        path = f"/api/admin/metrics/instances/{app_name}/environment/{environment}"
        return self.call("GET", path)["instances"]


def seed(admin, data):
    """Creates everything in flags.json. Wants a server that has none of it yet."""
    for field in data["contextFields"]:
        admin.call("POST", "/api/admin/context", field)
    for kind in data["strategyTypes"]:
        parameters = [
            {"name": name, "type": "string", "description": "", "required": False}
            for name in kind["parameters"]
        ]
        admin.call("POST", "/api/admin/strategies", {**kind, "parameters": parameters})
    segments = {
        segment["name"]: admin.call("POST", "/api/admin/segments", segment)["id"]
        for segment in data["segments"]
    }
    flags = data["flags"] + data["live"]
    for flag in flags:
        create_flag(admin, flag, segments)
    for flag in flags:
        for parent in flag.get("dependencies", []):
            admin.call("POST", f"{PROJECT}/features/{flag['name']}/dependencies", parent)
        finish_flag(admin, flag)


def create_flag(admin, flag, segments):
    name = flag["name"]
    admin.call(
        "POST",
        f"{PROJECT}/features",
        {
            "name": name,
            "type": flag.get("type", "release"),
            "impressionData": flag.get("impressionData", False),
            **({"description": flag["description"]} if "description" in flag else {}),
        },
    )
    for environment, state in flag["environments"].items():
        where = f"{PROJECT}/features/{name}/environments/{environment}"
        for strategy in state["strategies"]:
            admin.call("POST", f"{where}/strategies", fill_in(strategy, segments))
        if state["on"]:
            admin.call("POST", f"{where}/on")


def finish_flag(admin, flag):
    name = flag["name"]
    for tag in flag.get("tags", []):
        admin.call("POST", f"/api/admin/features/{name}/tags", tag)
    if flag.get("stale"):
        admin.call("POST", f"{PROJECT}/stale", {"features": [name], "stale": True})
    if flag.get("archived"):
        admin.archive(name)


def fill_in(strategy, segments):
    """Segment names become ids, ${HOSTNAME} this machine's name."""
    text = json.dumps(strategy).replace("${HOSTNAME}", socket.gethostname())
    strategy = json.loads(text)
    if "segments" in strategy:
        strategy["segments"] = [segments[name] for name in strategy["segments"]]
    return strategy
