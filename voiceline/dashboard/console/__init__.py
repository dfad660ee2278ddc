"""The operator's console: every business from outside, by those who run the line.

Its pages are for members of the operator's own business (gate.py asks by the names of the
blueprints, which begin with `console_`). A page reaches that business alone; what looks at others
is a verb that says so, and tells what they are and how many, never what a consumer said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from voiceline.dashboard.console import (
    business,
    businesses,
    codes,
    grants,
    health,
    numbers,
    unassigned,
)
from voiceline.dashboard.console.words import STATE_NAMES, TIER_NAMES

if TYPE_CHECKING:
    from flask import Flask

FEATURES = (businesses, business, codes, grants, unassigned, numbers, health)

TABS = {
    "console_businesses.show_businesses": "Businesses",
    "console_unassigned.show_queue": "Unassigned",
    "console_numbers.show_numbers": "Numbers",
    "console_health.show_health": "Health",
}
"""The pages beside one another; what nobody serves is not shown."""


def set_up(app: Flask) -> None:
    """Let templates draw the tabs, and name tiers and states."""
    app.jinja_env.globals["TIER_NAMES"] = TIER_NAMES
    app.jinja_env.globals["STATE_NAMES"] = STATE_NAMES
    app.jinja_env.globals["console_tabs"] = console_tabs


def console_tabs() -> list[tuple[str, str, bool]]:
    """Answer the tabs that lead somewhere: endpoint, name, and whether the page is behind it.

    What has no tab of its own is about one business.
    """
    features = {page.partition(".")[0]: page for page in TABS}
    here = features.get(request.blueprint or "", "console_businesses.show_businesses")
    served = current_app.view_functions
    return [(page, name, page == here) for page, name in TABS.items() if page in served]
