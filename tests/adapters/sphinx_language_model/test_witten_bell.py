from __future__ import annotations

import numpy as np
import pytest

from voiceline.adapters.sphinx_language_model.witten_bell import estimate


def test_unseen_word_gets_its_share_of_the_unigrams(words):
    model = learnt(words, "my data", "my data")

    unseen = model.lower.unigrams[words["please"]]

    # Six tokens (my, data, end; twice) of three kinds; five words can be predicted.
    assert unseen == pytest.approx((3 / 5) / (6 + 3))


def test_bigram_mixes_its_count_with_the_word(words):
    model = learnt(words, "my data", "my please")
    key = words["my"] * len(words) + words["data"]

    found = model.lower.probability(np.array([key]))[0]

    # "my" came twice, followed by two kinds of word, once by "data".
    assert found == pytest.approx((1 + 2 * model.lower.unigrams[words["data"]]) / (2 + 2))


def test_words_after_every_history_sum_to_one(words):
    model = learnt(words, "please delete my data", "delete my data please", "my my my")
    size = len(words)

    sums = [model.lower.probability(np.arange(h * size, (h + 1) * size)).sum() for h in range(size)]

    assert sums == pytest.approx([1.0] * size)


def test_trigram_mixes_its_count_with_the_bigram(words):
    model = learnt(words, "delete my data", "delete my data", "please my please")
    size = len(words)
    suffix = words["my"] * size + words["data"]

    place, found = model.trigrams.find(np.array([words["delete"] * size * size + suffix]))

    shorter = model.lower.probability(np.array([suffix]))[0]
    assert found.all()
    assert model.trigrams.probs[place] == pytest.approx([(2 + 1 * shorter) / (2 + 1)])


def test_no_bigram_crosses_two_messages(words):
    model = learnt(words, "my data", "delete")

    heads = model.lower.bigrams.keys // len(words)

    assert words["</s>"] not in heads


def learnt(words, *sentences):
    ids = [[words[word] for word in sentence.split()] for sentence in sentences]
    return estimate(ids, len(words), start=words["<s>"], end=words["</s>"])
