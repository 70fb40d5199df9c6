"""killing.py: a tool that is killed at chance moments.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import time

ATTEMPTS_MAX = 60
KILLS_MIN = 4


def kill_until(words, dice, has_begun):
    """Runs a command line and kills it, later and later, however fast the machine is: some times,
    and until `has_begun()` says that a run has done a part of what it is for."""
    kills, longest_s = 0, 0.05
    for _ in range(ATTEMPTS_MAX):
        with subprocess.Popen(list(map(str, words)), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0, longest_s))
            kills += process.poll() is None
            process.kill()
        if kills >= KILLS_MIN and has_begun():
            return
        longest_s *= 1.3
    raise AssertionError(f"killed {kills} times; has it begun: {has_begun()}")
