from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from speech_fixtures import model_cache

from voiceline.adapters.sphinx_language_model import build_language_model, model_path
from voiceline.errors import TemporaryFailure


def test_cached_model_is_used_without_building():
    cached = build_language_model(model_cache())
    stages = []

    again = build_language_model(model_cache(), lambda stage, share: stages.append(stage))

    assert again == cached == model_path(model_cache())
    assert stages == []


def test_folder_that_cannot_be_made_is_temporary(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")

    with pytest.raises(TemporaryFailure, match="cannot keep the language model"):
        build_language_model(taken)


@pytest.mark.slow
def test_building_reports_progress_and_leaves_one_file(tmp_path):
    (tmp_path / "building-left-by-a-crash").mkdir()
    heard = []

    path = build_language_model(tmp_path, lambda stage, share: heard.append(share))

    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
    assert {found.name for found in tmp_path.iterdir()} == {path.name, "build.lock"}


@pytest.mark.slow
def test_two_processes_building_get_the_same_model(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        built = list(pool.map(build_language_model, [tmp_path, tmp_path]))

    assert built[0] == built[1]
    assert built[0].read_bytes() == build_language_model(model_cache()).read_bytes()
