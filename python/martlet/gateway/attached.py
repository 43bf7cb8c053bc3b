"""A gateway that runs already, as a daemon."""

from __future__ import annotations

import os

from martlet.util.exceptions import AuthenticationError, GatewayError

__all__ = ["ADDRESS_VARIABLE", "AttachedGateway", "default_token_file"]

#: ``host:port`` of the gateway to attach to, instead of starting one.
ADDRESS_VARIABLE = "MARTLET_GATEWAY"
#: The token itself, or the file that it is in.
TOKEN_VARIABLE = "MARTLET_GATEWAY_TOKEN"
TOKEN_FILE_VARIABLE = "MARTLET_GATEWAY_TOKEN_FILE"


class AttachedGateway:
    """Where a daemon listens, and the token that it asks for."""

    def __init__(self, address: str) -> None:
        host, colon, port = address.rpartition(":")
        if not colon or not port.isdigit() or not 0 < int(port) < 65536:
            raise GatewayError(
                f"{ADDRESS_VARIABLE} must be host:port, such as 127.0.0.1:25533, not {address!r}"
            )
        self.address = host.strip("[]") or "127.0.0.1"
        self.port = int(port)
        self.token = _token()

    def wait_until_ready(self) -> None:
        return None

    def has_ended(self) -> bool:
        return False

    def describe_end(self) -> str | None:
        return None

    def abandon(self) -> None:
        return None

    def close(self) -> None:
        return None


def default_token_file() -> str:
    """Where the daemon writes its token, and clients look for it, unless told otherwise."""
    runtime_directory = os.environ.get("XDG_RUNTIME_DIR")
    if runtime_directory:
        return os.path.join(runtime_directory, "martlet", "gateway-token")
    return os.path.expanduser("~/.martlet/gateway-token")


def _token() -> str:
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        return token.strip()
    path = os.environ.get(TOKEN_FILE_VARIABLE) or default_token_file()
    try:
        with open(path) as file:
            token = file.read().strip()
    except FileNotFoundError:
        raise AuthenticationError(
            f"there is no token for the gateway: {path} does not exist. Start one with "
            f"`martlet gateway`, or set {TOKEN_FILE_VARIABLE} or {TOKEN_VARIABLE}"
        ) from None
    except OSError as error:
        raise AuthenticationError(
            f"the gateway's token in {path} cannot be read: {error.strerror}"
        ) from None
    if not token:
        raise AuthenticationError(f"the file {path} has no token in it")
    return token
