"""attacks.py: how long an honest client waits beside each way to take too much; see run.

The attacks are those of tests/integration/test_fair.py, here against the release, which is as fast
as what a bank runs. Several rounds, whose calls are taken together: beside an attack that is over
after a second there are few. What it waits while nobody attacks is shown as well: on a machine that
does other work it waits for that.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import subprocess
import sys

import measure

ROUNDS = 5
WANTED_MS = 50
BASELINE = "nobody attacks"
TOP = pathlib.Path(__file__).resolve().parents[2]


def attack_once(scratch, times):
    """One round; what the honest client waited is appended to the file of times."""
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "pytest", "-c", "tests/pytest.ini", "--rootdir", "tests",
         "-q", "tests/integration/test_fair.py"],
        cwd=TOP, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=900, env={**os.environ, "VSL_BUILD": str(measure.BUILD), "VSL_SCRATCH": scratch,
                          "VSL_HONEST": str(times)})
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:] + "\nan attack was not borne: see above")


def figures(ordered):
    """Count, median, p99, slowest."""
    return (len(ordered), ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100],
            ordered[-1])


def main():
    """Rounds, then a table of all their calls."""
    scratch = pathlib.Path(sys.argv[1])
    times = scratch / "honest-times"
    for name, text in measure.facts(scratch):
        measure.say(f"{name}: {text}")
    for number in range(ROUNDS):
        measure.say(f"round {number + 1} of {ROUNDS}")
        attack_once(sys.argv[1], times)
    found = {}
    for line in times.read_text(encoding="ascii").splitlines():
        name, each = json.loads(line)
        found.setdefault(name.removeprefix("test_").replace("_", " "), []).extend(each)
    measure.say(f"\n{'beside the attack':<60}{'calls':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    p99 = {}
    for name, each in found.items():
        calls, p50, p99[name], slowest = figures(sorted(each))
        measure.say(f"{name:<60}{calls:>8}{p50:>9.1f}{p99[name]:>9.1f}{slowest:>9.1f}")
    worst = max(p99.values())
    measure.say(f"{BASELINE}: p99 ms: {p99[BASELINE]:.1f}")
    measure.say(f"slowest honest p99 ms: {worst:.1f} (wanted: below {WANTED_MS})")
    return 0 if worst < WANTED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
