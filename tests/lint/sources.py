"""sources.py: which files are ours, and how a rule about them is told as TAP.

Files come from the folders of the design, not from git: a tested copy may have no git.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["core", "proto", "sql", "tools", "tests", "deploy", ".ci"]
# Bytes that are data, not text that somebody wrote.
DATA = ["tests/fuzz/corpus"]


def all_files():
    """Every text file of the project, as paths relative to its top, sorted."""
    # In a linked work tree .git is a file, and git's own.
    found = [path for path in TOP.iterdir() if path.is_file() and path.name != ".git"]
    for folder in FOLDERS:
        found += [path for path in (TOP / folder).rglob("*") if path.is_file()]
    for path in sorted(found):
        name = path.relative_to(TOP)
        if "__pycache__" in name.parts or any(str(name).startswith(data) for data in DATA):
            continue
        yield name


def read(name):
    """The text of a file; None when it is not text."""
    try:
        return (TOP / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


class Tap:
    """Prints one case after the other and remembers whether one failed."""

    def __init__(self):
        self._count = 0
        self.failed = False

    def case(self, title, findings):
        """A case that passes when there are no findings; each finding is a line of text, told on
        standard error too, which meson shows."""
        self._count += 1
        findings = list(findings)
        print(f"{'not ' if findings else ''}ok {self._count} - {title}")
        for finding in findings:
            print(f"# {finding}")
            print(f"{title}: {finding}", file=sys.stderr)
        self.failed = self.failed or bool(findings)

    def skip(self, title, reason):
        """A case that cannot be tried here."""
        self._count += 1
        print(f"ok {self._count} - {title} # SKIP {reason}")

    def end(self):
        """The plan; gives the exit status."""
        print(f"1..{self._count}")
        return 1 if self.failed else 0
