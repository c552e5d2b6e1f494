"""Counting checks and printing what failed."""

import threading

SHOWN_FAILURES = 15


class Report:
    """Passed and failed checks by subject: an SDK, or "server" for what concerns no single SDK."""

    def __init__(self):
        self._lock = threading.Lock()
        self._subjects = {}
        self._titles = {}
        self.skipped = []

    def add_subject(self, subject, title):
        with self._lock:
            self._titles[subject] = title
            self._subjects.setdefault(subject, {"passed": 0, "failed": 0, "messages": []})

    def check(self, subject, scenario, good, message):
        with self._lock:
            entry = self._subjects[subject]
            entry["passed" if good else "failed"] += 1
            if not good:
                entry["messages"].append(f"{scenario}: {message}")
        return good

    def skip(self, message):
        """Something that was not run. Always said aloud, and counted in the last line."""
        with self._lock:
            self.skipped.append(message)
        print(f"SKIPPED: {message}", flush=True)

    def print_summary(self, shown=SHOWN_FAILURES):
        """Up to `shown` failures and a line per subject, then the totals. True if nothing failed."""
        passed = failed = 0
        for subject, entry in self._subjects.items():
            passed += entry["passed"]
            failed += entry["failed"]
            for message in entry["messages"][:shown]:
                print(f"  FAILED {subject}: {message}")
            hidden = len(entry["messages"]) - shown
            if hidden > 0:
                print(f"  FAILED {subject}: ... and {hidden} more")
        for message in self.skipped:
            print(f"  SKIPPED {message}")
        for subject, entry in self._subjects.items():
            title = self._titles[subject]
            print(f"{subject} {title}: {entry['passed']} passed, {entry['failed']} failed")
        tail = f", {len(self.skipped)} skipped" if self.skipped else ""
        print(f"{passed} passed, {failed} failed{tail}", flush=True)
        return failed == 0 and passed > 0
