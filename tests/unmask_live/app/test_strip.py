from __future__ import annotations

from pytestqt.qtbot import QtBot

from unmask_live.app.delay import FIRST
from unmask_live.app.strip import Strip, backend_text, stages_text, stages_tip
from unmask_live.app.theme import DARK
from unmask_live.statistics import Figures, Snapshot


def figures(fps: float, milliseconds: float, dropped: int) -> Snapshot:
    stages = {
        name: Figures(milliseconds, 2 * milliseconds, 30)
        for name in ("capture", "find", "track", "segment", "inpaint", "present")
    }
    return Snapshot(
        fps=fps,
        source_fps=30.0,
        age=Figures(40.0, 61.0, 30),
        stages=stages,
        dropped={"unmask": 1},
        presented=100,
        dropped_in_all={"unmask": dropped, "present": 1},
    )


def strip(qtbot: QtBot, width: int) -> Strip:
    made = Strip()
    qtbot.addWidget(made)
    made.resize(width, made.height())
    made.apply(DARK)
    made.show()
    return made


def test_it_says_what_the_run_measured(qtbot: QtBot) -> None:
    made = strip(qtbot, 1600)
    backends = {"inpainter": "OpenVINO 2026.1.0 CPU BF16 (AMD EPYC, 2 threads)"}
    for _ in range(FIRST):
        made.show_figures(figures(29.96, 3.2, 4), backends, "full")
    said = [made.fps, made.age, made.dropped, made.delay, made.level, made.backend]
    assert [cell.value.text() for cell in said] == [
        "30.0 fps", "61 ms", "5", "40 ms", "full", "OpenVINO CPU BF16",
    ]  # fmt: skip
    assert made.stages.value.text() == "13 ms  find 3 · segment 3 · inpaint 3"
    assert backends["inpainter"] in made.backend.toolTip()
    backends["ganmasker"] = "TensorRT 10.3 FP16"
    made.show_figures(figures(29.96, 3.2, 4), backends, "full", "ganmasker", "GANMasker")
    assert made.backend.value.text() == "GANMasker · TensorRT FP16", "the one that truly fills"
    made.clear()
    assert made.fps.isHidden()


def test_no_digit_moves_the_layout(qtbot: QtBot) -> None:
    made = strip(qtbot, 1600)
    places = []
    for fps, milliseconds, dropped in ((1.0, 1, 0), (59.9, 88.8, 999)):
        made.show_figures(figures(fps, milliseconds, dropped), {"inpainter": "x"}, "full")
        made.layout().activate()
        places.append([cell.x() for cell in made.cells])
    assert places[0] == places[1]


def test_what_matters_least_gives_way(qtbot: QtBot) -> None:
    made = strip(qtbot, 640)
    made.show_figures(figures(30.0, 5, 0), {"inpainter": "OpenVINO CPU BF16"}, "full")
    shown = [not cell.isHidden() for cell in made.cells]
    assert shown == sorted(shown, reverse=True)
    assert shown[:3] == [True, True, True]
    assert not shown[-1]


def test_texts_without_figures() -> None:
    assert stages_text({}) == "–"
    assert backend_text({}) == "–"
    assert stages_tip({"find": Figures(1.25, 3.0, 9)}).endswith("find: 1.2 ms, p95 3.0 ms")
    assert backend_text({"finder": "TensorRT 10.3 FP16"}) == "TensorRT FP16"
    fallen = "OpenVINO 2026.1 CPU INT8 (AMD EPYC, 1 thread), not tensorrt: no GPU (x): buy one"
    assert backend_text({"inpainter": fallen}) == "OpenVINO CPU INT8, not tensorrt"
