"""`unmask-live live` and `unmask-live` alone; the window itself is tested with the app."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from clips import frames
from fakes import Negative
from typer.testing import CliRunner
from waiting import our_threads

from unmask_live import UserError
from unmask_live.cli import app
from unmask_live.commands import live as command
from unmask_live.commands.headless import status_line
from unmask_live.commands.live import parse_size
from unmask_live.statistics import Figures, Snapshot


def invoke(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def headless(*words: object) -> tuple[int, str, str]:
    return invoke("live", "--headless", "--source", "demo", *words)


@pytest.fixture
def negative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unmask_live.live.Unmasker", Negative)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What the window was asked to open with; it closes at once."""
    calls: list[tuple] = []

    def run(*args: object, **options: object) -> int:
        calls.append((args, options))
        return 3

    module = ModuleType("unmask_live.app.main")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "unmask_live.app.main", module)
    return calls


def test_runs_records_and_sums_up(tmp_path: Path, negative: None) -> None:
    path = tmp_path / "out.mp4"
    code, out, err = headless("--seconds", 0.4, "--record", path)
    assert (code, out.split()) == (0, [str(path)]), err
    lines = err.splitlines()
    assert lines[0].startswith("demo clip: 1280×720")
    assert any(line.startswith("info: recorded") for line in lines)
    assert "frames shown in" in lines[-1]
    assert len(frames(path)) == int(lines[-1].split()[0]) > 1
    assert our_threads() == []


def test_what_a_source_truly_sends_is_said_again_when_it_is_known(
    negative: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = iter(["asked 30, not yet measured", *["asked 30, measured 15"] * 50])
    monkeypatch.setattr("unmask_live.video.playback.Playback.describe", lambda _: next(said))
    monkeypatch.setattr("unmask_live.commands.headless.MEASURED", 0.2)
    _, _, err = headless("--seconds", 0.6)
    assert [line for line in err.splitlines() if "measured" in line] == [
        "demo clip: asked 30, not yet measured",
        "demo clip: asked 30, measured 15",
    ]


def test_mirrors_what_it_plays(tmp_path: Path, negative: None) -> None:
    pictures = []
    for name, words in (("plain", ()), ("turned", ("--mirror",))):
        path = tmp_path / f"{name}.mp4"
        assert headless("--seconds", 0.1, "--record", path, "--no-badge", *words)[0] == 0
        pictures.append(frames(path)[0].astype(int))
    plain, turned = pictures
    assert abs(plain - turned[:, ::-1]).mean() < 0.5 * abs(plain - turned).mean()


def test_a_status_line_each_second(negative: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unmask_live.commands.headless.EVERY", 0.1)
    code, out, err = headless("--seconds", 0.5)
    assert (code, out) == (0, "")
    status = [line for line in err.splitlines() if " frames/s" in line]
    assert status and all("quality: full" in line and "age" in line for line in status)


def test_nowhere_to_record_to_ends_it(tmp_path: Path, negative: None) -> None:
    path = tmp_path / "there.mp4"
    path.write_bytes(b"mine")
    code, out, err = headless("--seconds", 20, "--record", path)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == f"error: {path} exists already: use --force to replace it"
    assert path.read_bytes() == b"mine"
    assert headless("--seconds", 0.1, "--record", path, "--force")[0] == 0
    assert frames(path)


def test_a_run_that_fails_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Negative):
        def __call__(self, *_: object) -> None:
            raise RuntimeError("the chip\nis gone")

    monkeypatch.setattr("unmask_live.live.Unmasker", Broken)
    code, _, err = headless()
    assert code == 1 and "Traceback" not in err and "frames shown" not in err
    assert err.splitlines()[-1] == "error: RuntimeError: the chip is gone"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--headless", "--source", "nowhere.mp4"), "nowhere.mp4"),
        (("--headless", "--source", "demo", "--size", "big"), "such as 1280x720"),
        (("--source", "demo", "--size", "640x480"), "--size can be asked of a camera only"),
        (("--source", "rtsp://me:secret@x/y", "--size", "9x9", "--fps", "9"), "--size and --fps"),
        (("--source", "talk.mp4", "--headless", "--fps", "24"), "--fps can be asked of a camera"),
        (("--headless", "--source", "demo", "--backend", "abacus"), "abacus"),
        (("--headless", "--source", "demo", "--inpainter", "inpanter"), "mean 'inpainter'"),
        (("--source", "demo", "--inpainter", "finder"), "the finder network is no inpainter"),
        (("--source", "demo", "--seconds", "3"), "--headless"),
        (("--source", "demo", "--device", "/dev/video9", "--seconds", "3"), "--seconds and --dev"),
        (("--source", "demo", "--record", __file__), "use --force to replace it"),
    ],
)
def test_what_the_user_can_mend_is_one_sentence(words, says, window) -> None:
    code, out, err = invoke("live", *words)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("error: ") and says in err.splitlines()[-1]
    assert window == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--inpainter", "nose"), "there is no inpainter 'nose': choose inpainter"),
        (("--inpainter", "inpainter", "file", "x.mp4"), "--inpainter before file"),
    ],
)
def test_alone_a_wrong_inpainter_opens_no_window(words, says, window) -> None:
    code, out, err = invoke(*words)
    assert (code, out) == (1, "") and err.startswith("error: ") and says in err
    assert window == []


def test_headless_fills_with_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options["inpainter"])
            super().__init__(**options)

    monkeypatch.setattr("unmask_live.live.Unmasker", Asked)
    assert headless("--seconds", 0.1)[0] == 0
    assert headless("--seconds", 0.1, "--inpainter", "inpainter-small")[0] == 0
    assert asked == ["inpainter", "inpainter-small"]


def test_the_finder_is_chosen_with_and_without_a_window(
    monkeypatch: pytest.MonkeyPatch, window: list[tuple]
) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options["finder"])
            super().__init__(**options)

    monkeypatch.setattr("unmask_live.live.Unmasker", Asked)
    assert headless("--seconds", 0.1, "--finder", "mediapipe:x.tflite")[0] == 0
    assert headless("--seconds", 0.1)[0] == 0
    assert asked == ["mediapipe:x.tflite", "ours"]
    for words, finder in ((("--finder", "mediapipe"), "mediapipe"), ((), None)):
        invoke("live", "--source", "demo", *words)
        assert window[-1][1]["finder"] == finder


def test_a_finder_that_there_is_not_ends_the_run_in_one_sentence() -> None:
    code, _, err = headless("--seconds", 0.1, "--finder", "nose")
    assert code == 1
    assert err.splitlines()[-1] == "error: there is no finder 'nose': choose ours or mediapipe"
    assert "frames shown" not in err, "nothing began"


def test_without_a_source_the_first_camera_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def open_it(spec: str, **options: object) -> None:
        asked.append((spec, options))
        raise UserError("busy")

    monkeypatch.setattr(command, "open_live", open_it)
    monkeypatch.setattr(command, "cameras", lambda: [SimpleNamespace(index=2)])
    assert invoke("live", "--headless", "--size", "640x480", "--fps", "15")[0] == 1
    assert asked == [("2", {"size": (640, 480), "fps": 15.0})]


@pytest.mark.parametrize("problem", ["you may not read /dev/video0: join the group video.", None])
def test_without_a_camera_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, problem) -> None:
    monkeypatch.setattr(command, "cameras", list)
    monkeypatch.setattr(command, "camera_problem", lambda: problem)
    code, _, err = invoke("live", "--headless")
    assert code == 1 and "--source demo" in err and (problem or "no camera")[:20] in err


def test_the_window_gets_what_was_asked_for_and_nothing_else(window, tmp_path: Path) -> None:
    assert invoke("live")[0] == 3
    record = tmp_path / "out.mp4"
    words = ("--source", "Webcam", "--virtual-camera", "--record", record, "--size", "640X360")
    words = (*words, "--backend", "openvino", "--inpainter", "inpainter-small")
    assert invoke("live", *words, "--fps", 24, "--no-mirror")[0] == 3
    nothing = dict.fromkeys(("size", "fps", "mirror", "backend", "finder", "inpainter", "record"))
    assert window[0] == ((None,), {**nothing, "force": False, "virtual_camera": False})
    assert window[1] == (
        ("Webcam",),
        {
            "size": (640, 360),
            "fps": 24.0,
            "mirror": False,
            "backend": "openvino",
            "finder": None,
            "inpainter": "inpainter-small",
            "record": record,
            "force": False,
            "virtual_camera": True,
        },
    )


def test_alone_it_opens_the_window(window) -> None:
    assert invoke()[0] == 3
    nothing = {"backend": None, "finder": None, "inpainter": None}
    assert window == [((), nothing)]
    assert invoke("--inpainter", "inpainter-small")[0] == 3
    assert window.pop() == ((), {**nothing, "inpainter": "inpainter-small"})
    code, out, _ = invoke("--help")
    assert code == 0 and "live" in out and len(window) == 1


def test_alone_without_the_window_it_says_so_and_no_more(window, monkeypatch) -> None:
    def missing(**_: object) -> int:
        raise UserError("the window needs PyQt6: pip install 'unmask-live[window]'")

    monkeypatch.setattr(sys.modules["unmask_live.app.main"], "run", missing)
    code, out, err = invoke()
    assert (code, out) == (1, "")
    assert err == "error: the window needs PyQt6: pip install 'unmask-live[window]'\n"
    monkeypatch.setitem(sys.modules, "unmask_live.app.main", None)
    code, out, err = invoke()
    assert (code, out) == (1, "") and "doctor" in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "size"), [(None, None), ("1280x720", (1280, 720)), (" 640 × 480 ", (640, 480))]
)
def test_sizes(text: str | None, size: tuple[int, int] | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "1280", "0x720", "-4x5", "1280x720x3", "999999x2"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UserError, match="size"):
        parse_size(text)


def test_the_status_tells_what_matters() -> None:
    stages = {"unmask": Figures(25.6, 40, 9)}
    figures = Snapshot(28.97, 30.0, Figures(41.2, 63.0, 9), stages, {"unmask": 2, "present": 1})
    assert status_line(figures, "full", Path("a/b.mp4")) == (
        "29.0 of 30.0 frames/s · unmasking 26 ms · age 41 ms (p95 63) · 3 left out · "
        "quality: full · recording b.mp4"
    )
    assert "not unmasking" in status_line(Snapshot(), "full", None)


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_an_interrupted_run_ends_cleanly(tmp_path: Path, number: int, code: int) -> None:
    path = tmp_path / "out.mp4"
    program = """
import time
from fakes import Negative
import unmask_live.live as live
import unmask_live.video.recorder as recorder
live.Unmasker = Negative
close = recorder.Recorder.close
def slowly(self):  # so that the second signal comes while the recording is being finished
    time.sleep(0.6)
    return close(self)
recorder.Recorder.close = slowly
from unmask_live.cli import main
main()
"""
    root = Path(__file__).resolve().parents[3]
    words = ("live", "--headless", "--source", "demo", "--record", str(path))
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"},
    )
    try:
        end = time.monotonic() + 30
        while not path.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "never began to record"
            time.sleep(0.02)
        time.sleep(0.3)
        for _ in range(2):  # one from the user, one more from their terminal's wrapper
            process.send_signal(number)
            time.sleep(0.2)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == code, err
    assert "Traceback" not in err and frames(path)
    if number == signal.SIGINT:
        assert out.split() == [str(path)] and "frames shown in" in err
