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


@pytest.mark.parametrize("links", [True, False])
def test_what_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr("os.link", no_links)
    target = tmp_path / "a.txt"
    with pytest.raises(UserError, match="exists already"), whole_file(target) as temporary:
        temporary.write_text("mine")
        target.write_text("theirs")
    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]
    with whole_file(target, force=True) as temporary:
        temporary.write_text("mine")
    assert target.read_text() == "mine"


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.link", no_links)
    with whole_file(tmp_path / "a.txt") as temporary:
        temporary.write_text("done")
    assert (tmp_path / "a.txt").read_text() == "done"
    assert len(list(tmp_path.iterdir())) == 1


def no_links(*_: object) -> None:
    raise PermissionError(errno.EPERM, "no links here")


def test_long_names(tmp_path: Path) -> None:
    longest = tmp_path / ("n" * 251 + ".txt")
    with whole_file(longest) as temporary:
        temporary.write_text("done")
    assert longest.read_text() == "done"
    with pytest.raises(UserError, match="cannot write"), whole_file(tmp_path / ("n" * 256)):
        pytest.fail("must not get here")
