"""What the caller hears: Say, Play and Pause, alone or inside a Gather."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .audio import read_wav, seconds_of
from .delivery import Answer, Order
from .errors import AudioError, TwimlError
from .events import Heard
from .verbs import Pause, Play, Prompt, Say

if TYPE_CHECKING:
    from collections.abc import Callable

    from .live import LiveCall

    Listen = Callable[[float], str | None]

CHARACTERS_A_SECOND = 15.0
FOREVER = 1000
"""What `loop="0"` amounts to."""
TONE_SECONDS = 0.5
COMPRESSED_BYTES_A_SECOND = 4000
WRONG_AUDIO, WRONG_AUDIO_IN_GATHER = 13420, 13325
WAV_TYPES = frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"})
OTHER_TYPES = frozenset(
    {"audio/mpeg", "audio/mp3", "audio/aiff", "audio/x-aiff", "audio/gsm", "audio/x-gsm"}
    | {"audio/ulaw", "audio/basic"}
)


def play_prompt(call: LiveCall, prompt: Prompt, listen: Listen, *, in_gather: bool) -> str | None:
    """Let the caller hear the prompt; answer the key that cut it off, if one did.

    `listen` lets seconds go by and answers a key. Raises CarrierFault when audio cannot be had.
    """
    if isinstance(prompt, Pause):
        call.tell("pause", seconds=prompt.length)
        return listen(prompt.length)
    if isinstance(prompt, Say):
        return _say(call, prompt, listen)
    if prompt.digits and not prompt.url:
        call.tell("play", tones=prompt.digits)
        return listen(len(prompt.digits) * TONE_SECONDS)
    return _play(call, prompt, listen, in_gather=in_gather)


def estimated_seconds(text: str) -> float:
    """Answer how long a text takes to say."""
    return len(text) / CHARACTERS_A_SECOND


def _say(call: LiveCall, say: Say, listen: Listen) -> str | None:
    spoken = call.party.speech_seconds(say.text, say.language)
    seconds = estimated_seconds(say.text) + say.breaks if spoken is None else spoken
    call.tell(
        "say",
        text=say.text,
        language=say.language,
        voice=say.voice,
        seconds=round(seconds, 2),
        times=say.loop or FOREVER,
    )
    heard = Heard("say", text=say.text, language=say.language, voice=say.voice)
    return _hear(call, heard, seconds, say.loop, listen)


def _play(call: LiveCall, play: Play, listen: Listen, *, in_gather: bool) -> str | None:
    url = call.resolve(play.url)
    # The carrier looks before it fetches: media routes must answer HEAD.
    _audio_type(call.fetch(Order("HEAD", url), media="head"), in_gather=in_gather)
    answer = call.fetch(Order("GET", url), media="get")
    seconds = _audio_seconds(answer, in_gather=in_gather)
    call.party.hears(answer.body)
    times = play.loop or FOREVER
    call.tell("play", url=answer.url, seconds=round(seconds, 2), times=times)
    heard = Heard("play", url=answer.url, audio=answer.body)
    return _hear(call, heard, seconds, play.loop, listen)


def _hear(call: LiveCall, heard: Heard, seconds: float, loop: int, listen: Listen) -> str | None:
    place = len(call.heard)
    call.heard.append(replace(heard, whole=False))
    for _ in range(loop or FOREVER):
        key = listen(seconds)
        call.check_length()
        if key is not None:
            return key
    call.heard[place] = heard
    return None


def _audio_type(answer: Answer, *, in_gather: bool) -> str:
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind in WAV_TYPES or (kind in OTHER_TYPES and not in_gather):
        return kind
    code = WRONG_AUDIO_IN_GATHER if in_gather else WRONG_AUDIO
    raise TwimlError(code, f"content type {kind!r} cannot be played", url=answer.url)


def _audio_seconds(answer: Answer, *, in_gather: bool) -> float:
    if _audio_type(answer, in_gather=in_gather) not in WAV_TYPES:
        return len(answer.body) / COMPRESSED_BYTES_A_SECOND
    try:
        return seconds_of(read_wav(answer.body))
    except AudioError as broken:
        code = WRONG_AUDIO_IN_GATHER if in_gather else WRONG_AUDIO
        raise TwimlError(code, str(broken), url=answer.url) from broken
