from __future__ import annotations

import numpy as np
import pytest

from voiceline.adapters.sphinx_language_model.tables import BigramModel, NGrams


def test_known_bigram_has_its_own_probability():
    model = small_model(keys=[1], probs=[0.7])

    found = model.probability(np.array([1]))

    assert found == pytest.approx([0.7])


def test_unknown_bigram_backs_off_to_the_word():
    model = small_model(keys=[1], probs=[0.7])

    found = model.probability(np.array([0, 3]))

    assert found == pytest.approx([0.5 * 0.4, 1.0 * 0.6])


def test_model_without_bigrams_backs_off():
    model = small_model(keys=[], probs=[])

    found = model.probability(np.array([1]))

    assert found == pytest.approx([0.5 * 0.6])


def small_model(*, keys, probs):
    bigrams = NGrams(np.array(keys, np.int64), np.array(probs, float))
    return BigramModel(np.array([0.4, 0.6]), bigrams, np.array([0.5, 1.0]))
