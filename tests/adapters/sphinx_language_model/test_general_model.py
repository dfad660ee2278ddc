from __future__ import annotations

import numpy as np
import pytest

from voiceline.adapters.sphinx_language_model.general_model import read_model, read_unigrams
from voiceline.errors import PermanentFailure


def test_unigrams_are_read_as_probabilities(small_arpa):
    unigrams = read_unigrams(small_arpa)

    assert unigrams["data"] == pytest.approx(0.3, abs=1e-4)
    assert len(unigrams) == 6


def test_unigrams_that_make_no_sense_are_refused(small_arpa):
    small_arpa.write_text(small_arpa.read_text().replace("-0.5229\tdata", "-127436280024.0\tdata"))

    with pytest.raises(PermanentFailure, match="together"):
        read_unigrams(small_arpa)


def test_model_is_cut_to_the_vocabulary(small_arpa, words):
    model = read_small(small_arpa, words)

    bigrams = [divmod(key, len(words)) for key in model.bigrams.keys.tolist()]

    known = [("<s>", "please"), ("my", "data"), ("please", "my")]
    assert bigrams == sorted((words[head], words[tail]) for head, tail in known)


def test_cut_model_sums_to_one_after_every_word(small_arpa, words):
    model = read_small(small_arpa, words)
    size = len(words)

    sums = [model.probability(np.arange(h * size, (h + 1) * size)).sum() for h in range(size)]

    assert sums == pytest.approx([1.0] * size)


def test_word_unknown_to_the_general_model_stays_possible(small_arpa, words):
    model = read_small(small_arpa, words)

    assert 0 < model.unigrams[words["delete"]] < 1e-6


def test_export_that_broke_early_is_refused(small_arpa, words):
    whole = small_arpa.read_text()
    small_arpa.write_text(whole[: whole.index("-0.6021\tmy\tpizza")])

    with pytest.raises(PermanentFailure, match="too little"):
        read_model(small_arpa, words, {}, lambda _share: None)


def test_empty_export_is_refused(small_arpa):
    small_arpa.write_text("")

    with pytest.raises(PermanentFailure, match="no section"):
        read_unigrams(small_arpa)


def read_small(arpa, words):
    return read_model(arpa, words, read_unigrams(arpa), lambda _share: None)
