"""Estimate a trigram model by Witten-Bell: as much is kept for the new as there was news.

Witten and Bell 1991, method C, interpolated: after a history h seen c(h) times and followed by
t(h) different words, P(w | h) = (c(h, w) + t(h) * P(w | shorter h)) / (c(h) + t(h)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voiceline.adapters.sphinx_language_model.tables import (
    BigramModel,
    Floats,
    Ints,
    NGrams,
    TrigramModel,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def estimate(
    sentences: Iterable[Sequence[int]], size: int, *, start: int, end: int
) -> TrigramModel:
    """Estimate the model of `sentences` (ids without markers) over a vocabulary of `size` words."""
    stream = np.array(
        [word for sentence in sentences for word in (start, *sentence, end)], dtype=np.int64
    )
    unigrams = _unigrams(stream, size, start)
    pairs = stream[:-1] * size + stream[1:]
    within = stream[:-1] != end
    bigrams, backoff = _conditional(pairs[within], size, unigrams, stream[:-1][within])
    lower = BigramModel(unigrams, bigrams, backoff)

    inside = within[:-1] & within[1:]
    triples = (pairs[:-1] * size + stream[2:])[inside]
    histories, _ = bigrams.find(pairs[:-1][inside])
    suffixes = lower.probability(pairs[1:][inside])
    return _trigrams(lower, triples, histories, suffixes)


def _unigrams(stream: Ints, size: int, start: int) -> Floats:
    """Share what is kept for unseen words evenly; a sentence's start is never predicted."""
    counts = np.bincount(stream, minlength=size).astype(float)
    counts[start] = 0
    kept = np.count_nonzero(counts)
    probs: Floats = (counts + kept / (size - 1)) / (counts.sum() + kept)
    probs[start] = 0
    return probs


def _conditional(
    pairs: Ints, size: int, unigrams: Floats, histories: Ints
) -> tuple[NGrams, Floats]:
    """Answer the bigrams' probabilities and each history's back-off weight (1 where unseen)."""
    keys, counts = np.unique(pairs, return_counts=True)
    seen = np.bincount(histories, minlength=size)
    kinds = np.bincount(keys // size, minlength=size)
    total = np.maximum(seen + kinds, 1)
    head = keys // size
    probs = (counts + kinds[head] * unigrams[keys % size]) / total[head]
    return NGrams(keys, probs), np.where(seen > 0, kinds / total, 1.0)


def _trigrams(lower: BigramModel, triples: Ints, histories: Ints, suffixes: Floats) -> TrigramModel:
    """Do for trigrams, whose histories are places among the bigrams, what is done for bigrams."""
    keys, first, counts = np.unique(triples, return_index=True, return_counts=True)
    size = len(lower.bigrams.keys)
    seen = np.bincount(histories, minlength=size)
    head = histories[first]
    kinds = np.bincount(head, minlength=size)
    total = np.maximum(seen + kinds, 1)
    probs = (counts + kinds[head] * suffixes[first]) / total[head]
    return TrigramModel(lower, NGrams(keys, probs), np.where(seen > 0, kinds / total, 1.0))
