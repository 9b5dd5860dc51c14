"""Operations written in the paper's grammar."""

from __future__ import annotations

import pytest

from treering.errors import OperationError
from treering.memory.parsing import render_operations
from treering.schemas.listening import TextOperation


def test_each_kind_is_written_as_in_the_paper() -> None:
    operations = [
        TextOperation(kind="ADD", path="a.b", value='x "y"\nz\\'),
        TextOperation(kind="UPDATE", path="c", value="w"),
        TextOperation(kind="DELETE", path="d"),
        TextOperation(kind="NO_OP"),
    ]
    assert render_operations(operations).split("\n") == [
        r'ADD(a.b, "x \"y\"\nz\\")',
        'UPDATE(c, "w")',
        "DELETE(d, None)",
        "NO_OP()",
    ]


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (TextOperation(kind="ADD", path="a"), "ADD at a has no value; only DELETE is written without"),
        (TextOperation(kind="UPDATE", value="x"), "UPDATE has no path; only NO_OP is written without"),
        (TextOperation(kind="DELETE"), "DELETE has no path; only NO_OP is written without"),
    ],
)
def test_an_operation_without_path_or_value_is_refused(operation: TextOperation, why: str) -> None:
    with pytest.raises(OperationError) as raised:
        render_operations([operation])
    assert str(raised.value) == why
