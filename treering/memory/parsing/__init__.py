"""Model text to operations and back: the text grammar of the persona-tree paper, and the items of JSON replies.

Nothing is lost in silence. What can be read comes back as values, and every line that cannot comes back as an
`UnreadableLine` that quotes it and says why. A reply that was cut off never yields half a value. Time is linear in
the length of the text, whatever the text is.

No library was found that keeps these promises: those that repair JSON complete a string that was cut off, and the
grammar is the paper's own (Inside Out: `ADD(path, "value")`, `UPDATE(…)`, `DELETE(path, None)`, `NO_OP()`).
"""

from treering.memory.parsing.grammar import NO_OPERATION, REASONING
from treering.memory.parsing.items import Item, Items, read_items
from treering.memory.parsing.scanner import Parsed, parse_operations
from treering.memory.parsing.writing import render_operations, storable

__all__ = [
    "NO_OPERATION",
    "REASONING",
    "Item",
    "Items",
    "Parsed",
    "parse_operations",
    "read_items",
    "render_operations",
    "storable",
]
