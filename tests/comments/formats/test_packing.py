"""Packed files: what comes out, and what a bomb or damage says."""

import gzip
import io
import zipfile

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from comments.formats import packing
from comments.formats.base import Unreadable
from comments.formats.packing import is_packed, unpack

TEXT = "".join(f"{at} 番目の便りが届いた。\n" for at in range(5000)).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def parts(data: bytes, name: str = "rows.xml") -> list[tuple[str, bytes]]:
    return [(part.name, part.stream.read()) for part in unpack(io.BytesIO(data), name)]


PACKED = [
    (TEXT, "rows.xml", [("rows.xml", TEXT)]),
    (gzip.compress(TEXT), "rows.xml.gz", [("rows.xml", TEXT)]),
    (gzip.compress(TEXT) + gzip.compress(TEXT), "rows", [("rows", TEXT * 2)]),
    (zstd(TEXT), "rows.xml.zst", [("rows.xml", TEXT)]),
    (zstd(TEXT) + zstd(b"end"), "rows", [("rows", TEXT + b"end")]),
    (zipped({"a/rows.xml": TEXT}), "rows.zip", [("a/rows.xml", TEXT)]),
    (
        zipped({"1.txt": b"one", "__MACOSX/._1.txt": b"x", ".DS_Store": b"x", "d/": b"", "2.txt": b"two"}),
        "two.zip",
        [("1.txt", b"one"), ("2.txt", b"two")],
    ),
]


@pytest.mark.parametrize(("data", "name", "wanted"), PACKED)
def test_unpacked(data: bytes, name: str, wanted: list[tuple[str, bytes]]) -> None:
    assert parts(data, name) == wanted
    assert is_packed(data) == (data != TEXT)


BOMBS = [gzip.compress(bytes(3_000_000)), zstd(bytes(3_000_000)), zipped({"bomb.txt": bytes(3_000_000)})]


@pytest.mark.parametrize("data", BOMBS)
def test_bombs(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(parts(data)[0][1]) == 3_000_000
    monkeypatch.setattr(packing, "FREE", 1_000_000)
    with pytest.raises(Unreadable, match=r"byte 1,\d\d\d,\d\d\d unpacked: unpacks to more than 250 times"):
        parts(data)


def test_a_total_of_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "TOTAL_LIMIT", 2 * len(TEXT) + 1)
    with pytest.raises(Unreadable, match="Import it in parts"):
        parts(zipped({"1": TEXT, "2": TEXT, "3": TEXT}))


DAMAGED = [
    gzip.compress(TEXT)[:-2000],
    zstd(TEXT * 9)[:-40],
    zipped({"a": TEXT * 9}),
]


def lines_of(part: packing.Part, into: list[bytes]) -> None:
    while line := part.stream.readline():
        into.append(line)


@pytest.mark.parametrize("at", range(3))
def test_what_came_before_damage_is_read(at: int) -> None:
    data = bytearray(DAMAGED[at])
    if at == 2:
        # One byte of the check sum, in the archive's directory.
        data[data.rindex(b"PK\1\2") + 16] ^= 1
    (part,) = unpack(io.BytesIO(bytes(data)), "rows")
    lines: list[bytes] = []
    with pytest.raises(Unreadable, match="unpacked: is damaged or cut off") as caught:
        lines_of(part, lines)
    assert lines
    assert (TEXT * 9).startswith(b"".join(lines))
    assert caught.value.place.startswith("byte ")


def test_archives_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for data, words in (
        (b"PK\3\4 and no more", "no zip archive that can be read"),
        (zipped({}), "without files"),
        (zipped({"d/": b""}), "without files"),
    ):
        with pytest.raises(Unreadable, match=words):
            parts(data)
    locked = bytearray(zipped({"a": TEXT}))
    locked[6] |= 1
    locked[locked.rindex(b"PK\1\2") + 8] |= 1
    with pytest.raises(Unreadable, match="a: is encrypted"):
        parts(bytes(locked))
    monkeypatch.setattr(packing, "DIRECTORY_LIMIT", 40)
    with pytest.raises(Unreadable, match="too many files"):
        parts(zipped({"a": TEXT}))


@given(st.sampled_from([b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\3\4", b"PK\5\6"]), st.binary(max_size=200))
def test_any_bytes_unpack_or_say_why_not(magic: bytes, data: bytes) -> None:
    try:
        parts(magic + data)
    except Unreadable as fault:
        assert fault.reason  # noqa: PT017  (either end is right; no other exception is)
