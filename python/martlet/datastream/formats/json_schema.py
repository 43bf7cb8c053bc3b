"""JSON Schema to the type of a row, as Flink's ``JsonRowSchemaConverter`` has it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from martlet.common.typeinfo import BasicTypeInfo, TypeInformation, Types
from martlet.common.typeinfo.basic import BasicType
from martlet.util.exceptions import ValidationError

__all__ = ["NullTypeInfo", "type_of_schema"]


class NullTypeInfo(TypeInformation):
    """The type of what is always null."""

    def type_text(self) -> str:
        return "NULL"

    def __repr__(self) -> str:
        return "Void"


_SIMPLE = {
    "null": NullTypeInfo,
    "boolean": Types.BOOLEAN,
    # Decimals, whatever the number: Flink keeps every digit that way.
    "number": Types.BIG_DEC,
    "integer": Types.BIG_DEC,
}
_FORMATS = {"date": Types.SQL_DATE, "time": Types.SQL_TIME, "date-time": Types.SQL_TIMESTAMP}
_UNSUPPORTED = ("allOf", "anyOf", "not", "extends", "disallow")
# Comments, and strings so that what only looks like one inside of them is left alone.
_LENIENT = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^'\\]|\\.)*')"""
    r"""|(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<name>[A-Za-z_$][\w$]*)(?P<colon>\s*:)?""",
    re.DOTALL,
)


def type_of_schema(text: str) -> TypeInformation:
    """The type that a JSON schema describes.

    :raises ValidationError: if it is no schema, or one of which no type of rows can be made
    """
    try:
        node = json.loads(_LENIENT.sub(_strict, text))
    except ValueError as error:
        raise ValidationError(f"Invalid JSON schema: {error}") from None
    return _Converter(node).type("<root>", node)


def _strict(match: re.Match[str]) -> str:
    """Comments, single quotes and names without quotes, which Flink allows, as JSON has them."""
    if match["comment"]:
        return " "
    if match["single"]:
        inside = re.sub(r"\\'", "'", match["single"][1:-1])
        return '"' + re.sub(r'(?<!\\)"', r"\"", inside) + '"'
    if match["name"] and match["colon"] is not None:
        return f'"{match["name"]}":'
    return match[0]


class _Converter:
    def __init__(self, root: Any) -> None:
        self._root = root

    def type(self, location: str, node: Any) -> TypeInformation:
        if not isinstance(node, Mapping):
            raise ValidationError(f"No type could be found in node: {location}")
        found: list[TypeInformation] = []
        target: Mapping[str, Any] = {}
        if isinstance(node.get("$ref"), str):
            target = self._referenced(node["$ref"], node)
        if "type" in node:
            names = node["type"] if isinstance(node["type"], list) else [node["type"]]
            found += [self._named(str(name), location, node) for name in names]
        elif "type" in target:
            found.append(self.type(node["$ref"], target))
        choices = node.get("oneOf", target.get("oneOf"))
        if isinstance(choices, list):
            found += [
                self.type(f"{location}/oneOf[{index}]", choice)
                for index, choice in enumerate(choices)
            ]
        if any(key in node for key in _UNSUPPORTED):
            raise ValidationError(
                f"Union types such as 'allOf', 'anyOf' etc. and extending are not supported: "
                f"{location}"
            )
        return self._only(found, location)

    @staticmethod
    def _only(found: list[TypeInformation], location: str) -> TypeInformation:
        if not found:
            raise ValidationError(f"No type could be found in node: {location}")
        kinds: list[TypeInformation] = []
        for kind in found:
            if kind not in kinds and not isinstance(kind, NullTypeInfo):
                kinds.append(kind)
        if len(kinds) > 1:
            raise ValidationError(
                f"Union types with more than just a null type are not supported: {location}"
            )
        return kinds[0] if kinds else NullTypeInfo()

    def _named(self, name: str, location: str, node: Mapping[str, Any]) -> TypeInformation:
        if name in _SIMPLE:
            return _SIMPLE[name]()
        if name == "string":
            return _string(location, node)
        if name == "object":
            return self._object(location, node)
        if name == "array":
            return self._array(location, node)
        raise ValidationError(f"Unsupported type '{name}' in node: {location}")

    def _object(self, location: str, node: Mapping[str, Any]) -> TypeInformation:
        properties = node.get("properties", {})
        if not isinstance(properties, Mapping):
            raise ValidationError(
                f"Invalid 'properties' property for object type in node: {location}"
            )
        types = [self.type(f"{location}/{name}", field) for name, field in properties.items()]
        if node.get("additionalProperties") is True:
            raise ValidationError(
                f"An object must not allow additional properties in node: {location}"
            )
        return Types.ROW_NAMED(list(properties), types)

    def _array(self, location: str, node: Mapping[str, Any]) -> TypeInformation:
        items = node.get("items")
        if items is None:
            raise ValidationError(f"Arrays must specify an 'items' property in node: {location}")
        if isinstance(items, Mapping):
            element = self.type(f"{location}/items", items)
            if isinstance(element, BasicTypeInfo) and element._basic_type is BasicType.STRING:
                return Types.BASIC_ARRAY(element)
            return Types.OBJECT_ARRAY(element)
        if not isinstance(items, list):
            raise ValidationError(f"Invalid type for 'items' property in node: {location}")
        if node.get("additionalItems") is True:
            raise ValidationError(
                f"An array tuple must not allow additional items in node: {location}"
            )
        return Types.ROW([self.type(f"{location}/items[{i}]", t) for i, t in enumerate(items)])

    def _referenced(self, reference: str, origin: Any) -> Mapping[str, Any]:
        if not reference.startswith("#"):
            raise ValidationError(
                "Only references to the same document are supported in a JSON schema, not "
                f"{reference}"
            )
        node = self._root
        for part in filter(None, reference[1:].split("/")):
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            elif isinstance(node, Mapping) and name in node:
                node = node[name]
            else:
                raise ValidationError(f"Could not find reference: {reference}")
        if node is origin:
            raise ValidationError(f"Cyclic references are not supported: {reference}")
        if not isinstance(node, Mapping):
            raise ValidationError(f"The reference {reference} names no schema")
        return node


def _string(location: str, node: Mapping[str, Any]) -> TypeInformation:
    if "format" in node:
        name = node["format"]
        if not isinstance(name, str):
            raise ValidationError(f"Invalid 'format' property in node: {location}")
        return _FORMATS.get(name, Types.STRING)()
    if "contentEncoding" not in node:
        return Types.STRING()
    if node["contentEncoding"] != "base64":
        raise ValidationError(f"Invalid encoding '{node['contentEncoding']}' in node: {location}")
    return Types.PRIMITIVE_ARRAY(Types.BYTE())
