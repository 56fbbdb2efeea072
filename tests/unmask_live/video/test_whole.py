from __future__ import annotations

import errno
from pathlib import Path

import pytest

from unmask_live.errors import UserError
from unmask_live.video.whole import whole_file


def test_appears_only_when_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with whole_file(target) as temporary:
        assert temporary.parent == tmp_path, "a rename over file systems is no rename"
        assert temporary.suffix == ".txt"
        temporary.write_text("done")
        assert not target.exists()
    assert target.read_text() == "done"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_an_error_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(type(error)), whole_file(target, force=True) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EFBIG, "disk is full or a size limit"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "cannot write"),
    ],
)
def test_system_errors_become_a_sentence(tmp_path: Path, code: int, message: str) -> None:
    with (
        pytest.raises(UserError, match=message) as caught,
        whole_file(tmp_path / "a.txt"),
    ):
        raise OSError(code, "system text")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_what_must_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "folder").mkdir()
    for name, message in (
        ("old.txt", "exists already: use --force"),
        ("folder", "is a folder"),
        ("none/a.txt", "there is no folder"),
    ):
        with pytest.raises(UserError, match=message), whole_file(tmp_path / name):
            pytest.fail("must not get here")


def test_write_protected_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(UserError, match="write-protected"), whole_file(tmp_path / "a.txt"):
        pytest.fail("must not get here")
