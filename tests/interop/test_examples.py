"""The examples of tools/examples, as a new integrator runs them, against the whole server.

Each language's example is skipped where the language or its package registry is not there; Python's
runs wherever the tests do.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import subprocess
import threading

import pytest

from callers import create_caller, credentials, tls_settings
from client import Client
from server import TOP
from waiting import wait_until

INSTALL_S = 240
# So long the server is away: longer than a library's first attempts to connect.
AWAY_S = 4
# What Maven writes round every output.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(*command, folder, timeout=INSTALL_S, **environment):
    """Runs a command in a folder and gives what it printed; None when it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        text=True, capture_output=True, timeout=timeout, check=False)
    return COLOUR.sub("", done.stdout) if done.returncode == 0 else None


def need(language, *programs):
    """Skips the test where a program is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{language}: no {', '.join(missing)} here")


def fetched(language, *outputs):
    """Skips the test when the packages of the language cannot be had."""
    if None in outputs:
        pytest.skip(f"{language}: its packages cannot be had here")


@pytest.fixture(name="examples")
def fixture_examples(tmp_path):
    """A copy of the examples beside the protos, so that nothing is made in the source tree."""
    shutil.copytree(TOP / "tools/examples", tmp_path / "tools/examples")
    shutil.copytree(TOP / "proto", tmp_path / "proto")
    return tmp_path / "tools/examples"


def said_by_head(folder, file, word, **environment):
    """Runs the commands of an example's head that begin with a word, from the top of the clone."""
    text = re.sub(r"\\+\n(//)?\s+", "", (folder / file).read_text())
    commands = re.findall(rf"^(?://)?\s+({word} .*)$", text, re.MULTILINE)
    assert commands, f"{file} does not say {word}"
    return [run("sh", "-c", command, folder=folder.parents[2], **environment)
            for command in commands]


def in_python(folder, arguments):
    assert said_by_head(folder, "split_payment.py", "mkdir") == [""]
    assert said_by_head(folder, "split_payment.py", "protoc") == [""]
    return lambda **files: run("/usr/bin/python3", "split_payment.py", *arguments, folder=folder,
                               PYTHONPATH="gen", **files)


def in_node(folder, arguments):
    need("Node", "node", "npm")
    fetched("Node", *said_by_head(folder, "split_payment.js", "npm install"))
    return lambda **files: run("node", "split_payment.js", *arguments, folder=folder, **files)


def in_go(folder, arguments):
    need("Go", "go", "protoc")
    tools = {"GOBIN": str(folder / "bin"), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    fetched("Go", *said_by_head(folder, "split_payment.go", "go install", **tools))
    assert said_by_head(folder, "split_payment.go", "protoc", **tools) == [""]
    was = (folder / "go.mod").read_text()
    fetched("Go", run("go", "mod", "tidy", folder=folder))
    assert (folder / "go.mod").read_text() == was, "what is kept is tidy"
    assert run("go", "build", "-o", "split_payment", ".", folder=folder) is not None
    return lambda **files: run("./split_payment", *arguments, folder=folder, **files)


def in_java(folder, arguments):
    need("Java", "mvn", "javac")
    fetched("Java", run("mvn", "-q", "-B", "initialize", "dependency:resolve", "protobuf:compile",
                        "protobuf:compile-custom", folder=folder))
    assert run("mvn", "-q", "-B", "compile", folder=folder) is not None
    return lambda **files: run("mvn", "-q", "-B", "exec:java",
                               f"-Dexec.args={' '.join(arguments)}", folder=folder, **files)


def start_with_callers(server, authority, name):
    """Starts the server for callers, one of this name; gives its files as environment."""
    plaintext = dict(server.settings)
    server.settings.update(tls_settings(authority, "chief"))
    server.start(serving=False).wait_listening()
    with Client(server.protos, server.target,
                credentials=credentials(authority, *authority.sign("chief"))) as chief:
        wait_until(lambda: chief.health() == "SERVING", server.log)
        create_caller(chief, name, ["operator", "front", "adapter"])
    server.settings = plaintext
    certificate, key = authority.sign(name)
    return {"VSL_TLS_CA": str(authority.certificate), "VSL_TLS_CERT": str(certificate),
            "VSL_TLS_KEY": str(key)}


@pytest.mark.parametrize(("language", "prepare"), [
    ("python", in_python), ("node", in_node), ("go", in_go), ("java", in_java)])
def test_a_split_payment_and_its_safe_repeat(  # pylint: disable=too-many-arguments
        make_server, database, authority, examples, language, prepare):
    """With a certificate of a caller's, then in plaintext."""
    server = make_server(database.url)
    play = prepare(examples / language, [server.target, f"run-{language}", "770099"])
    files = start_with_callers(server, authority, f"{language}.example")
    said = play(**files)
    assert said is not None and re.fullmatch(
        r"paid once, as command \d+; available: 9200 10000 800\n"
        r"MALFORMED_REQUEST: payees\[0\]\.amount_minor\n", said), said
    server.terminate()
    server.wait_end()
    back = threading.Timer(AWAY_S, server.start)
    back.start()
    try:
        assert play() == said, "the same name again books nothing, and waits for the server"
    finally:
        back.join()
