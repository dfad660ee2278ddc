"""An object as the stores' tests keep it."""

from __future__ import annotations

from voiceline.adapters.data_keys import DataKeys
from voiceline.adapters.master_keys import SettingsMasterKey
from voiceline.adapters.sealed_store import SealedStore

MASTER = bytes(range(32))
KEY = "rec/3f1c/2026/11/RE0123.wav"
AUDIO = bytes(range(256)) * 1024
TAGS = {"tier": "small_medium"}


def put(store, data=AUDIO, key=KEY, tags=TAGS):
    return store.put(key, data, content_type="audio/x-wav", tags=tags)


def sealed(store, *masters, vault=None):
    """Answer the store sealed, its keys beside the objects unless a vault is given."""
    keys = [SettingsMasterKey(each) for each in masters or (MASTER,)]
    prefix = "" if vault else "keys/"
    return SealedStore(store, DataKeys(vault or store, keys, prefix=prefix))
