"""The laws whose clocks we know: their figures, the rights they grant, their other duties.

The table itself is jurisdictions.toml; docs/deadlines.md says how a date is found with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from voiceline.errors import JurisdictionError
from voiceline.rules.rights import Right
from voiceline.rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

UNKNOWN = "UNKNOWN-US"
"""The residence was not told: California's figures, the strictest of the country."""


class Unit(StrEnum):
    """What a period is counted in."""

    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


class Confidence(StrEnum):
    """How a figure was learnt."""

    READ = "V"
    """In the law, or on an agency's page."""
    SECOND_HAND = "S"
    """In a secondary source only."""
    UNCONFIRMED = "K"
    """General knowledge: a person should confirm it before it is relied on."""


@dataclass(frozen=True)
class Period:
    """A length of time, as a statute says it."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """Write it for a rule's id: `45-days`, `15-business-days`, `1-months`."""
        return f"{self.count}-{self.unit.replace('_', '-')}"


@dataclass(frozen=True)
class Figure:
    """One number of a law, where it stands, and how sure we are of it."""

    period: Period
    citation: str
    confidence: Confidence
    rights: frozenset[Right] | None = None
    """The rights it is for; None: all."""


@dataclass(frozen=True)
class Figures:
    """The numbers of a law."""

    acknowledge: tuple[Figure, ...]
    """To confirm receipt; empty where no law asks for that."""
    respond: Figure | None
    """To answer; None where the figure was not established."""
    extend: Figure | None
    """What the one extension adds; None where there is none."""
    stop: Figure | None
    """To act on an opt-out; None where that has the time of an answer."""
    consent: Figure | None
    """To act on a withdrawn consent; None where that has the time of an answer."""
    appeal: Figure | None
    """To decide an appeal; None where the law gives none."""
    appeal_extend: Figure | None


@dataclass(frozen=True)
class Duties:
    """What else a law asks for, where it is known; None: nothing known."""

    agent_may_opt_out: bool | None = None
    ask_again_after_months: int | None = None
    """How long a consumer who opted out is not asked to opt in again."""
    completion_notice_days: int | None = None
    free_a_year: int | None = None
    in_writing: bool = False
    """A spoken request may not be a valid one: help to put it in writing."""
    know_requests_a_year: int | None = None
    look_back_to: date | None = None
    may_pause_for: tuple[str, ...] = ()
    """What the law lets the clock rest for; ours never does."""
    metrics_from_consumers: int | None = None
    must_help: bool = False
    never_disclosed: tuple[str, ...] = ()
    opt_out_confirmed_from: date | None = None
    records_months: int | None = None
    silence_refuses: bool = False
    """No answer in time is a refusal."""
    third_parties: str | None = None
    """How recipients are listed: by name or by category."""
    ways_to_ask: int | None = None


@dataclass(frozen=True)
class Jurisdiction:
    """One law."""

    key: str
    english: str
    """The place: `Virginia`, `the European Union`."""
    spanish: str
    law: str
    citation: str
    confidence: Confidence
    in_force_on: date | None
    """None where nobody can ask about a date before it."""
    amended_on: date | None
    figures_of: str
    """The key of the law whose figures these are: another's where the residence is not known."""
    figures: Figures
    rights: frozenset[Right]
    since: Mapping[Right, date]
    """Rights that were granted later than the rest."""
    sectoral: bool
    """Whether it is for some businesses or data only, so that a residence alone never picks it."""
    scope: str | None
    note: str | None
    duties: Duties

    def grants(self, right: Right, on: date) -> bool:
        """Tell whether the law knows the right on that day; what it does not is still answered."""
        return right in self.rights and on >= self.since.get(right, on)

    @property
    def is_californian(self) -> bool:
        """Tell whether it is California's, or stands in for a residence that was not told."""
        return self.figures_of == "US-CA"

    def is_in_force(self, on: date) -> bool:
        """Tell whether the law applies to a request received on that day."""
        return self.in_force_on is None or on >= self.in_force_on


def find_jurisdiction(key: str | None) -> Jurisdiction:
    """Answer the law with this key, California's figures for None; else JurisdictionError."""
    try:
        return JURISDICTIONS[key or UNKNOWN]
    except KeyError:
        raise JurisdictionError(
            f"There is no jurisdiction {key!r} in our table. Write it like US-CA, US-VA or EU, or "
            "leave it out: California's figures are used where the residence is not known."
        ) from None


def jurisdiction_of(residence: str | None, received: date) -> str:
    """Answer the key of the law for a consumer who lives there: `US-NY`, `US-VA`, `EU`, None.

    A state without such a law, or before it was in force, has California's figures; so has a
    place whose own figures were not established. Raises JurisdictionError for what is no place.
    """
    found = find_jurisdiction(None if residence in WITHOUT_LAW else residence)
    usable = found.is_in_force(received) and found.figures.respond and not found.sectoral
    return found.key if usable else UNKNOWN


def _read_all() -> dict[str, Jurisdiction]:
    table = read_table("jurisdictions")
    laws = {key: facts for key, facts in table.items() if isinstance(facts, dict)}
    menus = laws.pop("menus")
    found: dict[str, Jurisdiction] = {}
    for key, facts in laws.items():
        if "figures_of" in facts:
            other = found[facts["figures_of"]]
            found[key] = replace(other, key=key, english=facts["english"], spanish=facts["spanish"])
        else:
            found[key] = _read(key, facts, menus)
    return found


def _read(key: str, facts: dict[str, Any], menus: Mapping[str, list[str]]) -> Jurisdiction:
    rights = {*menus.get(facts.get("menu", ""), ()), *facts.get("adds", ())}
    duties: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts.get("duties", {}).items()
    }
    return Jurisdiction(
        key=key,
        english=facts["english"],
        spanish=facts.get("spanish", facts["english"]),
        law=facts["law"],
        citation=facts["citation"],
        confidence=Confidence(facts["confidence"]),
        in_force_on=facts.get("in_force_on"),
        amended_on=facts.get("amended_on"),
        figures_of=key,
        figures=_read_figures(facts),
        rights=frozenset(map(Right, rights.difference(facts.get("lacks", ())))),
        since={Right(name): day for name, day in facts.get("since", {}).items()},
        sectoral=facts.get("sectoral", False),
        scope=facts.get("scope"),
        note=facts.get("note"),
        duties=Duties(**duties),
    )


def _read_figures(law: dict[str, Any]) -> Figures:
    return Figures(
        acknowledge=tuple(_read_figure(facts, law) for facts in law.get("acknowledge", ())),
        **{
            name: _read_figure(law[name], law) if name in law else None
            for name in ("respond", "extend", "stop", "consent", "appeal", "appeal_extend")
        },
    )


def _read_figure(facts: dict[str, Any], law: dict[str, Any]) -> Figure:
    (unit,) = facts.keys() & set(Unit)
    return Figure(
        Period(facts[unit], Unit(unit)),
        facts.get("citation", law["citation"]),
        Confidence(facts.get("confidence", law["confidence"])),
        frozenset(map(Right, facts["rights"])) if "rights" in facts else None,
    )


JURISDICTIONS = _read_all()
"""Every law of the table by its key."""

WITHOUT_LAW = frozenset(f"US-{code}" for code in read_table("jurisdictions")["without_law"])
"""States and territories that have no such law."""

TABLE_VERSION: str = read_table("jurisdictions")["version"]
"""Stored with every date that was found with the table."""
