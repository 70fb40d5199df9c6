"""count_cases.py: adds up the cases of a run from the logs of meson and pytest.

Reads, in the folder given: *.json (meson's testlog.json), *.xml (JUnit, from pytest), *.tap. Names
what failed, what it told of itself, and why something was skipped, then prints
`N passed, N failed, N skipped`. Exit status 0 when nothing failed and something passed.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

# Of what a failed test of meson wrote: with which seed, and what a sanitizer found where.
TELLING = re.compile(r"VSL_SEED=|Sanitizer|runtime error:|^ *#[0-9] ")
TELLING_MAX = 12
TAP_LINE = re.compile(r"^(not )?ok\b[ \d]*-? *([^#\n]*)(# *(\S+) *(.*))?$", re.MULTILINE)


class Count:
    """Cases by how they ended."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []
        self.told = []

    def tap(self, name, text):
        """Adds the lines of a TAP stream; gives how many cases failed in it, None without any."""
        lines = list(TAP_LINE.finditer(text))
        failed = 0
        for line in lines:
            title = f"{name}: {line.group(2).strip()}"
            if (line.group(4) or "").upper() == "SKIP":
                self.skipped.append(f"{title}: {line.group(5)}")
            elif line.group(1):
                failed += 1
                self.failed.append(title)
            else:
                self.passed += 1
        return failed if lines else None

    def meson(self, path):
        """Adds meson's testlog.json: a JSON object for each test on a line of its own."""
        for line in path.read_text().splitlines():
            test = json.loads(line)
            result = test["result"]
            if result == "SKIP":
                self.skipped.append(f"{test['name']}: {_last_line(test)}")
                continue
            failed = self.tap(test["name"], test.get("stdout") or "")
            if result in ("OK", "EXPECTEDFAIL"):
                if failed is None:
                    self.passed += 1
            elif not failed:
                # Without a case that says so: it crashed, ran out of time, or lost cases.
                self.failed.append(f"{test['name']}: {result}")
            if result not in ("OK", "EXPECTEDFAIL"):
                lines = [line for line in (test.get("stderr") or "").splitlines()
                         if TELLING.search(line)]
                lines.sort(key=lambda line: "VSL_SEED=" in line)
                self.told += [f"{test['name']}: {line}" for line in lines[:TELLING_MAX]]

    def junit(self, path):
        """Adds pytest's JUnit file."""
        for case in xml.etree.ElementTree.parse(path).iter("testcase"):
            title = f"{case.get('classname')}.{case.get('name')}"
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.append(title)
            elif skipped is not None:
                self.skipped.append(f"{title}: {skipped.get('message')}")
            else:
                self.passed += 1


def _last_line(test):
    lines = ((test.get("stdout") or "") + (test.get("stderr") or "")).strip().splitlines()
    return lines[-1] if lines else "no reason given"


def main(folder):
    """Adds up and prints."""
    count = Count()
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix == ".json":
            count.meson(path)
        elif path.suffix == ".xml":
            count.junit(path)
        elif path.suffix == ".tap":
            count.tap(path.stem, path.read_text())
    for title in count.skipped:
        print(f"skipped: {title}")
    for line in count.told:
        print(f"told: {line}")
    for title in count.failed:
        print(f"failed: {title}")
    print(f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped")
    return 0 if count.passed > 0 and not count.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
