"""From what py4j raises to what a user can act on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from martlet.util.exceptions import (
    AuthenticationError,
    GatewayError,
    JobExecutionError,
    MartletError,
    ValidationError,
)

if TYPE_CHECKING:
    from martlet.gateway.connection import Connection

__all__ = ["converted"]


def converted(error: Exception, connection: Connection) -> Exception:
    """The exception to raise in place of ``error``; itself, if py4j has nothing to do with it."""
    from py4j.protocol import (
        Py4JAuthenticationError,
        Py4JError,
        Py4JJavaError,
        Py4JNetworkError,
    )

    if isinstance(error, Py4JJavaError):
        return _from_java(error.java_exception, connection)
    if isinstance(error, Py4JAuthenticationError):
        return _refused(connection)
    if isinstance(error, (Py4JNetworkError, ConnectionError)):
        tls = _tls_failure(error)
        if tls is not None:
            where = f"{connection.gateway.address}:{connection.gateway.port}"
            return GatewayError(f"no TLS with the gateway at {where}: {tls}")
        return _refused(connection) if _is_refusal(error) else connection.explain_loss()
    if isinstance(error, Py4JError):
        return GatewayError(f"the gateway does not understand the client: {error}")
    return error


def _refused(connection: Connection) -> AuthenticationError:
    where = f"{connection.gateway.address}:{connection.gateway.port}"
    message = (
        f"the gateway at {where} refuses the token; it must be the one in the gateway's token file"
    )
    if connection.gateway.ssl_context is None:
        # What a gateway with TLS says to a client without cannot be told from a refusal.
        message += ", and if the gateway speaks TLS, MARTLET_GATEWAY_CA must name its certificate"
    return AuthenticationError(message)


def _is_refusal(error: BaseException | None) -> bool:
    """Whether an authentication error is what the network error comes from."""
    from py4j.protocol import Py4JAuthenticationError

    while error is not None:
        if isinstance(error, Py4JAuthenticationError):
            return True
        error = getattr(error, "cause", None) or error.__cause__
    return False


def _tls_failure(error: BaseException | None) -> BaseException | None:
    """The failure of TLS that the network error comes from; None if it is another."""
    import ssl

    while error is not None and not isinstance(error, ssl.SSLError):
        error = getattr(error, "cause", None) or error.__cause__
    return error


def _from_java(exception: Any, connection: Connection) -> Exception:
    """The exception for one that the runtime threw, told by its class."""
    try:
        java_class, _, message = exception.toString().partition(": ")
        if java_class == "martlet.JobException":
            return _job_error(exception)
    except Exception as lost:  # the gateway died while it was asked
        return converted(lost, connection)
    if java_class == "martlet.ValidationException" or java_class.endswith(
        "IllegalArgumentException"
    ):
        return ValidationError(message)
    if java_class.endswith("IllegalStateException"):
        return MartletError(message)
    return MartletError(f"{message or java_class} ({java_class})" if message else java_class)


def _job_error(exception: Any) -> JobExecutionError:
    """A failed job, with the user's own exception as the cause if there was one."""
    message, traceback = exception.getMessage() or "the job failed", exception.traceback()
    error = JobExecutionError(
        f"{message}\n\n{traceback.rstrip()}" if traceback else message,
        code=exception.code(),
        operator=exception.location(),
        exception_type=exception.exceptionType(),
        traceback=traceback,
        record=exception.record(),
    )
    error.__cause__ = _user_exception(exception.pickledException())
    if error.__cause__ is None:
        cause = exception.getCause()
        if cause is not None:
            error.__cause__ = MartletError(cause.toString())
    return error


def _user_exception(pickled: bytes | None) -> BaseException | None:
    """The exception that a function raised; None if it cannot be had on this side."""
    if not pickled:
        return None
    import pickle

    try:
        value = pickle.loads(bytes(pickled))
    except Exception as error:  # unpickling runs the user's code
        logging.getLogger("martlet").debug("a function's exception cannot be unpickled: %s", error)
        return None
    return value if isinstance(value, BaseException) else None
