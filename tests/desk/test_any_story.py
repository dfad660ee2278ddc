"""Whatever happens to a request, in whatever order: nothing that is owed goes unwatched.

The inbox, the warnings and the calendar read one date of a request, `watch_by`; its page finds what
is owed from the rights, the letters and the appeals themselves. They must agree after each step.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from desks import DAY, THREE_POINTS
from letters_written import CONTACT, TAX

from voiceline import desk as verbs
from voiceline.casework import find_request
from voiceline.dashboard.owed import owed
from voiceline.desk import Dispatch, Means
from voiceline.desk.identity import proven
from voiceline.errors import NotFoundError, UserError
from voiceline.letters import Draft, appeals_of, compose, letters_of, offers
from voiceline.models import Requester, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import Way
from voiceline.rules.lifecycle import DeliveryStatus
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from desks import Desk

SEEDS = (*range(6), 56, 103, 119)
"""The first few, and those of stories that once went wrong."""

RIGHTS = (None, Right.DELETE, Right.KNOW_SPECIFIC, Right.OPT_OUT, Right.CORRECT)
REASONS = (TAX, Reason(Code.UNVERIFIED), Reason(Code.FRAUD, "An automated request."))
RESIDENCES = ("US-CA", "US-CO", "US-VA", "US-MN", "EU", "CA")


@pytest.mark.parametrize("seed", SEEDS)
def test_watched_is_what_the_page_says_is_owed_first(desk, seed):
    chance = Random(seed)
    desk.asks(chance.choice(RIGHTS[:4]))
    desk.request.requester = Requester(
        business_id=desk.request.business_id, name="Maria", email="maria@example.com"
    )
    desk.session.flush()

    for _ in range(60):
        step = chance.choice(tuple(STEPS))
        desk.wait(timedelta(seconds=1))
        try:
            with desk.session.begin_nested():
                STEPS[step](desk, chance)
        except (UserError, NotFoundError):
            pass  # refused in words
        desk.session.expire_all()

        assert desk.request.watch_by == owed_first(desk), step


def owed_first(desk: Desk):
    request = find_request(desk.session, desk.request.business_id, desk.request.id)
    found = owed(request, proven(desk.session, request), offers_now(desk))
    return found[0].by if found else None


def offers_now(desk: Desk):
    request = find_request(desk.session, desk.request.business_id, desk.request.id)
    letters, appeals = letters_of(desk.session, request), appeals_of(desk.session, request)
    return offers(request, letters, appeals)


def write_letter(desk: Desk, chance: Random) -> None:
    """Send one of the letters that can be written, by any way."""
    if not (can_be_written := offers_now(desk)):
        return
    offer = chance.choice(can_be_written)
    written = Draft(
        kind=offer.kind,
        request=desk.request,
        language="en",
        contact=CONTACT,
        today=desk.today,
        right=offer.right,
        appeal=offer.appeal,
    )
    way = chance.choice((Way.EMAIL, Way.EMAIL, Way.POST, Way.NOWHERE))
    desk.do(verbs.send_letter, written, Dispatch(way, compose(written).sha256))


def let_one_come_back(desk: Desk, chance: Random) -> None:
    """Let the mail server refuse one of the e-mails that are on their way."""
    letters = letters_of(desk.session, desk.request)
    on_their_way = [
        each for each in letters if each.delivery and each.delivery.status == DeliveryStatus.PENDING
    ]
    if on_their_way:
        letter = chance.choice(on_their_way)
        letter.delivery.fail("refused with 550", desk.at)
        verbs.take_back(desk.session, letter, desk.at)


def any_right(desk: Desk, chance: Random):
    return chance.choice(desk.request.rights)


STEPS: dict[str, Callable[[Desk, Random], object]] = {
    "acknowledge": lambda desk, _: desk.do(verbs.acknowledge, how=Means.PHONE),
    "name": lambda desk, chance: desk.do(
        verbs.name_right,
        chance.choice(RIGHTS[1:]),
        instead_of=chance.choice([None, None, any_right(desk, chance)]),
    ),
    "strike": lambda desk, chance: desk.do(
        verbs.strike_right, any_right(desk, chance), because="Named in error"
    ),
    "residence": lambda desk, chance: desk.do(
        verbs.set_residence, chance.choice(RESIDENCES), source=ResidenceSource.TOLD
    ),
    "standing": lambda desk, chance: desk.do(verbs.set_standing, chance.choice(list(Standing))),
    "verify": lambda desk, chance: desk.do(
        verbs.verify_identity, THREE_POINTS, passed=chance.random() < 0.7
    ),
    "extend": lambda desk, chance: desk.do(
        verbs.extend,
        any_right(desk, chance),
        because="Three systems",
        told_on=chance.choice([None, None, desk.today]),
    ),
    "complete": lambda desk, chance: desk.do(verbs.complete, any_right(desk, chance), done="Done"),
    "complete in part": lambda desk, chance: desk.do(
        verbs.complete_in_part,
        any_right(desk, chance),
        done="The account",
        not_done="The invoices",
        reasons=[TAX],
    ),
    "deny": lambda desk, chance: desk.do(
        verbs.deny, any_right(desk, chance), reasons=[chance.choice(REASONS)]
    ),
    "redirect": lambda desk, chance: desk.do(
        verbs.redirect, any_right(desk, chance), controller="The shop"
    ),
    "defer": lambda desk, chance: desk.do(
        verbs.defer, any_right(desk, chance), because="An invoice"
    ),
    "resume": lambda desk, chance: desk.do(verbs.resume, any_right(desk, chance)),
    "withdraw": lambda desk, chance: desk.do(
        verbs.withdraw, chance.choice([None, any_right(desk, chance)])
    ),
    "reopen": lambda desk, chance: desk.do(
        verbs.reopen, any_right(desk, chance), because="It was not all"
    ),
    "appeal": lambda desk, chance: desk.do(verbs.appeal, any_right(desk, chance)),
    "decide": lambda desk, chance: desk.do(
        verbs.decide_appeal,
        any_right(desk, chance),
        stands=chance.random() < 0.5,
        because="The invoices",
    ),
    "withdraw the appeal": lambda desk, chance: desk.do(
        verbs.withdraw_appeal, any_right(desk, chance)
    ),
    "undo": lambda desk, _: desk.do(verbs.undo),
    "letter": write_letter,
    "another letter": write_letter,
    "one more letter": write_letter,
    "comes back": let_one_come_back,
    "wait": lambda desk, chance: desk.wait(chance.choice([DAY, 5 * DAY])),
}
