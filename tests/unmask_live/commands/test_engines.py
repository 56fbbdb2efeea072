from __future__ import annotations

import hashlib
import json
import signal
import sys
import types
from pathlib import Path

import engine_folders
import fake_pycuda
import fake_tensorrt
import pytest
from typer.testing import CliRunner

from unmask_live.cli import app
from unmask_live.commands import engines as command
from unmask_live.commands.build_bar import build_bar
from unmask_live.errors import UserError
from unmask_live.runtime import cuda, cuda_graph, load_manifest, torch2trt


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("UNMASK_LIVE_CACHE", str(folder))
    return folder


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["engines", *words])
    return result.exit_code, result.stdout, result.stderr


def test_list_names_files_figures_and_what_runs_each() -> None:
    code, out, _ = run("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(rows) == set(load_manifest())
    for name, entry in load_manifest().items():
        row = rows[name]
        assert row["role"]
        assert row["runs_on"] and row["problem"] == ""
        assert set(row["files"]) == {"fp32", *entry.variants}
        assert row["files"]["fp32"]["bytes"] == entry.path.stat().st_size
        assert row["files"]["fp32"]["quality"] == entry.quality
        assert set(row["inputs"]) == set(entry.inputs) and row["blind"] == (row["name"] == "raunet")
    assert rows["inpainter"]["inpainter"] == ["inpainter"] and rows["finder"]["inpainter"] == []
    assert rows["inpainter"]["title"] and rows["inpainter"]["system"]
    code, out, _ = run("list", "--json", "--backend", "onnxruntime")
    assert code == 0
    assert all(row["runs_on"].startswith("ONNX Runtime") for row in json.loads(out))
    assert "there is no backend 'nothing'" in run("list", "--backend", "nothing")[2]
    code, out, _ = run("list")
    assert code == 0
    assert f"segmenter: {rows['segmenter']['runs_on']}" in out
    (line,) = [line for line in out.splitlines() if line.startswith("| segmenter ")]
    for cell in ("tells which pixels are mask", "image 3×256×256", "fp32, int8", "iou train 0.9"):
        assert cell in line
    takes = out.partition("What `--inpainter` takes:\n")[2].splitlines()
    assert takes[0].split()[0] == "inpainter" and "M-CSAM (default): " in takes[0]
    assert not any("segmenter" in line or "finder" in line for line in takes)


def test_list_tells_blind_ones_and_both_ways_to_choose_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = engine_folders.add_field(engine_folders.copied(tmp_path))
    monkeypatch.setattr("unmask_live.runtime.manifest.engines_dir", lambda: folder)
    rows = {row["name"]: row for row in json.loads(run("list", "--json")[1])}
    assert rows["raunet"]["blind"] and rows["raunet"]["role"] == command.INVENTS_BLIND
    assert rows["raunet"]["inpainter"] == ["raunet", "raunet:difference"]
    assert rows["ganmasker"]["role"] == command.INVENTS and rows["ganmasker"]["runs_on"]
    out = run("list")[1]
    assert "raunet:difference    RA-UNet (blind), own matte: RA-UNet, tiny" in out
    (line,) = [line for line in out.splitlines() if line.startswith("| raunet ")]
    assert line.rstrip(" |").endswith("–"), "nothing is measured yet"


def test_list_says_what_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    entry = {
        "file": "broken.onnx",
        "sha256": hashlib.sha256(b"no network").hexdigest(),
        "inputs": {"image": {"shape": [1, 3, 4, 4]}},
        "outputs": {"out": {"shape": [1, 3, 4, 4]}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"engines": {"broken": entry}}))
    monkeypatch.setattr("unmask_live.runtime.manifest.engines_dir", lambda: tmp_path)
    code, out, _ = run("list")
    assert code == 0
    assert "nothing can run the broken network here" in out
    code, _, told = run("build")
    assert code == 1
    assert "1 of 1 networks could not be built" in told


def test_build_fills_the_cache_and_clean_empties_it(own_cache: Path) -> None:
    code, out, told = run("build", "finder", "--backend", "openvino:fp32")
    assert (code, out) == (0, "")
    assert told.startswith("finder: OpenVINO")
    assert list(own_cache.rglob("*.blob"))
    assert run("build", "finder", "--backend", "openvino:fp32", "--quiet")[2] == ""
    code, _, told = run("clean")
    assert code == 0
    assert told.endswith(" MB freed\n") and not told.startswith("0.0")
    assert not list(own_cache.rglob("*.blob"))
    assert run("clean")[2] == "0.0 MB freed\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("build", "nose"), "there is no network 'nose'; the manifest lists: finder"),
        (("build", "--backend", "abacus"), "there is no backend 'abacus'"),
        (("build", "finder", "--checkpoint", "x.pt"), "--checkpoint goes with --via torch2trt"),
        (("build", "--via", "torch2trt"), "builds one network: give its NAME and --checkpoint"),
        (("build", "--backend", "openvino:fp64"), "choose openvino, openvino:fp32"),
        (
            ("build", "finder", "--via", "torch2trt", "--backend", "openvino"),
            "--via torch2trt builds for TensorRT alone: leave --backend away",
        ),
    ],
)
def test_what_is_asked_wrongly_is_one_line(words: tuple[str, ...], message: str) -> None:
    code, _, told = run(*words)
    assert code == 1
    assert message in told
    assert told.startswith("error: ") and told.count("\n") == 1


def test_a_backend_that_is_not_installed_is_told_once_and_not_for_one_network() -> None:
    code, out, told = run("build", "--backend", "onnxruntime:qnn")
    assert (code, out) == (1, "")
    assert told.startswith("error: onnxruntime:qnn: the installed ONNX Runtime has no qnn provider")
    assert told.count("\n") == 1


def test_networks_that_cannot_be_built_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(name: str, backend: str, quiet: bool) -> list[str]:
        if name == "finder":
            return [backend]
        raise UserError(f"nothing can run the {name} network here ({backend}: no {name[0]})")

    monkeypatch.setattr(command, "_built", built)
    words = ("finder", "segmenter", "inpainter", "inpainter-small", "--backend", "openvino")
    code, _, told = run("build", *words)
    assert code == 1
    assert told.splitlines() == [
        "finder: openvino",
        "error: openvino: no s",
        "error: openvino: no i",
        "error: 3 of 4 networks could not be built: segmenter, inpainter, inpainter-small",
    ]


def test_the_help_says_what_runs_on_all_cores_and_what_on_half() -> None:
    text = " ".join(run("build", "--help")[1].replace("│", " ").split())
    assert "with all cores, as each network runs in the window, and with half of them" in text
    assert "files and the window" not in text


def test_bars_come_and_go_with_phases() -> None:
    with build_bar("finder", quiet=True) as report:
        assert report("Parsing", 0, 2)
        assert report("Tactics", 0, 5)
        assert report("Parsing", 2, 2)
        assert report("Tactics", 5, 5)
        assert report("Parsing", 0, 1)  # a phase's name may come again


def test_after_building_no_start_has_anything_to_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unmask_live.runtime import open_engine, precision, threads, trial

    monkeypatch.setenv("UNMASK_LIVE_CACHE", str(tmp_path))
    monkeypatch.setattr(threads, "TRIFLE", 0.0)
    monkeypatch.setattr(precision, "candidates", lambda *_: ("fp32", "int8"))
    monkeypatch.setattr(command, "all_cores", lambda: 2)
    monkeypatch.setattr(command, "shared_cores", lambda: 1)
    close = lambda runs, clock: dict.fromkeys(runs, 10.0)  # noqa: E731
    monkeypatch.setattr(trial, "measure", close)
    assert run("build", "segmenter", "--quiet") == (0, "", "")

    def never(runs: object, clock: object) -> dict[str, float]:
        raise AssertionError("tried again")

    monkeypatch.setattr(trial, "measure", never)
    for cores in (2, 1):
        open_engine("segmenter", backend="openvino", cores=cores).close()


def test_ctrl_c_is_noticed_where_python_cannot_raise_it() -> None:
    import threading

    told = []
    with build_bar("finder", quiet=True) as report:
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            told.append(report("Tactics", 0, 5))
            signal.raise_signal(signal.SIGINT)
            thread = threading.Thread(target=lambda: told.append(report("Tactics", 1, 5)))
            thread.start()
            thread.join()
        finally:
            signal.signal(signal.SIGINT, before)
    assert told == [True, False]
    assert signal.set_wakeup_fd(-1) == -1


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch):
    world = fake_tensorrt.World()
    world.gpu = fake_pycuda.Gpu()
    for name, module in fake_pycuda.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt.module("10.16.0"))
    driver = fake_pycuda.Driver()
    monkeypatch.setattr(cuda_graph, "_library", lambda: driver)
    cuda.shared_device.cache_clear()
    yield world
    cuda.shared_device.cache_clear()


def test_a_plan_is_built_once_and_listed(gpu) -> None:
    code, _, told = run("build", "finder")
    assert code == 0
    assert told.startswith("finder: TensorRT 10.16.0 NVIDIA Pretend FP16")
    rows = {row["name"]: row for row in json.loads(run("list", "--json")[1])}
    assert rows["finder"]["runs_on"].startswith("TensorRT")
    assert not rows["segmenter"]["runs_on"].startswith("TensorRT")  # listing builds nothing
    assert gpu.builds == ["fp16"]


@pytest.fixture
def converter(gpu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """torch2trt is there, and its process writes a plan of the shipped network."""
    from unmask_live.runtime.plans import Plans
    from unmask_live.runtime.tensorrt import plan_key
    from unmask_live.runtime.tensorrt_build import build

    monkeypatch.setitem(sys.modules, "torch2trt", types.ModuleType("torch2trt"))
    monkeypatch.setattr(torch2trt, "find_spec", lambda name: object())

    def process(words: list[str], **_: object) -> types.SimpleNamespace:
        assert words[1:3] == ["-m", "train.torch2trt_plan"]
        entry = load_manifest()[words[3]]
        device = cuda.shared_device()
        with device.current():
            key = plan_key(entry, "fp16", device, "10.16.0")
            Path(words[-1]).write_bytes(build(entry.path, key, Plans(tmp_path), None))
        return types.SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(torch2trt.subprocess, "run", process)
    checkpoint = tmp_path / "last.pt"
    checkpoint.write_bytes(b"weights")
    return checkpoint


def test_a_plan_by_torch2trt_is_checked_kept_and_used(gpu, converter: Path) -> None:
    words = ("build", "finder", "--via", "torch2trt", "--checkpoint", str(converter))
    code, _, told = run(*words)
    assert code == 0, told
    assert "FP16 via torch2trt" in told
    gpu.builds.clear()
    assert run("build", "finder")[0] == 0
    assert gpu.builds == []


def test_a_checkpoint_of_something_else_is_refused(gpu, converter: Path) -> None:
    gpu.spoil = lambda kind, made: made["heat"].__iadd__(0.5)
    code, _, told = run("build", "finder", "--via", "torch2trt", "--checkpoint", str(converter))
    assert code == 1
    assert "is not the finder of the manifest (output 'heat' is off by" in told


def test_torch2trt_that_is_not_installed(tmp_path: Path) -> None:
    code, _, told = run("build", "finder", "--via", "torch2trt", "--checkpoint", str(tmp_path))
    assert code == 1
    assert "torch2trt is not installed" in told


def test_a_conversion_that_fails_says_its_last_line(
    gpu, converter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        torch2trt.subprocess,
        "run",
        lambda *_, **__: types.SimpleNamespace(returncode=1, stderr="Traceback\nno such layer\n"),
    )
    code, _, told = run("build", "finder", "--via", "torch2trt", "--checkpoint", str(converter))
    assert code == 1
    assert told.rstrip().endswith("no such layer")


def test_a_checkpoint_that_is_not_there(gpu, converter: Path) -> None:
    code, _, told = run("build", "finder", "--via", "torch2trt", "--checkpoint", "nowhere.pt")
    assert code == 1
    assert "there is no checkpoint nowhere.pt" in told


def test_every_network_has_a_role() -> None:
    assert all(command.describe(entry)["role"] for entry in load_manifest().values())
