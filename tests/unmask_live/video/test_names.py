from __future__ import annotations

from pathlib import Path

import pytest

from unmask_live.errors import UserError
from unmask_live.video import names


@pytest.mark.parametrize(
    ("source", "result", "in_folder"),
    [
        ("a.mp4", "a-unmasked.mp4", "a.mp4"),
        ("A.MOV", "A-unmasked.MOV", "A.MOV"),
        ("a.b.mkv", "a.b-unmasked.mkv", "a.b.mkv"),
        ("a.avi", "a-unmasked.mkv", "a.avi.mkv"),
        ("a", "a-unmasked.mkv", "a.mkv"),
        ("face.JPG", "face-unmasked.JPG", "face.JPG"),
        ("face.webp", "face-unmasked.webp", "face.webp"),
    ],
)
def test_default_names(source: str, result: str, in_folder: str) -> None:
    assert names.result_name(Path(source)) == result
    assert names.name_in_folder(Path(source)) == in_folder


def test_target(tmp_path: Path) -> None:
    source = tmp_path / "a.mp4"
    source.touch()
    (tmp_path / "out").mkdir()
    assert names.target_for(source, None) == tmp_path / "a-unmasked.mp4"
    assert names.target_for(source, tmp_path / "out") == tmp_path / "out" / "a-unmasked.mp4"
    assert names.target_for(source, tmp_path / "b.mkv") == tmp_path / "b.mkv"
    with pytest.raises(UserError, match=r"is a video, .* would be a picture"):
        names.target_for(source, tmp_path / "b.png")
    with pytest.raises(UserError, match="is the file to read"):
        names.target_for(source, tmp_path / "out" / ".." / "a.mp4")


def test_folder(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    with pytest.raises(UserError, match="holds no video or picture"):
        names.media_in(source)
    for name in ("b.mp4", "a.png", ".hidden.png", "notes.txt"):
        (source / name).touch()
    (source / "folder.mp4").mkdir()
    assert [path.name for path in names.media_in(source)] == ["a.png", "b.mp4"]
    assert names.folder_for(source, None) == tmp_path / "in-unmasked"
    assert names.folder_for(source, tmp_path / "new") == tmp_path / "new"
    with pytest.raises(UserError, match="is the folder to read"):
        names.folder_for(source, source)
    with pytest.raises(UserError, match="it is a file"):
        names.folder_for(source, source / "b.mp4")
