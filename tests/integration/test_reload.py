"""SIGHUP: certificates and log level are read again, what is faulty changes nothing.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import shutil
import signal
import socket
import ssl

import pytest

from certificates import Authority
from waiting import wait_until


def reload_server(server, said):
    """Sends SIGHUP and waits for one more line that says this."""
    before = server.log().count(said)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.log().count(said) > before,
               f"{said!r} in the log\n{server.log()}")
    assert server.is_running()


def is_let_in(server, trusted, own):
    """Whether a handshake succeeds and the server says something."""
    context = ssl.create_default_context(cafile=str(trusted.certificate))
    context.load_cert_chain(*map(str, own))
    context.set_alpn_protocols(["h2"])
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as tls:
            return tls.recv(9) != b""
    except ssl.SSLError:
        return False


@pytest.fixture(name="files")
def fixture_files(scratch):
    """Two authorities, and where the server looks for its own files."""
    folder = scratch / "reload"
    old, new = Authority(folder / "old", "old"), Authority(folder / "new", "new")
    names = [folder / "server.pem", folder / "server.key", folder / "client-ca.pem"]

    def install(authority):
        for source, place in zip((*authority.sign("server"), authority.certificate), names):
            shutil.copy(source, place)
    install(old)
    return old, new, names, install


def test_certificates_are_reloaded(make_server, database, files):
    """New handshakes get the new ones; a faulty file leaves the old ones in use."""
    old, new, (certificate, key, client_ca), install = files
    server = make_server(database.url, {
        "tls.certificate": certificate, "tls.key": key, "tls.client_ca": client_ca})
    server.start(serving=False)
    server.wait_log(" ready")
    olds, news = old.sign("client"), new.sign("client")
    assert is_let_in(server, old, olds)
    assert not is_let_in(server, old, news)

    good = certificate.read_bytes()
    for place in (certificate, key, client_ca):
        kept = place.read_bytes()
        place.write_text("no PEM\n")
        reload_server(server, "reload refused, everything stays as it was")
        assert is_let_in(server, old, olds)
        place.write_bytes(kept)
    # A key that belongs to another certificate.
    shutil.copy(new.sign("server")[0], certificate)
    reload_server(server, "key values mismatch")
    certificate.write_bytes(good)

    install(new)
    reload_server(server, "reloaded log_level=info certificate=yes client_ca=yes")
    assert is_let_in(server, new, news)
    assert not is_let_in(server, new, olds)
    assert not is_let_in(server, old, olds)
    assert server.terminate() == 0


def test_log_level_is_reloaded_and_the_rest_named(make_server, database):
    server = make_server(database.url, {"admin.log_level": "error"})
    server.start()
    client = server.connect()
    assert client.health() == "SERVING"
    server.settings["admin.log_level"] = "info"
    server.settings["listen.connections_max"] = "77"
    server.write_settings()
    reload_server(server, "listen.connections_max has changed: that needs a new start")
    assert "listen.address has changed" not in server.log()

    # What is wrong changes nothing; TLS cannot begin while it runs.
    certificate = server.folder / "none.pem"
    for wrong, said in (
            ({"admin.log_level": "loud"}, "admin.log_level must be"),
            ({"tls.certificate": certificate, "tls.key": certificate}, "must be started anew")):
        kept = dict(server.settings)
        server.settings.update(wrong)
        server.write_settings()
        reload_server(server, said)
        server.settings = kept
    server.config.unlink()
    reload_server(server, "could not read")
    server.write_settings()
    reload_server(server, "reloaded log_level=info")
    assert client.health() == "SERVING"
    assert server.terminate() == 0
    assert "stopped: asked to" in server.log()


def test_unit_reloads_by_the_signal():
    """systemctl reload sends what the server understands."""
    unit = pathlib.Path(__file__).resolve().parents[2] / "deploy/systemd/vsld.service"
    assert "\nExecReload=/bin/kill -HUP $MAINPID\n" in unit.read_text(encoding="utf-8")
