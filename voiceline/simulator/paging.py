"""Lists in pages, and the date filters that their queries may hold."""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
# The query `DateCreated>=2026-01-02` arrives as the name `DateCreated>`.
COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {
    ">": operator.ge,
    "<": operator.le,
}


class HasSid(Protocol):
    """A row that a page can begin after."""

    @property
    def sid(self) -> str:
        """The row's identifier."""


RowT = TypeVar("RowT", bound=HasSid)


def page_of(
    rows: Sequence[RowT],
    key: str,
    path: str,
    query: Mapping[str, str],
    as_json: Callable[[RowT], Any],
) -> dict[str, Any]:
    """Answer one page of rows (newest first) with the addresses of its neighbours.

    A page token names the last row of the page before, so rows that come or go between two
    requests make no other row appear twice or be left out. Raises ValueError on a bad query.
    """
    size = min(_whole(query, "PageSize", DEFAULT_PAGE), LARGEST_PAGE)
    number = _whole(query, "Page", 0)
    token = query.get("PageToken", "")
    if size < 1:
        raise ValueError("PageSize must be at least 1")
    start = _after(rows, token.removeprefix("PA")) if token else number * size
    shown = rows[start : start + size]
    more = start + size < len(rows)
    filters = {
        name: value
        for name, value in query.items()
        if name not in {"Page", "PageToken", "PageSize"}
    }

    def address(page: int, **also: str) -> str:
        return f"{path}?{urlencode(filters | {'PageSize': size, 'Page': page} | also)}"

    return {
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, PageToken=f"PA{shown[-1].sid}") if more else None,
        "previous_page_uri": address(number - 1) if number else None,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(shown) - 1),
        "uri": address(number),
        key: [as_json(row) for row in shown],
    }


def within(query: Mapping[str, str], name: str, moment: datetime | None) -> bool:
    """Answer whether the moment passes the filters `name`, `name<` and `name>`.

    A bare day in `name` means the whole UTC day; in the others its midnight. Both are inclusive.
    """
    day = query.get(name)
    if day and (moment is None or moment.date() != _moment(day).date()):
        return False
    for sign, holds in COMPARISONS.items():
        bound = query.get(name + sign)
        if bound and (moment is None or not holds(moment.replace(microsecond=0), _moment(bound))):
            return False
    return True


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _after(rows: Sequence[RowT], sid: str) -> int:
    places = [place for place, row in enumerate(rows) if row.sid == sid]
    if not places:
        raise ValueError("PageToken does not belong to this list")
    return places[0] + 1


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    written = query.get(name)
    if written is None:
        return default
    if not written.isdecimal():
        raise ValueError(f"{name} must be a whole number")
    return int(written)
