"""The scenarios. Each is run for all SDKs at once, so that the server changes and restarts once.

A scenario is a function that takes the Run; its first line of documentation is what --list shows.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

from . import expected as wanted
from .adapters import Adapter, AdapterError
from .admin import Admin, create_flag
from .proxy import Proxy

SEEN_SECONDS = 20
BACK_SECONDS = 60
REPORTED_SECONDS = 60
AWAY_SECONDS = 3
EVENT_SECONDS = 10
ROLLOUT_STEPS = (1, 10, 50, 100)
ROLLOUT_FLAGS = ("user", "session", "tenant", "gradual", "variants")
ENVIRONMENT_FLAGS = "environment-"


class Run:
    """Everything a scenario works with."""

    def __init__(
        self, kinds, server, admin, loop, report, work, reference, recorder, redis=None
    ):
        self.kinds = kinds
        self.server = server
        self.admin = admin
        self.loop = loop
        self.proxies = {kind.name: Proxy(loop, server.port) for kind in kinds}
        self.report = report
        self.work = work
        self.recorder = recorder
        self.redis = redis
        self.expected = None if recorder else wanted.Expected(reference)
        self.flags = wanted.load("flags.json")
        self.contexts = wanted.load("contexts.json")
        self.adapters = {}
        self.streaming = {}
        self.lost = set()
        self._scenario = ""

    def close(self):
        for adapter in [*self.adapters.values(), *self.streaming.values()]:
            adapter.close()

    def token(self, kind, environment="development"):
        return self.server.tokens["frontend" if kind.frontend else "backend", environment]

    def check(self, subject, good, message):
        return self.report.check(subject, self._scenario, good, message)

    def run_scenario(self, scenario):
        self._scenario = scenario.__name__.replace("_", "-")
        started = time.monotonic()
        print(f"- {self._scenario} ...", end=" ", flush=True)
        scenario(self)
        print(f"{time.monotonic() - started:.1f} s", flush=True)

    def together(self, action, kinds=None):
        """Runs action(kind, adapter) for every living SDK, each in a thread."""

        def guarded(kind):
            try:
                action(kind, self.adapters.get(kind.name))
            except AdapterError as error:
                self.check(kind.name, False, str(error))
                self.lost.add(kind.name)
            except Exception as error:  # noqa: BLE001 - a broken check is a failed check
                self.check(kind.name, False, f"{type(error).__name__}: {error}")

        threads = []
        for kind in self.kinds if kinds is None else kinds:
            if kind.name in self.lost:
                self.check(kind.name, False, "not run: the adapter was lost earlier")
                continue
            threads.append(threading.Thread(target=guarded, args=(kind,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def extra_client(self, kind, name):
        return Adapter(kind, self.work, f"{kind.name}-{name}")

    def compare(self, kind, part, flags, contexts, rows):
        """One check for each flag and context. `rows` are the adapter's answers by context."""
        for flag in flags:
            outcomes = {name: wanted.outcome(rows[name][flag]) for name in rows if flag in rows[name]}
            if self.recorder:
                self.recorder.add(kind.name, part, flag, outcomes)
                continue
            right = self.expected.of(kind.name, part, flag, contexts)
            for name, got in outcomes.items():
                self.check(
                    kind.name,
                    got == right[name],
                    f"{part}: {flag} for {name}: expected {right[name]!r}, got {got!r}",
                )


def ask(adapter, contexts, flags, flag_data):
    """Asks for each context all flags that have one answer there. {context: {flag: answer}}"""
    names = list(contexts)
    batches = [
        {
            "context": contexts[name],
            "flags": [flag for flag in flags if answerable(flag_data[flag], contexts[name])],
        }
        for name in names
    ]
    results = adapter.evaluate(batches)
    return {
        name: dict(zip(batch["flags"], answers))
        for name, batch, answers in zip(names, batches, results)
    }


def answerable(flag, context):
    """Without a field to stick to, the answer is a throw of dice: such pairs are not asked."""
    needed = flag.get("askOnlyWith")
    if not needed:
        return True
    present = {**context, **context.get("properties", {})}
    return any(name in present for name in needed)


def start(run):
    """every SDK starts, registers and becomes ready"""

    def action(kind, _):
        adapter = Adapter(kind, run.work, kind.name)
        run.adapters[kind.name] = adapter
        hello = adapter.ask("hello")
        run.check(
            kind.name,
            hello["version"] == kind.version,
            f"runs version {hello['version']}, the suite was made for {kind.version}",
        )
        reply = adapter.init(run.proxies[kind.name].url, run.token(kind))
        run.check(kind.name, reply["ready"], "not ready after start")
        if kind.can["register"]:
            seen = run.proxies[kind.name].exchanges(method="POST", path="/api/client/register")
            run.check(
                kind.name,
                [e.status for e in seen] == [202],
                f"POST /api/client/register was answered {[e.status for e in seen]}, not 202",
            )
            body = json.loads(seen[0].body) if seen else {}
            run.check(
                kind.name,
                body.get("appName") == kind.app_name,
                f"registered as {body.get('appName')!r}",
            )

    run.together(action)


def evaluate(run):
    """all flags for all contexts: enabled, variant, payload"""
    flag_data = {flag["name"]: flag for flag in run.flags["flags"]}
    contexts = run.contexts["contexts"]

    def action(kind, adapter):
        rows = ask(adapter, contexts, list(flag_data), flag_data)
        run.compare(kind, "development", list(flag_data), contexts, rows)

    run.together(action)


def frontend_post(run):
    """frontend SDKs: the same by POST instead of GET"""
    flag_data = {flag["name"]: flag for flag in run.flags["flags"]}
    contexts = run.contexts["contexts"]

    def action(kind, _):
        client = run.extra_client(kind, "post")
        try:
            client.init(run.proxies[kind.name].url, run.token(kind), post=True)
            before = time.monotonic()
            rows = ask(client, contexts, list(flag_data), flag_data)
            run.compare(kind, "development", list(flag_data), contexts, rows)
            posts = run.proxies[kind.name].exchanges(before, "POST", kind.features_path)
            run.check(
                kind.name,
                len(posts) >= len(contexts) and {e.status for e in posts} <= {200},
                f"{len(posts)} POSTs, {Counter(e.status for e in posts)}",
            )
        finally:
            client.close()

    run.together(action, [kind for kind in run.kinds if kind.frontend])


def environments(run):
    """a token of another environment gets that environment's flags"""
    names = [f["name"] for f in run.flags["flags"] if f["name"].startswith(ENVIRONMENT_FLAGS)]
    flag_data = {flag["name"]: flag for flag in run.flags["flags"]}
    contexts = run.contexts["contexts"]

    def action(kind, _):
        client = run.extra_client(kind, "production")
        try:
            token = run.token(kind, "production")
            client.init(run.proxies[kind.name].url, token, environment="production")
            names_too = [*names, "strategy-default"]
            rows = ask(client, contexts, names_too, flag_data)
            run.compare(kind, "production", names_too, contexts, rows)
        finally:
            client.close()

    run.together(action)


def defaults(run):
    """flags that do not exist, and the caller's default values"""
    fallback = {"name": "fallback", "enabled": True}

    def action(kind, adapter):
        questions = [
            ("unknown flag", {"flags": ["no-such-flag"]}, "off"),
            ("archived flag", {"flags": ["meta-archived"]}, "off"),
        ]
        if kind.can["default"]:
            questions += [
                ("unknown, default true", {"flags": ["no-such-flag"], "only": "enabled", "default": True}, True),
                ("unknown, default false", {"flags": ["no-such-flag"], "only": "enabled", "default": False}, False),
                ("known and on, default false", {"flags": ["strategy-default"], "only": "enabled", "default": False}, True),
            ]
        if kind.can["defaultVariant"]:
            questions.append(
                ("unknown, default variant", {"flags": ["no-such-flag"], "only": "variant", "defaultVariant": fallback}, "fallback")
            )
        results = adapter.evaluate([batch for _, batch, _ in questions])
        for (what, batch, right), [answer] in zip(questions, results):
            if batch.get("only") == "enabled":
                got = answer.get("enabled")
            elif batch.get("only") == "variant":
                got = answer["variant"]["name"]
            else:
                got = wanted.outcome(answer)
            run.check(kind.name, got == right, f"{what}: expected {right!r}, got {got!r}")

    run.together(action)


def impressions(run):
    """flags with impression data raise impression events, others do not"""

    def action(kind, adapter):
        adapter.ask("state")
        adapter.evaluate([{"flags": ["meta-impression", "strategy-default"]}])
        # SDKs deliver events from threads of their own. One look more than needed, for strays.
        seen, deadline = [], time.monotonic() + EVENT_SECONDS
        while len(seen) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            seen += adapter.ask("state")["impressions"]
        time.sleep(0.2)
        seen += adapter.ask("state")["impressions"]
        right = [
            {"flag": "meta-impression", "type": "isEnabled"},
            {"flag": "meta-impression", "type": "getVariant"},
        ]
        run.check(kind.name, seen == right, f"expected {right}, got {seen}")

    run.together(action, [kind for kind in run.kinds if kind.can["impressions"]])


def toggle(run):
    """a flag switched on, off and archived in the admin API is seen after the next poll"""

    def sees(flag, on):
        def action(kind, adapter):
            took = adapter.becomes(flag, on, SEEN_SECONDS)
            state = "on" if on else "off"
            run.check(kind.name, took is not None, f"{flag} not seen {state} within {SEEN_SECONDS} s")

        run.together(action)

    sees("live-toggle", False)
    run.admin.switch("live-toggle", True)
    sees("live-toggle", True)
    run.admin.switch("live-toggle", False)
    sees("live-toggle", False)
    sees("live-archive", True)
    run.admin.archive("live-archive")
    sees("live-archive", False)


def segment_change(run):
    """a changed segment is seen after the next poll"""
    [segment] = [s for s in run.admin.segments() if s["name"] == "changing"]
    batch = {"flags": ["segment-changing"], "only": "enabled"}
    batches = [{**batch, "context": {"userId": user}} for user in ("u1", "u2")]

    def sees(right):
        def action(kind, adapter):
            got, deadline = None, time.monotonic() + SEEN_SECONDS
            while got != right and time.monotonic() < deadline:
                got = [answer[0].get("enabled") for answer in adapter.evaluate(batches)]
                time.sleep(0.1)
            run.check(kind.name, got == right, f"u1 and u2: expected {right}, got {got}")

        run.together(action)

    sees([True, False])
    for users, right in ((["u2"], [False, True]), (["u1"], [True, False])):
        constraint = {**segment["constraints"][0], "values": users}
        body = {"id": segment["id"], "name": segment["name"], "constraints": [constraint]}
        run.admin.update_segment(body)
        sees(right)


def rollout(run):
    """gradual rollout 1 -> 10 -> 50 -> 100 % over 120 users, sessions and tenants"""
    spec = run.contexts["rollout"]
    contexts = {
        str(n): json.loads(json.dumps(spec["context"]).replace("{n}", str(n)))
        for n in range(spec["from"], spec["to"] + 1)
    }
    flag_data = {flag["name"]: flag for flag in run.flags["live"]}
    names = [f"live-rollout-{name}" for name in ROLLOUT_FLAGS]
    for percent in ROLLOUT_STEPS:
        for name in names:
            [strategy] = run.admin.strategies(name)
            parameter = "percentage" if "percentage" in strategy["parameters"] else "rollout"
            if strategy["parameters"][parameter] != str(percent):
                strategy["parameters"][parameter] = str(percent)
                keep = ("id", "name", "title", "constraints", "parameters", "variants", "segments", "disabled")
                body = {key: strategy[key] for key in keep if key in strategy}
                run.admin.update_strategy(name, body)
        # Switched last: who sees this flag has all the steps before it.
        run.admin.switch("live-toggle", percent in (1, 50))
        part = f"rollout {percent} %"

        def action(kind, adapter, part=part, percent=percent):
            adapter.becomes("live-toggle", percent in (1, 50), SEEN_SECONDS)
            rows = ask(adapter, contexts, names, flag_data)
            run.compare(kind, part, names, contexts, rows)

        run.together(action)


def etag(run):
    """unchanged flags: If-None-Match is sent and answered 304 without a body"""

    def polls(kind, since):
        token = run.token(kind)
        return run.proxies[kind.name].exchanges(since, "GET", kind.features_path, token)

    def wait_for_polls(kind, since, count):
        deadline = time.monotonic() + SEEN_SECONDS
        while len(polls(kind, since)) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return polls(kind, since)

    def quiet(kind, adapter):
        seen = wait_for_polls(kind, time.monotonic() + 1.2, 2)
        run.check(kind.name, len(seen) >= 2, f"polled {len(seen)} times")
        if not kind.can["etag"]:
            run.check(kind.name, all(e.status == 200 for e in seen), f"{seen}")
            return
        statuses = Counter(e.status for e in seen)
        run.check(kind.name, set(statuses) == {304}, f"answered {dict(statuses)}, not only 304")
        sent = {e.headers.get("if-none-match") for e in seen}
        run.check(kind.name, len(sent) == 1 and None not in sent, f"sent If-None-Match {sent}")

    run.together(quiet)
    changed = time.monotonic()
    run.admin.switch("live-etag", True)

    def change(kind, adapter):
        took = adapter.becomes("live-etag", True, SEEN_SECONDS)
        run.check(kind.name, took is not None, "the change was not seen")
        if not kind.can["etag"]:
            return
        fresh = [e for e in polls(kind, changed) if e.status == 200]
        run.check(kind.name, bool(fresh), "the change came without a 200")
        tag = fresh[-1].response_headers.get("etag") if fresh else None
        run.check(kind.name, bool(tag), "the 200 had no ETag")
        run.check(
            kind.name,
            bool(fresh) and tag != fresh[-1].headers.get("if-none-match"),
            "the ETag did not change with the flags",
        )
        last = wait_for_polls(kind, time.monotonic(), 1)[-1:]
        run.check(
            kind.name,
            [(e.status, e.headers.get("if-none-match")) for e in last] == [(304, tag)],
            f"the poll after the change: {last}, expected 304 for {tag}",
        )

    run.together(change)


def refused_tokens(run):
    """an unknown token (401) and one of the wrong kind (403): the SDK stays up and answers "off" """

    def probe(name, token_of, status):
        def action(kind, _):
            proxy = run.proxies[kind.name]
            token = token_of(kind)
            client = run.extra_client(kind, name)
            try:
                reply = client.init(proxy.url, token, ready_ms=3000)
                seen = proxy.exchanges(path=kind.features_path, token=token)
                run.check(
                    kind.name,
                    {e.status for e in seen} == {status},
                    f"{name}: the poll was answered {[e.status for e in seen]}, not {status}",
                )
                run.check(
                    kind.name,
                    client.enabled("strategy-default") is False,
                    f"{name}: strategy-default is not off",
                )
                time.sleep(1.5)
                state = client.ask("state")
                run.check(
                    kind.name,
                    not reply["ready"] or bool(state["errors"]),
                    f"{name}: the SDK says it is ready and reports no error",
                )
            finally:
                client.close()

        run.together(action)

    probe("unknown-token", lambda kind: "*:development.not-a-token-of-this-server", 401)
    other = {True: "backend", False: "frontend"}
    probe(
        "token-of-the-wrong-kind",
        lambda kind: run.server.tokens[other[kind.frontend], "development"],
        403,
    )


def other_modes(run):
    """streaming and delta polling, or the SDK's fall-back where the server has neither (404)"""
    for mode in ("streaming", "delta"):
        kinds = [kind for kind in run.kinds if mode in kind.modes]
        status = endpoint_status(run, f"/api/client/{mode}")
        if not kinds:
            continue
        if run.check("server", status in (200, 404), f"/api/client/{mode} answered {status}"):
            probe_mode(run, kinds, mode, served=status == 200)


def endpoint_status(run, path):
    """The status alone: a stream is left at once."""
    request = urllib.request.Request(
        run.server.url + path,
        headers={
            "Authorization": run.server.tokens["backend", "development"],
            "Accept": "text/event-stream, application/json",
            "Unleash-Client-Spec": "5.2.0",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def probe_mode(run, kinds, mode, served):
    flag_data = {flag["name"]: flag for flag in run.flags["flags"]}
    contexts = run.contexts["contexts"]
    on = not run.adapters[kinds[0].name].enabled("live-toggle")
    print(f"({mode}: {'served' if served else 'answered 404, checking the fall-back'})", end=" ")

    def action(kind, _):
        proxy = Proxy(run.loop, run.server.port)
        run.proxies[f"{kind.name}-{mode}"] = proxy
        client = run.extra_client(kind, mode)
        run.streaming[kind.name, mode] = client
        works = served or kind.modes[mode] == "polls instead"
        ready = client.init(
            proxy.url, run.token(kind), ready_ms=15000 if works else 2000, mode=mode
        )["ready"]
        run.check(kind.name, ready == works, f"{mode}: ready is {ready}")
        if not (works and ready):
            run.check(kind.name, client.enabled("strategy-default") is False, f"{mode}: not off")
            return
        rows = ask(client, contexts, list(flag_data), flag_data)
        run.compare(kind, "development", list(flag_data), contexts, rows)
        polls = proxy.exchanges(method="GET", path="/api/client/features")
        run.check(
            kind.name,
            bool(polls) != served,
            f"{mode}: polled /api/client/features {len(polls)} times",
        )

    run.together(action, kinds)
    run.admin.switch("live-toggle", on)

    def sees(kind, _):
        if served or kind.modes[mode] == "polls instead":
            took = run.streaming[kind.name, mode].becomes("live-toggle", on, SEEN_SECONDS)
            run.check(kind.name, took is not None, f"{mode}: a change was not seen")
        if not served:
            run.streaming.pop((kind.name, mode)).close()

    run.together(sees, kinds)


def usage(run):
    """usage is posted and accepted, and the admin API shows exactly what was counted"""
    sent = time.monotonic()

    def count(kind, adapter):
        on = {"flags": ["live-usage"], "only": "enabled"}
        off = {"flags": ["live-usage-off"], "only": "enabled"}
        variant = {"flags": ["live-usage-variant"], "only": "variant"}
        adapter.evaluate([on] * 5 + [off] * 3 + [variant] * 4)
        posts, deadline = [], time.monotonic() + SEEN_SECONDS
        while not posts and time.monotonic() < deadline:
            time.sleep(0.2)
            posts = [
                e
                for e in run.proxies[kind.name].exchanges(sent, "POST", kind.metrics_path)
                if "live-usage" in e.body.decode("utf-8", "replace")
            ]
        accepted = {200, 202} if kind.frontend else {202}
        run.check(
            kind.name,
            bool(posts) and {e.status for e in posts} <= accepted,
            f"POST {kind.metrics_path}: {[e.status for e in posts]}",
        )

    run.together(count)

    def counted(kind, flag, pick):
        rows = [
            row
            for row in run.admin.usage(flag)
            if row["appName"] == kind.app_name and row["environment"] == "development"
        ]
        return sum(pick(row) for row in rows)

    def arrived(kind, _):
        right = {"live-usage yes": 5, "live-usage-off no": 3}
        if kind.can["strategyVariants"]:
            right["live-usage-variant counted"] = 4
        got, deadline = None, time.monotonic() + REPORTED_SECONDS
        while got != right and time.monotonic() < deadline:
            got = {
                "live-usage yes": counted(kind, "live-usage", lambda row: row["yes"]),
                "live-usage-off no": counted(kind, "live-usage-off", lambda row: row["no"]),
            }
            if kind.can["strategyVariants"]:
                got["live-usage-variant counted"] = counted(
                    kind,
                    "live-usage-variant",
                    lambda row: (row.get("variants") or {}).get("counted", 0),
                )
            time.sleep(0.5)
        run.check(kind.name, got == right, f"the admin API shows {got}, sent was {right}")

    run.together(arrived)

    def listed(kind, _):
        found, deadline = [], time.monotonic() + REPORTED_SECONDS
        while not found and time.monotonic() < deadline:
            found = [
                instance
                for instance in run.admin.instances(kind.app_name)
                if instance["instanceId"] == f"{kind.app_name}-1"
            ]
            time.sleep(0.5)
        run.check(kind.name, bool(found), "the admin API does not list the registered instance")

    run.together(listed, [kind for kind in run.kinds if kind.can["register"]])


def restart(run):
    """the server goes away and comes back: SDKs keep their flags, the server keeps its data"""
    flag_data = {flag["name"]: flag for flag in run.flags["flags"]}
    names = list(flag_data)
    contexts = dict(list(run.contexts["contexts"].items())[:20])
    before_rows = {}

    def remember(kind, adapter):
        if not kind.frontend:
            before_rows[kind.name] = ask(adapter, contexts, names, flag_data)

    run.together(remember)
    before = client_features(run)
    run.check("server", run.server.stop(), "did not end by itself on SIGTERM")
    for proxy in run.proxies.values():
        proxy.pause()
    time.sleep(AWAY_SECONDS)

    def still_there(kind, adapter):
        on = adapter.enabled("strategy-default")
        run.check(kind.name, on is True, "strategy-default got lost while the server was away")
        run.check(kind.name, adapter.enabled("live-etag") is True, "live-etag got lost")
        if not kind.frontend:
            rows = ask(adapter, contexts, names, flag_data)
            run.check(
                kind.name, rows == before_rows[kind.name], "answers changed while the server was away"
            )

    run.together(still_there)
    run.server.start()
    after = client_features(run)
    run.check("server", before == after, "the flags after the restart are not those before it")
    run.admin.switch("live-restart", True)
    for proxy in run.proxies.values():
        proxy.resume()

    def back(kind, adapter):
        took = adapter.becomes("live-restart", True, BACK_SECONDS)
        run.check(
            kind.name, took is not None, f"a change after the restart not seen in {BACK_SECONDS} s"
        )

        for (name, mode), client in run.streaming.items():
            if name == kind.name:
                took = client.becomes("live-restart", True, BACK_SECONDS)
                run.check(
                    kind.name, took is not None, f"{mode}: nothing arrives after the restart"
                )

    run.together(back)


def client_features(run):
    """The server's own answer to a backend SDK, without what may differ between two runs."""
    request = urllib.request.Request(
        f"{run.server.url}/api/client/features",
        headers={
            "Authorization": run.server.tokens["backend", "development"],
            "Unleash-Client-Spec": "5.2.0",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        body = json.loads(response.read())
    return {
        "features": sorted(body["features"], key=lambda feature: feature["name"]),
        "segments": sorted(body.get("segments", []), key=lambda segment: segment["id"]),
    }


def clean_wire(run):
    """all bytes between SDKs and server were well-formed HTTP, and no answer was a 5xx"""
    for name, proxy in run.proxies.items():
        subject = name.split("-")[0]
        run.check(subject, not proxy.broken, f"not HTTP: {proxy.broken[:3]}")
        errors = [e for e in proxy.exchanges() if e.status >= 500]
        run.check(subject, not errors, f"server errors: {errors[:5]}")


def shared_usage(run):
    """with Redis: SDKs on two nodes count while Redis dies and a node restarts; all numbers agree"""
    flag = "shared-usage"
    state = {"on": True, "strategies": [{"name": "default", "parameters": {}, "constraints": []}]}
    create_flag(run.admin, {"name": flag, "environments": {"development": state}}, {})
    nodes = [run.server, run.server.another()]
    clients = {}
    # What each SDK was told by each node's client: {(kind, node): {"yes": n, "no": n}}
    asked = {(kind.name, node): Counter() for kind in run.kinds for node in range(2)}

    def ask_for(kind, node, times):
        answers = clients[kind.name, node].evaluate([{"flags": [flag], "only": "enabled"}] * times)
        for [answer] in answers:
            asked[kind.name, node]["yes" if answer["enabled"] else "no"] += 1

    def begin(kind, _):
        for node, server in enumerate(nodes):
            client = clients[kind.name, node] = run.extra_client(kind, f"shared-{node}")
            client.init(server.url, run.token(kind))
            deadline = time.monotonic() + SEEN_SECONDS
            while not asked[kind.name, node]["yes"] and time.monotonic() < deadline:
                ask_for(kind, node, 1)
                time.sleep(0.1)

    def count(times):
        def action(kind, _):
            for node in range(2):
                ask_for(kind, node, times)

        run.together(action)

    def scraped(server, kind):
        text = server_text(server, "/internal-backstage/prometheus")
        sums = Counter()
        for line in text.splitlines():
            if line.startswith("feature_toggle_usage_total{") and f'toggle="{flag}"' in line:
                if f'appName="{kind.app_name}"' in line:
                    active = "yes" if 'active="true"' in line else "no"
                    sums[active] += int(float(line.rsplit(" ", 1)[1]))
        return +sums

    def told(server, kind):
        rows = Admin(server.url, server.admin_token).usage(flag)
        rows = [row for row in rows if row["appName"] == kind.app_name]
        return +Counter({side: sum(row[side] for row in rows) for side in ("yes", "no")})

    def held(kind):
        sums = Counter()
        for key in run.redis.ask("KEYS", f"{{burgee:usage}}:counts:*{flag}"):
            fields = run.redis.ask("HGETALL", key)
            for field, number in zip(fields[::2], fields[1::2]):
                if field[1:] == kind.app_name:
                    sums["yes" if field[0] == "y" else "no"] += int(number)
        return +sums

    def becomes(look, right):
        got, deadline = None, time.monotonic() + REPORTED_SECONDS
        while got != right and time.monotonic() < deadline:
            got = look()
            time.sleep(0.3)
        return got

    before = {}

    def arrived_at_second(kind, _):
        right = +asked[kind.name, 1]
        before[kind.name] = becomes(lambda: scraped(nodes[1], kind), right)
        run.check(kind.name, before[kind.name] == right, f"{before[kind.name]} came, {right} was sent")

    def agree(kind, _):
        right = asked[kind.name, 0] + asked[kind.name, 1]
        for name, look in (
            ("one node", lambda: told(nodes[0], kind)),
            ("the other node", lambda: told(nodes[1], kind)),
            ("Redis", lambda: held(kind)),
            ("Prometheus", lambda: scraped(nodes[0], kind) + scraped(nodes[1], kind) + before[kind.name]),
        ):
            got = becomes(look, right)
            run.check(kind.name, got == right, f"{name} tells {got}, sent was {right}")

    try:
        run.together(begin)
        count(5)
        run.redis.stop()
        count(7)
        time.sleep(AWAY_SECONDS)
        run.redis.start()
        count(3)
        run.together(arrived_at_second)
        run.check("server", nodes[1].stop(), "the second node did not end by itself on SIGTERM")
        nodes[1].start()
        count(4)
        run.together(agree)
    finally:
        for client in clients.values():
            client.close()
        nodes[1].stop()


def server_text(server, path):
    with urllib.request.urlopen(f"{server.url}{path}", timeout=20) as response:
        return response.read().decode()


ALL = (
    start,
    evaluate,
    frontend_post,
    environments,
    defaults,
    impressions,
    toggle,
    segment_change,
    rollout,
    etag,
    refused_tokens,
    other_modes,
    usage,
    restart,
    clean_wire,
)
# Needs a Redis that several servers can share.
SHARED = (shared_usage,)
RECORDED = (start, evaluate, environments, rollout)
