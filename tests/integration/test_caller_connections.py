"""Connections of callers: how many of one name, and what becomes of those that send nothing.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import signal
import socket
import ssl

import pytest
from callers import EVERY_ROLE, House, create_caller, tls_settings
from waiting import wait_until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


class Door(House):
    """A house with raw connections by name."""

    def __init__(self, make_server, url, authority, settings):
        server = make_server(url, {**tls_settings(authority, "chief"), **settings})
        server.start(serving=False)
        server.wait_listening()
        super().__init__(server, authority)

    def set_status(self, name, status):
        """Suspends a caller, or lets him in again."""
        self.update(name, status, EVERY_ROLE)

    def begin(self, stack, own, source="127.0.0.1"):
        """A connection whose handshake has not begun: a function that shakes hands, once."""
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(*map(str, own))
        context.set_alpn_protocols(["h2"])
        plain = stack.enter_context(socket.create_connection(
            ("127.0.0.1", self.server.port), timeout=20, source_address=(source, 0)))
        return lambda: stack.enter_context(
            context.wrap_socket(plain, server_hostname="localhost"))

    def connect(self, stack, own, source="127.0.0.1"):
        """A connection that has sent its SETTINGS and nothing else."""
        tls = self.begin(stack, own, source)()
        with contextlib.suppress(OSError):
            tls.sendall(PREFACE)
        return tls


def read_to_end(tls):
    """What came until the server closed the connection."""
    said = b""
    try:
        while (part := tls.recv(4096)) != b"":
            said += part
    except OSError as error:
        assert not isinstance(error, TimeoutError), "the server keeps it"
    return said


def is_open(tls):
    """Whether the server answers a ping."""
    ping = bytes([0, 0, 8, 6, 0, 0, 0, 0, 0]) + b"question"
    said = b""
    try:
        tls.sendall(ping)
        while b"question" not in said and (part := tls.recv(4096)) != b"":
            said += part
    except OSError as error:
        assert not isinstance(error, TimeoutError), "the server says nothing"
    return b"question" in said


@pytest.fixture(name="open_door")
def fixture_open_door(make_server, database, authority):
    """open_door(settings) gives a door."""
    return lambda **settings: Door(make_server, database.url, authority,
                                   {key.replace("__", "."): value
                                    for key, value in settings.items()})


def test_one_name_from_many_addresses_shuts_out_itself_only(open_door):
    """The bound of an address is no bound of him who has many."""
    door = open_door(listen__connections_max=40, listen__connections_per_peer_max=5,
                     listen__connections_per_caller_max=12)
    own, other = door.authority.sign("greedy"), door.authority.sign("other")
    with contextlib.ExitStack() as stack:
        held = [door.connect(stack, own, f"127.0.0.{2 + i}") for i in range(7) for _ in range(5)]
        assert sum(map(is_open, held)) == 12
        door.server.wait_log(r"warning refused a connection of a name that has many "
                             r"peer=127\.0\.0\.\d+ peer_open=12 limit=12 "
                             r'setting="listen\.connections_per_caller_max" refused=1$')
        assert "greedy" not in door.server.log()
        assert is_open(door.connect(stack, other, "127.0.0.9")), "others find their places"
        assert door.chief.health() == "SERVING"
        # Who goes makes room for one of the same name.
        next(each for each in held if is_open(each)).close()
        wait_until(lambda: is_open(door.connect(stack, own, "127.0.0.30")), "a place")


def test_the_last_count_is_told_when_no_more_are_refused(open_door):
    """Not with the next one that is refused, which may never come."""
    door = open_door(listen__connections_per_caller_max=1)
    own = door.authority.sign("greedy")
    with contextlib.ExitStack() as stack:
        held = [door.connect(stack, own) for _ in range(6)]
        assert sum(map(is_open, held)) == 1
        door.server.wait_log("refused a connection of a name that has many .* refused=1$")
        door.server.wait_log(r"refused more connections count=4 "
                             r'setting="listen\.connections_per_caller_max" refused=5$')


def test_silent_connections_of_a_suspended_caller_end(open_door):
    """Also those that send nothing; he may come again to be told why, and when he is let in."""
    door = open_door(listen__idle_timeout_s=0)
    own, other = door.authority.sign("front"), door.authority.sign("other")
    door.ids["front"] = create_caller(door.chief, "front", EVERY_ROLE)
    with contextlib.ExitStack() as stack:
        held = [door.connect(stack, own) for _ in range(3)]
        kept = door.connect(stack, other)
        assert all(map(is_open, [*held, kept]))
        door.set_status("front", "SUSPENDED")
        for each in held:
            assert b"caller_suspended" in read_to_end(each)
        door.server.wait_log(r'refused a connection of a suspended caller peer=127\.0\.0\.1 ')
        late = door.connect(stack, own)
        assert b"caller_suspended" in read_to_end(late)
        assert is_open(kept) and door.chief.health() == "SERVING"
        door.set_status("front", "ACTIVE")
        again = door.connect(stack, own)
        late = door.connect(stack, other)
        assert is_open(again) and is_open(late)


def test_silent_connections_of_a_revoked_certificate_end(open_door):
    """When the list is read again, whatever they sent, a handshake begun included."""
    authority_crl = None
    door = open_door()
    own, kept_own = door.authority.sign("front"), door.authority.sign("other")
    authority_crl = door.authority.revoke()
    door.server.settings["tls.client_crl"] = authority_crl
    door.server.write_settings()
    reload_server(door.server)
    with contextlib.ExitStack() as stack:
        held, kept = door.connect(stack, own), door.connect(stack, kept_own)
        mute = door.begin(stack, own)()
        begun = door.begin(stack, own)
        assert is_open(held) and is_open(kept)
        door.authority.revoke(own[0])
        reload_server(door.server)
        read_to_end(held)
        read_to_end(mute)
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            late = begun()
            read_to_end(late)
        door.server.wait_log(r'TLS handshakes failed count=\d+ reason="certificate revoked"')
        assert is_open(kept)


def reload_server(server):
    """Sends SIGHUP and waits until it was obeyed."""
    before = server.log().count("reloaded log_level")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.log().count("reloaded log_level") > before, server.log())
