"""Carrying out an order to erase: place by place, again until each says that nothing is left.

The tombstones are committed before the first key is destroyed. What a place refuses is tried
again, and the other places do not wait for it; the operator is told daily from the second day on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now, work_off
from jobs.process import services
from voiceline import erasures, outbox
from voiceline.alarms import Alarm, alarm
from voiceline.audit.keys import SigningKey
from voiceline.erasing import Why, erase_voicemail
from voiceline.errors import MissingKeyError, PermanentFailure, TemporaryFailure, UserError
from voiceline.models import Erasure, Voicemail
from voiceline.models.derived_audio import LEASE

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services

log = structlog.get_logger()

LOST = "the key of a recording is not in the key store, and nobody destroyed it: is it that store?"


def erase(erasure_id: str) -> None:
    """Do what is left of one order."""
    work_off(services(), Erasure, erasure_id, _advance, lease=LEASE)


def _advance(built: Services, erasure: Erasure) -> None:
    try:
        _carry_out(built, erasure)
    except (TemporaryFailure, PermanentFailure) as failure:
        _tell_if_overdue(built, erasure, str(failure))
        raise


def _carry_out(built: Services, erasure: Erasure) -> None:
    _prove_keys(built, erasure)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Erasure, erasure.id, erasure.claim)
        if held is None:
            return
        erasures.bury_takes(session, held.request, now())
        takes = [take.id for take in erasures.takes_of(session, held.request)]
    refused: dict[str, str] = {}
    for take in takes:
        refused |= _erase_take(built, erasure, take)
    if refused:
        said = "; ".join(f"{place}: {reason}" for place, reason in sorted(refused.items()))
        raise TemporaryFailure(said[:500])
    key = SigningKey(built.settings.audit_signing_key.get_secret_value())
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Erasure, erasure.id, erasure.claim)
        if held is not None:
            erasures.finish(session, held, now(), key=key)
            log.info("erasure.done", erasure=erasure.id)


def _prove_keys(built: Services, erasure: Erasure) -> None:
    """Raise where the key store is not the one: it has none of the keys, and calls them gone."""
    keys = built.store.keys
    keys.prove(first=False)
    with built.sessions() as session:
        request = session.get_one(Erasure, erasure.id).request
        names = erasures.untouched_keys(session, request)
    for name in names:
        try:
            keys.wrapped_by(name)
        except MissingKeyError:
            raise PermanentFailure(LOST) from None


def _erase_take(built: Services, erasure: Erasure, take: UUID) -> dict[str, str]:
    """Erase one take, and count what was found with it; answer what its places refused."""
    with built.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, take)
        try:
            found = erase_voicemail(session, built, voicemail, Why.BY_HAND, now())
        except UserError as refusal:  # a hold that was placed meanwhile
            raise PermanentFailure(str(refusal)) from None
        held = outbox.reclaim(session, Erasure, erasure.id, erasure.claim)
        if held is not None:
            held.objects += found.objects
            held.texts += found.texts
        return found.refusals


def _tell_if_overdue(built: Services, erasure: Erasure, reason: str) -> None:
    if erasures.is_overdue(erasure, now()):
        with built.sessions.begin() as session:
            alarm(session, Alarm.UNERASED, {"reason": reason}, at=now())
