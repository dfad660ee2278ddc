"""Passwords: which ones are good enough, and how they are kept.

Rules from OWASP ASVS 5.0: 6.2 (no composition rules, nothing cut off), 6.3.8 (nobody's password
takes as long to check as somebody's), 11.4.2 and appendix C (argon2id).
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from voiceline.common_passwords import is_common, letters_of
from voiceline.errors import TemporaryFailure, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
"""Bytes of UTF-8: what is hashed must be bounded."""

_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_random_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""For what we made ourselves of 80 random bits: the least that ASVS allows is plenty."""

_hashing = BoundedSemaphore(2)
HASHING_WAIT = 10
"""Seconds somebody queues for one of the two places before being told to come back."""

_NOBODY = (
    "$argon2id$v=19$m=47104,t=1,p=1$/TyMRGAvxR+ZrB666+R4yA"
    "$VfmZgP+FM2xNDYilJOMVjGY15ugP3mwZ+cPinAE4B5w"
)
"""The hash of a random string nobody knows, checked where there is no user to check."""

_COMMON = re.compile(
    r"(?:password|passwort|passphrase|qwertz|qwerty|azerty|letmein|welcome|iloveyou|sunshine|"
    r"princess|football|baseball|dragon|monkey|shadow|master|superman|batman|trustno|whatever|"
    r"michael|jennifer|charlie|starwars|pokemon|computer|internet|administrator|admin|login|"
    r"changeme|secret|default|access|hello|please|abcdefghijkl|abcdef|abc|qazwsx|asdfghjkl|asdfgh|"
    r"asdf|zxcvbnm|zxcvbn|zxcv|privacy|voicemail|voiceline|the|my|is|and|you|me|love|new)*"
)
"""What the long ones among the world's most used passwords are put together from."""


def complaint_about(password: str, *, email: str, names: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a new password, or None; no rule asks for special characters.

    `names`: those of the person and of their businesses, which are no secrets, either.
    """
    normal = _normal_password(password)
    if len(normal) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a few words in a row are good."
    if len(_bytes(normal)) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} bytes."
    lower = normal.lower()
    if lower in {email, email.split("@", maxsplit=1)[0]}:
        return "Use something other than the e-mail address."
    if letters_of(lower) in {letters_of(name.lower()) for name in names} - {""}:
        return "Use something other than your name or that of your business."
    # Digits and signs around a common word are the first thing that is tried.
    few = len(set(lower)) <= 4  # noqa: PLR2004 - abababababab
    if few or _COMMON.fullmatch(letters_of(lower)) or is_common(lower):
        return "This is one of the first passwords anybody would try: use another."
    return None


def hash_password(password: str, *, email: str, names: Iterable[str] = ()) -> str:
    """Answer the argon2id hash of a new password, or raise UserError when it breaks a rule."""
    if complaint := complaint_about(password, email=email, names=names):
        raise UserError(complaint)
    return make_hash(password)


def make_hash(password: str) -> str:
    """Answer the argon2id hash of a password that was checked before."""
    with _place_to_hash():
        return _hasher.hash(_bytes(_normal_password(password)))


def hash_random(secret: str) -> str:
    """Answer the argon2id hash of a secret that nobody could choose."""
    with _place_to_hash():
        return _random_hasher.hash(_bytes(secret))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; None, for nobody, takes as long and never fits."""
    given = _bytes(_normal_password(password))
    if len(given) > LONGEST_PASSWORD:
        given = b""
    with _place_to_hash():
        try:
            fits = _hasher.verify(password_hash or _NOBODY, given)
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@contextmanager
def _place_to_hash() -> Iterator[None]:
    """Let two hashes be made at a time: each takes 46 MB and a whole core."""
    if not _hashing.acquire(timeout=HASHING_WAIT):
        raise TemporaryFailure("too many people are signing in", retry_after=HASHING_WAIT)
    try:
        yield
    finally:
        _hashing.release()


def _normal_password(password: str) -> str:
    """A password typed on another keyboard is the same one: NFC, nothing stripped or cut."""
    return unicodedata.normalize("NFC", password)


def _bytes(normal: str) -> bytes:
    """What is hashed; half a character, as a broken form may send, is no reason to fail."""
    return normal.encode(errors="surrogatepass")
