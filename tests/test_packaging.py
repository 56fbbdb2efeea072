"""The wheel, built from this tree and used outside of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from unmask_live.commands.demo import HEADER, MOMENTS, PANEL
from unmask_live.video.pictures import read_picture

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, as pip would lay it into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    site = folder / "site"
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


def python(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run outside the checkout, with the wheel's content first on the path."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_brings_its_networks_whole(installed: Path) -> None:
    program = (
        "from unmask_live.runtime import engines_dir, load_manifest\n"
        "for entry in load_manifest().values(): entry.verify(); print(entry.name)\n"
        "print(engines_dir())"
    )
    done = python(installed, "-c", program)
    assert done.returncode == 0, done.stderr
    *names, folder = done.stdout.split()
    assert {"finder", "segmenter", "inpainter"} <= set(names)
    assert Path(folder) == installed / "unmask_live" / "engines"


def test_doctor_is_content(installed: Path) -> None:
    done = python(installed, "-m", "unmask_live.cli", "doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["ok"] is True


def test_demo_runs(installed: Path, tmp_path: Path) -> None:
    done = python(installed, "-m", "unmask_live.cli", "demo", "--quiet", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    video, picture = (Path(line) for line in done.stdout.split())
    assert video.stat().st_size > 0
    rows = read_picture(picture).image[HEADER:].astype(int)
    bare, *worn = np.split(rows, len(MOMENTS))
    assert (bare[:, :PANEL] == bare[:, 2 * PANEL :]).all(), "no mask is worn at first"
    for row in worn:
        before, matte, after = (row[:, i * PANEL : (i + 1) * PANEL] for i in range(3))
        painted = np.abs(matte - before).max(axis=2) > 60
        assert painted.mean() > 0.02, "no mask was found"
        assert np.abs(after - before)[painted].mean() > 10, "the mask is still there"
        far = ~cv2.dilate(painted.astype(np.uint8), np.ones((81, 81))).astype(bool)
        assert np.abs(after - before)[far].max(initial=0) == 0, "more than the mask was changed"


def test_never_imports_torch_or_train(installed: Path) -> None:
    program = (
        "import sys, unmask_live.cli, unmask_live.runtime.openvino_core as ov\n"
        "ov.the_core()\n"
        "print(sorted({'torch', 'train', 'onnx', 'scipy', 'skimage'} & set(sys.modules)))"
    )
    done = python(installed, "-c", program)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_holds_nothing_else(installed: Path) -> None:
    top = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"unmask_live"}
    assert (installed / "unmask_live" / "py.typed").is_file()
