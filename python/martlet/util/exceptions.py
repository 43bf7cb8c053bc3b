"""The exceptions that Martlet raises.

All of Martlet's own derive from :class:`MartletError`. What PyFlink names here is named here too,
for jobs that catch it.
"""

from __future__ import annotations

__all__ = [
    "AuthenticationError",
    "CatalogException",
    "ConfigurationError",
    "DatabaseAlreadyExistException",
    "DatabaseNotEmptyException",
    "DatabaseNotExistException",
    "FunctionAlreadyExistException",
    "FunctionNotExistException",
    "FunctionPicklingError",
    "GatewayError",
    "JavaException",
    "JobExecutionError",
    "MartletError",
    "ModelAlreadyExistException",
    "ModelNotExistException",
    "NotSupportedError",
    "PartitionAlreadyExistsException",
    "PartitionNotExistException",
    "PartitionSpecInvalidException",
    "RuntimeNotFoundError",
    "TableAlreadyExistException",
    "TableException",
    "TableNotExistException",
    "TableNotPartitionedException",
    "TypeHintError",
    "ValidationError",
    "ValueMismatchError",
]


class MartletError(Exception):
    """The root of Martlet's own exceptions."""


class NotSupportedError(MartletError, NotImplementedError):
    """Something that PyFlink has and Martlet does not, asked for by name."""


class ConfigurationError(MartletError, ValueError):
    """A setting that does not exist, is not supported, or has a value that it cannot have."""


class ValidationError(MartletError, ValueError):
    """A job that cannot be built as it was asked for."""


class FunctionPicklingError(MartletError, TypeError):
    """A function that cannot be sent to the workers."""


class TypeHintError(MartletError, TypeError):
    """A function's annotation that promises something else than the function returns."""


class ValueMismatchError(MartletError, TypeError):
    """A value that does not fit the type it was declared to have.

    :ivar row: the position of the value among those given, from 0
    :ivar field: where in the value the culprit is, such as ``field 'f1'``; empty if all of it
    """

    def __init__(self, message: str, row: int | None = None, field: str = "") -> None:
        super().__init__(message)
        self.row = row
        self.field = field


class RuntimeNotFoundError(MartletError):
    """There is no Swift runtime to run jobs with."""


class GatewayError(MartletError):
    """The gateway cannot be started or reached, or has ended."""


class AuthenticationError(GatewayError):
    """The gateway refuses the token."""


class JobExecutionError(MartletError):
    """A job that failed. Where a function raised, its exception is the cause (``__cause__``).

    :ivar code: what kind of failure it was, such as ``user-function`` or ``bad-value``
    :ivar operator: the operator that failed
    :ivar exception_type: qualified name of the exception that a function raised
    :ivar traceback: the frames of the user's code that it passed, formatted
    :ivar record: the offending record, shortened
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        operator: str | None = None,
        exception_type: str | None = None,
        traceback: str | None = None,
        record: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.operator = operator
        self.exception_type = exception_type
        self.traceback = traceback
        self.record = record


class JavaException(Exception):
    """The root of the exceptions that PyFlink's table API raises."""

    def __init__(self, stack_trace: str) -> None:
        super().__init__(stack_trace)
        self.stack_trace = stack_trace

    def __str__(self) -> str:
        return self.stack_trace


class TableException(JavaException):
    """A table program that cannot be."""


class CatalogException(JavaException):
    """A catalog that fails."""


class DatabaseAlreadyExistException(JavaException):
    """There is such a database."""


class DatabaseNotEmptyException(JavaException):
    """The database to drop still holds something."""


class DatabaseNotExistException(JavaException):
    """There is no such database."""


class FunctionAlreadyExistException(JavaException):
    """There is such a function."""


class FunctionNotExistException(JavaException):
    """There is no such function."""


class ModelAlreadyExistException(JavaException):
    """There is such a model."""


class ModelNotExistException(JavaException):
    """There is no such model."""


class PartitionAlreadyExistsException(JavaException):
    """There is such a partition."""


class PartitionNotExistException(JavaException):
    """There is no such partition."""


class PartitionSpecInvalidException(JavaException):
    """A partition specification that does not fit the table's partition keys."""


class TableAlreadyExistException(JavaException):
    """There is such a table or view."""


class TableNotExistException(JavaException):
    """There is no such table or view."""


class TableNotPartitionedException(JavaException):
    """A table without partitions was asked for one."""
