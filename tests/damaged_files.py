"""Sound files with something wrong in them: made by chance, and by the same chance each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sound_files import FORMS, sound_file

if TYPE_CHECKING:
    from collections.abc import Iterator

UNTOUCHED = 12
"""Bytes that most mutations leave alone, or nothing would get past the door."""


def damaged_files(count: int) -> Iterator[bytes]:
    """Make so many files, of each form in turn."""
    chance = random.Random(20261122)
    forms = [form for form in FORMS if form != "studio"]
    for number in range(count):
        data = bytearray(sound_file(forms[number % len(forms)], seconds=0.7))
        for _ in range(chance.randint(1, 4)):
            chance.choice(MUTATIONS)(chance, data)
        yield bytes(data)


def _flip(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice([1, 3, 30, 300])):
        data[_place(chance, data)] ^= 1 << chance.randrange(8)


def _cut(chance: random.Random, data: bytearray) -> None:
    del data[_place(chance, data) :]


def _drop(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice([1, 2, 16, 500])]


def _double(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    piece = data[at : at + chance.choice([4, 100, 3000])]
    data[at:at] = piece * chance.choice([1, 2, 50])


def _lie(chance: random.Random, data: bytearray) -> None:
    """Write a number that cannot be where a length, a rate or a count may stand."""
    at = _place(chance, data, most=400)
    number = chance.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\x80"])
    data[at : at + 4] = number


def _splice(chance: random.Random, data: bytearray) -> None:
    other = sound_file(chance.choice(["mp3", "m4a", "webm", "opus", "flac"]), seconds=0.7)
    at, start = _place(chance, data), chance.randrange(len(other))
    data[at:at] = other[start : start + 2000]


def _noise(chance: random.Random, data: bytearray) -> None:
    at = _place(chance, data)
    data[at : at + 200] = chance.randbytes(200)


def _place(chance: random.Random, data: bytearray, most: int | None = None) -> int:
    """Answer a place in the file: half of the time in its header."""
    end = len(data) - 1 if chance.random() < 0.5 else min(len(data) - 1, 600)
    first = 0 if chance.random() < 0.05 else min(UNTOUCHED, end)
    return chance.randint(first, max(first, min(end, most or end)))


MUTATIONS = (_flip, _flip, _cut, _drop, _double, _lie, _lie, _splice, _noise)
