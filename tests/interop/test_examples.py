"""The examples of tools/examples, as a new integrator runs them, against the whole server.

Each language's example is skipped where the language or its package registry is not there; Python's
runs wherever the tests do.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shlex
import shutil
import subprocess

import pytest

from server import TOP

INSTALL_S = 240
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


def fetched(language, output):
    """Skips the test when the packages of the language cannot be had."""
    if output is None:
        pytest.skip(f"{language}: its packages cannot be had here")


@pytest.fixture(name="examples")
def fixture_examples(tmp_path):
    """A copy of the examples beside the protos, so that nothing is made in the source tree."""
    shutil.copytree(TOP / "tools/examples", tmp_path / "tools/examples")
    shutil.copytree(TOP / "proto", tmp_path / "proto")
    return tmp_path / "tools/examples"


def generate(folder, *options, **environment):
    """Runs protoc over the protos, from the example's own folder as its head says."""
    command = ["protoc", "-I", "../../../proto", "-I", "/usr/include", *options]
    assert run("sh", "-c", f"{shlex.join(command)} ../../../proto/vsl/v1/*.proto",
               folder=folder, **environment) is not None


def in_python(folder, arguments):
    folder.joinpath("gen").mkdir()
    generate(folder, "--python_out=gen", "--grpc_out=gen",
             f"--plugin=protoc-gen-grpc={shutil.which('grpc_python_plugin')}")
    return lambda: run("/usr/bin/python3", "split_payment.py", *arguments, folder=folder,
                       PYTHONPATH="gen")


def in_node(folder, arguments):
    need("Node", "node", "npm")
    fetched("Node", run("npm", "install", "--no-audit", "--no-fund", folder=folder))
    return lambda: run("node", "split_payment.js", *arguments, folder=folder)


def in_go(folder, arguments):
    need("Go", "go", "protoc")
    tools = {"GOBIN": str(folder / "bin"), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    for package in re.findall(r"go install (\S+)", (folder / "split_payment.go").read_text()):
        fetched("Go", run("go", "install", package, folder=folder, **tools))
    generate(folder, "--go_out=.", "--go_opt=module=vsl.local/api", "--go-grpc_out=.",
             "--go-grpc_opt=module=vsl.local/api", **tools)
    fetched("Go", run("go", "mod", "tidy", folder=folder))
    assert run("go", "build", "-o", "split_payment", ".", folder=folder) is not None
    return lambda: run("./split_payment", *arguments, folder=folder)


def in_java(folder, arguments):
    need("Java", "mvn", "javac")
    fetched("Java", run("mvn", "-q", "-B", "initialize", "dependency:resolve", folder=folder))
    fetched("Java", run("mvn", "-q", "-B", "protobuf:compile", "protobuf:compile-custom",
                        folder=folder))
    assert run("mvn", "-q", "-B", "compile", folder=folder) is not None
    return lambda: run("mvn", "-q", "-B", "exec:java", f"-Dexec.args={' '.join(arguments)}",
                       folder=folder)


@pytest.mark.parametrize(("language", "prepare"), [
    ("python", in_python), ("node", in_node), ("go", in_go), ("java", in_java)])
def test_a_split_payment_and_its_safe_repeat(server, examples, language, prepare):
    play = prepare(examples / language, [server.target, f"run-{language}", "880099"])
    said = play()
    assert said is not None and re.fullmatch(
        r"paid once, as command \d+; available: 9200 10000 800\n", said), said
    assert play() == said, "the same name again books nothing"
