"""The verbs of searching: each request has a document of its words, kept by whoever learns them.

A document follows in the transaction of what changes: a draft that comes later, contact that is
noted anew, a take that is erased. It holds what consumers said and wrote, who they are and how to
reach them; what the business's people write of them is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, func, literal, or_, select, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from voiceline.database import insert_once
from voiceline.models import Call, PrivacyRequest, Requester, SearchDocument, Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.search_words import number_words, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.rules.search_words import Alternatives

GONE = (VoicemailStatus.REPLACED, VoicemailStatus.ERASED)


def begin_document(session: Session, request: PrivacyRequest, caller_id: str | None) -> None:
    """Write the document of a request that is being filed; nothing was transcribed yet."""
    words = _words(session, request, request.requester, caller_id, ())
    insert = insert_once(session, SearchDocument)
    facts = {"request_id": request.id, "business_id": request.business_id}
    session.execute(insert.values(**facts, words=words))


def follow_document(session: Session, request: PrivacyRequest) -> None:
    """Write the document anew, of all that is known now.

    The document is held first: of two that learn something at once the later one reads both. Call
    it before the audit trail is written, which comes last in every transaction.
    """
    session.flush()
    begin_document(session, request, None)
    mine = SearchDocument.request_id == request.id
    session.execute(select(SearchDocument.request_id).where(mine).with_for_update())
    asker = session.scalar(
        select(Requester)
        .where(Requester.request_id == request.id)
        .execution_options(populate_existing=True)
    )
    caller = session.scalar(select(Call.caller_id).where(Call.id == request.call_id))
    words = _words(session, request, asker, caller, _drafts(session, request))
    session.execute(
        update(SearchDocument)
        .where(mine)
        .values(words=words)
        .execution_options(synchronize_session=False)
    )


def follow_voicemail(session: Session, voicemail: Voicemail) -> None:
    """Write the document of the request that the voicemail became, if it has."""
    found = session.scalar(
        select(PrivacyRequest).where(PrivacyRequest.call_id == voicemail.call_id)
    )
    if found is not None:
        follow_document(session, found)


def follow_caller(session: Session, carrier_id: str) -> None:
    """Write the document of the request that came by this call, of whose caller we just learnt."""
    found = session.scalar(
        select(PrivacyRequest)
        .join(Call, Call.id == PrivacyRequest.call_id)
        .where(Call.carrier_id == carrier_id)
    )
    if found is not None:
        follow_document(session, found)


def meets(session: Session, business_id: UUID, asked: Sequence[Alternatives]) -> Any:
    """Answer the condition that a document has all that is asked for, and is this business's."""
    mine = SearchDocument.business_id == business_id
    if session.get_bind().dialect.name == "postgresql":
        terms = [f"'{_business_word(business_id)}'", *map(_term, asked)]
        query = sql_cast(literal(" & ".join(terms)), TSQUERY)
        return and_(mine, SearchDocument.words.op("@@")(query))
    return and_(mine, *map(_likeness, asked))


def _drafts(session: Session, request: PrivacyRequest) -> Iterable[str]:
    """Answer the newest draft of each take that stands."""
    if request.call_id is None:
        return ()
    rows = session.execute(
        select(Transcript.voicemail_id, Transcript.text)
        .join(Voicemail, Voicemail.id == Transcript.voicemail_id)
        .where(Voicemail.call_id == request.call_id, Voicemail.status.not_in(GONE))
        .order_by(Transcript.version)
    )
    return {voicemail: text for voicemail, text in rows if text}.values()


def _words(
    session: Session,
    request: PrivacyRequest,
    asker: Requester | None,
    caller_id: str | None,
    drafts: Iterable[str],
) -> Any:
    texts = [*drafts]
    numbers = [caller_id]
    if asker is not None:
        texts += [each or "" for each in (asker.name, asker.consumer_name, asker.email)]
        texts += [each or "" for each in (asker.postal_address, asker.details)]
        numbers.append(asker.phone)
    words = {request.reference, _business_word(request.business_id), *words_of(texts)}
    for number in numbers:
        words |= number_words(number) if number else set()
    if session.get_bind().dialect.name == "postgresql":
        return func.array_to_tsvector(sql_cast(sorted(words), ARRAY(Text)))
    return f" {' '.join(sorted(words))}"


def _business_word(business_id: UUID) -> str:
    """Answer a word that nobody can ask for: what somebody writes is split at its mark."""
    return f"\x1f{business_id.hex}"


def _term(ways: Alternatives) -> str:
    """Write one of PostgreSQL's terms: any of the ways, with all of its words, by its beginning."""
    each = (" & ".join(map(_prefix, words)) for words in ways)
    return f"({' | '.join(f'({one})' for one in each)})"


def _prefix(word: str) -> str:
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"


def _likeness(ways: Alternatives) -> ColumnElement[bool]:
    words = SearchDocument.words
    return or_(*(and_(*(words.contains(f" {word}", autoescape=True) for word in w)) for w in ways))
