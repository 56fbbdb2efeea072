from __future__ import annotations

import errno
from pathlib import Path

import pytest

from unmask_live.video.boxes import whole_length
from unmask_live.video.growing import GrowingFile


def test_what_is_written_is_there_at_once(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "a")
    assert file.write(b"0123456789") == 10
    assert (tmp_path / "a").read_bytes() == b"0123456789"
    file.seek(2)
    file.write(b"ab")
    assert (file.tell(), file.seekable()) == (4, True)
    file.cut(6)
    file.close()
    file.close()
    assert (tmp_path / "a").read_bytes() == b"01ab45"


def test_takes_over_a_name_only_if_told_to(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        GrowingFile(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"precious"
    GrowingFile(tmp_path / "a", force=True).close()
    assert (tmp_path / "a").read_bytes() == b""


def test_after_a_failure_or_a_stop_nothing_changes(tmp_path: Path) -> None:
    class Full:
        """The disk takes three bytes more."""

        def write(self, data: memoryview) -> int:
            if self.room == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            taken = min(self.room, len(data))
            self.room -= taken
            self.data += bytes(data[:taken])
            return taken

        room, data = 3, b""

    file = GrowingFile(tmp_path / "a")
    file._file.close()
    full = file._file = Full()
    with pytest.raises(OSError, match="No space"):
        file.write(b"01234")
    assert file.failure is not None
    assert file.failure.errno == errno.ENOSPC
    full.room = 100
    assert file.write(b"more") == 4
    assert full.data == b"012"
    other = GrowingFile(tmp_path / "b")
    other.write(b"kept")
    other.stop()
    other.write(b"lost")
    other.close()
    assert (tmp_path / "b").read_bytes() == b"kept"
    assert other.failure is None


def box(kind: bytes, size: int) -> bytes:
    return (size + 8).to_bytes(4, "big") + kind + bytes(size)


PART = box(b"moof", 20) + box(b"mdat", 50)
HEAD = box(b"ftyp", 16) + box(b"moov", 100)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"", 0),
        (b"\0\0\0", 0),
        (HEAD, len(HEAD)),
        (HEAD[:-1], 24),
        (HEAD + PART + PART, len(HEAD + PART + PART)),
        (HEAD + PART + PART[:-1], len(HEAD + PART)),
        (HEAD + PART + PART[:28], len(HEAD + PART)),
        (HEAD + PART + PART[:5], len(HEAD + PART)),
        (HEAD + b"\0\0\0\1mdat" + (30).to_bytes(8, "big") + bytes(14), len(HEAD) + 30),
        (HEAD + b"\0\0\0\1mdat" + (31).to_bytes(8, "big") + bytes(14), len(HEAD)),
        (HEAD + bytes(100), len(HEAD)),
    ],
)
def test_whole_length_of_an_mp4(tmp_path: Path, data: bytes, whole: int) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    assert whole_length(tmp_path / "a.mp4") == whole
