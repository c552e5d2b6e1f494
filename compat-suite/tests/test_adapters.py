"""What the suite reads from the adapters' folders."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.adapters import all_kinds, version_in  # noqa: E402


class VersionTest(unittest.TestCase):
    def test_versions_are_found_in_what_tools_say(self):
        self.assertEqual(version_in("go version go1.26.8 linux/amd64"), (1, 26, 8))
        self.assertEqual(version_in("\x1b[1mApache Maven 3.8.7\x1b[m"), (3, 8, 7))
        self.assertLess(version_in("go version go1.19.8"), version_in("1.23"))
        self.assertEqual(version_in("none"), ())


class ManifestTest(unittest.TestCase):
    def test_every_sdk_is_pinned_where_its_manifest_says(self):
        pins = {
            "go": ("go.mod", "unleash-go-sdk/v6 v{}"),
            "java": ("pom.xml", "<version>{}</version>"),
            "js": ("package.json", '"unleash-proxy-client": "{}"'),
            "node": ("package.json", '"unleash-client": "{}"'),
            "python": ("requirements.txt", "UnleashClient=={}\n"),
            "ruby": ("adapter.json", "Unleash::VERSION == '{}'"),
            "rust": ("Cargo.toml", 'version = "={}"'),
        }
        kinds = all_kinds()
        self.assertEqual([kind.name for kind in kinds], sorted(pins))
        for kind in kinds:
            name, text = pins[kind.name]
            content = (kind.folder / name).read_text(encoding="utf-8")
            self.assertIn(text.format(kind.version), content, kind.name)


if __name__ == "__main__":
    unittest.main()
