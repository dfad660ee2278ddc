"""Deleting what a caller left: nothing is called gone that was not seen to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.errors import MissingObjectError

if TYPE_CHECKING:
    from voiceline.ports import ObjectStore


def delete_seen(store: ObjectStore, key: str) -> bool:
    """Delete the object and tell whether it is gone; a store that fails raises its failure."""
    try:
        store.delete(key)
        store.tags(key)  # not its size, which a sealed object without its key has none of
    except MissingObjectError:
        return True
    return False
