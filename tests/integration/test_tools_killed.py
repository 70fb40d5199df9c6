"""Tools that write, killed at a random instant and run again by the same words: as if never killed.

Each row of the table knows how to begin, what is run, and what is compared with an undisturbed run.
(Tools that speak to the server, and backup and identity, are killed in tests of their own.)

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

import pytest

from server import TOP

KILLS = 3
POSTGRES_BIN = "/usr/lib/postgresql/15/bin"


class Kept:
    """What a tool writes: `begin` makes a place as it was before, `state` tells what is there."""

    def __init__(self, tools, database, cluster, scratch):
        self.tools = tools
        self.database = database
        self.cluster = cluster
        self.folder = scratch / f"killed-{database.name}"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.places = 0

    def ctl(self, *words):
        """The words of a vslctl."""
        return [self.tools.path("vslctl"), *map(str, words)]

    def place(self):
        """A new name."""
        self.places += 1
        return self.folder / f"p{self.places}"

    def run(self, words):
        """To its end, which must be a good one; gives the seconds."""
        began = time.monotonic()
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=120, check=False)
        assert done.returncode == 0, done.stdout
        return time.monotonic() - began


class Ring(Kept):
    """key new: one key more, or none, never a part of one."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.ring = None

    def begin(self):
        """An old key is in it."""
        self.ring = self.place()
        self.run(self.ctl("key", "new", "--keys", self.ring, "--purpose", "seal"))
        self.before = self.ring.read_text()
        return self.words()

    def words(self):
        """The command."""
        return self.ctl("key", "new", "--keys", self.ring, "--purpose", "anchor-sign")

    def interrupted(self):
        """Good to read, and nothing is lost, whenever it was killed."""
        assert self.ring.read_text().startswith(self.before)
        self.run(self.ctl("key", "list", "--keys", self.ring))

    def state(self):
        """Kinds of keys; one more when the kill came after the deed."""
        self.interrupted()
        assert self.ring.stat().st_mode & 0o777 == 0o600
        return {line.split()[1] for line in self.ring.read_text().splitlines()[1:]}


class Rotation(Ring):
    """key rotate."""

    def words(self):
        return self.ctl("key", "rotate", "--keys", self.ring)


class Adoption(Kept):
    """key adopt: the ring says up to which batch."""

    def begin(self):
        """A ring without a word about this journal."""
        self.ring = self.place()
        self.run(self.ctl("key", "new", "--keys", self.ring))
        as_owner = self.database.url.replace("user=vsl", "user=postgres")
        return self.ctl("key", "adopt", "--database", as_owner, "--keys", self.ring)

    def interrupted(self):
        """It can be read."""
        self.run(self.ctl("key", "list", "--keys", self.ring))

    def state(self):
        """What it says of the journal, but for the time, and that the journal holds by it."""
        self.run(self.ctl("verify", "--database", self.database.url, "--keys", self.ring))
        return {tuple(line.split()[:4]) for line in self.ring.read_text().splitlines()
                if line.startswith("adopted ")}


class Anchor(Kept):
    """anchor: a file is there as a whole or not at all."""

    def begin(self):
        """An empty folder."""
        self.anchors = self.place()
        self.anchors.mkdir()
        ring = self.folder / "anchors.ring"
        if not ring.exists():
            self.run(self.ctl("key", "new", "--keys", ring, "--purpose", "anchor-sign"))
            self.public = self.folder / "public.pem"
            self.public.write_text(self.tools.vslctl("key", "public", "--keys", ring).stdout)
        return self.ctl("anchor", "--database", self.database.url, "--keys", ring, "--folder",
                        self.anchors)

    def interrupted(self):
        """Whatever bears an anchor's name is one."""
        for path in self.anchors.glob("anchor-*"):
            if re.fullmatch(r"anchor-\d+-[0-9a-f]{8}-key\d+", path.name):
                self.run(self.ctl("verify", "--database", self.database.url, "--anchor", path,
                                  "--anchor-key", self.public))

    def state(self):
        """Names of what is there."""
        self.interrupted()
        return sorted(path.name for path in self.anchors.iterdir())


class Migration(Kept):
    """migrate: an empty database gets the whole schema."""

    def begin(self):
        """A new database."""
        self.name = self.cluster.create_database()
        return self.ctl("migrate", "--database", self.cluster.url(self.name))

    def interrupted(self):
        """Every migration is a transaction."""

    def state(self):
        """The schema as pg_dump has it."""
        self.run(self.ctl("check", "--database", self.cluster.url(self.name)))
        dump = subprocess.run([f"{POSTGRES_BIN}/pg_dump", "-s", "-d", self.cluster.url(self.name)],
                              capture_output=True, text=True, check=True).stdout
        self.cluster.leave_database(self.name)
        return re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)


class Making(Kept):
    """deploy/postgres/cluster init."""

    def begin(self):
        """No folder."""
        self.made = self.place()
        return [TOP / "deploy/postgres/cluster", "init", self.made, "shared_buffers=16MB"]

    def interrupted(self):
        """The next init sees for itself."""

    def state(self):
        """It runs, with what it was given; it is stopped and removed."""
        try:
            said = subprocess.run(
                [TOP / "deploy/postgres/cluster", "url", self.made], check=True, text=True,
                stdout=subprocess.PIPE).stdout.strip()
            return subprocess.run(
                ["psql", "-XAt", said, "-c", "select current_user, current_database(), "
                 "current_setting('shared_buffers'), current_setting('data_checksums')"],
                check=True, text=True, stdout=subprocess.PIPE).stdout
        finally:
            subprocess.run([TOP / "deploy/postgres/cluster", "stop", self.made], check=True,
                           stdout=subprocess.DEVNULL)
            shutil.rmtree(self.made)


class Rehearsal(Kept):
    """deploy/backup/rehearse: its copy runs, and is gone when the next one begins."""

    def begin(self):
        """A backup, made once."""
        self.backup = self.folder / "backup"
        if not self.backup.exists():
            self.run([TOP / "deploy/backup/backup",
                      f"host={self.cluster.socket} user=postgres", self.backup])
            self.first = self.scratches()
        return ["env", f"PGDATABASE={self.database.name}", TOP / "deploy/backup/rehearse",
                self.backup, self.tools.path("vslctl")]

    @staticmethod
    def scratches():
        """Folders of rehearsals."""
        return set(pathlib.Path("/var/tmp").glob("vsl-rehearsal.*"))

    def interrupted(self):
        """The backup is as it was."""
        assert not (self.backup / "postmaster.pid").exists()

    def state(self):
        """Nothing is left of it."""
        left = self.scratches() - self.first
        running = subprocess.run(["pgrep", "-af", "/var/tmp/vsl-rehearsal"], check=False, text=True,
                                 stdout=subprocess.PIPE).stdout
        return left, [line for line in running.splitlines()
                      if not any(str(folder) in line for folder in self.first)]


def killed_after(words, seconds):
    """Runs a tool and kills it and all that it began; whether it was killed."""
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def kill_and_run_again(kept, kills, dice):
    """The end is that of a run that nobody killed."""
    words = kept.begin()
    whole_s = kept.run(words)
    wanted = kept.state()
    killed = 0
    for number in range(kills * 5):
        words = kept.begin()
        killed += killed_after(words, dice.uniform(0, whole_s))
        kept.interrupted()
        # The first run may have been on a busier machine.
        whole_s = min(whole_s, kept.run(words))
        assert kept.state() == wanted, number
        if killed == kills:
            break
    assert killed > 0


def seeded():
    """A dice whose seed is told."""
    seed = int(os.environ.get("VSL_SEED", random.randrange(1 << 32)))
    print(f"VSL_SEED={seed}")
    return random.Random(seed)


@pytest.mark.parametrize("kind, kills", [
    (Ring, KILLS), (Rotation, KILLS), (Adoption, KILLS), (Anchor, KILLS), (Migration, KILLS),
    (Making, 2)], ids=lambda one: getattr(one, "__name__", ""))
def test_killed_and_run_again(kind, kills, server, tools, database, cluster, scratch):
    """Whatever works on a database, or makes a cluster."""
    server.connect().open_platform(6401)
    assert server.terminate() == 0
    kill_and_run_again(kind(tools, database, cluster, scratch), kills, seeded())


def test_rehearsal_is_killed_and_run_again(make_server, own_cluster, make_database, tools, scratch):
    """A backup is one of a whole cluster: of one with little in it."""
    database = make_database(own_cluster)
    server = make_server(database.url).start()
    server.connect().open_platform(6402)
    assert server.terminate() == 0
    kill_and_run_again(Rehearsal(tools, database, own_cluster, scratch), 2, seeded())
