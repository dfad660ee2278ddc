"""The one ZIP form: other programs read it, and so they do where it is larger than 4 GB."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from voiceline.evidence.archive import MANY, Member, ending, length, local_header


@pytest.mark.parametrize(
    "sizes",
    [
        (5 * 2**30,),
        (3 * 2**30, 3 * 2**30, 10),
        (2**32 - 2, 7),
        (2**32 - 1, 7),
        (2**32, 2**32, 0),
    ],
)
def test_more_than_four_gigabytes_can_be_read(tmp_path, sizes):
    members = [
        Member(f"audio/{n}.wav", size, zlib.crc32(bytes(size)) if size < 100 else 0)
        for n, size in enumerate(sizes)
    ]

    with (tmp_path / "sparse.zip").open("w+b") as file:
        for member in members:
            file.write(local_header(member))
            file.seek(member.size, io.SEEK_CUR)  # a hole, which costs no disk
        file.write(ending(members))
        assert file.tell() == length(members)
        with zipfile.ZipFile(file) as archive:
            found = [(each.filename, each.file_size) for each in archive.infolist()]
            begun = [archive.open(each).read(1) for each in archive.infolist() if each.file_size]

    assert found == [(member.name, member.size) for member in members]
    assert set(begun) == {b"\x00"}


def test_more_files_than_the_older_form_counts_can_be_read():
    members = [Member(f"a/{n}", 0, 0) for n in range(MANY + 1)]
    data = b"".join(map(local_header, members)) + ending(members)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.infolist()) == MANY + 1
    assert len(data) == length(members)


def test_small_archives_keep_to_the_older_form():
    member = Member("a.txt", 5, zlib.crc32(b"hello"))
    data = local_header(member) + b"hello" + ending([member])

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (entry,) = archive.infolist()
        assert archive.read("a.txt") == b"hello"
    assert (entry.extra, entry.comment, archive.comment) == (b"", b"", b"")
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    assert entry.extract_version == 10
    assert entry.external_attr >> 16 == 0o100644


def test_no_files_are_an_archive_too():
    with zipfile.ZipFile(io.BytesIO(ending([]))) as archive:
        assert archive.infolist() == []
