from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from clips import frame_times, frames
from fakes import Negative
from live_source import FedSource
from waiting import SOON, our_threads, wait_until

from unmask_live import Unmasked, Unmasker, UserError, capturing, live, outputs
from unmask_live.live import Live, Settings, Shown, State
from unmask_live.state import IllegalTransitionError
from unmask_live.unmasker import Seen
from unmask_live.video.capture import LiveSource, Notice, NoticeKind
from unmask_live.video.demo_clip import demo_clip


class Watched(Live):
    """A run that keeps what it shows and says; ended by the fixture below, whatever happens."""

    def __init__(
        self,
        source: LiveSource | str | None = None,
        *,
        unmasker: Callable[[], object] | None = Negative,
        **options: object,
    ) -> None:
        self.fed = FedSource()
        self.now = 10.0
        self.shown: list[Shown] = []
        self.told: list[Notice] = []
        self.states: list[State] = []
        self.threads: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()
        options.setdefault("clock", lambda: self.now)
        super().__init__(
            source or self.fed,
            unmasker=unmasker,
            on_shown=self.show,
            on_notice=self.tell,
            on_state=self.states.append,
            **options,
        )

    def show(self, shown: Shown) -> None:
        self.threads.add(threading.current_thread().name)
        self.shown.append(shown)
        self.hold.wait(SOON)

    def tell(self, notice: Notice) -> None:
        self.threads.add(threading.current_thread().name)
        self.told.append(notice)

    def feed(self, count: int = 1, captured: float = 10.0, value: int = 60) -> None:
        """Feed pictures and see each of them shown."""
        for _ in range(count):
            before = len(self.shown)
            self.fed.feed(value, captured)
            wait_until(lambda: len(self.shown) > before or self.state.over)  # noqa: B023
            wait_until(lambda: self.statistics.snapshot().stages.get("present") or self.state.over)

    def end(self) -> None:
        self.hold.set()
        self.stop()
        assert self.join(SOON)


@pytest.fixture
def begin():
    runs: list[Watched] = []

    def begin(*args: object, **options: object) -> Watched:
        runs.append(Watched(*args, **options))
        runs[-1].start()
        return runs[-1]

    yield begin
    for run in runs:
        run.end()
    assert our_threads() == []


def test_pictures_are_unmasked_shown_and_measured(begin):
    run = begin()
    assert run.state is State.STARTING
    run.now = 10.05
    run.feed(3)
    assert run.state is State.RUNNING
    for index, shown in enumerate(run.shown):
        assert shown.frame.index == index
        assert np.array_equal(shown.result.image, 255 - shown.frame.image)
        assert shown.view is shown.output is shown.result.image
        assert shown.age == pytest.approx(0.05)
    figures = run.statistics.snapshot()
    assert figures.presented == 3
    assert figures.age.median == pytest.approx(50)
    assert {"capture", "unmask", "present"} <= set(figures.stages)
    assert run.backends == Negative.backends
    assert (run.level, run.source_label) == ("full", "fed")
    assert run.source_description == "48×32 fed by a test"
    assert run.threads == {"unmask-present"}


def test_the_networks_are_opened_by_the_first_and_closed_by_the_last_that_uses_them(begin):
    done = []

    class Owned(Negative):
        def __init__(self) -> None:
            super().__init__()
            done.append(("open", threading.current_thread().name))

        def see(self, *args):
            done.append(("see", threading.current_thread().name))
            return super().see(*args)

        def fill(self, *args):
            done.append(("fill", threading.current_thread().name))
            return super().fill(*args)

        def close(self) -> None:
            done.append(("close", ""))

    run = begin(unmasker=Owned)
    run.feed(1)
    run.end()
    assert done == [
        ("open", "unmask-see"),
        ("see", "unmask-see"),
        ("fill", "unmask-unmask"),
        ("close", ""),
    ]


def test_networks_that_cannot_be_opened_end_the_run(begin):
    def refuse() -> Negative:
        raise UserError("no network")

    run = begin(unmasker=refuse)
    assert run.join(SOON)
    assert run.state is State.FAILED and str(run.error) == "no network"


def test_the_newest_picture_wins_and_drops_are_counted_from_the_first_shown_on(begin):
    opened = threading.Event()

    def slow_to_open() -> Negative:
        opened.wait(SOON)
        return Negative()

    run = begin(unmasker=slow_to_open)
    for value in (1, 2, 3):  # while the networks open: no drops that anybody should see
        run.fed.feed(value, 10.0)
    wait_until(lambda: run.statistics.snapshot().dropped_in_all.get("unmask") == 2)
    run.hold.clear()
    opened.set()
    wait_until(lambda: run.shown)
    assert run.shown[0].frame.index == 2
    assert run.statistics.snapshot().dropped_in_all == {}
    for value in range(4, 40):
        run.fed.feed(value, 10.0)
    wait_until(lambda: run.fed._fed.empty())
    run.hold.set()
    wait_until(lambda: run.shown[-1].frame.index == 38)
    assert len(run.shown) + sum(run.statistics.snapshot().dropped_in_all.values()) == 39 - 2


def test_a_stop_ends_a_waiting_source_and_all_threads(begin):
    run = begin()
    run.feed(1)
    run.stop()
    assert run.join(SOON) and our_threads() == []
    assert run.fed.closed == 1 and run.error is None
    assert run.states == [State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED]
    with pytest.raises(IllegalTransitionError):
        run.start()


def test_a_run_that_never_began_frees_its_source():
    run = Watched()
    run.stop()
    assert run.join() and run.fed.closed == 1 and run.state is State.STOPPED


def test_a_source_that_ends_ends_the_run_and_nothing_is_lost(begin):
    run = begin()
    run.feed(2)
    run.fed.finish()
    assert run.join(SOON)
    assert run.state is State.STOPPED and len(run.shown) == 2


def broken(*_: object) -> None:
    raise UserError("it does not work: mend it")


@pytest.mark.parametrize("where", ["source", "networks", "frame", "window"])
def test_what_fails_anywhere_ends_all_and_is_told(begin, where):
    bad = type("Bad", (Negative,), {"__call__": broken})
    run = begin(unmasker={"networks": broken, "frame": bad}.get(where, Negative))
    if where == "source":
        run.fed.fail(UserError("it does not work: mend it"))
    elif where == "window":
        run.show = broken
        run._presenting._on_shown = broken
    run.fed.feed()
    assert run.join(SOON)
    assert run.state is State.FAILED
    assert isinstance(run.error, UserError) and "mend it" in str(run.error)
    assert run.fed.closed == 1


def test_notices_come_through_in_order_without_a_picture(begin):
    run = begin()
    notices = [Notice(NoticeKind.LOST, "unplugged"), Notice(NoticeKind.BACK, "back again")]
    for notice in notices:
        run.fed.notify(notice)
    wait_until(lambda: len(run.told) == 2)
    assert run.told == notices and run.threads == {"unmask-present"}


def test_mirroring_can_change_while_it_runs(begin):
    made = []

    class Counted(Negative):
        resets = 0

        def __init__(self) -> None:
            super().__init__()
            made.append(self)

        def reset(self) -> None:
            self.resets += 1

    run = begin(unmasker=Counted)
    run.feed(2)
    run.settings = Settings(mirror=True)
    run.feed(3)
    sides = [bool((s.frame.image[:, 0] == 255).all()) for s in run.shown]
    assert sides[:2] == [True, True] and sides[-2:] == [False, False]
    assert made[0].resets == 1, "every face is a new one"


def test_unmasking_can_be_switched_off_and_on(begin):
    run = begin(settings=Settings(unmask=False, badge_view=True))
    run.feed(1)
    run.settings = Settings()
    run.feed(2)
    first, last = run.shown[0], run.shown[-1]
    assert first.view is first.output is first.frame.image, "nothing is invented, nothing labelled"
    assert np.array_equal(last.output, 255 - last.frame.image)


def test_what_leaves_is_labelled_and_the_view_where_asked(begin, tmp_path):
    run = begin()
    run.record(tmp_path / "out.mp4")
    run.feed(1)
    labelled, plain = run.shown[-1].output, run.shown[-1].result.image
    assert run.shown[-1].view is plain and (labelled != plain).any()
    run.settings = Settings(badge_outputs=False, badge_view=True)
    run.feed(2)
    last = run.shown[-1]
    assert last.output is last.result.image and (last.view != last.output).any()


def test_a_recording_has_the_pictures_own_times_and_is_whole_after_a_stop(begin, tmp_path):
    path = tmp_path / "out.mp4"
    run = begin()
    run.feed(2)
    run.record(path)
    run.feed(4)
    wait_until(lambda: run.recording == path)
    run.end()
    assert [float(t) for t in frame_times(path)] == pytest.approx(
        [k / 30 for k in range(4)], abs=1e-3
    )
    assert abs(int(frames(path)[0][4, 30, 0]) - (255 - 60)) < 12
    assert run.told[-1].path == path


def test_a_recording_that_cannot_be_does_not_end_the_run(begin, tmp_path):
    run = begin()
    run.record(tmp_path / "out.gif")
    run.feed(2)
    assert [n.kind for n in run.told] == [NoticeKind.WARNING] and ".mp4" in run.told[0].text
    assert run.state is State.RUNNING and run.recording is None


def test_the_virtual_camera_repeats_the_last_picture_while_none_comes(begin, monkeypatch):
    calls: list[str] = []

    class Camera:
        description = "fake"

        def __init__(self, *_: object, **__: object) -> None:
            calls.append("open")

        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *_: calls.append(name)

    monkeypatch.setattr(outputs, "VirtualCamera", Camera)
    run = begin()
    run.virtual_camera(True)
    run.feed(1)
    run.now += outputs.PATIENCE
    run.feed(1)
    wait_until(lambda: calls.count("repeat") >= 3)
    assert calls[:3] == ["open", "send", "repeat"] and run.camera_description == "fake"
    run.virtual_camera(False)
    wait_until(lambda: calls[-1] == "close")
    assert run.camera_description is None


@pytest.mark.parametrize("fps", [25, 60])
def test_the_virtual_camera_announces_the_sources_own_rate(begin, monkeypatch, fps):
    opened: list[float] = []

    class Camera:
        description = "fake"

        def __init__(self, size: object, rate: float, **_: object) -> None:
            opened.append(rate)

        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *_: None

    monkeypatch.setattr(outputs, "VirtualCamera", Camera)
    run = begin()
    run.virtual_camera(True)
    for number in range(2 * fps):
        run.now = 10 + number / fps
        run.feed(captured=run.now)
    assert opened == [fps]


def test_a_source_named_by_the_user_is_opened_in_the_capture_thread(begin, monkeypatch):
    opened = []

    def open_it(spec: str) -> FedSource:
        opened.append((spec, threading.current_thread().name))
        return run.fed

    monkeypatch.setattr(capturing, "open_live", open_it)
    run = Watched("front door")
    assert (run.source_label, run.source_description) == ("front door", "")
    run.start()
    run.feed(1)
    assert opened == [("front door", "unmask-capture")] and run.source_label == "fed"
    run.end()


def test_a_source_that_opens_after_the_stop_is_closed(begin, monkeypatch):
    asked, go_on = threading.Event(), threading.Event()

    def open_it(_: str) -> FedSource:
        asked.set()
        go_on.wait(SOON)
        return run.fed

    monkeypatch.setattr(capturing, "open_live", open_it)
    run = begin("slow")
    asked.wait(SOON)
    run.stop()
    assert not run.join(0.01)
    go_on.set()
    assert run.join(SOON) and run.fed.closed >= 1


def test_a_source_that_is_not_there_fails_in_one_sentence(begin, tmp_path):
    run = begin(str(tmp_path / "nothing.mp4"))
    assert run.join(SOON) and run.state is State.FAILED
    assert isinstance(run.error, UserError) and "nothing.mp4" in str(run.error)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="smoothing"):
        Settings(smoothing=1.5)
    with pytest.raises(ValueError, match="quality"):
        Settings(quality="great")  # type: ignore[arg-type]


def test_the_demo_runs_with_the_shipped_networks(tmp_path: Path) -> None:
    """The real thing: the clip as a camera, our networks, a recording, then a stop."""
    run = Watched("demo", unmasker=None, clock=time.monotonic)
    run.record(tmp_path / "out.mp4")
    run.start()
    wait_until(lambda: run.state is not State.STARTING)
    begun = time.monotonic()
    wait_until(lambda: time.monotonic() - begun > 1.0)
    run.end()
    assert run.error is None and run.state is State.STOPPED and our_threads() == []
    assert len(run.shown) >= 2
    assert set(run.backends) == {"finder", "segmenter", "inpainter"}
    assert all(len(shown.result.faces) == 1 for shown in run.shown)
    indices = [shown.frame.index for shown in run.shown]
    assert indices == sorted(set(indices))
    assert len(frames(tmp_path / "out.mp4")) == len(run.shown)
    assert all(shown.age > 0 for shown in run.shown)


class Spied(Unmasker):
    """Our chain; it notes which network fills each frame and opens others when it is let."""

    def __init__(self, **options: object) -> None:
        super().__init__(overlapped=True, **options)
        self.filled_by: list[str] = []
        self.let = threading.Event()
        self.openers: list[str] = []
        self.wait_for_shown: Callable[[int], None] = lambda _: None

    def fill(self, seen: Seen) -> object:
        before = len(self.filled_by)
        self.filled_by.append(seen.inpaint.engine.name)
        self.wait_for_shown(before)
        return super().fill(seen)

    def prepare(self, inpainter: str) -> None:
        self.openers.append(threading.current_thread().name)
        assert self.let.wait(SOON)
        super().prepare(inpainter)


@pytest.fixture(scope="module")
def masked() -> list[np.ndarray]:
    """Frames of the clip with a mask."""
    return frames(demo_clip())[70:90]


def play(run: Watched, made: Spied, pictures: list[np.ndarray], count: int) -> None:
    """Feed so many as fast as they are taken: one is seen while the one before is filled.

    None is dropped, as it should be outside tests, where a thread is late: each is fed when the one
    before is being filled, and filled when that one is shown.
    """

    def wait_for_shown(count: int) -> None:
        running = State.STARTING, State.RUNNING
        wait_until(lambda: len(run.shown) >= count or run.state not in running)

    made.wait_for_shown = wait_for_shown
    fed = run.fed._count
    for number in range(fed, fed + count):
        wait_until(lambda: len(made.filled_by) >= number)  # noqa: B023
        run.fed.feed_picture(pictures[number % len(pictures)], time.monotonic())
    wait_until(lambda: len(run.shown) >= fed + count)


def test_another_inpainter_takes_over_and_no_frame_is_lost(begin, masked) -> None:
    made: list[Spied] = []

    def make() -> Spied:
        made.append(Spied())
        return made[0]

    best = Settings(quality="best")
    run = begin(unmasker=make, settings=best, clock=time.monotonic)
    wait_until(lambda: made)
    spied = made[0]
    play(run, spied, masked, 3)
    assert run.inpainter == "inpainter"
    run.settings = Settings(quality="best", inpainter="inpainter-small")
    play(run, spied, masked, 6)
    assert set(spied.filled_by) == {"inpainter"}, "it goes on while the other one opens"
    wait_until(lambda: spied.openers)
    assert run.inpainter == "inpainter" and spied.openers == ["unmask-open-inpainter"]
    spied.let.set()
    run._unmasking._adaptive.close()  # until it is open
    play(run, spied, masked, 4)
    run.settings = best
    play(run, spied, masked, 4)
    assert [name for name, _ in groupby(spied.filled_by)] == [
        "inpainter", "inpainter-small", "inpainter",
    ]  # fmt: skip
    assert [shown.frame.index for shown in run.shown] == list(range(3 + 6 + 4 + 4))
    assert all(shown.result.faces[0].matte.any() for shown in run.shown)
    assert sum(run.statistics.snapshot().dropped_in_all.values()) == 0
    assert run.states == [State.STARTING, State.RUNNING], "and nothing was begun anew"
    assert len(made) == 1 and len(spied.openers) == 1
    assert {"finder", "segmenter", "inpainter", "inpainter-small"} == set(run.backends)
    assert [n.text for n in run.told if n.kind is NoticeKind.INFO] == [
        "faces are invented by M-CSAM small now",
        "faces are invented by M-CSAM now",
    ]


def test_the_network_of_a_step_down_is_opened_while_frames_go_on(begin, masked) -> None:
    made: list[Spied] = []

    def make() -> Spied:
        made.append(Spied())
        return made[0]

    run = begin(unmasker=make, settings=Settings(quality="best"), clock=time.monotonic)
    wait_until(lambda: made)
    play(run, made[0], masked, 2)
    run.settings = Settings(quality="fast")
    play(run, made[0], masked, 5)
    assert set(made[0].filled_by) == {"inpainter"} and run.level == "full"
    wait_until(lambda: made[0].openers)  # by another thread, which may be late
    assert made[0].openers == ["unmask-open-inpainter"]
    made[0].let.set()
    run._unmasking._adaptive.close()  # until it is open
    play(run, made[0], masked, 4)
    assert [name for name, _ in groupby(made[0].filled_by)] == ["inpainter", "inpainter-small"]
    assert run.level == "smaller inpainter" and len(made[0].openers) == 1
    assert [shown.frame.index for shown in run.shown] == list(range(2 + 5 + 4))


def test_an_inpainter_that_is_not_there_leaves_the_one_before(begin, masked) -> None:
    made: list[Spied] = []

    def make() -> Spied:
        made.append(Spied(inpainter="inpainter-small"))
        return made[0]

    first = Settings(quality="best", inpainter="inpainter-small")
    run = begin(unmasker=make, settings=first, clock=time.monotonic)
    wait_until(lambda: made)
    made[0].let.set()
    play(run, made[0], masked, 2)
    run.settings = Settings(quality="best", inpainter="inpainter-large")
    play(run, made[0], masked, 2)
    run._unmasking._adaptive.close()
    play(run, made[0], masked, 3)
    (warning,) = [n for n in run.told if n.kind is NoticeKind.WARNING]
    assert warning.text.startswith("inpainter-large cannot be had, so M-CSAM small goes on: there")
    assert set(made[0].filled_by) == {"inpainter-small"} and run.state is State.RUNNING


def test_a_stop_waits_for_what_is_being_opened_before_the_networks_are_closed(begin, masked):
    closed = []

    class Slow(Spied):
        def close(self) -> None:
            closed.append("unmasker")
            super().close()

        def prepare(self, inpainter: str) -> None:
            super().prepare(inpainter)
            closed.append("opened")

    made: list[Slow] = []

    def make() -> Slow:
        made.append(Slow())
        return made[0]

    run = begin(unmasker=make, settings=Settings(inpainter="inpainter"), clock=time.monotonic)
    wait_until(lambda: made)
    run.settings = Settings(inpainter="inpainter-small")
    play(run, made[0], masked, 2)
    wait_until(lambda: made[0].openers)
    run.stop()
    assert not run.join(0.05) and closed == []
    made[0].let.set()
    assert run.join(SOON) and closed == ["opened", "unmasker"]


def test_it_begins_with_the_inpainter_of_the_settings(begin, monkeypatch) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options)
            super().__init__(**options)

    monkeypatch.setattr(live, "Unmasker", Asked)
    run = begin(unmasker=None, settings=Settings(inpainter="inpainter-small"))
    run.feed(1)
    (options,) = asked
    assert callable(options.pop("say")) and callable(options.pop("report"))
    assert options.pop("finder") == "ours"
    assert options == {"backend": "auto", "inpainter": "inpainter-small"}
    assert (run.inpainter, run.level) == ("inpainter-small", "full")


class Growing(Negative):
    """Opens another network while it fills, as the Unmasker does when quality steps down."""

    def __init__(self) -> None:
        super().__init__()
        self.backends = {"inpainter": "numpy"}
        self.opened, self.let = threading.Event(), threading.Event()

    def fill(self, seen: tuple) -> Unmasked:
        self.backends["inpainter-small"] = "numpy"
        self.opened.set()
        assert self.let.wait(SOON)
        return super().fill(seen)


def test_a_network_is_told_of_as_soon_as_it_is_open(begin):
    """Not a frame later: the strip would name an inpainter and what runs another one."""
    growing = Growing()
    run = begin(unmasker=lambda: growing)
    run.fed.feed(60, 10.0)
    assert growing.opened.wait(SOON)
    try:
        assert run.backends == {"inpainter": "numpy", "inpainter-small": "numpy"}
    finally:
        growing.let.set()


class OnTensorRt(Negative):
    """Runs on TensorRT, which compiles for minutes."""

    made: list[OnTensorRt]
    backends = {"inpainter": "TensorRT 11.4.1 NVIDIA L4 FP16"}  # noqa: RUF012

    def __init__(self, **options: object) -> None:
        super().__init__()
        self.options, self.prepared = options, []
        self.made.append(self)

    def prepare(self, inpainter: str) -> None:
        self.prepared.append(inpainter)
        if inpainter == "inpainter-small":
            raise UserError("the smaller one cannot be had")


def test_what_quality_may_step_down_to_is_compiled_before_the_first_frame(begin, monkeypatch):
    monkeypatch.setattr(OnTensorRt, "made", [], raising=False)
    monkeypatch.setattr(live, "Unmasker", OnTensorRt)
    run = begin(unmasker=None)
    run.feed(1)
    (made,) = OnTensorRt.made
    assert made.prepared == ["inpainter", "inpainter-small"]
    assert [n.text for n in run.told] == ["the smaller one cannot be had"]
    assert run.told[0].kind is NoticeKind.WARNING


def test_what_the_networks_have_to_tell_comes_as_notices_and_a_stop_ends_compiling(
    begin, monkeypatch
):
    monkeypatch.setattr(OnTensorRt, "made", [], raising=False)
    monkeypatch.setattr(live, "Unmasker", OnTensorRt)
    run = begin(unmasker=None)
    run.feed(1)
    say, report = (OnTensorRt.made[0].options[key] for key in ("say", "report"))
    say("openvino runs the networks")
    assert report("Building", 1, 3) is True
    wait_until(lambda: len(run.told) >= 3)
    assert run.told[1].text == "openvino runs the networks"
    assert "Building, step 1 of 3" in run.told[2].text
    run.end()
    assert report("Building", 2, 3) is False
