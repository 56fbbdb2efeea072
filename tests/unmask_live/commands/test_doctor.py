from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from unmask_live.cli import app
from unmask_live.commands import doctor, doctor_networks
from unmask_live.errors import UserError


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor", *words])
    return result.exit_code, result.stdout


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_networks, "_entries", lambda: NETWORKS)
    monkeypatch.setattr(doctor_networks, "_backends", lambda: ("openvino",))
    monkeypatch.setattr(doctor_networks, "_run_once", lambda name, backend: "OpenVINO 1 CPU FP32")


NETWORKS = ("finder", "segmenter", "inpainter")


@pytest.mark.usefixtures("healthy")
def test_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out = run("--json")
    report = json.loads(out)
    assert (code, report["ok"]) == (0, True)
    names = {check["name"] for check in report["checks"]}
    assert {"python", "numpy", "openvino", "cpu", "finder on openvino", "libx264"} <= names
    assert run()[0] == 0


@pytest.mark.usefixtures("healthy")
def test_one_backend_is_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        doctor_networks, "_run_once", lambda name, backend: asked.append((name, backend)) or "fine"
    )
    assert run("--backend", "onnxruntime:cuda")[0] == 0
    assert asked == [(name, "onnxruntime:cuda") for name in NETWORKS]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cudnn", "there is no backend 'cudnn': choose auto, tensorrt, openvino or onnxruntime"),
        ("all", "there is no backend 'all': choose auto, tensorrt"),
        ("openvino:fp64", "there is no backend 'openvino:fp64': choose openvino, openvino:fp32"),
    ],
)
def test_a_backend_that_there_is_not_is_told_once_before_anything_is_tried(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_networks, "_run_once", None)
    result = CliRunner().invoke(app, ["doctor", "--backend", name, "--json"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {says}") and result.stderr.count("\n") == 1


def test_a_backend_that_is_not_installed_is_told_once_with_its_own_remedy() -> None:
    code, out = run("--backend", "onnxruntime:qnn")
    lines = [line for line in out.splitlines() if line.startswith("  !!")]
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(
        "  !!  onnxruntime:qnn: the installed ONNX Runtime has no qnn provider (it has "
    )
    assert "reinstall" not in out and "1 essential things are broken" in out


@pytest.mark.usefixtures("healthy")
def test_a_network_that_does_not_run_is_fatal_and_comes_with_a_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run_once(name: str, backend: str) -> str:
        if name == "segmenter":
            raise UserError("computes\ngarbage")
        return "fine"

    monkeypatch.setattr(doctor_networks, "_run_once", run_once)
    code, out = run("--json")
    bad = [c for c in json.loads(out)["checks"] if c["essential"] and not c["ok"]]
    assert code == 1
    assert [(c["name"], c["detail"]) for c in bad] == [
        ("segmenter on openvino", "computes garbage")
    ]
    assert bad[0]["fix"]
    code, out = run()
    assert code == 1
    assert bad[0]["fix"] in out


def test_no_networks_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from unmask_live.runtime import load_manifest

    monkeypatch.setattr(doctor_networks, "_entries", lambda: tuple(load_manifest(tmp_path)))
    code, out = run()
    assert code == 1
    assert "list of networks is missing" in out


@pytest.mark.usefixtures("healthy")
def test_missing_codec_and_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_has_codec", lambda name, mode: name not in ("libx264", "vp9"))
    monkeypatch.setattr(doctor.machine, "package_versions", lambda: {"rich": None})
    code, out = run("--json")
    bad = {c["name"]: c["essential"] for c in json.loads(out)["checks"] if not c["ok"]}
    assert code == 1
    assert bad["libx264"] is True
    assert bad["vp9"] is False
    assert bad["rich"] is True


PACKAGES = {"av": "av", "cv2": "opencv-python-headless", "numpy": "numpy", "rich": "rich"}


def without(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where importing a module fails."""
    program = (
        f"import sys; sys.modules[{module!r}] = None; from unmask_live.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", PACKAGES)
def test_names_a_package_that_cannot_be_imported(module: str) -> None:
    done = without(module, "doctor", "--json")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    bad = {c["name"]: c for c in json.loads(done.stdout)["checks"] if not c["ok"]}
    assert "cannot be imported" in bad[PACKAGES[module]]["detail"]
    assert bad[PACKAGES[module]]["essential"] is True


def test_other_commands_point_to_the_doctor() -> None:
    done = without("av", "file", "in.mp4", "out.mp4", "--force")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: `file` cannot start")
    assert "unmask-live doctor" in done.stderr
    assert done.stderr.count("\n") == 1
    done = without("av", "--help")
    assert done.returncode == 0
    assert "doctor" in done.stdout
