"""What a colleague wrote in a step, bound by a digest in its entry: the standard library alone.

SHA-256 of the right's id, LF, the words as canonical JSON, those that are absent left out. The id
is random and stands in no entry: whoever has the trail alone cannot try words against the digest,
and once the row of the right is gone, nobody can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline.audit.encoding import canonical, sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWER = ("done", "not_done", "reasons", "controller")

OF_RIGHT: dict[str, tuple[str, ...]] = {
    "completed": _ANSWER,
    "partly_completed": _ANSWER,
    "denied": _ANSWER,
    "redirected": _ANSWER,
    "extended": ("extended_because",),
    "right_named": ("extended_because",),
    "deferred": ("deferred_because",),
}
"""The columns of a right that a step writes, by the step.

To name a right writes words only where the law takes a refused request for it: then what the
consumer was told of a later date counts for the right that is named, too.
"""

OF_APPEAL: dict[str, tuple[str, ...]] = {
    "extended": ("extended_because",),
    "appeal_upheld": ("because",),
    "appeal_reversed": ("because",),
}
"""The columns of an appeal that a step writes, where it is about an appeal."""


def words_digest(right_id: str, words: Mapping[str, Any]) -> str:
    """Answer what the trail keeps of the words; `right_id` with hyphens, in lower case."""
    said = {name: value for name, value in words.items() if value is not None}
    return sha256(f"{right_id}\n{canonical(said)}")
