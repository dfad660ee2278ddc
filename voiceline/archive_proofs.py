"""What must be true of an enterprise's role and bucket before a voicemail is sent there.

That the role refuses us without the ExternalId, and with another one, is the proof that nobody else
who has an account with us can name this role as theirs (the confused deputy). That a session of
ours can put, and neither read nor list, is asked of S3 itself and not only read in a policy: we
hold each session to `s3:PutObject` by a policy of its own, whatever the role may do besides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.errors import ArchiveRefusal
from voiceline.rules.archive import external_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.ports import ArchivePlace, Archives

PROBE = "voiceline-test.txt"
PROBE_TEXT = b"Voiceline put this here to test the connection. You may delete it.\n"


@dataclass(frozen=True)
class Proof:
    """One thing that must be true; `held` is None where what came before made it unanswerable."""

    name: str
    held: bool | None
    said: str | None = None
    """What to change, in words, where it did not hold."""


NAMES = ("trusted", "needs_external_id", "needs_ours", "puts", "reads_nothing", "lists_nothing")
"""In the order in which they are asked, and shown."""

TOO_OPEN = {
    "needs_external_id": "the role lets us in without the ExternalId: paste its trust policy anew",
    "needs_ours": "the role lets us in under any ExternalId: paste its trust policy anew",
    "reads_nothing": "a session of ours could read the bucket: tell us, nothing was connected",
    "lists_nothing": "a session of ours could list the bucket: tell us, nothing was connected",
}


def prove(archives: Archives, to: ArchivePlace, external: str) -> tuple[Proof, ...]:
    """Ask AWS everything that has to be true; TemporaryFailure where it did not answer.

    The first that does not hold ends the test: what follows would only repeat it.
    """
    archives.forget(to, external)  # a session of before would say nothing about the role of now
    other = external_id(secrets.token_bytes(16))
    asked: tuple[Callable[[], str | None], ...] = (
        lambda: _works(lambda: archives.assume(to, external)),
        lambda: _refuses("needs_external_id", lambda: _assumed(archives, to, None)),
        lambda: _refuses("needs_ours", lambda: _assumed(archives, to, other)),
        lambda: _works(lambda: _put(archives, to, external)),
        lambda: _refuses("reads_nothing", lambda: archives.bucket(to, external).may_read(PROBE)),
        lambda: _refuses("lists_nothing", lambda: archives.bucket(to, external).may_list()),
    )
    proofs: list[Proof] = []
    for name, ask in zip(NAMES, asked, strict=True):
        if proofs and not proofs[-1].held:
            proofs.append(Proof(name, None))
            continue
        wrong = ask()
        proofs.append(Proof(name, wrong is None, wrong))
    return tuple(proofs)


def _put(archives: Archives, to: ArchivePlace, external: str) -> None:
    archives.bucket(to, external).put(PROBE, PROBE_TEXT, content_type="text/plain")


def _assumed(archives: Archives, to: ArchivePlace, external: str | None) -> bool:
    try:
        archives.assume(to, external)
    except ArchiveRefusal:
        return False
    return True


def _works(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except ArchiveRefusal as refusal:
        return str(refusal)
    return None


def _refuses(name: str, may: Callable[[], bool]) -> str | None:
    try:
        return TOO_OPEN[name] if may() else None
    except ArchiveRefusal as refusal:
        return str(refusal)
