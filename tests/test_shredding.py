"""An erased voicemail, and whoever has yesterday's copies of the database and of the store."""

from __future__ import annotations

import shutil

import pytest
from factories import make_business, make_code, make_message

from voiceline.bootstrap import make_store
from voiceline.errors import MissingKeyError
from voiceline.sealing import shred
from voiceline.settings import load_settings


def test_no_copy_of_database_and_objects_opens_what_was_shredded(services, kept, backup):
    shred(services.store.keys, kept)

    old = make_store(load_settings({"VOICELINE_DATA_DIR": str(backup)}))
    with pytest.raises(MissingKeyError):
        old.get(kept.object_key)
    with pytest.raises(MissingKeyError):
        old.stream(kept.object_key, 0, 9)


def test_a_copy_made_before_opens_what_was_not(services, kept, backup, tmp_path):
    shutil.copytree(services.settings.data_dir / "keys", backup / "keys", dirs_exist_ok=True)

    old = make_store(load_settings({"VOICELINE_DATA_DIR": str(backup)}))

    assert old.get(kept.object_key) == services.store.get(kept.object_key)


def test_neither_rows_nor_objects_hold_any_part_of_a_key(services, kept):
    store = services.store
    key = store.keys.find(kept.object_key)
    wrapped = [path.read_bytes() for path in store.keys._vault.root.rglob("RE*.key")]
    held = [getattr(kept, column.key) for column in kept.__table__.columns]
    sealed = store._inner.get(f"{kept.object_key}.sealed")

    assert len(wrapped) == 1
    assert key not in sealed
    assert key.hex() not in str(held)
    assert wrapped[0] not in sealed


@pytest.fixture
def kept(services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        return make_message(session, code, services.store)[1]


@pytest.fixture
def backup(services, kept, tmp_path):
    """Everything but the key store, with the master key."""
    assert kept.object_key
    copy, data = tmp_path / "backup", services.settings.data_dir
    shutil.copytree(data / "store", copy / "store")
    (copy / "master_keys").write_text(services.settings.master_keys.get_secret_value())
    return copy
