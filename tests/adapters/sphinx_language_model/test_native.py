from __future__ import annotations

import pytest

from voiceline.adapters.sphinx_language_model.native import pack
from voiceline.errors import PermanentFailure


def test_refused_model_is_a_permanent_failure(tmp_path):
    arpa = tmp_path / "broken.arpa"
    arpa.write_text("this is no language model\n")

    with pytest.raises(PermanentFailure, match="refused"):
        pack(arpa, tmp_path / "packed.lm.bin")


def test_packed_model_starts_a_decoder(small_arpa, tmp_path):
    packed = tmp_path / "packed.lm.bin"

    pack(small_arpa, packed)

    assert packed.stat().st_size > 0
