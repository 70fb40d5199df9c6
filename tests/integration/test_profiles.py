"""Profiles: where tools find server and certificates when no command line says it.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil

import pytest

from callers import create_caller, credentials, tls_settings
from client import Client
from ports import free_port
from waiting import wait_until

NAMED = ("VSL_PROFILE", "VSL_SERVER", "VSL_TLS_CA", "VSL_TLS_CERT", "VSL_TLS_KEY", "VSL_TLS_NAME",
         "XDG_CONFIG_HOME")


class Home:
    """A user's home folder with a vslctl.conf."""

    def __init__(self, folder, tools):
        self.folder = folder
        self.tools = tools
        self.conf = folder / ".config/vsl/vslctl.conf"
        self.conf.parent.mkdir(parents=True)

    def write(self, text):
        """Writes vslctl.conf."""
        self.conf.write_text(text)
        self.conf.chmod(0o644)

    def run(self, *words, tool="vslctl", status=0, **variables):
        """Runs a tool as this user; what it printed, its errors first."""
        kept = {name: value for name, value in os.environ.items() if name not in NAMED}
        done = self.tools.run(tool, *words, status=status,
                              env={**kept, "HOME": str(self.folder), **variables})
        return done.stderr + done.stdout

    def refused(self, *words, status=2, **variables):
        """What a vslctl says that cannot begin."""
        return self.run("ledger", "list", *words, status=status, **variables)

    def unreachable(self, *words, **variables):
        """What a vslctl says that finds nobody where it asks."""
        said = self.refused(*words, status=3, **variables)
        assert "could not connect" in said, said
        return said


@pytest.fixture(name="home")
def fixture_home(tmp_path, tools):
    return Home(tmp_path / "home", tools)


def test_a_profile_says_all(make_server, database, authority, home):
    """Server, CA, certificate and key of a server with callers out of a file; the tools that dial
    share it, and each source comes in its order."""
    server = make_server(database.url, tls_settings(authority, "chief"))
    server.start(serving=False).wait_listening()
    for name in ("chief", "reader"):
        for kind, path in zip(("pem", "key"), authority.sign(name)):
            shutil.copy(path, home.conf.parent / f"{name}.{kind}")
            (home.conf.parent / f"{name}.{kind}").chmod(0o600)
    shutil.copy(authority.certificate, home.conf.parent / "ca.pem")
    with Client(server.protos, server.target, "TEST",
                credentials(authority, *authority.sign("chief"))) as chief:
        wait_until(lambda: chief.health() == "SERVING", server.log)
        create_caller(chief, "chief")
        create_caller(chief, "reader", ["auditor"])
        chief.open_platform(5161, accounts=0)

    def section(name, who):
        return (f"[{name}]\nserver = {server.target}\n  tls-ca = ca.pem\n"
                f"tls-cert = {who}.pem\ntls-key = {home.conf.parent}/{who}.key ; whole\n"
                "tls-name = localhost\n")

    home.write("# two callers\n\n" + section("chief", "chief") + section("default", "reader"))
    make = ["member", "open", "--ledger", "1", "--kind", "user", "--id"]
    assert "1" in home.run("ledger", "list")
    assert "PERMISSION_DENIED" in home.run(*make, "a", status=3)
    home.run(*make, "a", "--profile", "chief")
    home.run("--profile=chief", *make, "b")
    home.run(*make, "c", VSL_PROFILE="chief")
    # The option before the variable, and before all of the environment.
    nobody = f"127.0.0.1:{free_port()}"
    said = home.run(*make, "d", "--profile", "default", status=3, VSL_PROFILE="chief",
                    VSL_SERVER=nobody, VSL_TLS_CA="/nowhere")
    assert "PERMISSION_DENIED" in said
    # A server that is named goes without a profile: none of its certificates for another address.
    for words, variables in ((("--server", nobody), {"VSL_PROFILE": "chief"}),
                             ((), {"VSL_SERVER": nobody, "VSL_PROFILE": "chief"})):
        assert nobody in home.unreachable(*words, **variables)
    # Beside a named profile a single option changes this one value.
    assert nobody in home.unreachable("--profile", "chief", "--server", nobody)
    assert "/nowhere" in home.refused("--profile", "chief", "--tls-ca", "/nowhere")
    # The environment by itself is enough, and the tools are alike.
    by_environment = {
        "VSL_SERVER": server.target, "VSL_TLS_NAME": "localhost",
        "VSL_TLS_CA": str(authority.certificate),
        "VSL_TLS_CERT": f"{home.conf.parent}/reader.pem",
        "VSL_TLS_KEY": f"{home.conf.parent}/reader.key"}
    home.run("ledger", "list", **by_environment)
    home.run("--once", "--ledger", "1", tool="bankstub")
    home.run("--profile", "chief", "--accounts", "10", "--seconds", "1", "--warm-up", "0",
             "--clients", "1", "--database", database.url, tool="vslload")
    # Another place of the same file.
    other = home.folder / "elsewhere"
    shutil.copytree(home.conf.parent.parent, other)
    home.conf.unlink()
    home.run("ledger", "list", XDG_CONFIG_HOME=str(other))


@pytest.mark.parametrize("text, line, rule", [
    ("server = x:1\n", 1, "before the first [profile]"),
    ("[a]\nserver = x:1\n\nsrever = y:1\n", 4, "no such setting"),
    ("[a]\nserver = x:1\nserver = y:1\n", 3, "set twice"),
    ("[a]\nserver =\n", 2, "no value"),
    ("[a]\nserver = x:1\nnonsense\n", 3, "neither [profile], setting = value nor a comment"),
    ("[a]\nserver = " + "x" * 5000 + "\n", 2, "longer than"),
], ids=["no profile", "unknown", "twice", "empty", "no setting", "long"])
def test_wrong_lines_are_named(home, text, line, rule):
    """File, line and rule; what stands in the line is not shown."""
    home.write(text)
    said = home.refused("--profile", "a")
    assert f"{home.conf} line {line}: " in said and rule in said, said
    assert "nonsense" not in said and "x:1" not in said


def test_what_is_missing_is_named(home):
    """A profile, a server, a file; and who may write the file."""
    home.write("[a]\ntls-ca = ca.pem\n")
    assert f"{home.conf}: the profile [a] has no server" in home.refused("--profile", "a")
    for words, variables in ((("--profile", "b"), {}), ((), {"VSL_PROFILE": "b"})):
        said = home.refused(*words, **variables)
        assert f"there is no profile [b] in {home.conf} or /etc/vsl/vslctl.conf" in said, said
    home.conf.chmod(0o664)
    assert f"{home.conf}: others than its owner may write it" in home.refused("--profile", "a")
    home.conf.unlink()
    assert "/etc/vsl/vslctl.conf" in home.refused("--profile", "a")
    home.conf.mkdir()
    assert f"could not use {home.conf}: it is no regular file" in home.refused("--profile", "a")


def test_a_key_is_its_owners_alone(home, authority):
    """The file of a private key: missing, open to others, or no key at all."""
    certificate, key = authority.sign("someone")
    own = home.conf.parent / "own.key"
    home.write(f"[a]\nserver = 127.0.0.1:{free_port()}\ntls-ca = {authority.certificate}\n"
               f"tls-cert = {certificate}\ntls-key = own.key\n")
    assert f"'{own}': No such file" in home.refused("--profile", "a")
    shutil.copy(key, own)
    for mode in (0o640, 0o604, 0o660):
        own.chmod(mode)
        said = home.refused("--profile", "a")
        assert f"'{own}': others than its owner may read or write the private key" in said, said
    own.chmod(0o600)
    home.unreachable("--profile", "a")
    own.write_text("no key")
    assert f"could not use '{own}'" in home.refused("--profile", "a")


def test_help_teaches_profiles(tools):
    """vslctl --help shows a file that works, and the order."""
    said = tools.vslctl("--help").stdout
    for word in ("[bank]", "tls-key = ", "/etc/vsl/vslctl.conf", "VSL_PROFILE", "[default]"):
        assert word in said, word
    for tool in ("vslload", "bankstub"):
        assert "--profile=NAME" in tools.run(tool, "--help").stdout
