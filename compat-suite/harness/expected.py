"""What the SDKs should answer: expected.json, exceptions.json and differences.json.

An outcome is a short text: "off", "on", "on, variant red", "on, variant red = string \"hello\"".
"""

import json
from collections import Counter, defaultdict
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
# Consensus is taken from the backend SDKs that know today's features.
CURRENT_BACKENDS = ("go", "java", "node", "python", "rust")


def load(name):
    return json.loads((SCENARIOS / name).read_text(encoding="utf-8"))


def outcome(answer):
    """The text for one answer of an adapter."""
    if "error" in answer:
        return f"raises {answer['error']}"
    text = "on" if answer["enabled"] else "off"
    variant = answer["variant"]
    if variant["enabled"] or variant["name"] != "disabled":
        text += f", variant {variant['name']}"
        if not variant["enabled"]:
            text += " (not enabled)"
        if variant["payload"]:
            payload = variant["payload"]
            text += f" = {payload['type']} {json.dumps(payload['value'], ensure_ascii=False)}"
    return text


def by_context(grouped, contexts):
    """{outcome: [context]} to {context: outcome}; contexts not listed are off."""
    found = {context: "off" for context in contexts}
    for text, names in grouped.items():
        for name in names:
            found[str(name)] = text
    return found


def grouped(outcomes):
    """{context: outcome} to {outcome: [context]}, leaving out "off"."""
    groups = defaultdict(list)
    for context, text in outcomes.items():
        if text != "off":
            groups[text].append(int(context) if context.isdigit() else context)
    return dict(sorted(groups.items()))


class Expected:
    """Looks up the outcome wanted of an SDK."""

    def __init__(self, reference):
        self._reference = reference
        self._common = load("expected.json")
        self._exceptions = load("exceptions.json")["exceptions"]
        self._differences = load("differences.json")["differences"]

    def of(self, sdk, part, flag, contexts):
        """{context: outcome} for one flag in one part ("development", "rollout 10 %", ...)."""
        wanted = by_context(self._common[part].get(flag, {}), contexts)
        for exception in self._exceptions:
            if sdk in exception["sdk"]:
                wanted.update(special(exception, "outcomes", sdk, part, flag, contexts))
        if self._reference:
            for difference in self._differences:
                if sdk in difference["sdk"]:
                    wanted.update(special(difference, "reference", sdk, part, flag, contexts))
        return wanted

    def listed_differences(self):
        return self._differences


def special(entry, field, sdk, part, flag, contexts):
    """The outcomes an exception or difference names for this flag; "off" is written out here."""
    found = {}
    for text, names in entry[field].get(sdk, {}).get(part, {}).get(flag, {}).items():
        for name in names:
            if str(name) in contexts:
                found[str(name)] = text
    return found


class Recorder:
    """Collects outcomes from a run against the reference server and writes the files anew."""

    def __init__(self):
        self._seen = defaultdict(lambda: defaultdict(dict))

    def add(self, sdk, part, flag, outcomes):
        self._seen[part][flag][sdk] = outcomes

    def write(self):
        """Writes expected.json and the outcomes of exceptions and differences.

        Returns the deviations that no exception or difference gives a reason for.
        """
        exceptions, differences = load("exceptions.json"), load("differences.json")
        for entry in exceptions["exceptions"]:
            entry["outcomes"] = {}
        for entry in differences["differences"]:
            entry["reference"] = {}
        common, unexplained = {}, []
        for part, flags in self._seen.items():
            common[part] = {}
            for flag, by_sdk in flags.items():
                agreed = consensus(by_sdk)
                common[part][flag] = grouped(agreed)
                for sdk, outcomes in by_sdk.items():
                    for context, text in outcomes.items():
                        if text != agreed[context]:
                            where = (sdk, part, flag, context)
                            if not explain(exceptions, differences, where, text):
                                unexplained.append((*where, text, agreed[context]))
        unused = [
            f"no longer needed: {entry['reason']}"
            for entry in exceptions["exceptions"] + differences["differences"]
            if not entry.get("outcomes") and not entry.get("reference")
        ]
        write_json("expected.json", common)
        write_json("exceptions.json", exceptions)
        write_json("differences.json", differences)
        return unexplained, unused


def consensus(by_sdk):
    voters = [by_sdk[sdk] for sdk in CURRENT_BACKENDS if sdk in by_sdk]
    return {
        context: Counter(voter[context] for voter in voters).most_common(1)[0][0]
        for context in voters[0]
    }


def explain(exceptions, differences, where, text):
    """Files the deviation under the first entry that covers it."""
    sdk, part, flag, context = where
    for entries, field in (
        (differences["differences"], "reference"),
        (exceptions["exceptions"], "outcomes"),
    ):
        for entry in entries:
            if sdk in entry["sdk"] and covers(entry, flag, context):
                slot = entry[field].setdefault(sdk, {}).setdefault(part, {}).setdefault(flag, {})
                slot.setdefault(text, []).append(int(context) if context.isdigit() else context)
                return True
    return False


def covers(entry, flag, context):
    return matches(entry["flags"], flag) and matches(entry.get("contexts", ["*"]), context)


def matches(patterns, name):
    return any(
        name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))
        for pattern in patterns
    )


def write_json(name, document):
    text = "\n".join(lines_of(document, 0)) + "\n"
    assert json.loads(text) == document
    (SCENARIOS / name).write_text(text, encoding="utf-8")


def lines_of(value, depth):
    """JSON that is pleasant to read in a diff: what fits on a line stays on a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + depth * 2 <= 118 or not isinstance(value, (dict, list)) or not value:
        return [flat]
    pad = "  " * (depth + 1)
    if isinstance(value, list) and not isinstance(value[0], (dict, list)):
        return wrapped(value, depth)
    lines = []
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in items:
        inner = lines_of(item, depth + 1)
        name = "" if key is None else json.dumps(key, ensure_ascii=False) + ": "
        lines += [pad + name + inner[0], *inner[1:]]
        lines[-1] += ","
    lines[-1] = lines[-1][:-1]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return [opening, *lines, "  " * depth + closing]


def wrapped(values, depth):
    pad = "  " * (depth + 1)
    lines, line = [], pad
    for number, value in enumerate(values):
        piece = json.dumps(value, ensure_ascii=False) + ("," if number < len(values) - 1 else "")
        if len(line) + len(piece) > 118 and line.strip():
            lines.append(line.rstrip())
            line = pad
        line += piece + " "
    return ["[", *lines, line.rstrip(), "  " * depth + "]"]
