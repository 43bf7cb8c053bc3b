"""The process's one connection to a gateway, made when it is first needed."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any

from martlet.gateway.attached import ADDRESS_VARIABLE, AttachedGateway
from martlet.gateway.private import PrivateGateway
from martlet.util.exceptions import GatewayError

__all__ = ["Connection", "current_connection"]

_lock = threading.Lock()  # guards _connection
_connection: Connection | None = None


class Connection:
    """A gateway and the py4j client for it.

    The gateway is started on construction and not waited for; the client connects when the first
    object is asked for.
    """

    def __init__(self) -> None:
        address = os.environ.get(ADDRESS_VARIABLE)
        self.gateway: PrivateGateway | AttachedGateway
        self.gateway = AttachedGateway(address) if address else PrivateGateway()
        self._owner = os.getpid()
        self._lock = threading.Lock()  # guards _client
        self._client: Any = None

    def java_class(self, name: str) -> Any:
        """The runtime's class ``martlet.<name>``: called, it makes an object."""
        return getattr(self._connected().jvm.martlet, name)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                from martlet.gateway.client import connect

                gateway = self.gateway
                gateway.wait_until_ready()
                self._client = connect(
                    gateway.address, gateway.port, gateway.token, gateway.ssl_context
                )
            return self._client

    def explain_loss(self) -> GatewayError:
        """What to raise when the gateway does not answer any more."""
        end = self.gateway.describe_end()
        if end is not None:
            self._silence()
            return GatewayError(f"the connection to the gateway was lost: {end}")
        where = f"{self.gateway.address}:{self.gateway.port}"
        return GatewayError(f"no gateway answers at {where}")

    def abandon(self) -> None:
        """Lets go of everything in a fork of the process, without a word to the gateway.

        What a fork shares with its parent are the sockets and the pipe whose end ends the gateway:
        they are closed here, and no object of the parent's is released.
        """
        self.gateway.abandon()
        client = self._silence()
        if client is not None:
            while client.deque:
                client.deque.pop().socket.close()

    def _silence(self) -> Any:
        """Makes objects that are collected from now on go without a word; py4j's client."""
        if self._client is None:
            return None
        client = self._client._gateway_client
        client.garbage_collect_object = lambda *args, **kwargs: None
        return client

    def close(self) -> None:
        """Ends the gateway if it is this process's own; a daemon is left alone."""
        if os.getpid() != self._owner:
            return
        if self._silence() is not None:
            try:
                self._client.close()
            except Exception:  # the sockets may be gone, which is as good
                pass
        self.gateway.close()


def current_connection() -> Connection:
    """The connection of this process: the first, or another one if its gateway has ended."""
    global _connection
    with _lock:
        if _connection is None or _connection.gateway.has_ended():
            _connection = Connection()
            atexit.register(_connection.close)
        return _connection


def _after_fork() -> None:
    global _connection, _lock
    _lock = threading.Lock()  # the parent's may have been held
    connection, _connection = _connection, None
    if connection is not None:
        connection.abandon()


os.register_at_fork(after_in_child=_after_fork)


def reset() -> None:
    """Ends the process's gateway, if there is one; the next use starts another."""
    global _connection
    with _lock:
        connection, _connection = _connection, None
    if connection is not None:
        connection.close()
        atexit.unregister(connection.close)
