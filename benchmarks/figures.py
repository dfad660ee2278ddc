"""Figures, how they are printed, and build/bench.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured number; what was not measured has none."""

    name: str
    value: float
    unit: str
    against: str
    """What it was measured against, or under which circumstances."""
    at_least: float | None = None
    at_most: float | None = None
    remark: str = ""
    """Why a goal is missed, where that is known."""

    @property
    def goal(self) -> str | None:
        """The goal as it is written: `>= 0.5`, or None for a figure without one."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else None

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None


def write_figures(path: Path, figures: Sequence[Figure]) -> None:
    """Write what was measured as a list of flat objects."""
    keys = ("name", "value", "unit", "goal", "holds", "against")
    rows = [{key: getattr(figure, key) for key in keys} for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def print_figures(figures: Sequence[Figure]) -> None:
    """Print the table; a missed goal says why below it."""
    print(f"\n{'figure':<50} {'value':>10} {'unit':<14} {'goal':>9}  holds")
    for figure in figures:
        holds = {None: "", True: "yes", False: "NO"}[figure.holds]
        print(
            f"{figure.name:<50} {_short(figure.value):>10} {figure.unit:<14} "
            f"{figure.goal or '':>9}  {holds}"
        )
    for figure in figures:
        if figure.holds is False:
            why = figure.remark or "see the rows above and docs/performance.md"
            print(f"\nGoal not reached: {figure.name}: {why}")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
