"""Adapter for the Python SDK `UnleashClient`; protocol: ../README.md, "Adapters"."""

import json
import logging
import platform
import sys
import time
from importlib.metadata import version

from UnleashClient import UnleashClient
from UnleashClient.events import UnleashEventType

# Only the protocol goes to standard output.
PROTOCOL, sys.stdout = sys.stdout, sys.stderr


class ErrorLog(logging.Handler):
    """Keeps what the SDK logs as a warning or worse: its way of reporting an error."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


class Adapter:
    def __init__(self):
        self.client = None
        self.log = ErrorLog()
        self.impressions = []
        logging.getLogger().addHandler(self.log)
        logging.getLogger("UnleashClient").addHandler(self.log)

    def hello(self, _request):
        return {
            "sdk": "UnleashClient",
            "version": version("UnleashClient"),
            "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        }

    def init(self, request):
        self.client = UnleashClient(
            url=request["url"],
            app_name=request["appName"],
            instance_id=request["instanceId"],
            environment=request["environment"],
            custom_headers={"Authorization": request["token"]},
            refresh_interval=request["refreshMs"] // 1000,
            metrics_interval=request["metricsMs"] // 1000,
            request_retries=0,
            cache_directory=request["workDir"],
            event_callback=self.on_event,
            experimental_mode={"type": request.get("mode", "polling")},
        )
        try:
            self.client.initialize_client()
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is an answer
            self.log.lines.append(repr(error))
        deadline = time.monotonic() + request["readyMs"] / 1000
        while not self.ready() and time.monotonic() < deadline:
            time.sleep(0.05)
        return {"ready": self.ready()}

    def ready(self):
        return bool(self.client.is_initialized and self.client.feature_definitions())

    def on_event(self, event):
        if event.event_type == UnleashEventType.FEATURE_FLAG:
            self.impressions.append({"flag": event.feature_name, "type": "isEnabled"})
        elif event.event_type == UnleashEventType.VARIANT:
            self.impressions.append({"flag": event.feature_name, "type": "getVariant"})

    def evaluate(self, request):
        return {
            "results": [
                [self.evaluate_one(flag, batch) for flag in batch["flags"]]
                for batch in request["batches"]
            ]
        }

    def evaluate_one(self, flag, batch):
        context = batch.get("context") or {}
        answer = {}
        try:
            if batch.get("only") != "variant":
                fallback = None
                if "default" in batch:
                    fallback = lambda _name, _context: batch["default"]  # noqa: E731
                answer["enabled"] = self.client.is_enabled(flag, dict(context), fallback)
            if batch.get("only") != "enabled":
                variant = self.client.get_variant(flag, dict(context))
                answer["variant"] = {
                    "name": variant["name"],
                    "enabled": variant["enabled"],
                    "payload": variant.get("payload"),
                }
        except Exception as error:  # noqa: BLE001
            answer["error"] = type(error).__name__
        return answer

    def state(self, _request):
        errors, self.log.lines = self.log.lines, []
        seen, self.impressions = self.impressions, []
        return {"ready": self.ready(), "errors": errors, "impressions": seen}

    def close(self, _request):
        if self.client:
            self.client.destroy()
        return {}


def main():
    adapter = Adapter()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"ok": True, **getattr(adapter, request["cmd"])(request)}
        except Exception as error:  # noqa: BLE001
            reply = {"ok": False, "error": repr(error)}
        PROTOCOL.write(json.dumps(reply) + "\n")
        PROTOCOL.flush()
        if request["cmd"] == "close":
            break


if __name__ == "__main__":
    main()
