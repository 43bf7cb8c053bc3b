"""py4j's client, with its ways of failing made ours.

py4j logs at length what goes wrong, makes an empty answer of a lost connection, and sends a command
again that may have been carried out. Here, a failure is one exception.
"""

from __future__ import annotations

import logging
from typing import Any

from py4j.java_gateway import GatewayClient, GatewayParameters, JavaGateway
from py4j.protocol import ERROR_ON_SEND, Py4JNetworkError

__all__ = ["connect"]


def connect(address: str, port: int, token: str) -> Any:
    """A client of the gateway at the given place; connections are made as calls need them."""
    logger = logging.getLogger("py4j")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL)
    return _Gateway(
        gateway_parameters=GatewayParameters(
            address=address, port=port, auth_token=token, auto_convert=True
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


class _Gateway(JavaGateway):  # type: ignore[misc]
    def _create_gateway_client(self) -> _Client:
        return _Client(gateway_parameters=self.gateway_parameters)
