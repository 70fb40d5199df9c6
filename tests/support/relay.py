"""relay.py: stands between a tool and a server, and stops at a chosen byte.

SPDX-License-Identifier: Apache-2.0
"""
import socket
import threading


class Relay:
    """Passes connections on to a port. When so many bytes went one way, `on_limit` is called once,
    before the next byte is passed: what the limit cuts off never arrives."""

    def __init__(self, port):
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.target = f"127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._limit = self._on_limit = None
        self._is_closing = False
        self.passed = {"to": 0, "from": 0}
        self._sockets = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        """Cuts everything."""
        self._is_closing = True
        # Wakes the thread that accepts.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.cut()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()
        self._listener.close()

    def cut(self):
        """Closes the connections that there are."""
        with self._lock:
            for one in self._sockets:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def begin(self, way=None, limit=None, on_limit=None):
        """Counts from 0. `way` is "to" the server or "from" it."""
        with self._lock:
            self.passed = {"to": 0, "from": 0}
            self._limit, self._on_limit = (way, limit), on_limit

    def _accept(self):
        while True:
            client, _ = self._listener.accept()
            if self._is_closing:
                client.close()
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            with self._lock:
                self._sockets += [client, server]
            for pair in ((client, server, "to"), (server, client, "from")):
                thread = threading.Thread(target=self._pass, args=pair, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _take(self, way, count):
        """How many of the bytes may pass; calls on_limit when it is reached."""
        with self._lock:
            on_limit = None
            if self._on_limit and self._limit[0] == way:
                room = self._limit[1] - self.passed[way]
                if count >= room:
                    count = max(room, 0)
                    on_limit, self._on_limit = self._on_limit, None
            self.passed[way] += count
            return count, on_limit

    def _pass(self, source, sink, way):
        try:
            while piece := source.recv(65536):
                count, on_limit = self._take(way, len(piece))
                sink.sendall(piece[:count])
                if on_limit:
                    on_limit()
                    break
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
