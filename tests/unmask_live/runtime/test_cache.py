from __future__ import annotations

from pathlib import Path

import pytest

from unmask_live.runtime import cache


def test_the_folder_is_made_where_the_variable_says(own_cache: Path) -> None:
    folder = cache.cache_dir("plans")
    assert folder == own_cache / "engines" / "plans"
    assert folder.is_dir()


def test_an_empty_variable_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")
    assert cache.cache_dir("plans") is None
    assert cache.clear() == 0


def test_without_the_variable_it_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setattr(cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_dir() == tmp_path / "unmask_live" / "engines"
    monkeypatch.setattr(cache.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache.cache_dir() == tmp_path / "local" / "unmask_live" / "engines"


def test_a_folder_that_cannot_be_made_means_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    assert cache.cache_dir("plans") is None


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan"
    cache.write_whole(path, b"first")

    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(cache.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        cache.write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_damaged_record_is_an_empty_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    assert cache.read_json(path) == {}
    cache.write_json(path, {"a": 1})
    assert cache.read_json(path) == {"a": 1}


def test_clearing_takes_engines_only(own_cache: Path) -> None:
    folder = cache.cache_dir("plans")
    assert folder is not None
    (folder / "one").write_bytes(b"12345")
    (own_cache / "faces").mkdir()
    assert cache.clear() == 5
    assert [path.name for path in own_cache.iterdir()] == ["faces"]
