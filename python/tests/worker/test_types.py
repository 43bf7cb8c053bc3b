"""The text form of types."""

from __future__ import annotations

import pytest

from martlet._native import Type


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("int", "INT"),
        ("INTEGER not null", "INT NOT NULL"),
        ("BIGINT NULL", "BIGINT"),
        ("DOUBLE PRECISION", "DOUBLE"),
        ("DECIMAL", "DECIMAL(10, 0)"),
        ("NUMERIC(5)", "DECIMAL(5, 0)"),
        ("DEC(38,38)", "DECIMAL(38, 38)"),
        ("CHAR", "CHAR(1)"),
        ("VARCHAR(2147483647)", "STRING"),
        ("VARBINARY(7)", "VARBINARY(7)"),
        ("BYTES", "BYTES"),
        ("TIME", "TIME(0)"),
        ("TIMESTAMP", "TIMESTAMP(6)"),
        ("TIMESTAMP(3) WITHOUT TIME ZONE", "TIMESTAMP(3)"),
        ("TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)"),
        ("INTERVAL YEAR(4) TO MONTH", "INTERVAL YEAR TO MONTH"),
        ("INTERVAL DAY(2) TO SECOND(6) NOT NULL", "INTERVAL DAY TO SECOND NOT NULL"),
        ("INTERVAL HOUR TO MINUTE", "INTERVAL DAY TO SECOND"),
        ("ARRAY<INT NOT NULL>", "ARRAY<INT NOT NULL>"),
        ("LIST< MAP<STRING,ARRAY<INT>>>", "LIST<MAP<STRING, ARRAY<INT>>>"),
        ("ROW<a INT, `b ``c``` STRING 'it''s a comment'>", "ROW<`a` INT, `b ``c``` STRING>"),
        ("ROW(a INT)", "ROW<`a` INT>"),
        ("ROW<>", "ROW<>"),
        ("TUPLE<INT,TUPLE<>>", "TUPLE<INT, TUPLE<>>"),
        ("RAW('a.B', 'x''y')", "RAW('a.B', 'x''y')"),
        ("MULTISET<STRING>", "MULTISET<STRING, INT NOT NULL>"),
        ("ROW<näme INT>", "ROW<`näme` INT>"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    parsed = Type(text)
    assert str(parsed) == canonical
    if parsed.kind != "MULTISET":
        assert Type(canonical) == parsed
        assert hash(Type(canonical)) == hash(parsed)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "at position 0: no type has this name"),
        ("INTEGERS", "no type has this name"),
        ("ROW<a INT", "',' or '>' is expected"),
        ("ROW<`a INT>", "the quotation does not end"),
        ("ROW<INT>", "no type has this name"),
        ("ARRAY<INT, INT>", "another number of types"),
        ("MAP<INT>", "another number of types"),
        ("DECIMAL(39, 0)", "a number within the type's limits"),
        ("DECIMAL(5, 6)", "a number within the type's limits"),
        ("TIMESTAMP(10)", "a number within the type's limits"),
        ("INT INT", "the type ends before this"),
        ("INT NOT", "NULL is expected after NOT"),
        ("INTERVAL DAY TO YEAR", "no such interval"),
        ("TIMESTAMP WITH TIME ZONE", "LOCAL TIME ZONE is expected"),
        ("RAW(a, b)", "a quoted text is expected"),
        ("ARRAY<" * 65 + "INT" + ">" * 65, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="at position"):
        Type(text)
    with pytest.raises(ValueError) as caught:
        Type(text)
    assert complaint in str(caught.value)


def test_parts() -> None:
    row = Type("ROW<a DECIMAL(5, 2) NOT NULL, b ARRAY<STRING>>")
    assert (row.kind, row.nullable, row.names) == ("ROW", True, ["a", "b"])
    first, second = row.children
    assert (first.kind, first.precision, first.scale, first.nullable) == ("DECIMAL", 5, 2, False)
    assert second.children[0].kind == "VARCHAR"
    assert Type(row) is row
    with pytest.raises(TypeError, match="not as int"):
        Type(1)  # type: ignore[arg-type]
