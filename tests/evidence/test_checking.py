"""A pack is as it was made or it is not: one changed byte anywhere is found."""

from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.audit.encoding import canonical
from voiceline.audit.keys import SigningKey
from voiceline.evidence.archive import Member, ending, local_header
from voiceline.evidence.checking import check_pack
from voiceline.evidence.excerpt import CHAIN, ENTRIES, HEADS, NAMES, ORDER
from voiceline.evidence.packing import make_pack, text_source
from voiceline.evidence.seal import (
    MANIFEST,
    SEAL,
    BrokenPackError,
    Listed,
    read_manifest,
    write_seal,
)

KEY, OTHER_KEY = SigningKey("11" * 32), SigningKey("22" * 32)
ABOUT = {
    "business": "4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10",
    "made_at": "2026-11-22T18:00:00.000000Z",
    "reference": "123456789",
    "request": "5a1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a11",
}
ENTRY = {
    "actor": {"name": None},
    "business": ABOUT["business"],
    "previous": "0" * 64,
    "request": ABOUT["request"],
    "sequence": 7,
    "subject": {"kind": "voicemail"},
}
TRAIL = {ENTRIES: f"{canonical(ENTRY)}\n", HEADS: "", NAMES: ""}
SMALL = b"".join(
    make_pack(
        ABOUT,
        [
            text_source("report.html", "<p>hello"),
            *(text_source(name, text) for name, text in TRAIL.items()),
            text_source("a/b.json", "{}"),
        ],
        KEY,
    ).open()
)
MANIFEST_START = 30 + len(MANIFEST)


def test_a_pack_holds_and_says_what_it_is():
    finding = check_pack(io.BytesIO(SMALL))

    assert finding.manifest.reference == "123456789"
    names = [file.name for file in finding.manifest.files]
    assert names == ["report.html", *TRAIL, "a/b.json"]
    assert (finding.known_key, finding.size) == (False, len(SMALL))
    assert finding.seal.public == KEY.public


def test_every_other_program_can_open_it():
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [MANIFEST, SEAL, "report.html", *TRAIL, "a/b.json"]
        assert archive.read("report.html") == b"<p>hello"


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_changed_byte_is_found_wherever_it_is(mask):
    unseen = [place for place in range(len(SMALL)) if holds(flipped(SMALL, place, mask))]

    assert unseen == []


def test_a_cut_is_found_wherever_it_is():
    unseen = [size for size in range(len(SMALL)) if holds(SMALL[:size])]

    assert unseen == []


@given(st.integers(0, len(SMALL)), st.binary(min_size=1, max_size=9))
def test_added_bytes_are_found_wherever_they_are(place, more):
    assert not holds(SMALL[:place] + more + SMALL[place:])


@given(st.data())
def test_missing_bytes_are_found_wherever_they_were(data):
    start = data.draw(st.integers(0, len(SMALL) - 1))
    end = data.draw(st.integers(start + 1, len(SMALL)))

    assert not holds(SMALL[:start] + SMALL[end:])


def test_any_byte_of_a_real_pack_is_guarded(packed):
    chance = random.Random(20261122)
    places = [*range(600), *range(len(packed) - 900, len(packed))]
    places += chance.sample(range(len(packed)), 150)

    unseen = [place for place in places if holds(flipped(packed, place, 1 << chance.randrange(8)))]

    assert holds(packed)
    assert unseen == []


@given(st.binary(max_size=400))
def test_whatever_is_no_pack_is_told_so(data):
    with pytest.raises(BrokenPackError):
        check_pack(io.BytesIO(data))


class TestOtherArchives:
    """What somebody could make of a pack with any ZIP program."""

    @pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_the_same_files_packed_anew_are_no_pack(self, how):
        assert not holds(rezipped(files_of(SMALL), how))

    def test_an_archive_without_manifest_is_none_of_ours(self):
        with pytest.raises(BrokenPackError, match="no evidence pack of ours"):
            check_pack(io.BytesIO(rezipped([("a.txt", b"x")])))

    def test_a_bomb_is_not_unpacked(self):
        bomb = rezipped([(MANIFEST, bytes(60_000_000))], zipfile.ZIP_DEFLATED)

        with pytest.raises(BrokenPackError, match="no evidence pack of ours"):
            check_pack(io.BytesIO(bomb))

    def test_a_manifest_that_claims_a_terabyte_is_not_read(self):
        begin = bytearray(SMALL)
        begin[18:26] = struct.pack("<LL", 2**32 - 2, 2**32 - 2)

        with pytest.raises(BrokenPackError, match="no evidence pack of ours"):
            check_pack(io.BytesIO(bytes(begin)))

    @pytest.mark.parametrize(
        "data", [b"", b"PK", b"\x1f\x8b\x08", b"%PDF-1.7", b"PK\x05\x06" + bytes(18)]
    )
    def test_other_files_are_told_so(self, data):
        with pytest.raises(BrokenPackError):
            check_pack(io.BytesIO(data))


class TestWrittenAnewByHand:
    """What somebody could write who knows the form, but has not the key."""

    def test_it_can_be_written_at_all(self):
        assert holds(written(files_of(SMALL)[2:], KEY))

    def test_a_file_left_out_is_found(self):
        assert not holds(rebuilt(files_of(SMALL)[:-1]))

    def test_a_file_put_in_is_found(self):
        assert not holds(rebuilt([*files_of(SMALL), ("more.txt", b"x")]))

    def test_a_renamed_file_is_found(self):
        *others, (_, data) = files_of(SMALL)

        assert not holds(rebuilt([*others, ("a/c.json", data)]))

    def test_files_in_another_order_are_found(self):
        manifest, seal, one, *others, last = files_of(SMALL)

        assert not holds(rebuilt([manifest, seal, last, *others, one]))

    def test_a_changed_file_with_right_checksums_is_found(self):
        manifest, seal, (name, _), *others = files_of(SMALL)

        with pytest.raises(
            BrokenPackError, match=r"record before report\.html|report\.html is altered"
        ):
            check_pack(io.BytesIO(rebuilt([manifest, seal, (name, b"<p>jello"), *others])))

    def test_a_new_manifest_under_the_old_seal_is_found(self):
        _, seal, *files = files_of(written([("report.html", b"<p>other")], KEY))
        old_seal = files_of(SMALL)[1]
        manifest = files_of(written([("report.html", b"<p>other")], KEY))[0]

        assert seal != old_seal
        with pytest.raises(BrokenPackError, match="not the one that was sealed"):
            check_pack(io.BytesIO(rebuilt([manifest, old_seal, *files])))

    def test_who_seals_anew_is_found_with_the_key(self):
        forged = written(files_of(SMALL)[2:], OTHER_KEY)

        assert holds(forged)
        with pytest.raises(BrokenPackError, match="which is not yours"):
            check_pack(io.BytesIO(forged), [KEY.public])
        assert check_pack(io.BytesIO(SMALL), [OTHER_KEY.public, KEY.public]).known_key

    def test_the_name_of_another_key_is_found(self):
        manifest, (name, seal), *files = files_of(written([], OTHER_KEY))
        facts = json.loads(seal) | {"key": KEY.id}
        lying = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()

        with pytest.raises(BrokenPackError, match="the key is not called so"):
            check_pack(io.BytesIO(rebuilt([manifest, (name, lying), *files])))

    @pytest.mark.parametrize("change", [str.upper, lambda text: text.replace(",", ", ")])
    def test_the_same_seal_in_other_letters_is_found(self, change):
        manifest, (name, seal), *files = files_of(SMALL)
        other = change(seal.decode()).encode()

        assert not holds(rebuilt([manifest, (name, other), *files]))

    @pytest.mark.parametrize(
        "names",
        [
            ("a.txt", "a.txt"),
            ("a.txt", "A.TXT"),
            ("a", "a/b.txt"),
            ("../../etc/passwd",),
            ("/etc/passwd",),
            ("a/../b",),
            ("a//b",),
            ("a/b/c",),
            (".hidden",),
            ("a\\b",),
            ("C:a",),
            ("a b",),
            ("",),
            ("x" * 101,),
            ("manifest.json",),
            ("seal.json",),
            ("SEAL.JSON",),
            ("a\n.txt",),
            ("a.txt\n",),
        ],
    )
    def test_names_that_none_of_ours_has_are_refused(self, names):
        forged = written([(name, b"x") for name in names], KEY)

        with pytest.raises(BrokenPackError, match=r"two files of one name|no file of ours|folder"):
            check_pack(io.BytesIO(forged))

    @pytest.mark.parametrize(
        "facts",
        [
            {"size": -1},
            {"size": True},
            {"size": 1.0},
            {"size": "1"},
            {"size": 2**60},
            {"sha256": "A" * 64},
            {"sha256": None},
            {"crc32": "123"},
            {"name": 7},
            {"more": 1},
        ],
    )
    def test_facts_that_are_none_are_refused(self, facts):
        with pytest.raises(BrokenPackError):
            read_manifest(manifest_with(files=[LISTED | facts]))

    @pytest.mark.parametrize(
        "facts",
        [
            {"what": "voiceline"},
            {"form": 2},
            {"form": True},
            {"reference": "<script>"},
            {"reference": 123456789},
            {"files": {}},
            {"files": [[]]},
            {"more": 1},
        ],
    )
    def test_manifests_of_something_else_are_refused(self, facts):
        with pytest.raises(BrokenPackError):
            read_manifest(manifest_with(**facts))

    def test_a_false_checksum_is_found(self):
        with pytest.raises(BrokenPackError, match="a false CRC"):
            check_pack(io.BytesIO(written(files_of(SMALL)[2:], KEY, {"report.html": 7})))


class TestTrailInside:
    """Whoever has the key could still not put in a trail that does not hold together."""

    @pytest.mark.parametrize(
        ("file", "line", "words"),
        [
            (ENTRIES, "{}", "none of ours"),
            (ENTRIES, "[]", "none of ours"),
            (ENTRIES, "7", "none of ours"),
            (ENTRIES, "x" * 140_000, "too long"),
            (ENTRIES, '{"a": 1}', "not written as we write it"),
            (CHAIN, '{"business":"x","previous":"0","sequence":1}', "of another business"),
            (ENTRIES, canonical(ENTRY | {"sequence": "7"}), "does not belong there"),
            (ENTRIES, canonical(ENTRY | {"sequence": 0}), "does not belong there"),
            (HEADS, '{"head":"{}","key":"x","signature":"y"}', "none of ours"),
            (NAMES, '{"digest":"x","name":"y","salt":"z"}', "that no entry knows"),
        ],
    )
    def test_lines_that_are_none_are_refused(self, file, line, words):
        pack = trail_pack({file: f"{line}\n"})

        with pytest.raises(BrokenPackError, match=words):
            check_pack(io.BytesIO(pack))

    def test_half_a_line_is_refused(self):
        pack = trail_pack({HEADS: "{}"})

        with pytest.raises(BrokenPackError, match="middle of a line"):
            check_pack(io.BytesIO(pack))

    def test_a_trail_without_entries_is_refused(self):
        with pytest.raises(BrokenPackError, match="is empty"):
            check_pack(io.BytesIO(trail_pack({ENTRIES: ""})))

    @pytest.mark.parametrize(
        "names",
        [
            *([], [ENTRIES], [ENTRIES, HEADS], [HEADS, NAMES], [ENTRIES, NAMES]),
            *([CHAIN, ENTRIES, HEADS, NAMES], [ENTRIES, HEADS, CHAIN, NAMES]),
            [HEADS, ENTRIES, NAMES],
            [ENTRIES, HEADS, NAMES, "audit/more.jsonl"],
            ["Audit/entries.jsonl", HEADS, NAMES],
        ],
    )
    def test_a_trail_of_other_files_or_order_is_refused(self, names):
        forged = written([(name, TRAIL.get(name, "").encode()) for name in names], KEY)

        with pytest.raises(BrokenPackError, match="not those of a pack"):
            check_pack(io.BytesIO(forged))

    @pytest.mark.parametrize("place", [0, 2, -1])
    def test_an_entry_that_only_the_chain_has_is_found(self, worked, place):
        data = worked.packed(links=True)
        files = dict(files_of(data)[2:])
        lines = files[ENTRIES].splitlines(keepends=True)
        del lines[place]

        forged = resealed(data, files | {ENTRIES: b"".join(lines)}, worked.key)

        with pytest.raises(BrokenPackError, match="other entries of the request"):
            check_pack(io.BytesIO(forged), [worked.key.public])

    @pytest.mark.parametrize("file", [ENTRIES, CHAIN, HEADS, NAMES])
    def test_an_altered_line_is_found_though_sealed_anew(self, worked, file):
        data = worked.packed(links=True)
        files = dict(files_of(data)[2:])
        text = files[file].decode()
        lines = text.splitlines()
        place = 2 if file in {ENTRIES, CHAIN} else 0
        lines[place] = altered(lines[place])

        forged = resealed(data, files | {file: ("\n".join(lines) + "\n").encode()}, worked.key)

        assert holds(resealed(data, files, worked.key))
        assert not holds(forged)

    def test_an_entry_left_out_of_the_chain_is_found(self, worked):
        data = worked.packed(links=True)
        files = dict(files_of(data)[2:])
        lines = files[CHAIN].decode().splitlines()

        forged = resealed(
            data, files | {CHAIN: ("\n".join([*lines[:2], *lines[3:]]) + "\n").encode()}, worked.key
        )

        with pytest.raises(BrokenPackError, match="lacks entry"):
            check_pack(io.BytesIO(forged))


LISTED = {"crc32": "0" * 8, "name": "a.txt", "sha256": "0" * 64, "size": 1}


def holds(data: bytes) -> bool:
    try:
        check_pack(io.BytesIO(data))
    except BrokenPackError:
        return False
    return True


def flipped(data: bytes, place: int, mask: int) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def altered(line: str) -> str:
    """Change one word that nothing but a hash or a signature guards."""
    for old, new in (
        ('"kind":"staff"', '"kind":"system"'),
        ('"kind":"operator"', '"kind":"system"'),
        ("2026-11-2", "2026-10-2"),
        ("Alice", "Malice"),
    ):
        if old in line:
            return line.replace(old, new, 1)
    raise AssertionError(line)


def files_of(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def trail_pack(files: dict[str, str]) -> bytes:
    """Make a pack with these files of the trail, and what it needs besides."""
    texts = TRAIL | files
    sources = [text_source(name, texts[name]) for name in ORDER if name in texts]
    return b"".join(make_pack(ABOUT, sources, KEY).open())


def rezipped(files, how: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def rebuilt(files, checksums: dict[str, int] | None = None) -> bytes:
    """Write these files in our own form, whatever the manifest among them says."""
    lies = checksums or {}
    members = [Member(name, len(data), lies.get(name, zlib.crc32(data))) for name, data in files]
    parts = [local_header(m) + data for m, (_, data) in zip(members, files, strict=True)]
    return b"".join(parts) + ending(members)


def written(files, key: SigningKey, checksums: dict[str, int] | None = None) -> bytes:
    """Write a pack of these files, by the form and without any of our checks."""
    listed = [
        {
            "crc32": f"{(checksums or {}).get(name, zlib.crc32(data)):08x}",
            "name": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
        }
        for name, data in files
    ]
    manifest = manifest_with(files=listed)
    seal = write_seal(manifest, key)
    return rebuilt([(MANIFEST, manifest), (SEAL, seal), *files], checksums)


def resealed(data: bytes, files: dict[str, bytes], key: SigningKey) -> bytes:
    old = check_pack(io.BytesIO(data)).manifest
    listed = tuple(
        Listed(name, len(text), hashlib.sha256(text).hexdigest(), zlib.crc32(text))
        for name, text in files.items()
    )
    manifest = replace(old, files=listed).as_bytes()
    return rebuilt([(MANIFEST, manifest), (SEAL, write_seal(manifest, key)), *files.items()])


def manifest_with(**facts) -> bytes:
    usual = ABOUT | {"files": [], "form": 1, "what": "voiceline evidence pack"}
    text = json.dumps(usual | facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()
