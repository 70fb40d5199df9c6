"""broker.py: a RabbitMQ of one test's own (ports, names and folders), and a consumer that keeps the
rules for who reads what vslrelay publishes.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import signal
import socket
import subprocess
import time

import pika

from ports import free_port
from waiting import wait_until

# The package's wrapper in /usr/sbin wants to be root or rabbitmq; the scripts themselves do not.
SCRIPTS = sorted(pathlib.Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin"))
EPMD = sorted(pathlib.Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
USER, PASSWORD = "relay", "not-a-secret"


class Broker:
    """A broker, started; start() may be called again after kill()."""

    def __init__(self, folder, authority=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port, self.tls_port, node_port, epmd_port = (free_port() for _ in range(4))
        self.pid = None
        settings = [f"listeners.tcp.1 = 127.0.0.1:{self.port}", f"default_user = {USER}",
                    f"default_pass = {PASSWORD}", "loopback_users = none", "log.console = false",
                    "log.file.level = info", "disk_free_limit.absolute = 10MB",
                    "auth_mechanisms.1 = PLAIN", "auth_mechanisms.2 = EXTERNAL"]
        plugins = ""
        if authority:
            certificate, key = authority.sign("localhost")
            settings += [f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                         f"ssl_options.cacertfile = {authority.certificate}",
                         f"ssl_options.certfile = {certificate}",
                         f"ssl_options.keyfile = {key}", "ssl_options.verify = verify_peer",
                         "ssl_options.fail_if_no_peer_cert = true",
                         "ssl_cert_login_from = common_name"]
            plugins = "rabbitmq_auth_mechanism_ssl"
        (self.folder / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
        (self.folder / "plugins").write_text(f"[{plugins}].\n")
        self.environment = {
            **os.environ, "HOME": str(self.folder), "ERL_EPMD_PORT": str(epmd_port),
            "RABBITMQ_NODENAME": f"vsl{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(node_port),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface "
                                                   "{127,0,0,1}"}
        # In the foreground, so that it ends with the test; the script would leave one behind.
        self._epmd = subprocess.Popen(
            [EPMD[-1], "-port", str(epmd_port), "-address", "127.0.0.1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._script = None
        self.start()

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _has_pid(self):
        try:
            return int((self.folder / "pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def start(self):
        """Starts the node, and waits until it takes connections."""
        (self.folder / "pid").unlink(missing_ok=True)
        with open(self.folder / "console.log", "ab") as log:
            self._script = subprocess.Popen(
                [SCRIPTS[-1] / "rabbitmq-server"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=self.environment, start_new_session=True)

        def is_up():
            assert self._script.poll() is None, (self.folder / "console.log").read_text()
            return self._listens() and self._has_pid()
        self.pid = wait_until(is_up, "the broker to take connections", 120)
        return self

    def ctl(self, *arguments):
        """rabbitmqctl; gives what it prints."""
        done = subprocess.run([SCRIPTS[-1] / "rabbitmqctl", *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def kill(self):
        """kill -9 of the node."""
        os.kill(self.pid, signal.SIGKILL)
        self._script.wait(60)

    def stop(self):
        """Ends node and epmd."""
        if self._script.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
            try:
                self._script.wait(60)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, signal.SIGKILL)
                self._script.wait(60)
        self._epmd.terminate()
        self._epmd.wait(20)

    @property
    def url(self):
        """As vslrelay takes it."""
        return f"amqp://127.0.0.1:{self.port}"

    def connect(self):
        """A connection of pika."""
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", self.port, credentials=pika.PlainCredentials(USER, PASSWORD),
            heartbeat=0, socket_timeout=20, blocked_connection_timeout=60))

    def declare(self, queue, **arguments):
        """A durable queue."""
        connection = self.connect()
        connection.channel().queue_declare(
            queue, durable=True,
            arguments={name.replace("_", "-"): value for name, value in arguments.items()})
        connection.close()
        return queue

    def depth(self, queue):
        """How many messages wait in a queue."""
        connection = self.connect()
        count = connection.channel().queue_declare(queue, passive=True).method.message_count
        connection.close()
        return count


class Reader:
    """Takes messages as a consumer should: by message_id and vsl-previous, see vslrelay --help."""

    def __init__(self, previous="vsl-previous"):
        self.previous = previous
        self.position = 0
        self.taken = []
        self.repeated = self.gaps = 0

    def take(self, properties, body):
        """One message."""
        sequence = int(properties.message_id)
        if sequence <= self.position:
            self.repeated += 1
        elif properties.headers[self.previous] > self.position:
            self.gaps += 1
        else:
            self.position = sequence
            self.taken.append((sequence, properties, body))

    def read(self, broker, queue, last, deadline_s=120, pause_s=0, prefetch=200):
        """Reads up to the message `last`; begins again when the broker dies meanwhile."""
        ends = time.monotonic() + deadline_s
        while self.position < last:
            assert time.monotonic() < ends, f"read up to {self.position} of {last} only"
            try:
                connection = broker.connect()
                channel = connection.channel()
                channel.basic_qos(prefetch_count=prefetch)
                for method, properties, body in channel.consume(queue, inactivity_timeout=0.5):
                    if method:
                        self.take(properties, body)
                        channel.basic_ack(method.delivery_tag)
                        time.sleep(pause_s)
                    if self.position >= last or time.monotonic() > ends:
                        break
                channel.cancel()
                connection.close()
            except (pika.exceptions.AMQPError, OSError):
                time.sleep(0.1)
        return self

    def entries(self, protos):
        """The entries that were taken."""
        return [protos.journal.JournalEntry.FromString(body) for _, _, body in self.taken]
