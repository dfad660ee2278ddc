"""What libraries compile anew for each application, kept for a whole test process.

A process of ours builds one application; a process of tests builds a thousand, and spent a third
of the time of its pages compiling the same templates and addresses again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask
from jinja2 import BytecodeCache
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from jinja2.bccache import Bucket


def keep_what_is_compiled(patches: pytest.MonkeyPatch) -> None:
    """Let templates and addresses be compiled once, until the patches are undone."""
    patches.setitem(Flask.jinja_options, "bytecode_cache", _Templates())
    patches.setattr(Rule, "_compile_builder", _remembering(Rule._compile_builder))


class _Templates(BytecodeCache):
    """Templates by name, file and text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        found = self._kept.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def _remembering(build: Callable[..., Any]) -> Callable[..., Any]:
    """Answer the function that makes an address, which the rule's text alone decides."""
    kept: dict[Any, Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:  # their converters have a say
            return build(rule, append_unknown)
        key = rule.rule, tuple(rule._trace), append_unknown
        if key not in kept:
            kept[key] = build(rule, append_unknown)
        return kept[key]

    return remembered
