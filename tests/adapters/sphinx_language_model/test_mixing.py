from __future__ import annotations

import numpy as np
import pytest

from voiceline.adapters.sphinx_language_model.general_model import read_model, read_unigrams
from voiceline.adapters.sphinx_language_model.mixing import DOMAIN_WEIGHT, mix
from voiceline.adapters.sphinx_language_model.witten_bell import estimate


def test_bigram_is_the_weighted_sum_of_both_models(domain, general, words):
    key = np.array([words["my"] * len(words) + words["data"]])

    mixed = mix(domain, general).lower.probability(key)

    ours, theirs = domain.lower.probability(key), general.probability(key)
    assert mixed == pytest.approx(DOMAIN_WEIGHT * ours + (1 - DOMAIN_WEIGHT) * theirs)


def test_bigram_of_either_model_is_kept(domain, general):
    mixed = mix(domain, general)

    either = {*domain.lower.bigrams.keys.tolist(), *general.bigrams.keys.tolist()}
    assert set(mixed.lower.bigrams.keys.tolist()) == either


def test_mixed_words_sum_to_one_after_every_word(domain, general, words):
    size = len(words)
    lower = mix(domain, general).lower

    sums = [lower.probability(np.arange(h * size, (h + 1) * size)).sum() for h in range(size)]

    assert sums == pytest.approx([1.0] * size)


def test_mixed_words_sum_to_one_after_two_words(domain, general, words):
    size = len(words)
    mixed = mix(domain, general)
    place, pair = next(iter(enumerate(mixed.lower.bigrams.keys.tolist())))

    keys = np.arange(pair * size, (pair + 1) * size)
    places, found = mixed.trigrams.find(keys)
    backed_off = mixed.backoff[place] * mixed.lower.probability(keys % (size * size))

    total = np.where(found, mixed.trigrams.probs[places], backed_off).sum()
    assert total == pytest.approx(1.0)


@pytest.fixture
def domain(words):
    sentences = ("please delete my data", "delete my data please", "delete my data")
    ids = [[words[word] for word in sentence.split()] for sentence in sentences]
    return estimate(ids, len(words), start=words["<s>"], end=words["</s>"])


@pytest.fixture
def general(small_arpa, words):
    return read_model(small_arpa, words, read_unigrams(small_arpa), lambda _share: None)
