"""waiting.py: waits for a condition with a deadline, so that no test sleeps blindly.

SPDX-License-Identifier: Apache-2.0
"""
import time

# Generous: the sanitizer build on a loaded machine is slow. Reaching it is a failure, not a wait.
DEADLINE_S = 200.0


def wait_until(condition, what, deadline_s=DEADLINE_S, interval_s=0.02):
    """Calls `condition` until it gives something true, and gives that; fails after the deadline.

    `what` is what is waited for, as the failure will say it.
    """
    ends = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > ends:
            raise AssertionError(f"waited {deadline_s:g} s in vain for: {what}")
        time.sleep(interval_s)
