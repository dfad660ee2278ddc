"""The verbs of greetings: each appends a version, and the newest is what callers hear.

Nothing is ever written over, so whoever saves at the same moment as somebody else loses nothing:
both versions are there, and the later one is live.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import OPERATOR, Action, Actor, Deed
from voiceline.audit.encoding import sha256
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, UserError
from voiceline.models import ActorKind, Greeting, GreetingAudio, GreetingForm, ServiceCode
from voiceline.rules.plain_text import has_visible, without_controls
from voiceline.wav import check_greeting, duration_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

LANGUAGES = ("en", "es")
LONGEST_TEXT = 3000
"""Characters of a greeting's text; read aloud, more than three minutes."""

HEARD_AS = {
    GreetingForm.RECORDED: "audio",
    GreetingForm.UPLOADED: "audio",
    GreetingForm.TYPED: "text",
    GreetingForm.STANDARD: "standard",
}
"""The forms by the words of the audit trail."""


def set_greeting(
    session: Session,
    service_code: ServiceCode,
    *,
    language: str,
    at: datetime,
    text: str | None = None,
    audio: bytes | None = None,
    form: GreetingForm = GreetingForm.UPLOADED,
    by: Actor = OPERATOR,
) -> Greeting:
    """Append a version of the greeting; callers hear it from the next call on.

    `audio` is a WAV as the telephone plays it, and `form` how it was made. What callers hear
    already is not appended again: a button that is pressed twice makes one version.
    """
    if language not in LANGUAGES:
        raise UserError(f"{language!r} is not spoken here: choose {' or '.join(LANGUAGES)}.")
    if (text is None) == (audio is None):
        raise UserError("A greeting is either text or audio.")
    if audio is not None:
        length, digest = duration_ms(audio), keep_audio(session, audio, at)
        said = Greeting(form=form, audio_sha256=digest, duration_ms=length)
    else:
        said = Greeting(form=GreetingForm.TYPED, text=_checked_text(text or ""))
    said.language = language
    return _append(session, service_code, said, by, at)


def restore_greeting(
    session: Session, service_code: ServiceCode, earlier: Greeting, *, by: Actor, at: datetime
) -> Greeting:
    """Append a version with the content of an earlier one."""
    said = Greeting(
        language=earlier.language,
        form=earlier.form,
        text=earlier.text,
        audio_sha256=earlier.audio_sha256,
        duration_ms=earlier.duration_ms,
        restored_from=earlier.version,
    )
    return _append(session, service_code, said, by, at)


def use_standard(
    session: Session, service_code: ServiceCode, *, language: str, by: Actor, at: datetime
) -> Greeting | None:
    """Let callers hear the line's own words again; None where they never heard others."""
    if newest_greeting(session, service_code, language) is None:
        return None
    said = Greeting(language=language, form=GreetingForm.STANDARD)
    return _append(session, service_code, said, by, at)


def newest_greeting(session: Session, code: ServiceCode, language: str) -> Greeting | None:
    """Answer the greeting callers hear now; None, or its form, may mean the line's own words."""
    return session.scalar(
        select(Greeting)
        .where(Greeting.service_code_id == code.id, Greeting.language == language)
        .order_by(Greeting.version.desc())
        .limit(1)
    )


def live_greetings(
    session: Session, codes: Sequence[ServiceCode]
) -> dict[tuple[UUID, str], Greeting]:
    """Answer what callers of these codes hear now, by code and language, where it was ever set."""
    newest = (
        select(func.max(Greeting.version))
        .where(Greeting.service_code_id == ServiceCode.id)
        .correlate(ServiceCode)
    )
    found: dict[tuple[UUID, str], Greeting] = {}
    for language in LANGUAGES:
        version = newest.where(Greeting.language == language).scalar_subquery()
        rows = session.scalars(
            select(Greeting)
            .join(ServiceCode, ServiceCode.id == Greeting.service_code_id)
            .where(ServiceCode.id.in_([code.id for code in codes]))
            .where(Greeting.language == language, Greeting.version == version)
            .options(joinedload(Greeting.created_by))
        )
        found |= {(row.service_code_id, language): row for row in rows}
    return found


def versions_of(
    session: Session,
    code: ServiceCode,
    language: str,
    *,
    before: int | None = None,
    limit: int,
) -> Sequence[Greeting]:
    """Answer versions with who made them, newest first; `before` leaves out that one and later."""
    query = select(Greeting).where(
        Greeting.service_code_id == code.id, Greeting.language == language
    )
    if before is not None:
        query = query.where(Greeting.version < before)
    query = query.options(joinedload(Greeting.created_by))
    return session.scalars(query.order_by(Greeting.version.desc()).limit(limit)).all()


def find_version(session: Session, code: ServiceCode, language: str, version: int) -> Greeting:
    """Answer that version, or raise NotFoundError."""
    found = session.scalar(
        select(Greeting).where(
            Greeting.service_code_id == code.id,
            Greeting.language == language,
            Greeting.version == version,
        )
    )
    if found is None:
        raise NotFoundError("There is no such version of this greeting.")
    return found


def codes_of(
    session: Session, business_id: UUID, *, after: str = "", limit: int
) -> Sequence[ServiceCode]:
    """Answer the business's codes that callers reach, in their order; `after` is the last seen."""
    mine = select(ServiceCode).where(
        ServiceCode.business_id == business_id,
        ServiceCode.withdrawn_at.is_(None),
        ServiceCode.code > after,
    )
    query = mine.options(joinedload(ServiceCode.business)).order_by(ServiceCode.code)
    return session.scalars(query.limit(limit)).all()


def find_code_of(session: Session, business_id: UUID, code_id: UUID) -> ServiceCode:
    """Answer the business's code with that id, or raise NotFoundError."""
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.id == code_id, ServiceCode.business_id == business_id)
        .options(joinedload(ServiceCode.business))
    )
    if found is None:
        raise NotFoundError("no such code")
    return found


def keep_audio(session: Session, audio: bytes, at: datetime) -> str:
    """Keep a WAV the telephone can play, once however often it comes; answer its SHA-256."""
    check_greeting(audio)
    digest = hashlib.sha256(audio).hexdigest()
    session.execute(
        insert_once(session, GreetingAudio).values(sha256=digest, data=audio, created_at=at)
    )
    # handed in again it is as new: whoever is asked about it has a day again
    again = update(GreetingAudio).where(GreetingAudio.sha256 == digest)
    session.execute(again.where(GreetingAudio.created_at < at).values(created_at=at))
    return digest


def audio_of(session: Session, digest: str) -> bytes:
    """Answer the WAV with that hash, or raise NotFoundError."""
    found = session.get(GreetingAudio, digest)
    if found is None:
        raise NotFoundError("This sound is not kept any more: record it or choose it again.")
    return found.data


def forget_unused_audio(session: Session, *, before: datetime) -> int:
    """Delete sound of before then that no greeting took: somebody was asked, and thought better."""
    used = exists().where(Greeting.audio_sha256 == GreetingAudio.sha256)
    unused = delete(GreetingAudio).where(GreetingAudio.created_at < before, ~used)
    return len(session.scalars(unused.returning(GreetingAudio.sha256)).all())


def _append(
    session: Session, service_code: ServiceCode, said: Greeting, by: Actor, at: datetime
) -> Greeting:
    """Number the version and add it, unless callers hear just that already."""
    # who saves at the same moment waits here; callers, who only refer to the code, do not
    session.execute(
        select(ServiceCode.id)
        .where(ServiceCode.id == service_code.id)
        .with_for_update(key_share=True)
    )
    live = newest_greeting(session, service_code, said.language)
    if live is not None and live.says_same(said):
        return live
    said.business_id, said.service_code_id = service_code.business_id, service_code.id
    said.version = live.version + 1 if live else 1
    said.created_by_id = by.id if by.kind == ActorKind.STAFF else None
    said.created_at = at
    session.add(said)
    session.flush()
    audit.write(session, _deed(service_code, said, by, at))
    return said


def _deed(service_code: ServiceCode, said: Greeting, by: Actor, at: datetime) -> Deed:
    facts: dict[str, str | int] = {
        "code": service_code.code,
        "language": said.language,
        "version": said.version,
        "form": HEARD_AS[said.form],
        "sha256": said.audio_sha256 or sha256(said.text or ""),
    }
    if said.restored_from is not None:
        facts["restored_from"] = said.restored_from
    subject = audit.about(service_code)
    return Deed(said.business_id, Action.CODE_GREETING_SET, by, at, subject, facts)


def _checked_text(text: str) -> str:
    plain = without_controls(text).strip()
    if not has_visible(plain) or len(plain) > LONGEST_TEXT:
        raise UserError(f"A greeting's text has 1 to {LONGEST_TEXT:,} characters.")
    return plain
