"""Mix the domain's trigram model and the general bigram model into one back-off model."""

from __future__ import annotations

import numpy as np

from voiceline.adapters.sphinx_language_model.tables import (
    BigramModel,
    Floats,
    Ints,
    NGrams,
    TrigramModel,
)

DOMAIN_WEIGHT = 0.8


def mix(domain: TrigramModel, general: BigramModel) -> TrigramModel:
    """Answer the weighted sum of the two, with back-off weights that make it sum to one again."""
    size = len(general.unigrams)
    unigrams = _blend(domain.lower.unigrams, general.unigrams)
    lower = _mixed_bigrams(domain.lower, general, unigrams)
    keys = domain.trigrams.keys
    suffixes = keys % (size * size)
    trigrams = NGrams(keys, _blend(domain.trigrams.probs, general.probability(suffixes)))
    places, _ = lower.bigrams.find(keys // size)
    count = len(lower.bigrams.keys)
    backoff = _backoff(places, trigrams.probs, lower.probability(suffixes), count)
    return TrigramModel(lower, trigrams, backoff)


def _mixed_bigrams(domain: BigramModel, general: BigramModel, unigrams: Floats) -> BigramModel:
    size = len(unigrams)
    keys = np.union1d(domain.bigrams.keys, general.bigrams.keys)
    probs = _blend(domain.probability(keys), general.probability(keys))
    backoff = _backoff(keys // size, probs, unigrams[keys % size], size)
    return BigramModel(unigrams, NGrams(keys, probs), backoff)


def _blend(domain: Floats, general: Floats) -> Floats:
    return DOMAIN_WEIGHT * domain + (1 - DOMAIN_WEIGHT) * general


def _backoff(histories: Ints, probs: Floats, lower: Floats, count: int) -> Floats:
    """Answer what makes each of `count` histories sum to one; 1 where a history has no n-gram."""
    rest = 1 - np.bincount(histories, probs, count)
    room = 1 - np.bincount(histories, lower, count)
    return np.maximum(rest, 1e-9) / np.maximum(room, 1e-9)
