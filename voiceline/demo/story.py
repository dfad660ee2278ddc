"""A call told as it happens, for somebody who watches a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.simulator import CallEvent

WIDTH = 96
INDENT = 22


def tell(event: CallEvent, echo: Callable[[str], None]) -> None:
    """Tell one event; what only an engineer would want is left to the softphone's page."""
    teller = TELLERS.get(event.kind)
    if teller is not None and (words := teller(event.detail)):
        name, text = words
        clock = click.style(f"{event.second:6.1f} s", dim=True)
        echo(f"{clock}  {click.style(f'{name:<11}', fg=COLOURS.get(name))} {_wrapped(text)}")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT)[
        INDENT:
    ]


Words = tuple[str, str] | None


def _ringing(detail: dict[str, Any]) -> Words:
    return "rings", f"{detail['caller'] or 'a withheld number'} calls {detail['number']}"


def _say(detail: dict[str, Any]) -> Words:
    cut = "" if detail.get("whole", True) else " ..."
    return "hears", f"“{detail['text']}”{cut}"


def _play(detail: dict[str, Any]) -> Words:
    what = "the greeting" if "/greetings/" in str(detail.get("url")) else "a recording"
    return "hears", f"{what}, played from {detail.get('seconds', 0):.0f} s of audio"


def _keys(detail: dict[str, Any]) -> Words:
    keyed = f"{detail['digits']}{detail.get('finished_on') or ''}"
    return ("keys", keyed) if keyed else None


def _beep(_detail: dict[str, Any]) -> Words:
    return "tone", "the tone sounds; recording begins"


def _recorded(detail: dict[str, Any]) -> Words:
    return "speaks", f"{detail.get('seconds', 0)} s recorded by the carrier ({_id(detail)})"


def _hangup(detail: dict[str, Any]) -> Words:
    return "hangs up", "the caller" if detail.get("by") == "caller" else "the line"


def _error(detail: dict[str, Any]) -> Words:
    return "trouble", f"{detail.get('code')}: {detail.get('message')}"


def _reject(_detail: dict[str, Any]) -> Words:
    return "rejected", "the call is not answered"


def _ended(detail: dict[str, Any]) -> Words:
    return "ends", str(detail.get("outcome", "")).replace("_", " ")


def _id(detail: dict[str, Any]) -> str:
    return str(detail.get("recording", ""))


TELLERS: dict[str, Callable[[dict[str, Any]], Words]] = {
    "ringing": _ringing,
    "say": _say,
    "play": _play,
    "keys": _keys,
    "beep": _beep,
    "recorded": _recorded,
    "hangup": _hangup,
    "error": _error,
    "reject": _reject,
    "ended": _ended,
}

COLOURS = {"keys": "cyan", "tone": "yellow", "speaks": "green", "trouble": "red"}
