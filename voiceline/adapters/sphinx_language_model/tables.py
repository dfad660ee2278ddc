"""The arrays that the steps of the recipe hand to each other.

Words are ids below V, the size of the vocabulary. An n-gram is one integer: its ids read as the
digits of a number in base V, so the key of `(u, v, w)` is `(u * V + v) * V + w`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

START = "<s>"
END = "</s>"


@dataclass(frozen=True)
class NGrams:
    """Conditional probabilities of n-grams of one length; `keys` ascend."""

    keys: Ints
    probs: Floats

    def find(self, keys: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Answer each key's place, and whether the n-gram is here at all."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return places, self.keys[places] == keys


@dataclass(frozen=True)
class BigramModel:
    """A back-off model of order two: what is not in `bigrams` is `backoff[h] * unigrams[w]`."""

    unigrams: Floats
    bigrams: NGrams
    backoff: Floats

    def probability(self, keys: Ints) -> Floats:
        """Answer P(w | h) for bigram keys `h * V + w`, backed off where need be."""
        size = len(self.unigrams)
        places, found = self.bigrams.find(keys)
        backed_off = self.backoff[keys // size] * self.unigrams[keys % size]
        if not found.any():
            return backed_off
        return np.where(found, self.bigrams.probs[places], backed_off)


@dataclass(frozen=True)
class TrigramModel:
    """A bigram model, trigrams, and a back-off weight for every bigram that begins one."""

    lower: BigramModel
    trigrams: NGrams
    backoff: Floats
    """One weight a bigram of `lower`, in its order."""
