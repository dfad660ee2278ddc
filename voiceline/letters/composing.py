"""Writing a letter: the parts that the table gives it, with the facts of the request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.letters import wording
from voiceline.letters.facts import facts_of
from voiceline.letters.occasions import applies
from voiceline.rules.letters import LETTERS

if TYPE_CHECKING:
    from datetime import date

    from voiceline.models import Appeal, PrivacyRequest, RequestedRight
    from voiceline.rules.letters import LetterKind


@dataclass(frozen=True)
class Draft:
    """What a letter is made of; the same draft on the same day is the same letter."""

    kind: LetterKind
    request: PrivacyRequest
    language: str
    contact: str
    """Where the consumer can answer."""
    today: date
    right: RequestedRight | None = None
    appeal: Appeal | None = None
    free: str = ""
    """A paragraph in a colleague's own words."""


@dataclass(frozen=True)
class Composed:
    """A letter as it will be sent."""

    subject: str
    text: str
    wording: str

    @property
    def sha256(self) -> str:
        """What proves later that nothing was changed; also what a preview was of."""
        return hashlib.sha256(f"{self.subject}\n\n{self.text}".encode()).hexdigest()


def compose(draft: Draft) -> Composed:
    """Write the letter."""
    facts = facts_of(draft)
    parts = [part.name for part in LETTERS[draft.kind] if applies(part.when, draft)]
    paragraphs = [wording.part(draft.language, name, facts) for name in parts]
    title = wording.sentence(draft.language, "titles", draft.kind)
    subject = wording.sentence(draft.language, "words", "subject", **facts | {"title": title})
    return Composed(
        subject=" ".join(subject.split())[:300],
        text="\n\n".join(text.strip() for text in paragraphs if text.strip()) + "\n",
        wording=wording.version(draft.language),
    )
