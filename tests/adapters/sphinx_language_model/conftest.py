"""A language of six words, small enough to check by hand."""

from __future__ import annotations

import pytest

WORDS = ("<s>", "</s>", "data", "delete", "my", "please")


@pytest.fixture
def words():
    return {word: number for number, word in enumerate(WORDS)}


@pytest.fixture
def small_arpa(tmp_path):
    path = tmp_path / "small.arpa"
    path.write_text(
        "\\data\\\nngram 1=6\nngram 2=4\nngram 3=1\n\n"
        "\\1-grams:\n"
        "-1.0\t<s>\t-0.3\n-1.0\t</s>\t0.0\n-0.5229\tdata\t-0.3\n-0.6990\tpizza\t-0.3\n"
        "-0.6990\tmy\t-0.3\n-1.0\tplease\t-0.3\n\n"
        "\\2-grams:\n"
        "-0.3010\tmy\tdata\t-0.1\n-0.6021\tplease\tmy\t0.0\n"
        "-0.6021\tmy\tpizza\t0.0\n-0.3010\t<s>\tplease\t0.0\n\n"
        "\\3-grams:\n-0.1\tplease\tmy\tdata\n\n\\end\\\n"
    )
    return path
