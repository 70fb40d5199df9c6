"""server.py: vsld processes for tests: start, wait until serving, kill, stop, and look at the log.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess

from client import Client
from ports import free_port
from waiting import DEADLINE_S, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VSL_BUILD", TOP / "build-tests"))

# What a sanitizer writes when it has found something.
SANITIZER = re.compile(r"(AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior).*")


class Server:
    """One vsld on one database. start() may be called again after the process has ended."""

    def __init__(self, protos, folder, url, settings=None, name="vsld"):
        self.protos = protos
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.port = free_port()
        self.settings = {
            "listen.address": f"127.0.0.1:{self.port}", "database.url": url, **(settings or {})}
        self.process = None
        self._runs = 0
        self.log_path = None
        self._clients = []

    @property
    def target(self):
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def config(self):
        """The file of its settings."""
        return self.folder / f"{self.name}.ini"

    def write_settings(self):
        """Writes the file; a process that runs reads it again on SIGHUP."""
        sections = {}
        for setting, value in self.settings.items():
            section, key = setting.split(".", 1)
            sections.setdefault(section, []).append(f"{key} = {value}")
        self.config.write_text("".join(
            f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items()))

    def start(self, fault=None, serving=True, **environment):
        """Starts the process. `fault`: name:n, where it will be killed. Waits until it serves."""
        assert self.process is None or self.process.poll() is not None, "it runs already"
        self.write_settings()
        self._runs += 1
        self.log_path = self.folder / f"{self.name}.{self._runs}.log"
        env = {**os.environ, **environment}
        env.pop("VSL_FAULT", None)
        if fault is not None:
            env["VSL_FAULT"] = fault
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "core/vsld", "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=env)
        if serving:
            self.wait_serving()
        return self

    def start_frugal(self):
        """Starts it so that its memory can be measured: what is freed is given back, by the
        sanitizer's allocator and by glibc's, which otherwise keeps blocks as large as the largest
        that was ever freed."""
        options = os.environ.get("ASAN_OPTIONS", "")
        return self.start(ASAN_OPTIONS=f"{options}:quarantine_size_mb=1:thread_local_quarantine_"
                                       "size_kb=64:allocator_release_to_os_interval_ms=100",
                          MALLOC_MMAP_THRESHOLD_="131072", MALLOC_TRIM_THRESHOLD_="131072")

    def log(self):
        """What the present or last process has logged."""
        return self.log_path.read_text(errors="replace")

    def connect(self, **options):
        """A client of this server, closed with it."""
        client = Client(self.protos, self.target, **options)
        self._clients.append(client)
        return client

    def health(self, service=""):
        """What a fresh connection is told."""
        with Client(self.protos, self.target) as client:
            return client.health(service)

    def wait_serving(self, deadline_s=DEADLINE_S):
        """Waits until health says SERVING; fails at once when the process ends instead."""
        self.wait_listening(deadline_s)
        with Client(self.protos, self.target) as client:
            def serving():
                self._check_alive()
                return client.health() == "SERVING"
            wait_until(serving, f"{self.name} to serve\n{self.log()}", deadline_s)

    def wait_socket(self, path):
        """Waits until a Unix socket takes connections."""
        def listening():
            self._check_alive()
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(str(path)) == 0
        wait_until(listening, f"{self.name} to listen on its socket\n{self.log()}")

    def wait_listening(self, deadline_s=DEADLINE_S):
        """Waits until the port takes connections: a channel that is refused once pauses long."""
        def listening():
            self._check_alive()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        wait_until(listening, f"{self.name} to listen\n{self.log()}", deadline_s)

    def _check_alive(self):
        assert self.process.poll() is None, (
            f"{self.name} ended with {self.process.returncode}:\n{self.log()}")

    def wait_log(self, pattern, deadline_s=DEADLINE_S):
        """Waits until the log has a line that matches."""
        return wait_until(lambda: re.search(pattern, self.log(), re.MULTILINE),
                          f"{pattern!r} in the log of {self.name}", deadline_s)

    def wait_end(self, deadline_s=DEADLINE_S):
        """Waits until the process has ended, and gives its exit status (-9: killed)."""
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"{self.name} did not end within {deadline_s:g} s:\n{self.log()}") from None

    def is_running(self):
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9, and proof that it died of that."""
        self.process.send_signal(signal.SIGKILL)
        assert self.wait_end() == -signal.SIGKILL

    def terminate(self):
        """Graceful stop; gives the exit status."""
        with contextlib.ExitStack() as stack:
            for client in self._clients:
                stack.enter_context(client.listening())
            self.process.send_signal(signal.SIGTERM)
            return self.wait_end()

    def memory_bytes(self):
        """Resident memory of the process."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def close(self):
        """Ends what still runs; fails when a sanitizer had something to say in any run."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} had to be killed:\n{self.log()}") from None
        for path in sorted(self.folder.glob(f"{self.name}.*.log")):
            found = SANITIZER.search(path.read_text(errors="replace"))
            assert found is None, f"{path}: {path.read_text(errors='replace')[-6000:]}"
