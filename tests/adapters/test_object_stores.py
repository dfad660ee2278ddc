"""One contract, every object store."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from examples.objects import AUDIO, KEY, TAGS, put, sealed

from voiceline.adapters.filesystem_store import FolderStore
from voiceline.adapters.s3_store import S3Store
from voiceline.errors import MissingObjectError, ObjectConflictError, PermanentFailure

ABSENT = "rec/3f1c/2026/11/absent.wav"


@pytest.mark.parametrize(
    "store",
    [
        *("folder", "sealed folder"),
        *(pytest.param(name, marks=pytest.mark.s3) for name in ("s3", "sealed s3")),
    ],
    indirect=True,
)
class TestEveryObjectStore:
    def test_what_is_put_is_read_back_whole(self, store):
        stored = put(store)

        assert store.get(KEY) == AUDIO
        assert store.size(KEY) == stored.size == len(AUDIO)
        assert stored.sha256 == hashlib.sha256(AUDIO).hexdigest()
        assert stored.key == KEY

    def test_putting_the_same_bytes_again_succeeds(self, store):
        first = put(store)

        again = put(store)

        assert again == first

    def test_other_bytes_are_a_conflict_and_change_nothing(self, store):
        put(store)

        with pytest.raises(ObjectConflictError):
            put(store, b"other")

        assert store.get(KEY) == AUDIO
        assert store.tags(KEY) == TAGS

    def test_two_workers_putting_at_once_agree(self, store):
        with ThreadPoolExecutor(4) as workers:
            stored = list(workers.map(lambda _: put(store), range(4)))

        assert len(set(stored)) == 1
        assert store.get(KEY) == AUDIO

    def test_an_empty_object_is_an_object(self, store):
        stored = put(store, b"")

        assert stored.size == 0
        assert store.get(KEY) == b""
        assert list(store.stream(KEY, 0, 99)) == []

    @pytest.mark.parametrize("ask", ["get", "size", "tags", "stream", "retag"])
    def test_an_absent_object_is_missing(self, store, ask):
        arguments = {"stream": (0, 1), "retag": (TAGS,)}.get(ask, ())

        with pytest.raises(MissingObjectError):
            getattr(store, ask)(ABSENT, *arguments)

    @pytest.mark.parametrize(
        ("start", "end"), [(0, 0), (0, 9), (100_000, 200_000), (200_000, 10**9)]
    )
    def test_a_range_is_streamed_both_ends_included(self, store, start, end):
        put(store)

        streamed = b"".join(store.stream(KEY, start, end))

        assert streamed == AUDIO[start : end + 1]

    def test_a_range_behind_the_end_is_empty(self, store):
        put(store)

        assert list(store.stream(KEY, len(AUDIO), len(AUDIO) + 9)) == []

    @pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4)])
    def test_an_impossible_range_is_a_mistake(self, store, start, end):
        put(store)

        with pytest.raises(ValueError, match="range"):
            store.stream(KEY, start, end)

    def test_tags_are_kept_and_replaced_as_a_whole(self, store):
        put(store, tags={"tier": "small_medium", "note": "a b=c"})

        store.retag(KEY, {"tier": "hold"})

        assert store.tags(KEY) == {"tier": "hold"}

    def test_an_object_may_have_no_tags(self, store):
        put(store, tags={})

        assert store.tags(KEY) == {}
        assert store.get(KEY) == AUDIO

    def test_a_deleted_object_is_gone_and_may_come_back(self, store):
        put(store)

        store.delete(KEY)

        with pytest.raises(MissingObjectError):
            store.get(KEY)
        assert put(store, b"new", tags={"tier": "enterprise"}).size == 3
        assert store.tags(KEY) == {"tier": "enterprise"}

    def test_deleting_what_is_absent_succeeds(self, store):
        store.delete(ABSENT)

        with pytest.raises(MissingObjectError):
            store.size(ABSENT)

    def test_deleting_spares_keys_that_begin_alike(self, store):
        put(store)
        store.put(f"{KEY}.bak", b"2", content_type="audio/x-wav", tags=TAGS)

        store.delete(KEY)

        assert store.get(f"{KEY}.bak") == b"2"

    def test_keys_are_listed_in_order_page_by_page_and_none_twice(self, store):
        names = [f"rec/{each}" for each in ("a/1.mp3", "a/1.wav", "a-b/1.wav", "a/2.wav", "b.wav")]
        for name in (*names, "recent/1.wav", "note/1"):
            put(store, b"1", key=name)

        found, after = [], ""
        while page := store.listed("rec/", after=after, limit=2):
            assert len(page) <= 2
            found += [each.key for each in page]
            after = page[-1].mark

        assert found == sorted(names)

    def test_nothing_is_listed_of_what_is_not_there(self, store):
        put(store)
        store.delete(KEY)

        assert store.listed("rec/") == []
        assert store.listed("other/") == []

    @pytest.mark.parametrize(
        "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a\x00", "a b", "ä"]
    )
    @pytest.mark.parametrize("ask", ["put", "get", "delete"])
    def test_only_plain_keys_are_taken(self, store, key, ask):
        asks = {"put": lambda: put(store, key=key)}

        with pytest.raises(PermanentFailure, match="not an object key"):
            asks.get(ask, lambda: getattr(store, ask)(key))()

    @pytest.mark.parametrize(
        "tags", [{str(n): "" for n in range(11)}, {"": "x"}, {"a": "x" * 257}, {"a": "\n"}]
    )
    def test_tags_that_s3_would_refuse_are_refused(self, store, tags):
        with pytest.raises(PermanentFailure, match="tags"):
            put(store, tags=tags)


@pytest.fixture
def store(request, tmp_path):
    if "folder" in request.param:
        kept = FolderStore(tmp_path / "store")
    else:
        kept = S3Store(request.getfixturevalue("client"), request.getfixturevalue("bucket"))
    return sealed(kept) if "sealed" in request.param else kept
