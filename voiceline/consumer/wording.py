"""How things are said on a page: in the language of this answer, from the table of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from voiceline import web_texts
from voiceline.consumer.assets import asset_url
from voiceline.consumer.context import chosen_language, language, services
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask

    from voiceline.models import ServiceCode
    from voiceline.web_receipts import Receipt


def set_up(app: Flask) -> None:
    """Teach the templates these words."""
    app.jinja_env.filters["grouped"] = grouped
    app.jinja_env.globals.update(
        asset_url=asset_url,
        by_phone=by_phone,
        changes_language=changes_language,
        day=day,
        is_framed=is_framed,
        language=language,
        right_name=right_name,
        say=say,
        standing_hint=standing_hint,
        to=to,
        what_follows=what_follows,
    )


def say(name: str, **facts: object) -> str:
    """Answer a sentence in the language of this page."""
    return web_texts.sentence(language(), name, **facts)


def right_name(right: str) -> str:
    """Say a right as somebody asks for it."""
    return web_texts.right_name(language(), right)


def what_follows(receipt: Receipt) -> list[str]:
    """Say what the business does next with what was asked."""
    asked = [one.right for one in receipt.promises]
    return web_texts.what_follows(language(), receipt.business, asked)


def standing_hint(standing: str) -> str | None:
    """Say what may be asked of who asks for somebody else."""
    return web_texts.standing_hint(language(), standing)


def day(value: date) -> str:
    """Write a date in words."""
    return web_texts.written_date(language(), value)


def to(path: str) -> str:
    """Answer the path, with the language where one was chosen."""
    chosen = chosen_language()
    return f"{path}?lang={chosen}" if chosen else path


def is_framed() -> bool:
    """Tell whether this page may be in a frame, where pages of ours alone are not shown."""
    return bool(g.get("sites"))


def changes_language() -> tuple[str, str] | None:
    """Answer the other language and this page in it; None where going there would lose text."""
    if request.method not in {"GET", "HEAD"}:
        return None
    other = web_texts.other_language(language())
    return other, f"{g.get('language_path', request.path)}?lang={other}"


def by_phone(code: ServiceCode | None) -> str:
    """Say how to call instead, in a business's words or without any."""
    dedicated = code.dedicated_number if code else None
    number = spaced(dedicated or services().settings.twilio_numbers[0])
    if code is None or dedicated:
        return say("by_phone_no_code", number=number)
    return say("by_phone", number=number, code=code.code)


def spaced(number: str) -> str:
    """Group a North American number; others stay as they are."""
    if number.startswith("+1") and len(number) == len("+18005550100"):
        return f"{number[2:5]} {number[5:8]} {number[8:]}"
    return number
