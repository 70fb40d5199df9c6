"""conftest.py: what the Python tests share: a PostgreSQL cluster, databases, servers, tools.

A worker (pytest -n) has one cluster and one migrated template database; every test gets a copy of
the template, so that tests do not see each other. VSL_BUILD names the build to test, VSL_SCRATCH a
folder that PostgreSQL's user can enter.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import functools
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from callers import House, tls_settings
from certificates import Authority
from cluster import SETTINGS, Cluster, has_room
from protos import Protos
from server import BUILD, Server

TOP = pathlib.Path(__file__).resolve().parents[1]
DATA = TOP.parent / "shared/data"

_numbers = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


@pytest.fixture(scope="session", name="scratch")
def fixture_scratch():
    """A folder of this worker, removed at the end unless VSL_KEEP is set."""
    base = os.environ.get("VSL_SCRATCH", "/var/tmp")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vsl-py.", dir=base))
    folder.chmod(0o755)
    yield folder
    if not os.environ.get("VSL_KEEP"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", name="protos")
def fixture_protos(scratch):
    """The generated Python modules of the protos."""
    return Protos(scratch / "protos")


class Tools:
    """The command line tools."""

    def __init__(self, build):
        self.build = build

    def path(self, name):
        """Where a tool was built."""
        return self.build / "tools" / name / name

    def run(self, name, *arguments, status=0, timeout=120, **options):
        """Runs a tool to its end; its exit status must be `status`, None: whatever it is. Gives
        what it printed."""
        done = subprocess.run(
            [self.path(name), *map(str, arguments)], stdin=subprocess.DEVNULL, text=True,
            capture_output=True, timeout=timeout, check=False, **options)
        assert status in (None, done.returncode), (
            f"{name} {arguments}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def vslctl(self, *arguments, **options):
        """Runs vslctl."""
        return self.run("vslctl", *arguments, **options)

    def check_database(self, url):
        """sql/checks finds nothing, and the chain of digests holds."""
        self.vslctl("check", "--database", url)
        self.vslctl("verify", "--database", url)


@pytest.fixture(scope="session", name="tools")
def fixture_tools():
    """vslctl and its like."""
    return Tools(BUILD)


SEGMENT_COMMANDS = 1_000
# Sizes may differ, so they are small: later ones are as large as a server's settings say. A server
# wants room for its largest batch, too, or makes one more: a tenth of a second of each start.
SMALL_SEGMENTS = (SEGMENT_COMMANDS,) * 3
ROOMY_SEGMENTS = (SEGMENT_COMMANDS, SEGMENT_COMMANDS, 8 * SEGMENT_COMMANDS)


def _migrated_template(cluster, tools, sizes):
    """Half of a first start is to make segments: copies of it need none."""
    made = cluster.create_database()
    tools.vslctl("migrate", "--database", cluster.url(made))
    last = 0
    for size in sizes:
        cluster.query(made, "select vsl.make_segment(%s, %s)", (last + 1, last + size))
        last += size
    return made


def _migrated_cluster(folder, tools, settings=None):
    made = Cluster(folder, settings)
    made.template = _migrated_template(made, tools, SMALL_SEGMENTS)
    return made


@pytest.fixture(scope="session", name="cluster")
def fixture_cluster(scratch, tools):
    """The worker's cluster; tests must leave it running. It does not sync: what is written
    outlives killed processes, and nobody cuts the power of this machine. Nor does it vacuum: with
    a hundred databases of ended tests it would begin in another one all the time."""
    made = _migrated_cluster(scratch / "pg", tools, [*SETTINGS, "fsync=off", "autovacuum=off"])
    made.roomy_template = _migrated_template(made, tools, ROOMY_SEGMENTS)
    yield made
    made.end()


@pytest.fixture(name="late")
def fixture_late():
    """What is to be done after the servers of a test have ended: an ExitStack."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(name="own_cluster")
def fixture_own_cluster(scratch, tools, late):
    """A cluster of this test alone, which it may kill."""
    made = _migrated_cluster(scratch / f"pg{next(_numbers)}", tools)
    if not os.environ.get("VSL_KEEP") and not has_room(made.folder):
        late.callback(shutil.rmtree, made.folder, ignore_errors=True)
    late.callback(made.end)
    return made


class Database:
    """A migrated database of one test."""

    def __init__(self, cluster, template=None):
        self.cluster = cluster
        self.name = cluster.create_database(template or cluster.template)
        self.url = cluster.url(self.name)

    def query(self, sql, parameters=None, user="vsl"):
        """Rows of one statement."""
        return self.cluster.query(self.name, sql, parameters, user)

    def one(self, sql, parameters=None):
        """The only value of the only row."""
        return self.query(sql, parameters)[0][0]


@functools.lru_cache(None)
def _is_about_segments(file):
    return "segment" in pathlib.Path(file).read_text(encoding="utf-8")


@pytest.fixture(name="database")
def fixture_database(request, cluster, late):
    """An empty migrated database; with small segments for tests that say something of them."""
    is_small = _is_about_segments(request.module.__file__)
    made = Database(cluster, cluster.template if is_small else cluster.roomy_template)
    late.callback(cluster.leave_database, made.name)
    return made


@pytest.fixture(name="make_database")
def fixture_make_database():
    """Makes an empty migrated database in a given cluster."""
    return Database


@pytest.fixture(name="make_server")
def fixture_make_server(scratch, protos, late):  # pylint: disable=unused-argument
    """Makes servers (not started) that are stopped at the end of the test, before `late`."""
    made = []

    def make(url, settings=None, name=None):
        server = Server(protos, scratch / f"server{next(_numbers)}", url, settings,
                        name or f"vsld{len(made) + 1}")
        made.append(server)
        return server

    yield make
    failed = []
    for server in made:
        try:
            server.close()
        except AssertionError as error:
            failed.append(str(error))
    assert not failed, "\n".join(failed)


@pytest.fixture(name="server")
def fixture_server(make_server, database):
    """A server on the test's database, serving."""
    return make_server(database.url).start()


@pytest.fixture(name="checked")
def fixture_checked(server, database, tools):  # pylint: disable=unused-argument
    """After the test the checks of the books find nothing. For modules whose tests move money:
    pytestmark = pytest.mark.usefixtures("checked")."""
    yield
    tools.check_database(database.url)


@pytest.fixture(name="client")
def fixture_client(server):
    """A client of that server."""
    return server.connect()


@pytest.fixture(scope="session", name="authority")
def fixture_authority(scratch):
    """A certificate authority."""
    return Authority(scratch / "certificates", "vsl test authority")


@pytest.fixture(name="house")
def fixture_house(make_server, database, authority):
    """A server that asks for certificates, with small segments; see House."""
    server = make_server(database.url, {**tls_settings(authority, "chief"),
                                        "journal.segment_commands": "1000"})
    server.start(serving=False)
    server.wait_listening()
    return House(server, authority)


@pytest.fixture(scope="session", name="shared_data")
def fixture_shared_data():
    """The folder of real input beside the clone; the test is skipped where there is none."""
    if not DATA.is_dir():
        pytest.skip(f"no real input: {DATA} does not exist")
    return DATA
