"""py4j's client, with its ways of failing made ours.

py4j logs at length what goes wrong, makes an empty answer of a lost connection, and sends a command
again that may have been carried out. Here, a failure is one exception.
"""

from __future__ import annotations

import logging
import ssl
from typing import Any

from py4j.java_gateway import GatewayClient, GatewayParameters, JavaGateway
from py4j.protocol import ERROR_ON_SEND, Py4JNetworkError

__all__ = ["connect"]


def connect(address: str, port: int, token: str, ssl_context: ssl.SSLContext | None = None) -> Any:
    """A client of the gateway at the given place; connections are made as calls need them."""
    logger = logging.getLogger("py4j")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)
    return _Gateway(
        gateway_parameters=GatewayParameters(
            address=address,
            port=port,
            auth_token=token,
            ssl_context=ssl_context,
            auto_convert=True,
        )
    )


class _Client(GatewayClient):  # type: ignore[misc]
    """Sends commands; one that may have arrived is not sent again."""

    def send_command(self, command: str, retry: bool = True, binary: bool = False) -> Any:
        if binary:
            return super().send_command(command, retry, binary)
        connection = self._get_connection()
        try:
            response = connection.send_command(command)
        except BaseException as error:
            # Also when Ctrl-C interrupts it: the answer that is to come is nobody's.
            try:
                if not isinstance(error, Exception):
                    self._stay_connected()
            finally:
                connection.close(False)
            if (
                retry
                and isinstance(error, Py4JNetworkError)
                and error.when == ERROR_ON_SEND  # the connection had been closed meanwhile
            ):
                return self.send_command(command, retry=False)
            raise
        self._give_back_connection(connection)
        return response

    def _stay_connected(self) -> None:
        """Sees to it that a connection is left: a daemon lets go of a client that has none."""
        if not self.deque:
            try:
                self._give_back_connection(self._create_connection())
            except Exception:  # the gateway is gone, and the next call will say so
                pass


class _Gateway(JavaGateway):  # type: ignore[misc]
    def _create_gateway_client(self) -> _Client:
        return _Client(gateway_parameters=self.gateway_parameters)
