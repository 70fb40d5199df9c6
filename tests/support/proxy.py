"""proxy.py: a TCP proxy before PostgreSQL's Unix socket that can cut its clients off.

Packets can vanish without a word (as when a cable is pulled), or connections are closed and new
ones refused (as when a machine's process has ended).

SPDX-License-Identifier: Apache-2.0
"""
import selectors
import socket
import threading

BYTES = 65536


class Proxy:
    """Hands bytes on between clients on a port of 127.0.0.1 and a Unix socket."""

    def __init__(self, path):
        self._path = str(path)
        self._selector = selectors.DefaultSelector()
        self._pairs = {}
        self._lock = threading.Lock()
        self._is_ended = False
        self._swallows = False
        self.swallowed_bytes = 0
        self.closed_connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def url(self, database):
        """The libpq connection string that leads through it."""
        return f"host=127.0.0.1 port={self.port} user=vsl dbname={database}"

    # ---- what can be done to its clients ----

    def swallow(self):
        """From now on nothing gets through, and nobody is told; new connections get no answer."""
        with self._lock:
            self._swallows = True

    def cut(self):
        """Closes every connection and refuses new ones."""
        with self._lock:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
            self._close_all()

    def heal(self):
        """What was cut off is gone; new connections get through again."""
        with self._lock:
            self._swallows = False
            self._close_all()
            if self._listener is None:
                self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
                self._selector.register(self._listener, selectors.EVENT_READ)

    def close(self):
        """Ends it."""
        self._is_ended = True
        self._thread.join()
        with self._lock:
            self._close_all()
            if self._listener is not None:
                self._listener.close()
        self._selector.close()

    # ---- inside ----

    def _close_all(self):
        self.closed_connections += len(self._pairs) // 2
        for one in list(self._pairs):
            self._close_one(one)

    def _close_one(self, one):
        self._pairs.pop(one, None)
        try:
            self._selector.unregister(one)
        except (KeyError, ValueError):
            pass
        one.close()

    def _run(self):
        while not self._is_ended:
            ready = self._selector.select(0.05)
            with self._lock:
                for key, _ in ready:
                    if key.fileobj is self._listener:
                        self._accept()
                    elif key.fileobj in self._pairs:
                        self._hand_on(key.fileobj)

    def _accept(self):
        client, _ = self._listener.accept()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._path)
        except OSError:
            client.close()
            server.close()
            return
        for one, other in ((client, server), (server, client)):
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _hand_on(self, one):
        other = self._pairs[one]
        try:
            data = one.recv(BYTES)
        except OSError:
            data = b""
        if self._swallows:
            # The other side does not learn of an end either.
            self.swallowed_bytes += len(data)
            if not data:
                self._selector.unregister(one)
            return
        try:
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        self._close_one(one)
        self._close_one(other)
