"""What a folder must withstand: full disks, dead writers, missing mounts, links."""

from __future__ import annotations

import json
import os
import resource
import time
from contextlib import contextmanager

import pytest
from examples.objects import AUDIO, KEY, TAGS, put

from voiceline.adapters.filesystem_store import ABANDONED_AFTER, FolderStore
from voiceline.errors import PermanentFailure, TemporaryFailure


def test_a_folder_keeps_the_age_of_what_is_retagged(tmp_path):
    store = FolderStore(tmp_path)
    put(store)
    os.utime(tmp_path / KEY, (1000, 1000))

    store.retag(KEY, {"tier": "enterprise"})

    assert (tmp_path / KEY).stat().st_mtime == 1000


def test_deleting_prunes_folders_that_are_empty(tmp_path):
    store = FolderStore(tmp_path)
    put(store)
    put(store, key="rec/other.wav")

    store.delete(KEY)

    assert sorted(path.name for path in (tmp_path / "rec").iterdir()) == [
        ".other.wav.json",
        "other.wav",
    ]


def test_a_folder_is_private_to_its_owner(tmp_path):
    store = FolderStore(tmp_path / "audio")
    put(store)

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "audio").rglob("*")}

    assert modes == {0}


def test_a_full_disk_is_temporary_and_leaves_nothing(tmp_path):
    store = FolderStore(tmp_path)

    with _largest_file(4096), pytest.raises(TemporaryFailure):
        put(store)

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]
    assert put(store).size == len(AUDIO)


def test_what_a_dead_writer_left_is_removed_at_the_start(tmp_path):
    FolderStore(tmp_path)
    old, fresh = tmp_path / ".incoming/.old.tmp", tmp_path / ".incoming/.fresh.tmp"
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    past = time.time() - ABANDONED_AFTER - 60
    os.utime(old, (past, past))

    FolderStore(tmp_path)

    assert not old.exists()
    assert fresh.exists()


def test_a_death_before_the_rename_is_put_right_by_the_retry(tmp_path):
    store = FolderStore(tmp_path)
    put(store, tags={"tier": "enterprise"})
    (tmp_path / KEY).unlink()  # as if the writer had died between the tags and the audio

    put(store)

    assert store.get(KEY) == AUDIO
    assert store.tags(KEY) == TAGS


@pytest.mark.parametrize("ask", ["put", "get", "delete"])
def test_an_unmounted_folder_is_temporary_not_empty(tmp_path, ask):
    store = FolderStore(tmp_path / "disk")
    put(store)
    (tmp_path / "disk").rename(tmp_path / "elsewhere")
    (tmp_path / "disk").mkdir()

    with pytest.raises(TemporaryFailure):
        put(store) if ask == "put" else getattr(store, ask)(KEY)

    assert list((tmp_path / "disk").iterdir()) == []


def test_a_symbolic_link_does_not_lead_out(tmp_path):
    store = FolderStore(tmp_path / "audio")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_bytes(b"secret")
    (tmp_path / "audio/rec").symlink_to(tmp_path / "secrets")

    with pytest.raises(PermanentFailure, match="out of the store"):
        store.get("rec/key")


@pytest.mark.parametrize("key", ["rec", "rec/a.wav/deeper"])
def test_a_key_that_is_a_folder_is_refused(tmp_path, key):
    store = FolderStore(tmp_path)
    put(store, key="rec/a.wav")

    with pytest.raises(PermanentFailure):
        put(store, key=key)


def test_damaged_tags_are_reported_not_guessed(tmp_path):
    store = FolderStore(tmp_path)
    put(store)
    (tmp_path / "rec/3f1c/2026/11/.RE0123.wav.json").write_text("{")

    with pytest.raises(PermanentFailure, match="damaged"):
        store.tags(KEY)


def test_the_content_type_is_kept_beside_the_audio(tmp_path):
    put(FolderStore(tmp_path))

    notes = json.loads((tmp_path / "rec/3f1c/2026/11/.RE0123.wav.json").read_bytes())

    assert notes == {"content_type": "audio/x-wav", "tags": TAGS}


@contextmanager
def _largest_file(size):
    """Let no file grow beyond `size` bytes: a full disk that needs no disk of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
