"""An object as the stores' tests keep it."""

from __future__ import annotations

KEY = "rec/3f1c/2026/11/RE0123.wav"
AUDIO = bytes(range(256)) * 1024
TAGS = {"tier": "small_medium"}


def put(store, data=AUDIO, key=KEY, tags=TAGS):
    return store.put(key, data, content_type="audio/x-wav", tags=tags)
