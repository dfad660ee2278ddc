"""Our own source as data: its modules, and who imports whom on which line."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("voiceline", "webhooks", "jobs")


@dataclass(frozen=True)
class Module:
    """One file of ours under its dotted name."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def package(self) -> str:
        """What its relative imports are relative to."""
        is_package = self.path.name == "__init__.py"
        return self.name if is_package else self.name.rpartition(".")[0]

    def at(self, line: int) -> str:
        """Answer the place as editors understand it."""
        return f"{self.path.relative_to(ROOT)}:{line}"


@dataclass(frozen=True)
class Import:
    """One name brought in; `target` is a module of ours or a vendor's top-level name."""

    module: Module
    target: str
    line: int
    typing_only: bool


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """Answer the modules of the packages, or all of ours."""
    return tuple(
        Module(_name(path), path)
        for package in packages or PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    )


def imports(module: Module) -> Iterator[Import]:
    """Yield everything the module imports, wherever in the file it does."""
    for node, typing_only in _import_nodes(module.tree, typing_only=False):
        for target in _targets(node, module):
            yield Import(module, target, node.lineno, typing_only)


def is_ours(target: str) -> bool:
    return target.split(".", maxsplit=1)[0] in PACKAGES


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _import_nodes(
    node: ast.AST, *, typing_only: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, typing_only
    guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    for child in ast.iter_child_nodes(node):
        yield from _import_nodes(child, typing_only=typing_only or guarded)


def _targets(node: ast.Import | ast.ImportFrom, module: Module) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (_known(alias.name) for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        above = module.package.split(".")
        base = ".".join([*above[: len(above) - node.level + 1], *filter(None, [base])])
    yield from {_known(f"{base}.{alias.name}") for alias in node.names}


@cache
def _known(name: str) -> str:
    """Answer the longest part of a dotted name that is a module of ours, or its first part."""
    if not is_ours(name):
        return name.split(".", maxsplit=1)[0]
    known = {module.name for module in modules()}
    while name not in known and "." in name:
        name = name.rpartition(".")[0]
    return name
