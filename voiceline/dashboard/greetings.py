"""What callers of each code hear: listened to, recorded, uploaded, typed, taken back.

Everybody listens; admins and owners change it, since it is what the business says in public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import greetings as verbs
from voiceline.audit import staff
from voiceline.dashboard.callers_hear import heard_by_callers, how_to_dial, standard_words
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.errors import NotFoundError, UserError
from voiceline.models import Greeting, GreetingForm, ServiceCode
from voiceline.sound.kinds import ACCEPTED, ENDINGS
from voiceline.wav import LONGEST_GREETING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("greetings", __name__, url_prefix="/businesses/<uuid:business_id>/greetings")

ONE = "/<uuid:code_id>/<any(en,es):language>"
CODES = 25
"""Codes on one page."""
VERSIONS = 20
"""Versions on one page."""

FORMS = {
    GreetingForm.RECORDED: "Recorded in the browser",
    GreetingForm.UPLOADED: "Uploaded",
    GreetingForm.TYPED: "Typed text",
    GreetingForm.STANDARD: "The line's own words",
}


def set_up(app: Flask) -> None:
    """Teach the templates what a greeting's page needs to know."""
    app.jinja_env.globals.update(
        GREETING_FORMS=FORMS,
        SOUNDS_ACCEPTED=ACCEPTED,
        SOUND_ENDINGS=",".join(ENDINGS),
        LONGEST_GREETING=LONGEST_GREETING,
        LONGEST_GREETING_TEXT=verbs.LONGEST_TEXT,
    )


@blueprint.get("")
def show_greetings(business_id: UUID) -> ResponseReturnValue:
    """List the codes, and what their callers hear now."""
    after = request.args.get("after", "")
    with transaction() as session:
        codes = verbs.codes_of(session, business_id, after=after, limit=CODES + 1)
        live = verbs.live_greetings(session, codes[:CODES])
    return render_template(
        "greetings.html",
        codes=codes[:CODES],
        live=live,
        next_code=codes[CODES - 1].code if len(codes) > CODES else None,
        later_page=bool(after),
        how_to_dial=how_to_dial,
        standard_words=standard_words,
    )


@blueprint.get(ONE)
def show_greeting(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Show what callers hear in this language, what they heard before, and how to change it."""
    return page(business_id, code_id, language)


@blueprint.post(f"{ONE}/text")
def type_text(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Let the line read this text from the next call on."""
    text = request.form.get("text", "")
    try:
        with transaction() as session:
            code = verbs.find_code_of(session, business_id, code_id)
            made = verbs.set_greeting(
                session, code, language=language, text=text, by=staff(user()), at=now()
            )
    except NotFoundError:
        raise
    except UserError as error:
        return page(business_id, code_id, language, problem=str(error), typed=text), 400
    return to_page(made)


@blueprint.post(f"{ONE}/restore")
def restore(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Let callers hear an earlier version again."""
    with transaction() as session:
        code = verbs.find_code_of(session, business_id, code_id)
        earlier = verbs.find_version(session, code, language, _number("version"))
        made = verbs.restore_greeting(session, code, earlier, by=staff(user()), at=now())
    return to_page(made)


@blueprint.post(f"{ONE}/standard")
def use_standard(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Let callers hear the line's own words again."""
    with transaction() as session:
        code = verbs.find_code_of(session, business_id, code_id)
        made = verbs.use_standard(session, code, language=language, by=staff(user()), at=now())
    if made is None:
        return page(business_id, code_id, language)
    return to_page(made)


def page(
    business_id: UUID,
    code_id: UUID,
    language: str,
    *,
    problem: str | None = None,
    typed: str | None = None,
    asking: str | None = None,
) -> str:
    """Render a greeting's page; `asking` is the token of sound in which nothing is heard."""
    before = _number_or_none("before")
    with transaction() as session:
        code = verbs.find_code_of(session, business_id, code_id)
        live = next(iter(verbs.versions_of(session, code, language, limit=1)), None)
        versions = verbs.versions_of(session, code, language, before=before, limit=VERSIONS + 1)
        told = _told(session, code, language, live)
    return render_template(
        "greeting.html",
        code=code,
        language=language,
        live=live,
        versions=versions[:VERSIONS],
        earlier=versions[VERSIONS - 1].version if len(versions) > VERSIONS else None,
        told=told,
        heard=heard_by_callers(code, business(), language),
        standard=standard_words(code, language),
        dial=how_to_dial(code, language),
        problem=problem,
        typed=typed,
        asking=asking,
    )


def to_page(made: Greeting, doubts: str | None = None) -> ResponseReturnValue:
    """Go to the page, which tells of this version and of what others saved meanwhile."""
    address = url_for(
        "greetings.show_greeting",
        business_id=made.business_id,
        code_id=made.service_code_id,
        language=made.language,
        saved=made.version,
        seen=_number_or_none("seen"),
        doubts=doubts,
    )
    return redirect(address, code=303)


def _told(
    session: Session, code: ServiceCode, language: str, live: Greeting | None
) -> dict[str, object] | None:
    """Answer what became of the version somebody just saved, beside those of others."""
    saved, seen = _number_or_none("saved"), _number_or_none("seen")
    if saved is None or live is None or saved > live.version:
        return None
    mine = verbs.find_version(session, code, language, saved)
    between: Sequence[Greeting] = []
    if seen is not None and seen < saved - 1:
        between = [
            each
            for each in verbs.versions_of(session, code, language, before=saved, limit=VERSIONS)
            if each.version > seen
        ]
    later = verbs.versions_of(session, code, language, limit=1)[0]
    return {"mine": mine, "between": between, "later": later if later.version > saved else None}


def _number(name: str) -> int:
    found = _number_or_none(name)
    if found is None:
        raise NotFoundError("no such version")
    return found


def _number_or_none(name: str) -> int | None:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("999999") else None
