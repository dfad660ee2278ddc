"""Reading the form: what was typed, cleaned; and what is wrong with it, in sentences of the table.

Nothing is read that is not named here, so that a field somebody adds changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from voiceline.email_addresses import read_email
from voiceline.rules.phone_numbers import read_phone
from voiceline.rules.plain_text import has_visible, without_controls, without_lines
from voiceline.rules.residences import RESIDENCES
from voiceline.rules.rights import WITHOUT_VERIFICATION, Right
from voiceline.rules.standings import Standing
from voiceline.web_requests import Sent
from voiceline.web_texts import rights, standings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.datastructures import MultiDict

LONGEST_NAME = 200
LONGEST_LINE = 320
LONGEST_DETAILS = 5000
TRAP = "website"
"""Out of sight; whoever fills it in does not see the page."""

ONCE = (
    *("standing", "name", "consumer_name", "email", "phone", "residence", "details"),
    *("without_contact", "token", TRAP),
)
"""Fields that come at most once; `rights` may come often."""

RIGHTS = tuple(Right(key) for key in rights("en"))
STANDINGS = tuple(Standing(key) for key in standings("en"))
FOR_ONESELF = frozenset({Standing.SELF, Standing.MINOR})

_UNREADABLE = re.compile("[\x00\ufffd\ud800-\udfff]")


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong: at which field (None: the whole form), and the sentence."""

    place: str | None
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """What was typed, without what is no text; shown again where something is wrong."""

    values: Mapping[str, str] = field(default_factory=dict)
    rights: tuple[str, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    """Of the way it was sent."""

    def __getitem__(self, name: str) -> str:
        """Answer what was typed into the field."""
        return self.values.get(name, "")

    @property
    def content(self) -> dict[str, object]:
        """All that makes this request another than the next."""
        typed = {name: value for name, value in self.values.items() if name != "token"}
        return {"rights": sorted(set(self.rights)), **typed}


EMPTY = Filled({"standing": Standing.SELF})


def read_filled(form: MultiDict[str, str], *, body: bytes, has_files: bool) -> Filled:
    """Read what was typed; `body` is the form as it was sent, where it was no upload."""
    once = {name: form.getlist(name) for name in ONCE}
    chosen = form.getlist("rights")
    complaints = []
    if any(len(values) > 1 for values in once.values()):
        complaints.append(Complaint(None, "error_repeated"))
    if not _is_text(body) or any(
        _UNREADABLE.search(text) for texts in (*once.values(), chosen) for text in texts
    ):
        complaints.append(Complaint(None, "error_unreadable"))
    if has_files:
        complaints.append(Complaint(None, "error_files"))
    return Filled(
        values={name: _clean(name, values[-1]) for name, values in once.items() if values},
        rights=tuple(_UNREADABLE.sub("", text) for text in chosen),
        complaints=tuple(complaints),
    )


def complaints_about(filled: Filled) -> tuple[Complaint, ...]:
    """Say everything that is wrong, in the order of the form."""
    return (*filled.complaints, *_about_asking(filled), *_about_contact(filled))


def read_sent(filled: Filled, language: str) -> Sent:
    """Answer what was typed as it is filed; nothing is wrong with it."""
    return Sent(
        rights=tuple(right for right in RIGHTS if right in filled.rights),
        standing=Standing(filled["standing"]),
        language=language,
        name=filled["name"] or None,
        email=read_email(filled["email"]) if filled["email"] else None,
        phone=read_phone(filled["phone"]) if filled["phone"] else None,
        residence=filled["residence"] or None,
        details=filled["details"] or None,
        consumer_name=filled["consumer_name"] or None,
    )


def _is_text(body: bytes) -> bool:
    """Tell whether all of it is UTF-8; werkzeug leaves what is not, percent signs and all."""
    try:
        unquote_to_bytes(body.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return False
    return True


def _clean(name: str, text: str) -> str:
    """Leave out what is no text; a name or an address is one line, and never read in part."""
    readable = _UNREADABLE.sub("", text)
    if name == "details":
        lines = readable.replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", without_controls(lines)).strip()
    if name in {"name", "consumer_name"}:
        return without_lines(readable)
    # a line break in an address is no space: what follows it was meant for somebody else
    return readable.strip()[: LONGEST_LINE + 1]


def _about_asking(filled: Filled) -> Iterator[Complaint]:
    if not filled.rights:
        yield Complaint("rights", "error_rights")
    elif set(filled.rights) - set(RIGHTS):
        yield Complaint("rights", "error_rights_unknown")
    if filled["standing"] not in STANDINGS:
        yield Complaint("standing", "error_standing")
    elif filled["standing"] not in FOR_ONESELF and not filled["consumer_name"]:
        yield Complaint("consumer_name", "error_consumer_name")


def _about_contact(filled: Filled) -> Iterator[Complaint]:
    for name in ("consumer_name", "name"):
        if len(filled[name]) > LONGEST_NAME:
            yield Complaint(name, "error_name_long")
        elif filled[name] and not has_visible(filled[name]):
            yield Complaint(name, "error_name_empty")
    if filled["email"] and read_email(filled["email"]) is None:
        yield Complaint("email", "error_email")
    if filled["phone"] and read_phone(filled["phone"]) is None:
        yield Complaint("phone", "error_phone")
    if _needs_contact(filled):
        yield Complaint("email", "error_contact")
    if filled["residence"] and filled["residence"] not in RESIDENCES:
        yield Complaint("residence", "error_residence")
    if len(filled["details"]) > LONGEST_DETAILS:
        facts = {"most": LONGEST_DETAILS, "count": len(filled["details"])}
        yield Complaint("details", "error_details_long", facts)
    elif filled.rights == (Right.OTHER,) and not has_visible(filled["details"]):
        yield Complaint("details", "error_details_other")


def _needs_contact(filled: Filled) -> bool:
    """Tell whether somebody who must be answered cannot be, and did not say that this is meant."""
    if filled["email"] or filled["phone"] or filled["without_contact"]:
        return False
    return bool(set(filled.rights) & set(RIGHTS) - WITHOUT_VERIFICATION)
