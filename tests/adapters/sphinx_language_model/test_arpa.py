from __future__ import annotations

import numpy as np
import pytest
from pocketsphinx import Config, LogMath, NGramModel

from voiceline.adapters.sphinx_language_model.arpa import write_arpa
from voiceline.adapters.sphinx_language_model.tables import BigramModel, NGrams, TrigramModel


def test_every_section_has_what_the_header_promises(model, words, tmp_path):
    path = tmp_path / "model.arpa"

    write_arpa(model, list(words), path)

    text = path.read_text()
    assert text.startswith("\\data\\\nngram 1=6\nngram 2=2\nngram 3=1\n")
    assert "\\2-grams:\n-0.3010 delete my 0.0000\n-0.6021 my data 0.0000\n" in text
    assert text.endswith("\\3-grams:\n-0.0458 delete my data\n\n\\end\\\n")


def test_impossible_word_is_written_as_minus_99(model, words, tmp_path):
    path = tmp_path / "model.arpa"

    write_arpa(model, list(words), path)

    assert "-99.0000 <s> " in path.read_text()


def test_pocketsphinx_reads_what_was_written(model, words, tmp_path):
    path = tmp_path / "model.arpa"

    write_arpa(model, list(words), path)

    math = LogMath()
    read = NGramModel(Config(), math, str(path))
    assert read.size() == 3
    assert math.exp(read.prob(["data"])) == pytest.approx(0.2, rel=0.01)


@pytest.fixture
def model(words):
    size = len(words)
    delete, my, data = words["delete"], words["my"], words["data"]
    bigrams = NGrams(np.array([delete * size + my, my * size + data]), np.array([0.5, 0.25]))
    lower = BigramModel(np.array([0, 0.2, 0.2, 0.2, 0.2, 0.2]), bigrams, np.ones(size))
    trigrams = NGrams(np.array([(delete * size + my) * size + data]), np.array([0.9]))
    return TrigramModel(lower, trigrams, np.ones(2))
