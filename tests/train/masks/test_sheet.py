"""The command line writes what it says, and says what is missing."""

from __future__ import annotations

import io
import tarfile

import cv2
import numpy as np
import pytest

from train.masks.__main__ import main
from train.masks.sheet import contact_sheet


def test_the_contact_sheet():
    pytest.importorskip("skimage")
    sheet = contact_sheet(rows=3, columns=2, side=64)
    assert sheet.shape == (192, 128, 3)
    tiles = [sheet[r : r + 64, c : c + 64] for r in (0, 64, 128) for c in (0, 64)]
    assert all(np.abs(tiles[0].astype(int) - tile).mean() > 0.2 for tile in tiles[1:])


def test_sets_from_a_data_folder(face, tmp_path, capsys):
    picture, landmarks = face
    data = tmp_path / "data"
    data.mkdir()
    index = np.arange(478)
    points = landmarks.points.astype(np.float16)[None]
    np.savez(data / "few.npz", names=["a.webp"], landmarks=points, mesh_index=index)
    code = cv2.imencode(".webp", picture)[1].tobytes()
    with tarfile.open(data / "few-0.tar", "w") as tar:
        member = tarfile.TarInfo("a.webp")
        member.size = len(code)
        tar.addfile(member, io.BytesIO(code))
    main([str(tmp_path / "out"), "--data", str(data), "--count", "3"])
    written = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert len(written) == 3
    assert written[-1] == "00000-picture.png"
    matte = cv2.imread(str(tmp_path / "out" / "00000-matte.png"), cv2.IMREAD_GRAYSCALE)
    assert matte.shape == (256, 256)
    assert matte.max() == 255


def test_missing_arguments_are_named(capsys, tmp_path):
    with pytest.raises(SystemExit):
        main([])
    assert "--sheet" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "--data" in capsys.readouterr().err
