"""Sealed objects: what a store that lies, a thief of copies and a clumsy hand can do to them."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from examples.objects import AUDIO, KEY, MASTER, TAGS, put, sealed

from voiceline.adapters.filesystem_store import FolderStore
from voiceline.adapters.sealed_chunks import CHUNK, HEADER, TAG, open_chunks, read_header
from voiceline.adapters.sealed_chunks import seal as seal_digested
from voiceline.errors import (
    DamagedObjectError,
    MissingKeyError,
    MissingObjectError,
    PermanentFailure,
)

OTHER_MASTER = bytes(range(32, 64))
SECRET = bytes(range(100, 132))
SEALED = f"{KEY}.sealed"
OTHER = KEY.replace("RE0123", "RE9999")


def seal(data, **more):
    return seal_digested(data, digest=hashlib.sha256(data).digest(), **more)


def opened(data, *, key=SECRET, name="a"):
    header = read_header(data[:HEADER])
    last = header.chunks - 1
    chunks = open_chunks(header, [data[HEADER:]], key=key, name=name, first=0, last=last)
    return b"".join(chunks)


class TestChunks:
    @pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 21, 100])
    def test_what_is_sealed_opens_whatever_its_length(self, size):
        data = bytes(range(256))[:size]

        again = seal(data, key=SECRET, name="a", chunk=10)

        assert opened(again) == data
        assert len(again) == HEADER + size + TAG * max(1, -(-size // 10))

    def test_one_flipped_bit_anywhere_is_found_out(self):
        whole = seal(bytes(25), key=SECRET, name="a", chunk=10)

        for place in range(len(whole) * 8):
            changed = bytearray(whole)
            changed[place // 8] ^= 1 << place % 8
            with pytest.raises(DamagedObjectError):
                opened(bytes(changed))

    @pytest.mark.parametrize("size", [0, 10, 25, 30])
    def test_an_object_cut_anywhere_is_found_out(self, size):
        whole = seal(bytes(size), key=SECRET, name="a", chunk=10)

        for length in range(len(whole)):
            with pytest.raises(DamagedObjectError):
                opened(whole[:length])

    def test_swapped_doubled_and_added_chunks_are_found_out(self):
        whole = seal(bytes(30), key=SECRET, name="a", chunk=10)
        head, (a, b, c) = whole[:HEADER], [whole[HEADER + n * 26 :][:26] for n in range(3)]

        for order in ([b, a, c], [a, a, c], [a, c], [a, c, b], [a, b, c, c], [a, b, c, b"x"]):
            with pytest.raises(DamagedObjectError):
                opened(head + b"".join(order))

    def test_an_object_under_another_name_or_with_another_key_opens_not(self):
        whole = seal(b"said", key=SECRET, name="a")

        with pytest.raises(DamagedObjectError):
            opened(whole, name="b")
        with pytest.raises(DamagedObjectError):
            opened(whole, key=MASTER)

    def test_other_bytes_are_sealed_with_another_key(self):
        one, two = (seal(data, key=SECRET, name="a") for data in (bytes(40), bytes(39) + b"\1"))

        assert one[:20] == two[:20]
        assert one[HEADER:] != two[HEADER:]
        assert one[HEADER : HEADER + 39] != two[HEADER : HEADER + 39]
        assert one == seal(bytes(40), key=SECRET, name="a")


class TestSealedStore:
    def test_nothing_that_was_said_lies_in_the_store(self, inner, vault, store):
        stored = put(store)

        kept = inner.get(SEALED)
        assert AUDIO[:64] not in kept
        assert stored.sha256 == hashlib.sha256(AUDIO).hexdigest()
        assert (stored.seal.sha256, stored.seal.size) == (
            hashlib.sha256(kept).hexdigest(),
            len(kept),
        )
        with pytest.raises(MissingObjectError):
            inner.get(KEY)
        assert store.keys.find(KEY) not in vault.get(f"{KEY}.{store.keys.master_id}.key")

    @pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
    def test_every_range_at_the_edges_of_chunks(self, store, size):
        data = (AUDIO * 2)[:size]
        put(store, data)
        edges = [e for n in (0, CHUNK, 2 * CHUNK, size) for e in (n - 1, n, n + 1) if e >= 0]

        for start in edges:
            for end in (each for each in edges if each >= start):
                assert b"".join(store.stream(KEY, start, end)) == data[start : end + 1]
        assert store.size(KEY) == size
        assert store.get(KEY) == data

    def test_a_range_reads_no_more_than_its_chunks(self, inner, store, monkeypatch):
        put(store)
        asked = []
        stream = inner.stream
        monkeypatch.setattr(
            inner, "stream", lambda k, a, b: asked.append(b - a + 1) or stream(k, a, b)
        )

        b"".join(store.stream(KEY, CHUNK + 5, CHUNK + 9))

        assert asked == [HEADER, CHUNK + TAG]

    def test_a_changed_object_is_refused_before_a_byte_is_sent(self, inner, store):
        put(store)
        path = inner.root / SEALED
        kept = bytearray(path.read_bytes())
        kept[HEADER + 5] ^= 1
        path.write_bytes(kept)

        with pytest.raises(DamagedObjectError):
            store.stream(KEY, 0, 9)
        with pytest.raises(DamagedObjectError):
            store.get(KEY)

    def test_a_cut_object_is_refused(self, inner, store):
        put(store)
        path = inner.root / SEALED
        path.write_bytes(path.read_bytes()[: HEADER + 2 * (CHUNK + TAG)])

        with pytest.raises(DamagedObjectError):
            store.get(KEY)

    def test_two_objects_that_changed_places_are_refused(self, inner, store):
        put(store)
        put(store, key=OTHER)
        paths = [inner.root / f"{key}.sealed" for key in (KEY, OTHER)]
        one, two = (path.read_bytes() for path in paths)
        paths[0].write_bytes(two)
        paths[1].write_bytes(one)

        for key in (KEY, OTHER):
            with pytest.raises(DamagedObjectError):
                store.get(key)

    def test_the_mp3_shares_the_key_of_its_message_and_goes_alone(self, store):
        mp3 = KEY.replace(".wav", ".mp3")
        put(store)
        put(store, b"mp3", key=mp3)

        store.delete(mp3)
        assert store.get(KEY) == AUDIO

        put(store, b"mp3", key=mp3)
        store.delete(KEY)
        with pytest.raises(MissingKeyError):
            store.get(mp3)

    def test_what_was_stored_before_there_were_keys_is_read_and_taken_over(self, inner, store):
        put(inner)
        assert store.get(KEY) == AUDIO

        seal_ = store.seal(KEY)

        assert seal_.size == inner.size(SEALED)
        assert store.get(KEY) == AUDIO
        assert store.tags(KEY) == TAGS
        with pytest.raises(MissingObjectError):
            inner.size(KEY)
        assert store.seal(KEY) is None

    def test_the_plain_object_stays_until_the_sealed_one_was_opened(
        self, inner, store, monkeypatch
    ):
        put(inner)
        monkeypatch.setattr(
            "voiceline.adapters.sealed_store.seal",
            lambda data, **more: seal_digested(data[:-1], **more),
        )

        with pytest.raises(DamagedObjectError):
            store.seal(KEY)

        assert inner.get(KEY) == AUDIO


class TestDataKeys:
    def test_no_copy_of_store_or_vault_s_neighbours_opens_without_the_key(
        self, inner, store, tmp_path
    ):
        put(store)
        shutil.copytree(inner.root, tmp_path / "backup")

        store.delete(KEY)

        thief = sealed(FolderStore(tmp_path / "backup"), vault=store.keys._vault)
        with pytest.raises(MissingKeyError):
            thief.get(KEY)
        with pytest.raises(MissingKeyError):
            thief.size(KEY)

    def test_a_copied_vault_opens_nothing_without_the_master_key(self, inner, vault, store):
        put(store)
        store.keys.prove()

        thief = sealed(inner, OTHER_MASTER, vault=vault)
        with pytest.raises(MissingKeyError):
            thief.get(KEY)
        with pytest.raises(PermanentFailure, match="not among those given"):
            thief.keys.prove()

    def test_a_wrapped_key_put_under_another_name_opens_nothing(self, vault, store):
        put(store)
        put(store, key=OTHER)
        shutil.copy(
            vault.root / f"{OTHER}.{store.keys.master_id}.key",
            vault.root / f"{KEY}.{store.keys.master_id}.key",
        )

        with pytest.raises(PermanentFailure, match="not this object's"):
            store.keys.find_or_make(KEY)

    @pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"version":2,"master":"x"}', b"\xff"])
    def test_a_damaged_wrapped_key_is_said_to_be_one(self, vault, store, data):
        put(store)
        (vault.root / f"{KEY}.{store.keys.master_id}.key").write_bytes(data)

        with pytest.raises(PermanentFailure, match="wrapped data key is"):
            store.keys.find_or_make(KEY)

    def test_a_key_is_wrapped_anew_and_the_former_master_may_go(self, inner, vault, store):
        put(store)
        store.keys.prove()
        both = sealed(inner, OTHER_MASTER, MASTER, vault=vault)

        both.keys.rewrap(KEY)
        both.keys.rewrap(KEY)
        both.keys.rewrap_probe()

        alone = sealed(inner, OTHER_MASTER, vault=vault)
        assert alone.get(KEY) == AUDIO
        alone.keys.prove()
        assert alone.keys.wrapped_by(KEY) == alone.keys.master_id
        assert sorted(path.name for path in (vault.root / KEY).parent.glob("RE*")) == [
            f"RE0123.wav.{alone.keys.master_id}.key"
        ]

    def test_rotating_there_and_back_keeps_the_key(self, inner, vault, store):
        put(store)
        for masters in ((OTHER_MASTER, MASTER), (MASTER, OTHER_MASTER)):
            sealed(inner, *masters, vault=vault).keys.rewrap(KEY)

        assert sealed(inner, MASTER, vault=vault).get(KEY) == AUDIO

    def test_a_rotation_that_died_before_the_old_copy_went_is_ended_by_the_next(
        self, inner, vault, store, monkeypatch
    ):
        put(store)
        both = sealed(inner, OTHER_MASTER, MASTER, vault=vault)
        with monkeypatch.context() as patch:
            patch.setattr(vault, "delete", _die)
            with pytest.raises(KeyboardInterrupt):
                both.keys.rewrap(KEY)
        assert both.get(KEY) == AUDIO

        both.keys.rewrap(KEY)

        assert sealed(inner, OTHER_MASTER, vault=vault).get(KEY) == AUDIO

    def test_destroying_takes_every_copy_a_rotation_left(self, inner, vault, store, monkeypatch):
        put(store)
        both = sealed(inner, OTHER_MASTER, MASTER, vault=vault)
        with monkeypatch.context() as patch:
            patch.setattr(vault, "delete", _die)
            with pytest.raises(KeyboardInterrupt):
                both.keys.rewrap(KEY)

        both.keys.destroy(KEY)

        assert not list(vault.root.rglob("RE0123*"))

    def test_a_key_is_remembered_for_seconds_only_and_never_to_write(self, inner, vault, store):
        put(store)
        clock = [0.0]
        reader = sealed(inner, vault=vault)
        reader.keys._clock = lambda: clock[0]
        assert reader.get(KEY) == AUDIO

        store.keys.destroy(KEY)

        assert reader.get(KEY) == AUDIO
        clock[0] = 6.0
        with pytest.raises(MissingKeyError):
            reader.get(KEY)

    def test_without_a_master_key_nothing_is_made(self, inner, vault):
        store = sealed(inner, vault=vault)
        store.keys._ids.clear()

        with pytest.raises(PermanentFailure, match="no master key"):
            put(store)


@pytest.fixture
def inner(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def vault(tmp_path):
    return FolderStore(tmp_path / "vault")


@pytest.fixture
def store(inner, vault):
    return sealed(inner, vault=vault)


def _die(*_):
    raise KeyboardInterrupt
