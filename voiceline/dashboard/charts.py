"""Bars as a page draws them: where each rectangle stands, in units of a picture of fixed size.

The picture is an image with one name; its numbers stand in a table beside it. Colours are classes
of the stylesheet, and each part is named where it is drawn, so that nobody has to tell colours
apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 20, 26
FEW = 12
"""Bars with room for a number above each."""

GAP = 0.28
"""Of a bar's place, what is left free."""


@dataclass(frozen=True)
class Bar:
    """What one bar says: its label below, and its parts from the ground up."""

    label: str
    title: str
    """What the bar is of, as a sentence begins: `Week of 3 Nov`."""
    parts: Sequence[tuple[str, int]]
    """The name and the number of each part, in the order of the chart's names."""

    @property
    def total(self) -> int:
        """The height of the whole bar."""
        return sum(number for _, number in self.parts)


@dataclass(frozen=True)
class Part:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Mark:
    """A word on an axis, or over a bar."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """All that a template needs to draw one."""

    parts: Sequence[Part]
    labels: Sequence[Mark]
    grid: Sequence[Mark]
    totals: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def draw(bars: Sequence[Bar], *, every: int = 1) -> Chart:
    """Lay the bars out; `every`: which bar of how many has its label below."""
    step = _step(max((bar.total for bar in bars), default=0))
    top = 4 * step
    place = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    parts: list[Part] = []
    totals: list[Mark] = []
    labels: list[Mark] = []
    for number, bar in enumerate(bars):
        x = LEFT + place * (number + GAP / 2)
        parts += _stack(bar, x, place * (1 - GAP), top)
        middle = LEFT + place * (number + 0.5)
        if bar.total:
            totals.append(Mark(_r(middle), _r(_y(bar.total, top) - 5), f"{bar.total:,}"))
        if (len(bars) - 1 - number) % every == 0:  # the last one always has its label
            labels.append(Mark(_r(middle), HEIGHT - 8, bar.label))
    grid = [Mark(LEFT - 6, _r(_y(value, top)), f"{value:,}") for value in range(0, top + 1, step)]
    return Chart(parts, labels, grid, totals if len(bars) <= FEW else [])


def _stack(bar: Bar, x: float, width: float, top: int) -> list[Part]:
    drawn, ground = [], 0
    for series, (name, number) in enumerate(bar.parts):
        if number:
            upper = _y(ground + number, top)
            height = _y(ground, top) - upper
            title = f"{bar.title}: {number:,} {name}"
            drawn.append(Part(_r(x), _r(upper), _r(width), _r(height), series, title))
        ground += number
    return drawn


def _y(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _step(most: int) -> int:
    """Answer 1, 2 or 5 times a power of ten, of which four reach over the highest bar."""
    step = 1
    while 4 * step < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _r(value: float) -> float:
    return round(value, 1)
