"""Gather: prompts that keys cut off, then keys until one ends them or none comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .prompts import play_prompt

if TYPE_CHECKING:
    from .live import LiveCall, Step
    from .verbs import Gather


def gather(call: LiveCall, verb: Gather) -> Step | None:
    """Collect keys; answer the action to request, or None when the next verb is to run."""
    call.tell(
        "gather",
        finish_on_key=verb.finish_on_key,
        num_digits=verb.num_digits,
        timeout=verb.timeout,
    )
    call.party.gathering()
    digits, finished_on = _collect(call, verb)
    call.tell("keys", digits=digits, finished_on=finished_on)
    if not digits and not verb.action_on_empty_result:
        return None
    params = {"Digits": digits}
    if finished_on:
        params["FinishedOnKey"] = finished_on
    return call.next_step(verb.action, verb.method, params)


def _collect(call: LiveCall, verb: Gather) -> tuple[str, str]:
    """Answer the digits, and the finish key if one was pressed."""
    key = _play_prompts(call, verb)
    digits = ""
    if key is None:
        key = _wait(call, verb)
    while key is not None:
        if key == verb.finish_on_key:
            return digits, key
        digits += key
        if len(digits) == verb.num_digits:
            break
        key = _wait(call, verb)
    return digits, ""


def _play_prompts(call: LiveCall, verb: Gather) -> str | None:
    takes_keys = "dtmf" in verb.input and verb.barge_in

    def listen(seconds: float) -> str | None:
        if takes_keys:
            return call.party.next_key(seconds, prompt_playing=True)
        call.party.listen(seconds)
        return None

    for prompt in verb.prompts:
        key = play_prompt(call, prompt, listen, in_gather=True)
        if key is not None:
            return key
    return None


def _wait(call: LiveCall, verb: Gather) -> str | None:
    if "dtmf" not in verb.input:  # nobody recognises speech here: it is as if none came
        call.party.listen(verb.timeout)
        return None
    return call.party.next_key(verb.timeout, prompt_playing=False)
