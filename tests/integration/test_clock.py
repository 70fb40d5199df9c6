"""A clock that is wrong decides nothing, expires nothing, and leaves no trace in recorded time.

The wall clock of a server under test is wrong by what a file says, in microseconds.

SPDX-License-Identifier: Apache-2.0
"""
import time

import grpc
import pytest

from waiting import wait_until

DAY_US = 24 * 3600 * 1_000_000
COMMANDS = "vsl.v1.commands"


class Clock:
    """The file that a server's wall clock is wrong by."""

    def __init__(self, path):
        self.path = path
        self.set(0)

    def set(self, error_us):
        """Makes it wrong by so much from now on."""
        new = self.path.with_suffix(".new")
        new.write_text(str(error_us))
        new.replace(self.path)


@pytest.fixture(name="clock")
def fixture_clock(tmp_path):
    return Clock(tmp_path / "clock")


@pytest.fixture(name="start")
def fixture_start(make_server, database, clock):
    """Starts a server with that clock; settings can be given."""
    def start(**settings):
        return make_server(database.url, settings={
            f"clock.{name}": value for name, value in settings.items()
        }).start(VSL_CLOCK_FILE=str(clock.path))
    return start


def receipt(client, day):
    """Books one, or gives the reason of the refusal."""
    try:
        client.command("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                       account_id=day.accounts[0])
        return None
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        assert "clock" in error.details()
        return "clock"


def place_hold(client, day):
    """A hold that ends in an hour."""
    return client.command("place_hold", ledger_id=day.ledger_id, payer_account_id=day.accounts[0],
                          amount_minor=100, order_number="O-1",
                          expires_at_us=int((time.time() + 3600) * 1e6)).hold_id


def open_day(client, prefix):
    """A platform with money and a hold."""
    day = client.open_platform(prefix, accounts=1)
    client.command("book_receipt", ledger_id=day.ledger_id, amount_minor=1000,
                   account_id=day.accounts[0])
    return day, place_hold(client, day)


def is_live(client, day, hold):
    """Whether the hold was not touched."""
    return client.read("hold", "GetHold", ledger_id=day.ledger_id,
                       hold_id=hold).hold.held_minor == 100


def latest(database):
    """How far recorded time is ahead of the real one, seconds."""
    return float(database.one(
        "select extract(epoch from max(recorded_at) - now()) from vsl.command"))


@pytest.mark.parametrize("days", [400, -400])
def test_start_with_a_wrong_clock_decides_nothing(start, clock, database, days):
    server = start()
    day, hold = open_day(server.connect(), 8301)
    assert server.terminate() == 0
    before = database.one("select max(sequence) from vsl.command")
    clock.set(days * DAY_US)
    server.start(VSL_CLOCK_FILE=str(clock.path))
    client = server.connect()
    assert receipt(client, day) == "clock"
    assert client.health(COMMANDS) == "NOT_SERVING" and client.health() == "SERVING"
    assert is_live(client, day, hold), "reads go on, and nothing has expired"
    assert "no command is decided and nothing expires" in server.log()
    assert "clock.difference_max_s" in server.log()
    clock.set(0)
    wait_until(lambda: client.health(COMMANDS) == "SERVING", "commands are taken again")
    assert receipt(client, day) is None
    assert is_live(client, day, hold)
    assert database.one("select max(sequence) from vsl.command") == before + 1
    assert abs(latest(database)) < 600


@pytest.mark.parametrize("days", [400, -400])
def test_clock_that_jumps_while_running_decides_nothing(start, clock, database, days):
    server = start()
    client = server.connect()
    day, hold = open_day(client, 8302)
    for _ in range(3):
        clock.set(days * DAY_US)
        assert receipt(client, day) == "clock"
        assert is_live(client, day, hold)
        clock.set(0)
        wait_until(lambda: client.health(COMMANDS) == "SERVING", "commands are taken again")
        assert receipt(client, day) is None
    assert abs(latest(database)) < 600


def test_small_difference_is_warned_of(start, clock):
    server = start(difference_max_s=600, recorded_ahead_max_s=600)
    client = server.connect()
    day, _ = open_day(client, 8303)
    clock.set(100 * 1_000_000)
    wait_until(lambda: "is ahead of the database's" in server.log(), "it warns")
    assert receipt(client, day) is None


def test_server_that_is_told_to_goes_on(start, clock, database):
    """A clock that was accepted ahead leaves recorded time ahead: that is noticed next time."""
    clock.set(2 * DAY_US)
    server = start(difference_max_s=3 * 86400, recorded_ahead_max_s=3 * 86400)
    client = server.connect()
    day = client.open_platform(8304, accounts=1)
    assert receipt(client, day) is None
    assert latest(database) > 86400
    assert server.terminate() == 0

    clock.set(0)
    server.settings = {name: value for name, value in server.settings.items()
                       if not name.startswith("clock.")}
    server.start(VSL_CLOCK_FILE=str(clock.path))
    client = server.connect()
    assert receipt(client, day) == "clock"
    assert "recorded time is ahead of the database's clock" in server.log()
    assert server.terminate() == 0

    server.settings["clock.recorded_ahead_max_s"] = 3 * 86400
    server.start(VSL_CLOCK_FILE=str(clock.path))
    assert receipt(server.connect(), day) is None


def test_long_stand_still_is_no_fault(start, clock):
    """The last command was recorded a month ago, by a server that was let to."""
    clock.set(-30 * DAY_US)
    month_s = 31 * DAY_US // 1_000_000
    server = start(difference_max_s=month_s, recorded_ahead_max_s=month_s)
    day, hold = open_day(server.connect(), 8305)
    assert server.terminate() == 0
    clock.set(0)
    server = start()
    client = server.connect()
    assert receipt(client, day) is None and is_live(client, day, hold)
    assert "the last command was recorded at" in server.log()


def test_both_clocks_far_ahead_decide_nothing(start, clock, database):
    """Server and database of one host are 400 days ahead: as if the last commands were so old."""
    clock.set(-400 * DAY_US)
    long_s = 401 * DAY_US // 1_000_000
    server = start(difference_max_s=long_s, recorded_ahead_max_s=long_s,
                   recorded_behind_max_s=long_s)
    day, hold = open_day(server.connect(), 8306)
    assert server.terminate() == 0
    before = database.one("select max(sequence) from vsl.command")
    clock.set(0)
    server = start()
    client = server.connect()
    assert receipt(client, day) == "clock"
    assert client.health(COMMANDS) == "NOT_SERVING" and client.health() == "SERVING"
    assert is_live(client, day, hold), "reads go on, and nothing has expired"
    assert "recorded time is far behind both clocks" in server.log()
    assert "clock.recorded_behind_max_s" in server.log()
    assert server.terminate() == 0
    assert database.one("select max(sequence) from vsl.command") == before
    server = start(recorded_behind_max_s=long_s)
    assert receipt(server.connect(), day) is None
    assert abs(latest(database)) < 600


def test_settings_that_contradict_each_other_are_refused(make_server, database):
    server = make_server(database.url, settings={
        "clock.difference_max_s": 600, "clock.recorded_ahead_max_s": 500})
    server.start(serving=False)
    assert server.process.wait(timeout=60) == 2
    assert "clock.recorded_ahead_max_s" in server.log()
