"""test_deploy_scripts.py: every documented form of deploy/postgres/cluster, and what
deploy/monitoring/check makes of whatever psql says.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import subprocess
import tempfile

import psycopg2
import pytest

from waiting import wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
FIGURES = re.findall(r"^ *[^a-z]*\('([a-z_]*)', ",
                     (TOP / "deploy/monitoring/figures.sql").read_text(), re.MULTILINE)


def run(script, *arguments, timeout=280, **environment):
    """Runs a script of deploy/ and gives (exit status, standard output, standard error)."""
    done = subprocess.run(
        [TOP / "deploy" / script, *map(str, arguments)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="place")
def fixture_place(scratch):
    """A folder of this test alone, which PostgreSQL's user can enter."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    folder.chmod(0o755)
    return folder


# ---- postgres/cluster ----

@pytest.fixture(name="cluster")
def fixture_cluster(place, late):
    """Runs the script on a folder of its own; what it started is stopped at the end."""
    folder = place / "trial"

    def act(action, *settings, folder=folder, status=0, **environment):
        # What init and start leave behind would keep a pipe open.
        log = place / "said.txt"
        with open(log, "w", encoding="utf-8") as stream:
            done = subprocess.run(
                [TOP / "deploy/postgres/cluster", action, folder, *settings],
                stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, timeout=280,
                check=False, env={**os.environ, **environment})
        said = log.read_text(encoding="utf-8")
        assert done.returncode == status, said
        return said.strip()
    late.callback(act, "stop")
    return act


def setting(url, name):
    """What the cluster behind a connection string has set, asked as vsl."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_user, current_setting(%s)", [name])
            user, value = cursor.fetchone()
            assert user == "vsl"
            return value
    finally:
        connection.close()


def test_cluster_in_every_documented_form(cluster):
    """A port of its own from init to url, which a later start keeps; values of any kind."""
    assert "make it with init" in cluster("start", status=1)
    assert "make it with init" in cluster("url", status=1)
    cluster("stop")  # where it runs
    cluster("status", status=4)
    cluster("init", "port=5544", "shared_buffers=32MB", "log_line_prefix=it's %m ")
    cluster("status")
    url = cluster("url")
    assert " port=5544 " in url
    assert setting(url, "port") == "5544"
    assert setting(url, "shared_buffers") == "32MB"
    assert setting(url, "log_line_prefix") == "it's %m "
    assert setting(url, "fsync") == "on" and setting(url, "data_checksums") == "on"
    cluster("init", "port=5545")  # it is there and runs: nothing changes
    cluster("start")
    assert cluster("url") == url
    cluster("stop")
    cluster("status", status=3)
    cluster("start", PGPORT="5999")
    assert cluster("url", PGPORT="5998") == url
    assert setting(url, "shared_buffers") == "32MB"
    cluster("stop")
    cluster("start", "port=5545", "shared_buffers=48MB")
    assert setting(cluster("url"), "shared_buffers") == "48MB"
    assert " port=5545 " in cluster("url")


def test_cluster_without_settings_in_a_long_folder(cluster, place):
    """The socket lies where its path is short enough; without a port it is 5432."""
    folder = place / ("long" * 25)
    try:
        cluster("init", folder=folder, PGPORT="5999")
        url = cluster("url", folder=folder)
        assert url.startswith("host=/tmp/vsl-socket-") and " port=5432 " in url
        assert setting(url, "port") == "5432"
    finally:
        cluster("stop", folder=folder)


def test_cluster_made_by_many_at_once(cluster, place):
    """One makes it, the others wait; also for an initdb whose script was killed."""
    words = [TOP / "deploy/postgres/cluster", "init", place / "trial", "shared_buffers=16MB"]
    making = place / "trial/data.making"
    with open(place / "many.txt", "w+", encoding="utf-8") as said:
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said,
                              stderr=said) as killed:
            wait_until(making.exists, "initdb has begun")
            killed.kill()
        many = [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
                for _ in range(3)]
        ended = [one.wait(timeout=280) for one in many]
        said.seek(0)
        assert ended == [0, 0, 0], said.read()
    assert setting(cluster("url"), "shared_buffers") == "16MB"
    cluster("stop")
    many = [subprocess.Popen([words[0], "start", words[2]], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [one.wait(timeout=280) for one in many] == [0, 0, 0]
    cluster("status")


@pytest.mark.parametrize("wrong, reason", [
    ("port", "SETTING=VALUE"), ("=5", "SETTING=VALUE"), ("a b=5", "SETTING=VALUE"),
    ("port=0", "1 to 65535"), ("port=65536", "1 to 65535"), ("port=x", "1 to 65535"),
    ("port=", "1 to 65535"), ("unix_socket_directories=/tmp", "follows from FOLDER")])
def test_cluster_refuses_settings_that_are_none(cluster, place, wrong, reason):
    assert reason in cluster("init", wrong, status=1)
    assert not (place / "trial").exists()
    assert "nothing else" in cluster("stop", "port=5544", status=1)


# ---- monitoring/check ----

def figures(**changed):
    """Rows as figures.sql gives them, all fine, but for some; None leaves one out."""
    rows = {name: "0\t5\t9" for name in FIGURES} | changed
    return "".join(
        f"{name}\t{row}\twhat it means\n" for name, row in rows.items() if row is not None)


def check_with(folder, rows, *, warning="", status=0):
    """What the check says when psql says this."""
    fake = folder / "psql"
    folder.mkdir()
    (folder / "rows").write_text(rows)
    fake.write_text(f"#!/bin/sh\ncat '{folder}/rows'\nprintf '%s' '{warning}' >&2\nexit {status}\n")
    fake.chmod(0o755)
    return run("monitoring/check", "dbname=any", PATH=f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("name, status, rows, psql", [
    ("fine", 0, figures(), {}),
    ("a limit reached", 1, figures(writers="5\t5\t9"), {}),
    ("another reached", 2, figures(writers="9\t5\t9"), {}),
    ("limits that are not set", 0, figures(writers="7\t\t", not_durable="7\t\t9"), {}),
    ("the only limit reached", 2, figures(writers="9\t\t9"), {}),
    ("nothing at all", 3, "", {}),
    ("one is missing", 3, figures(writers=None), {}),
    ("only a warning", 3, "WARNING:  database has a collation version mismatch\n", {}),
    ("a warning among them", 3, figures() + "WARNING:  a mismatch\n", {}),
    ("a warning apart", 0, figures(), {"warning": "WARNING:  a mismatch\n"}),
    ("a value that is null", 3, figures(writers="\t5\t9"), {}),
    ("a word", 3, figures(writers="many\t5\t9"), {}),
    ("a fraction", 3, figures(writers="1.5\t5\t9"), {}),
    ("an expression", 3, figures(writers="a[$(touch x)]\t5\t9"), {}),
    ("a limit that is none", 3, figures(writers="1\tfive\t9"), {}),
    ("one twice", 3, figures() + figures(), {}),
    ("a field too many", 3, figures(writers="1\t5\t9\t7"), {}),
    ("critical and unknown", 2, figures(writers="9\t5\t9", not_durable="x\t5\t9"), {}),
    ("a warning and unknown", 3, figures(writers="5\t5\t9", not_durable="x\t5\t9"), {}),
    ("not reached", 2, "", {"warning": "psql: error: connection refused\n", "status": 2}),
    ("cut off", 3, figures(), {"warning": "psql: ERROR:  canceled\n", "status": 3}),
    ("out of memory", 3, figures(), {"status": 1}),
    ("killed", 3, figures(), {"status": 137})])
def test_check_never_takes_unknown_for_fine(place, name, status, rows, psql):
    word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][status]
    got, said, messages = check_with(place / re.sub(r"\W", "_", name), rows, **psql)
    assert got == status and said.startswith(f"VSL {word} - "), said
    assert said.count("\n") == 1
    assert psql.get("warning", "") in messages
    if status == 0:
        assert f"all {len(FIGURES)} figures" in said


def test_check_without_psql_or_rights_is_unknown(place, own_cluster, make_database):
    database = make_database(own_cluster)
    own_cluster.query("postgres", "create role vsl_nothing login", user="postgres")
    with open(own_cluster.folder / "data/pg_ident.conf", "a", encoding="utf-8") as mapping:
        mapping.write("vsl root vsl_nothing\nvsl postgres vsl_nothing\n")
    own_cluster.query("postgres", "select pg_reload_conf()", user="postgres")
    url = f"host={own_cluster.socket} user=vsl_nothing dbname={database.name}"
    status, said, _ = run("monitoring/check", url)
    assert status == 3 and "permission denied" in said, said
    status, said, _ = run("monitoring/check", "host=/nonexistent")
    assert status == 2 and said.startswith("VSL CRITICAL - cannot reach the database"), said
    bare = place / "bare"
    bare.mkdir()
    for tool in ("bash", "sed", "dirname", "mktemp", "rm", "cat", "head", "timeout"):
        (bare / tool).symlink_to(f"/usr/bin/{tool}")
    status, said, _ = run("monitoring/check", url, PATH=str(bare))
    assert status == 3 and said.startswith("VSL UNKNOWN - "), said
