"""The general half of the language model: uni- and bigrams of the model pocketsphinx ships.

That model is written out as ARPA text in a child process, because pocketsphinx 5.1.1 crashes when
it comes to the trigrams; every unigram and all but the last few dozen bigrams are in the file by
then, and more is not wanted.
"""

from __future__ import annotations

import math
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from voiceline.adapters.sphinx_language_model.tables import (
    END,
    START,
    BigramModel,
    Floats,
    Ints,
    NGrams,
)
from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

LARGEST_SHARE_OF_BIGRAMS = 0.95
"""What all bigrams after one word may add up to; the rest is left to back-off."""
MISSING_WORD = 1e-7
"""The probability of a word that the general model does not have."""
SMALLEST_SHARE_READ = 0.999
"""Of the bigrams the header promises; fewer means that the export broke early."""
LARGEST_DRIFT = 0.01
"""How far the words' probabilities may be from one altogether; they are written rounded."""
_CHUNK = 1 << 22
_BIGRAM_FIELDS = 4


def read_unigrams(arpa: Path) -> dict[str, float]:
    """Answer every word's probability; raises PermanentFailure when they make no sense."""
    with arpa.open("rb") as source:
        _skip_to(source, b"\\1-grams:")
        rows = (line.split() for line in iter(source.readline, b"\n"))
        unigrams = {row[1].decode(): 10 ** float(row[0]) for row in rows}
    total = sum(unigrams.values())
    if not math.isclose(total, 1, rel_tol=LARGEST_DRIFT):
        raise PermanentFailure(f"pocketsphinx's words have a probability of {total} together")
    return unigrams


def read_model(
    arpa: Path,
    words: Mapping[str, int],
    unigrams: Mapping[str, float],
    on_progress: Callable[[float], None],
) -> BigramModel:
    """Answer the model cut down to `words` and made to sum to one again."""
    keys, probs = _read_bigrams(arpa, words, on_progress)
    single = np.array([unigrams.get(word, MISSING_WORD) for word in words])
    single[words[START]] = 0
    single /= single.sum()
    return _renormalised(single, keys, probs)


def _renormalised(single: Floats, keys: Ints, probs: Floats) -> BigramModel:
    size = len(single)
    head, tail = keys // size, keys % size
    share = np.bincount(head, probs, size)
    scale = np.minimum(1.0, LARGEST_SHARE_OF_BIGRAMS / np.maximum(share, 1e-12))
    probs = probs * scale[head]
    rest = 1 - np.bincount(head, probs, size)
    backoff = rest / np.maximum(1 - np.bincount(head, single[tail], size), 1e-9)
    return BigramModel(single, NGrams(keys, probs), backoff)


def _read_bigrams(
    arpa: Path, words: Mapping[str, int], on_progress: Callable[[float], None]
) -> tuple[Ints, Floats]:
    """Answer the bigrams of `words`, ascending; raises PermanentFailure when too few are there."""
    ids = {word.encode(): number for word, number in words.items()}
    size, read, found = len(words), 0, []
    with arpa.open("rb") as source:
        promised = _promised_bigrams(source)
        _skip_to(source, b"\\2-grams:")
        for rows in _chunks(source):
            fields = rows.split()
            read += len(fields) // _BIGRAM_FIELDS
            found.append(_known(fields, ids, size))
            on_progress(min(read / promised, 1.0))
    if read < promised * SMALLEST_SHARE_READ:
        raise PermanentFailure("pocketsphinx wrote too little of its language model")
    keys = np.concatenate([keys for keys, _ in found])
    probs = np.concatenate([probs for _, probs in found])
    # Nothing follows the end of a message, and nothing leads to its start.
    kept = (keys // size != words[END]) & (keys % size != words[START])
    order = np.argsort(keys[kept])
    return keys[kept][order], probs[kept][order]


def _known(fields: list[bytes], ids: Mapping[bytes, int], size: int) -> tuple[Ints, Floats]:
    """Answer keys and probabilities of the rows (log10, word, word, back-off) of known words."""
    rows = len(fields) // _BIGRAM_FIELDS
    head = np.fromiter(map(ids.get, fields[1::4], repeat(-1)), np.int64, rows)
    tail = np.fromiter(map(ids.get, fields[2::4], repeat(-1)), np.int64, rows)
    known = (head >= 0) & (tail >= 0)
    logs = np.array(fields[0::4])[known].astype(float)
    return head[known] * size + tail[known], 10**logs


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines of this section, some megabytes at a time; a cut last line is dropped."""
    rest = b""
    while block := source.read(_CHUNK):
        rows, newline, rest = (rest + block).rpartition(b"\n")
        rows, next_section, _ = (rows + newline).partition(b"\n\\")
        yield rows
        if next_section:
            return


def _promised_bigrams(source: BinaryIO) -> int:
    for line in source:
        if line.startswith(b"ngram 2="):
            return int(line.removeprefix(b"ngram 2="))
    raise PermanentFailure("pocketsphinx wrote no header of its language model")


def _skip_to(source: BinaryIO, heading: bytes) -> None:
    for line in source:
        if line.strip() == heading:
            return
    raise PermanentFailure(
        f"pocketsphinx wrote no section {heading.decode()} of its language model"
    )
