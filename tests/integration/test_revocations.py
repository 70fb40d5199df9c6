"""Lists of revoked certificates that would let nobody in, and the server's own key, are looked at
before they are used.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import os
import shutil
import signal

import pytest
from callers import create_caller, credentials, tls_settings
from certificates import Authority
from client import Client
from waiting import wait_until


def stamp(seconds):
    """The time so many seconds from now, as openssl wants it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return f"{at:%Y%m%d%H%M%SZ}"


@pytest.fixture(name="lists")
def fixture_lists(authority, scratch):
    """{what is wrong: (file, what is said)}"""
    other = Authority(scratch / f"others{os.getpid()}", "other")
    # Of the same name, but signed by another key.
    twin = Authority(scratch / f"twin{os.getpid()}", "vsl test authority")
    return {
        "expired": (authority.revoke(name="old.pem", begin=stamp(-7200), end=stamp(-3600)),
                    "list number 1 has expired at "),
        "to come": (authority.revoke(name="late.pem", begin=stamp(3600), end=stamp(7200)),
                    "list number 1 holds from "),
        "other": (other.revoke(), "list number 1 is of none of the authorities in tls.client_ca"),
        "twin": (twin.revoke(), "list number 1 is of none of the authorities in tls.client_ca"),
    }


def reload_server(server, said):
    """Sends SIGHUP and waits for one more line that says this."""
    before = server.log().count(said)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.log().count(said) > before, f"{said!r} in the log\n{server.log()}")
    assert server.is_running()


def test_a_list_that_lets_nobody_in_is_refused(make_server, database, authority, lists):
    """At a start with status 2, at a reload the list of before stays."""
    server = make_server(database.url, tls_settings(authority, "chief"))
    good = authority.revoke(name="good.pem")
    for path, said in lists.values():
        server.settings["tls.client_crl"] = path
        server.start(serving=False)
        assert server.wait_end() == 2, server.log()
        assert f"tls.client_crl {path}: {said}" in server.log(), server.log()
    server.settings["tls.client_crl"] = good
    server.start(serving=False)
    server.wait_listening()

    def client():
        return Client(server.protos, server.target, "TEST",
                      credentials(authority, *authority.sign("chief")))
    chief = client()
    wait_until(lambda: chief.health() == "SERVING", f"the server\n{server.log()}")
    create_caller(chief, "chief", ["administrator"])
    server.wait_log("info tls.client_crl holds seconds_left=8")
    kept = good.read_bytes()
    for path, said in lists.values():
        shutil.copy(path, good)
        reload_server(server, f"reload refused, everything stays as it was: tls.client_crl {good}: "
                      f"{said}")
        assert client().health() == "SERVING"
    # Two lists of one authority: the newer one counts, until it ends.
    good.write_bytes(lists["expired"][0].read_bytes() + kept)
    reload_server(server, "reloaded log_level")
    assert client().health() == "SERVING"


def test_the_end_of_a_list_is_told_before_it_comes(make_server, database, authority):
    """A warning in its last quarter, an error when it is over, and a newer one mends it."""
    good = authority.revoke(name="short.pem", begin=stamp(-3600), end=stamp(6))
    server = make_server(database.url, {**tls_settings(authority, "chief"), "tls.client_crl": good})
    server.start(serving=False)
    server.wait_log(r"warning tls.client_crl ends soon, .* seconds_left=\d$")
    server.wait_log(r"error tls.client_crl has expired, and no client is let in: .* "
                    r"seconds_left=-?\d$")
    own = credentials(authority, *authority.sign("chief"))

    def health():
        with Client(server.protos, server.target, "TEST", own) as chief:
            return chief.health()
    assert health() == "UNAVAILABLE"
    authority.revoke(name="short.pem")
    reload_server(server, "reloaded log_level")
    server.wait_log(r"info tls.client_crl holds seconds_left=\d{5}$")
    assert health() == "SERVING"


def test_an_older_list_does_not_replace_a_newer_one(make_server, database, authority):
    """Whoever was revoked since would be let in: the reload says so, and the newer list stays."""
    gone, key = authority.sign("gone")
    crl = authority.folder / "in_use.pem"
    older = authority.revoke(name="older.pem", begin=stamp(-3600), end=stamp(7200))
    newer = authority.revoke(gone, name="newer.pem", begin=stamp(-1800), end=stamp(7200))
    # Of the same second as that one: the number tells.
    lines = newer.read_bytes()
    shutil.copy(newer, crl)
    server = make_server(database.url, {**tls_settings(authority, "chief"), "tls.client_crl": crl})
    server.start(serving=False)
    server.wait_listening()

    def health(*files):
        with Client(server.protos, server.target, "TEST", credentials(authority, *files)) as one:
            return one.health()
    chief = authority.sign("chief")
    wait_until(lambda: health(*chief) == "SERVING", f"the server\n{server.log()}")
    assert health(gone, key) == "UNAVAILABLE"
    shutil.copy(older, crl)
    reload_server(server, f"reload refused, everything stays as it was: tls.client_crl {crl}: the "
                  "list is of ")
    assert "older than the one in use" in server.log()
    assert (health(*chief), health(gone, key)) == ("SERVING", "UNAVAILABLE")
    # Both in one file: the newer one is there.
    crl.write_bytes(older.read_bytes() + lines)
    reload_server(server, "reloaded log_level")
    assert (health(*chief), health(gone, key)) == ("SERVING", "UNAVAILABLE")
    # The same one again, one of the clock set back with a greater number, and a newer one.
    for path in (newer, authority.revoke(name="back.pem", begin=stamp(-2700), end=stamp(7200)),
                 authority.revoke(name="newest.pem")):
        shutil.copy(path, crl)
        reload_server(server, "reloaded log_level")
        assert (health(*chief), health(gone, key)) == ("SERVING", "UNAVAILABLE")


def test_who_begins_anew_bears_a_list_that_is_over(make_server, database, authority):
    """As a server does that goes on: nobody is let in, it says so, and a newer list mends it. What
    cannot be read at all is waited for."""
    crl = authority.revoke(name="ends.pem", begin=stamp(-3600), end=stamp(4))
    server = make_server(database.url, {**tls_settings(authority, "chief"), "tls.client_crl": crl})
    server.start(serving=False)
    server.wait_listening()
    own = credentials(authority, *authority.sign("chief"))

    def health():
        with Client(server.protos, server.target, "TEST", own) as chief:
            return chief.health()
    wait_until(lambda: health() == "SERVING", f"the server\n{server.log()}")
    expired = "error tls.client_crl has expired, and no client is let in"
    server.wait_log(expired)

    def push_out(name):
        other = make_server(database.url, {"database.take_over": "yes"}, name=name).start()
        wait_until(lambda: server.log().count("listening address=") > listening or
                   "could not begin anew" in server.log(), f"a second begin\n{server.log()}")
        assert other.terminate() == 0
    said, listening = server.log().count(expired), server.log().count("listening address=")
    push_out("second")
    wait_until(lambda: server.log().count(expired) > said, f"the line\n{server.log()}")
    assert server.is_running() and health() == "UNAVAILABLE"
    authority.revoke(name="ends.pem")
    reload_server(server, "reloaded log_level")
    wait_until(lambda: health() == "SERVING", f"the server\n{server.log()}")

    kept = crl.read_bytes()
    crl.write_text("no list")
    listening = server.log().count("listening address=")
    push_out("third")
    server.wait_log("error could not begin anew, and is tried again every 5 s: could not read the "
                    r"file of tls\.client_crl")
    assert server.is_running()
    crl.write_bytes(kept)
    wait_until(lambda: health() == "SERVING", f"the server\n{server.log()}")
    # Nor does it hold up who wants it to stop.
    crl.write_text("no list")
    said, listening = server.log().count("could not begin anew"), listening + 1
    other = make_server(database.url, {"database.take_over": "yes"}, name="fourth").start()
    wait_until(lambda: server.log().count("could not begin anew") > said, "another try")
    assert server.terminate() == 0
    assert other.terminate() == 0


def test_the_servers_key_is_guarded(make_server, database, authority, scratch):
    """As the key ring: by the same rule, at a start and at a reload."""
    settings = tls_settings(authority, "chief")
    key = scratch / f"guarded{os.getpid()}.key"
    shutil.copy(settings["tls.key"], key)
    server = make_server(database.url, {**settings, "tls.key": key})
    for mode in (0o640, 0o604, 0o660):
        key.chmod(mode)
        server.start(serving=False)
        assert server.wait_end() == 2
        assert (f"tls.key {key} is refused: others than its owner may read or write it: chmod 600"
                in server.log()), server.log()
    key.chmod(0o600)
    server.start(serving=False)
    server.wait_log(" ready ")
    key.chmod(0o644)
    reload_server(server, f"reload refused, everything stays as it was: tls.key {key} is refused: "
                  "others than its owner")
    key.unlink()
    os.mkfifo(key, 0o600)
    reload_server(server, f"tls.key {key} is refused: it is no regular file")
    key.unlink()
    reload_server(server, f"tls.key {key} is refused: No such file or directory")
    shutil.copy(settings["tls.key"], key)
    reload_server(server, "reloaded log_level")
