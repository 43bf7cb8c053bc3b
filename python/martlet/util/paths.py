"""Paths as Flink writes them."""

from __future__ import annotations

import posixpath

from martlet.util.exceptions import ValidationError

__all__ = ["normalized_path", "split_path"]


def split_path(text: str) -> tuple[str, str, str]:
    """The scheme, the authority and the path of a URI or a plain path; "" for what is not there.

    >>> split_path("hdfs://host:9/a")
    ('hdfs', 'host:9', '/a')
    """
    scheme = authority = ""
    colon, slash = text.find(":"), text.find("/")
    rest = text
    if colon >= 0 and (slash < 0 or colon < slash):
        scheme, rest = text[:colon], text[colon + 1 :]
    if rest.startswith("//"):
        authority, slash_found, rest = rest[2:].partition("/")
        rest = slash_found + rest
    return scheme, authority, rest


def normalized_path(text: str) -> str:
    """The text of Flink's ``Path``: without empty and dotted parts, and without a slash at its end.

    >>> normalized_path("file:///a//b/../c/")
    'file:/a/c'

    :raises ValidationError: if it is empty
    """
    if not isinstance(text, str):
        raise TypeError(f"A path must be a str, got {text!r}")
    if not text:
        raise ValidationError("Can not create a Path from an empty string")
    scheme, authority, path = split_path(text)
    if path:
        # normpath keeps two slashes at the start, which POSIX leaves to the system.
        path = posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)
    before = f"{scheme}:" if scheme else ""
    return f"{before}{'//' + authority if authority else ''}{path}"
