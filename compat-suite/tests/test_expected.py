"""Outcomes, and the files of expected answers."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import expected  # noqa: E402
from harness.scenarios import answerable  # noqa: E402


def answer(enabled, name="disabled", payload=None):
    variant = {"name": name, "enabled": name != "disabled", "payload": payload}
    return {"enabled": enabled, "variant": variant}


class OutcomeTest(unittest.TestCase):
    def test_outcomes_are_readable(self):
        payload = {"type": "string", "value": "two\nlines"}
        self.assertEqual(expected.outcome(answer(False)), "off")
        self.assertEqual(expected.outcome(answer(True)), "on")
        self.assertEqual(expected.outcome(answer(True, "red")), "on, variant red")
        self.assertEqual(
            expected.outcome(answer(True, "red", payload)),
            'on, variant red = string "two\\nlines"',
        )
        self.assertEqual(expected.outcome({"error": "KeyError"}), "raises KeyError")

    def test_a_variant_of_a_flag_that_is_off_is_told_apart(self):
        self.assertEqual(expected.outcome(answer(False, "red")), "off, variant red")


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.flags = expected.load("flags.json")
        self.contexts = expected.load("contexts.json")["contexts"]
        self.common = expected.load("expected.json")

    def test_every_flag_has_expected_answers(self):
        names = {flag["name"] for flag in self.flags["flags"]}
        self.assertEqual(set(self.common["development"]), names)

    def test_expected_contexts_exist_and_have_one_outcome(self):
        for flag, outcomes in self.common["development"].items():
            named = [context for contexts in outcomes.values() for context in contexts]
            self.assertEqual(len(named), len(set(named)), flag)
            self.assertLessEqual(set(named), set(self.contexts), flag)

    def test_every_special_case_has_a_reason_and_outcomes(self):
        exceptions = expected.load("exceptions.json")["exceptions"]
        differences = expected.load("differences.json")["differences"]
        for entry in exceptions + differences:
            self.assertTrue(entry["reason"])
            self.assertTrue(entry.get("outcomes") or entry.get("reference"), entry["reason"])

    def test_a_difference_is_expected_of_the_reference_only(self):
        def of(reference):
            wanted = expected.Expected(reference)
            return wanted.of("js", "development", "child-needs-off", self.contexts)["empty"]

        self.assertEqual((of(reference=True), of(reference=False)), ("off", "on"))

    def test_pairs_decided_by_dice_are_not_asked(self):
        flag = {"askOnlyWith": ["userId", "tenant"]}
        self.assertFalse(answerable(flag, {"sessionId": "s"}))
        self.assertTrue(answerable(flag, {"userId": "u"}))
        self.assertTrue(answerable(flag, {"properties": {"tenant": "t"}}))
        self.assertTrue(answerable({}, {}))


if __name__ == "__main__":
    unittest.main()
