from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from clips import picture

from unmask_live.errors import UserError
from unmask_live.video import snapshot as module
from unmask_live.video.pictures import read_picture
from unmask_live.video.sink import COMMENT
from unmask_live.video.snapshot import save_snapshot

NOW = datetime(2024, 2, 3, 14, 5, 6)


def test_is_named_by_the_time_and_never_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    saved = [save_snapshot(picture(i), folder, invented=True, now=NOW) for i in range(3)]
    names = ["unmask-2024-02-03-140506.png"]
    names += [f"unmask-2024-02-03-140506-{n}.png" for n in (2, 3)]
    assert [path.name for path in saved] == names
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for index, path in enumerate(saved):
        np.testing.assert_array_equal(read_picture(path).image, picture(index))


@pytest.mark.parametrize("invented", [True, False])
def test_says_that_faces_may_be_invented_where_they_may(tmp_path: Path, invented: bool) -> None:
    path = save_snapshot(picture(0), tmp_path, invented=invented)
    assert (COMMENT.encode() in path.read_bytes()) == invented
    assert path.name.startswith(f"unmask-{datetime.now():%Y}")


def test_a_name_taken_meanwhile_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = module.write_picture

    def late(path: Path, *words: object, **options: object) -> object:
        if not path.stem.endswith("-2"):
            path.write_bytes(b"precious")
        return write(path, *words, **options)

    monkeypatch.setattr(module, "write_picture", late)
    path = save_snapshot(picture(0), tmp_path, invented=True, now=NOW)
    assert path.name == "unmask-2024-02-03-140506-2.png"
    assert (tmp_path / "unmask-2024-02-03-140506.png").read_bytes() == b"precious"


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot make the folder"):
        save_snapshot(picture(0), tmp_path / "file", invented=True)
    with pytest.raises(UserError, match="cannot make the folder"):
        save_snapshot(picture(0), tmp_path / "file" / "below", invented=True)
    with pytest.raises(UserError, match="cannot make the folder"):
        save_snapshot(picture(0), tmp_path / ("n" * 300), invented=True)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
