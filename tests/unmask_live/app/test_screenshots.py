from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from windows import threads_after

from unmask_live.app import screenshots
from unmask_live.video.pictures import read_picture


def test_a_scene_is_the_real_window_playing_the_demo(qtbot: QtBot, tmp_path: Path) -> None:
    assert screenshots.main([str(tmp_path / "out"), "--only", "small"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["window-small.png"]
    image = read_picture(tmp_path / "out" / "window-small.png").image
    assert image.shape == (420, 640, 3)
    assert image[60:380].std() > 40  # a picture, no empty stage
    assert threads_after(5) == []


def test_unknown_scenes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        screenshots.main([str(tmp_path), "--only", "sunset"])
