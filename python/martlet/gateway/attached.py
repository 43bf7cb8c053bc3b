"""A gateway that runs already, as a daemon."""

from __future__ import annotations

import os
import ssl
import uuid

from martlet.util.exceptions import AuthenticationError, GatewayError

__all__ = ["ADDRESS_VARIABLE", "AttachedGateway", "default_token_file"]

#: ``host:port`` of the gateway to attach to, instead of starting one.
ADDRESS_VARIABLE = "MARTLET_GATEWAY"
#: The token itself, or the file that it is in.
TOKEN_VARIABLE = "MARTLET_GATEWAY_TOKEN"
TOKEN_FILE_VARIABLE = "MARTLET_GATEWAY_TOKEN_FILE"
#: A PEM file with the certificate that vouches for the gateway's, which may be that one itself.
#: Where it is set, connections use TLS.
CA_VARIABLE = "MARTLET_GATEWAY_CA"


class AttachedGateway:
    """Where a daemon listens, and the token that it asks for.

    With the token goes a name for this process, by which the daemon knows its connections: once
    none is left, it releases what the process held there.
    """

    def __init__(self, address: str) -> None:
        host, colon, port = address.rpartition(":")
        if not colon or not port.isdigit() or not 0 < int(port) < 65536:
            raise GatewayError(
                f"{ADDRESS_VARIABLE} must be host:port, such as 127.0.0.1:25533, not {address!r}"
            )
        self.address = host.strip("[]") or "127.0.0.1"
        self.port = int(port)
        self.token = f"{_token()}#{uuid.uuid4().hex}"
        self.ssl_context = _ssl_context()

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


def _ssl_context() -> ssl.SSLContext | None:
    path = os.environ.get(CA_VARIABLE)
    if not path:
        return None
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise GatewayError(
            f"{CA_VARIABLE} must name a PEM file with a certificate: {path}: {error}"
        ) from None


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
