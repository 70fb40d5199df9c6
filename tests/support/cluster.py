"""cluster.py: a private PostgreSQL cluster for tests, made by deploy/postgres/cluster.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import psycopg2

from waiting import wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]

# Small and quick to start; what concerns durability stays as it is in deploy/postgres/vsl.conf.
SETTINGS = [
    "shared_buffers=64MB",
    "wal_buffers=4MB",
    "min_wal_size=80MB",
    "max_wal_size=512MB",
    "max_connections=100",
]

LEFT_MAX = 20  # databases that wait to be dropped, of some 15 MB each
FREE_BYTES_MIN = 20 << 30


def is_alive(process_id):
    """Whether a process exists. One that has died but was not waited for yet still does, also for
    PostgreSQL, which would not start beside it."""
    return pathlib.Path(f"/proc/{process_id}").exists()


def has_room(folder):
    """Whether what is not needed any more may stay until all tests are over: on a disk with room,
    never in memory."""
    return (not pathlib.Path(folder).is_relative_to("/dev/shm")
            and shutil.disk_usage(folder).free > FREE_BYTES_MIN)


class Cluster:
    """A running cluster in a folder of its own."""

    def __init__(self, folder, settings=None):
        self.folder = pathlib.Path(folder)
        self._settings = SETTINGS if settings is None else settings
        self._run("init", *self._settings)
        self.socket = self._run("url").split()[0].removeprefix("host=")
        self._databases = 0
        self._left = []

    def _run(self, action, *settings):
        # Only what ends at once gets a pipe: the server that is started would keep it open.
        made = subprocess.run(
            [TOP / "deploy/postgres/cluster", action, self.folder, *settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if action == "url" else None,
            text=True, check=False, timeout=300)
        assert made.returncode == 0, f"cluster {action}: exit status {made.returncode}"
        return made.stdout

    def url(self, database):
        """The libpq connection string of one of its databases."""
        return f"host={self.socket} user=vsl dbname={database}"

    def connect(self, database, user="vsl"):
        """A psycopg2 connection that commits each statement."""
        connection = psycopg2.connect(host=self.socket, user=user, dbname=database)
        connection.autocommit = True
        return connection

    def query(self, database, sql, parameters=None, user="vsl"):
        """Rows of one statement."""
        connection = self.connect(database, user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def create_database(self, template="template0"):
        """Makes a database and gives its name."""
        self._databases += 1
        name = f"vsl_{self._databases}"
        self.query("postgres", f"create database {name} owner vsl template {template}"
                   " strategy file_copy", user="postgres")
        return name

    def drop_database(self, name):
        """Drops a database, whoever is connected."""
        self.query("postgres", f"drop database {name} with (force)", user="postgres")

    def leave_database(self, name):
        """Drops a database that nobody needs any more: at some time, with others, and not at all
        while the disk has room. ext4 gives no inode away that was deleted minutes ago, and looks
        at each of them whenever a file is made: that took a third of the time of all tests."""
        self._left.append(name)
        if len(self._left) >= LEFT_MAX and not has_room(self.folder):
            for left in self._left:
                self.drop_database(left)
            self._left.clear()

    def postmaster_id(self):
        """Process id of the postmaster."""
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def kill(self):
        """kill -9 of the postmaster and everything under it, as a crash of the machine would."""
        postmaster = self.postmaster_id()
        task = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}")
        children = (task / "children").read_text().split()
        os.kill(postmaster, signal.SIGKILL)
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in [postmaster, *children]:
            wait_until(lambda p=process: not is_alive(p), f"death of PostgreSQL process {process}")

    def start(self):
        """Starts it again; it recovers from its WAL."""
        self._run("start", *self._settings)

    def stop(self):
        """Stops it in order."""
        self._run("stop")

    def end(self):
        """Stops one that nobody will start again: at once, without writing what it has."""
        if (self.folder / "data/postmaster.pid").exists():
            postmaster = self.postmaster_id()
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster, signal.SIGQUIT)
            wait_until(lambda: not is_alive(postmaster), "the end of PostgreSQL")
