"""A tar file of strangers that lies, or was made to cost too much."""

from __future__ import annotations

import io
import tarfile

import pytest

from desktop_app.domain.errors import ImportFileError, ImportLimitError
from desktop_app.workers.import_worker import tar_archive
from desktop_app.workers.import_worker.archive import MOST_UNPACKED
from desktop_app.workers.import_worker.tar_archive import TarReader

_BLOCK = 512


def packed(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read(data: bytes, size: int | None = None) -> dict[str, bytes | None]:
    """Names with their bytes; None for what is no ordinary file."""
    reader = TarReader(io.BytesIO(data), len(data) if size is None else size)
    return {one.name: reader.read() if one.is_file else None for one in reader.members()}


def with_size(data: bytes, size: int) -> bytes:
    """The first header says another size, with the sum that belongs to it."""
    header = bytearray(data[:_BLOCK])
    header[124:136] = b"%011o\0" % size
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(header[156:]) + 8 * 32)
    return bytes(header) + data[_BLOCK:]


def test_an_archive_that_is_too_large_is_not_begun() -> None:
    with pytest.raises(ImportLimitError):
        read(packed((tarfile.TarInfo("a.md"), b"a")), MOST_UNPACKED + 1)


def test_an_archive_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_archive, "MOST_MEMBERS", 1)
    assert len(read(packed(*((tarfile.TarInfo(f"{number}.md"), b"") for number in range(3))))) == 3
    with pytest.raises(ImportLimitError):
        read(packed(*((tarfile.TarInfo(f"{number}.md"), b"") for number in range(4))))


def test_a_member_that_says_to_be_larger_than_its_archive_is_damage_before_it_is_read() -> None:
    data = with_size(packed((tarfile.TarInfo("a.md"), b"a")), 8 * 1024**3 - 1)

    class Counted(io.BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            Counted.asked = max(Counted.asked, size or 0)
            return super().read(size)

    reader = TarReader(Counted(data), len(data))
    with pytest.raises(ImportFileError):
        next(reader.members())
    assert Counted.asked == _BLOCK


def test_a_name_of_megabytes_is_damage() -> None:
    name = "n" * (1024**2 + 1)
    with pytest.raises(ImportFileError):
        read(packed((tarfile.TarInfo(name), b"a"), form=tarfile.GNU_FORMAT))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_long_name_is_that_of_one_member_alone(form: int) -> None:
    long = "folder/" * 30 + "long.md"
    data = packed((tarfile.TarInfo(long), b"one"), (tarfile.TarInfo("short.md"), b"two"), form=form)
    assert read(data) == {long: b"one", "short.md": b"two"}


def test_a_file_with_holes_and_a_link_are_no_ordinary_files() -> None:
    sparse = tarfile.TarInfo("holes.md")
    sparse.pax_headers = {"GNU.sparse.major": "1"}
    link = tarfile.TarInfo("link.md")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert read(packed((sparse, b"map"), (link, b""))) == {"holes.md": None, "link.md": None}


def test_a_size_that_is_written_as_a_binary_number() -> None:
    data = bytearray(packed((tarfile.TarInfo("a.md"), b"a")))
    data[124:136] = b"\x80" + (1).to_bytes(11, "big")
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + sum(data[156:_BLOCK]) + 8 * 32)
    assert read(bytes(data)) == {"a.md": b"a"}
