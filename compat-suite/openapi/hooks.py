"""Loaded by schemathesis: the tokens for each API, and names that exist in half of the requests."""

import json
import os
from pathlib import Path

import schemathesis

TOKENS = json.loads(os.environ["CONTRACT_TOKENS"])
KNOWN = json.loads(Path(os.environ["CONTRACT_KNOWN"]).read_text(encoding="utf-8"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives each API a token of its kind. Maintenance is never switched on: it would refuse every write after it."""
    path = case.operation.path
    if path.startswith("/api/client"):
        token = TOKENS["backend"]
    elif path.startswith(("/api/frontend", "/api/proxy")):
        token = TOKENS["frontend"]
    else:
        token = TOKENS["admin"]
    case.headers = case.headers or {}
    case.headers["Authorization"] = token
    if path == "/api/admin/maintenance" and isinstance(case.body, dict) and case.body.get("enabled"):
        case.body["enabled"] = False


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Random names lead nowhere; every second request is about something that is there."""
    if not path_parameters:
        return path_parameters
    made_up = "".join(map(str, path_parameters.values()))
    number = sum(made_up.encode("utf-8", "surrogatepass"))
    if number % 2:
        return path_parameters
    return {
        name: KNOWN[name][number // 2 % len(KNOWN[name])] if name in KNOWN else value
        for name, value in path_parameters.items()
    }


@schemathesis.hook
def after_call(context, case, response):
    """Notes what was answered, so that the run can tell requests that got somewhere from a wall of 401s."""
    with open(os.environ["CONTRACT_STATUSES"], "a", encoding="utf-8") as notes:
        notes.write(f"{case.operation.method.upper()} {case.operation.path}\t{response.status_code}\n")
