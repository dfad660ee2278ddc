"""Write a language model as ARPA text, the one format every speech tool reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voiceline.adapters.sphinx_language_model.tables import Floats, TrigramModel

_ROWS_AT_A_TIME = 100_000
_IMPOSSIBLE = 1e-99
"""ARPA's way to say never; log10 of it is -99."""


def write_arpa(model: TrigramModel, words: Sequence[str], path: Path) -> None:
    """Write `model` over `words` (by id) to `path`."""
    lower = model.lower
    with path.open("w", encoding="utf-8") as out:
        out.write("\\data\\\n")
        for order, count in enumerate(
            (len(words), len(lower.bigrams.keys), len(model.trigrams.keys)), 1
        ):
            out.write(f"ngram {order}={count}\n")
        unigram_keys = np.arange(len(words))
        _write_section(out, words, 1, unigram_keys, lower.unigrams, lower.backoff)
        _write_section(out, words, 2, lower.bigrams.keys, lower.bigrams.probs, model.backoff)
        _write_section(out, words, 3, model.trigrams.keys, model.trigrams.probs, None)
        out.write("\n\\end\\\n")


def _write_section(
    out: TextIO,
    words: Sequence[str],
    order: int,
    keys: np.ndarray,
    probs: Floats,
    backoff: Floats | None,
) -> None:
    out.write(f"\n\\{order}-grams:\n")
    for first in range(0, len(keys), _ROWS_AT_A_TIME):
        rows = slice(first, first + _ROWS_AT_A_TIME)
        columns: list[Sequence[object]] = [_log10(probs[rows])]
        columns += [
            [words[number] for number in ids] for ids in _ids(keys[rows], order, len(words))
        ]
        if backoff is not None:
            columns.append(_log10(backoff[rows]))
        form = " ".join("%.4f" if i in (0, order + 1) else "%s" for i in range(len(columns)))
        out.writelines((form + "\n") % row for row in zip(*columns, strict=True))


def _ids(keys: np.ndarray, order: int, size: int) -> list[list[int]]:
    return [(keys // size**place % size).tolist() for place in reversed(range(order))]


def _log10(values: Floats) -> list[float]:
    logs: list[float] = np.log10(np.maximum(values, _IMPOSSIBLE)).tolist()
    return logs
