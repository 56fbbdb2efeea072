from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import frames, steady, write_clip
from fakes import Negative
from typer.testing import CliRunner

from unmask_live import Face, Unmasked
from unmask_live.cli import app
from unmask_live.commands.demo import HEADER, MOMENTS, PANEL
from unmask_live.video.pictures import read_picture


class NegativeWithFace(Negative):
    """Sees one masked face of 20 by 20 pixels at (30, 20)."""

    def __call__(self, image: np.ndarray, timestamp: float | None = None) -> Unmasked:
        matte = np.ones((256, 256), np.float32)
        transform = np.array([[12.8, 0, -384], [0, 12.8, -256]], np.float32)
        face = Face((30, 20, 50, 40), np.zeros((5, 2), np.float32), 1.0, 1, True, matte, transform)
        return Unmasked(255 - image, (face,))


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["demo", "--out", str(folder), *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "assets"
    folder.mkdir()
    monkeypatch.setattr("unmask_live.video.demo_clip.shipped_dir", lambda name: tmp_path / name)
    return folder


@pytest.mark.parametrize("unmasker", [Negative, NegativeWithFace])
def test_writes_both_and_prints_where(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unmasker: type
) -> None:
    monkeypatch.setattr("unmask_live.commands.demo.Unmasker", unmasker)
    times, base = steady(40)
    write_clip(assets / "demo.mp4", times=times, time_base=base)
    for _ in range(2):  # the second run replaces the first's files
        code, out, err = run(tmp_path / "new" / "demo")
        assert code == 0, err
    video, picture = (Path(line) for line in out.split())
    assert len(frames(video)) == 40
    image = read_picture(picture).image
    assert image.shape == (HEADER + len(MOMENTS) * PANEL, 3 * PANEL, 3)
    before, after = image[HEADER:, :PANEL], image[HEADER:, 2 * PANEL :]
    assert np.abs(before.astype(int) + after - 255).max() <= 2
    matte = image[HEADER:, PANEL : 2 * PANEL]
    assert (matte != before).any() == (unmasker is NegativeWithFace)


def test_the_finder_can_be_chosen(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options["finder"])
            super().__init__(**options)

    monkeypatch.setattr("unmask_live.commands.demo.Unmasker", Asked)
    write_clip(assets / "demo.mp4")
    assert run(tmp_path / "demo", "--finder", "mediapipe")[0] == 0
    assert run(tmp_path / "demo")[0] == 0
    assert asked == ["mediapipe", "ours"]


def test_clip_is_missing(assets: Path, tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "demo")
    assert (code, out) == (1, "")
    assert "the demo clip is missing" in err
