"""Types, their text, and rows."""

from __future__ import annotations

import copy
import datetime
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.common import Instant, Row, RowKind, Types
from martlet.common.typeinfo import (
    BasicTypeInfo,
    ExternalTypeInfo,
    LocalTimeTypeInfo,
    TypeInformation,
)

TEXTS = [
    (Types.STRING(), "STRING"),
    (Types.BYTE(), "TINYINT"),
    (Types.BOOLEAN(), "BOOLEAN"),
    (Types.SHORT(), "SMALLINT"),
    (Types.INT(), "INT"),
    (Types.LONG(), "BIGINT"),
    (Types.FLOAT(), "FLOAT"),
    (Types.DOUBLE(), "DOUBLE"),
    (Types.CHAR(), "CHAR(1)"),
    (Types.BIG_INT(), "BIG_INTEGER"),
    (Types.BIG_DEC(), "BIG_DECIMAL"),
    (Types.INSTANT(), "INSTANT"),
    (Types.SQL_DATE(), "DATE"),
    (Types.SQL_TIME(), "TIME(3)"),
    (Types.SQL_TIMESTAMP(), "TIMESTAMP(3)"),
    (Types.PICKLED_BYTE_ARRAY(), "PICKLED"),
    (Types.PRIMITIVE_ARRAY(Types.BYTE()), "BYTES"),
    (Types.PRIMITIVE_ARRAY(Types.INT()), "ARRAY<INT>"),
    (Types.BASIC_ARRAY(Types.STRING()), "ARRAY<STRING>"),
    (Types.OBJECT_ARRAY(Types.TUPLE([Types.INT()])), "ARRAY<TUPLE<INT>>"),
    (Types.LIST(Types.LONG()), "LIST<BIGINT>"),
    (Types.MAP(Types.STRING(), Types.INT()), "MAP<STRING, INT>"),
    (Types.TUPLE([Types.STRING(), Types.INT()]), "TUPLE<STRING, INT>"),
    (Types.ROW([Types.STRING(), Types.INT()]), "ROW<`f0` STRING, `f1` INT>"),
    (Types.ROW_NAMED(["a", "b`c"], [Types.INT(), Types.INT()]), "ROW<`a` INT, `b``c` INT>"),
    (ExternalTypeInfo(Types.INT()), "INT"),
    (LocalTimeTypeInfo(LocalTimeTypeInfo.TimeType.LOCAL_DATE), "DATE"),
]


@pytest.mark.parametrize(("type_info", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_text(type_info: TypeInformation, text: str) -> None:
    assert type_info.type_text() == text
    assert pickle.loads(pickle.dumps(type_info)) == type_info


def test_types_are_equal_by_what_they_say() -> None:
    assert Types.TUPLE([Types.INT()]) == Types.TUPLE([Types.INT()])
    assert hash(Types.LIST(Types.INT())) == hash(Types.LIST(Types.INT()))
    assert Types.INT() == BasicTypeInfo.INT_TYPE_INFO()
    assert Types.TUPLE([Types.INT()]) != Types.ROW([Types.INT()])


def test_types_that_cannot_be() -> None:
    with pytest.raises(TypeError, match=r"field 1 must be a TypeInformation such as Types.INT\(\)"):
        Types.TUPLE([Types.INT(), Types.INT])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="as many names as types"):
        Types.ROW_NAMED(["a"], [Types.INT(), Types.INT()])
    with pytest.raises(ValueError, match="must differ"):
        Types.ROW_NAMED(["a", "a"], [Types.INT(), Types.INT()])
    with pytest.raises(TypeError, match="cannot be the element type"):
        Types.PRIMITIVE_ARRAY(Types.STRING()).type_text()


def test_printing_of_types() -> None:
    named = Types.ROW_NAMED(["a"], [Types.TUPLE([Types.STRING()])])
    assert repr(named) == "RowTypeInfo(a: TupleTypeInfo(String))"
    assert repr(Types.ROW([Types.INT()])) == "RowTypeInfo(Integer)"
    assert named.get_field_names() == ["a"] and named.get_field_index("a") == 0
    assert Types.ROW([Types.INT()]).get_field_names() == ["f0"]


def test_internal_forms() -> None:
    row = Types.ROW_NAMED(["a", "d"], [Types.INT(), Types.SQL_DATE()])
    day = datetime.date(1970, 1, 3)
    assert row.to_internal_type({"a": 1, "d": day}) == (0, 1, 2)
    assert row.to_internal_type(Row.of_kind(RowKind.DELETE, 1, day)) == (3, 1, 2)
    assert Types.SQL_DATE().from_internal_type(2) == day
    assert Types.INSTANT().to_internal_type(Instant(1, 5_000_000)) == 1_005_000
    with pytest.raises(ValueError, match="cannot be a value of TupleTypeInfo"):
        Types.TUPLE([Types.INT()]).to_internal_type(3)


@given(
    st.datetimes(min_value=datetime.datetime(1971, 1, 1), max_value=datetime.datetime(2100, 1, 1))
)
def test_timestamps_survive_their_internal_form(moment: datetime.datetime) -> None:
    type_info = Types.SQL_TIMESTAMP()
    assert type_info.from_internal_type(type_info.to_internal_type(moment)) == moment


@given(st.times())
def test_times_survive_their_internal_form(moment: datetime.time) -> None:
    type_info = Types.SQL_TIME()
    assert type_info.from_internal_type(type_info.to_internal_type(moment)) == moment


def test_rows() -> None:
    named = Row(b=1, a=2)
    assert named == Row(a=2, b=1) and named.as_dict() == {"b": 1, "a": 2}
    assert named != Row(1, 2) and Row(1, 2) == Row(1, 2) and Row(1) != Row(2)
    assert Row.of_kind(RowKind.DELETE, 1) != Row(1)
    assert "a" in named and 1 not in named and 1 in Row(1, 2)
    named["a"] = 5
    named[0] = 6
    assert named.a == 5 and named["b"] == 6 and list(named) == [6, 5] and len(named) == 2
    assert Row(inner=Row(x=1), many=[Row(y=2)]).as_dict(True) == {
        "inner": {"x": 1},
        "many": [{"y": 2}],
    }
    person = Row("name", "age")
    assert person("Ann", 3) == Row(name="Ann", age=3) and repr(person) == "<Row('name', 'age')>"
    for clone in (copy.deepcopy(named), pickle.loads(pickle.dumps(named)), copy.copy(named)):
        assert clone == named and clone is not named


@pytest.mark.parametrize(
    ("action", "error"),
    [
        (lambda: Row(1, a=2), ValueError),
        (lambda: Row(a=1).b, AttributeError),
        (lambda: Row(1).name, AttributeError),
        (lambda: Row(a=1)["b"], ValueError),
        (lambda: Row(1).as_dict(), TypeError),
        (lambda: setattr(Row(a=1), "a", 2), AttributeError),
        (lambda: Row("a")(1, 2), ValueError),
        (lambda: Row(a=1).get_fields_by_names(["b"]), ValueError),
    ],
)
def test_wrong_uses_of_rows(action: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        action()  # type: ignore[operator]
