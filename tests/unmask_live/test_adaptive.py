from __future__ import annotations

import threading
from fractions import Fraction

import numpy as np
import pytest
from waiting import SOON

from unmask_live import Unmasked, UserError
from unmask_live.adaptive import Adaptive
from unmask_live.quality import INPAINTER, SMALL_INPAINTER, Level, Quality, levels_of
from unmask_live.settings import Settings
from unmask_live.statistics import Statistics
from unmask_live.types import Face
from unmask_live.video.capture import LiveFrame, Notice, NoticeKind

FACE = Face((0, 0, 9, 9), np.zeros((5, 2)), 0.9, 1, True, np.zeros((1, 1)), np.zeros((2, 3)))


class Clockwork:
    """An unmasker that takes as long as it is told, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.took = 0.010
        self.smoothing = 0.5
        self.resets = 0
        self.lacks: str | None = None
        self._quality = Quality()
        self.prepared: list[str] = []
        self.opened: list[str] = []
        self.let = threading.Event()
        self.let.set()

    @property
    def quality(self) -> Quality:
        return self._quality

    @quality.setter
    def quality(self, quality: Quality) -> None:
        assert quality.inpainter in (Quality().inpainter, *self.opened), "opened in a frame's time"
        self._quality = quality

    def prepare(self, inpainter: str) -> None:
        self.prepared.append(inpainter)
        assert self.let.wait(SOON)
        if inpainter == self.lacks:
            raise UserError(f"there is no network {self.lacks}")
        self.opened.append(inpainter)

    def see(self, image: np.ndarray, seconds: float) -> np.ndarray:
        self.now += self.took / 4
        return image

    def fill(self, seen: np.ndarray) -> Unmasked:
        self.now += self.took * 3 / 4
        milliseconds = {"find": 0.0, "inpaint": 1e3 * self.took / 2}
        return Unmasked(255 - seen, (FACE,), milliseconds)

    def reset(self) -> None:
        self.resets += 1


def three_levels(inpainter: str) -> tuple[Level, ...]:
    """Return levels that fill every frame: this machine is as slow whatever is left out."""
    own = levels_of(inpainter)[:2]
    smaller = Level("smaller inpainter", Quality(4, SMALL_INPAINTER))
    return own if inpainter == SMALL_INPAINTER else (*own, smaller)


LEVELS = three_levels(INPAINTER)


class Run:
    def __init__(self) -> None:
        self.unmasker = Clockwork()
        self.told: list[Notice] = []
        self.statistics = Statistics(clock=lambda: self.unmasker.now)
        self.adaptive = Adaptive(
            self.unmasker,
            three_levels,
            observer=self.statistics,
            say=self.told.append,
            clock=lambda: self.unmasker.now,
        )
        self.index = 0

    def frames(self, count: int, settings: Settings | None = None, *, mirrored: bool = False):
        """Let frames come at 30 a second, or as fast as they are taken, newest wins.

        What is let open is open by the next frame.
        """
        for _ in range(count):
            self.index = max(self.index + 1, int(self.unmasker.now * 30))
            self.unmasker.now = max(self.unmasker.now, self.index / 30)
            image = np.full((2, 2, 3), 7, np.uint8)
            frame = LiveFrame(image, self.index, Fraction(1, 30), self.index, self.index / 30)
            glimpse = self.adaptive.see(frame, settings or Settings(), mirrored)
            result = self.adaptive.fill(glimpse)
            if self.unmasker.let.is_set():
                self.adaptive.close()
        return result


@pytest.fixture
def run() -> Run:
    return Run()


def test_a_quick_one_is_left_alone_and_measured(run):
    run.frames(90)
    assert (run.told, run.adaptive.level, run.unmasker.quality) == ([], "full", Quality())
    stages = run.statistics.snapshot().stages
    assert stages["unmask"].median == pytest.approx(10)
    assert stages["inpaint"].median == pytest.approx(5)
    assert "find" not in stages, "a stage that was left out took no time"


def test_a_slow_one_steps_down_says_so_and_comes_back(run):
    run.unmasker.took = 0.060
    run.frames(200)
    assert run.adaptive.level == LEVELS[-1].name
    assert run.unmasker.quality == LEVELS[-1].quality
    assert [n.kind for n in run.told] == [NoticeKind.INFO] * 2
    assert all("cannot keep up" in n.text for n in run.told)
    assert [LEVELS[k + 1].name in n.text for k, n in enumerate(run.told)] == [True] * 2
    run.unmasker.took = 0.005
    run.frames(900)
    assert run.adaptive.level == "full" and run.unmasker.quality == Quality()
    assert all("keeps up again" in n.text for n in run.told[2:]) and len(run.told) == 4


def test_the_sources_rate_is_told_from_frames_that_were_dropped_too(run):
    """At 60 ms a frame every other one of 30 a second is dropped: 15 come, and 30 is the rate."""
    run.unmasker.took = 0.060
    run.frames(30)
    assert run.adaptive.level != "full"


def test_no_frame_waits_for_the_network_of_a_step_down(run):
    """It is opened beside the run, which goes on at the level before and steps when it is there."""
    run.unmasker.let.clear()
    run.unmasker.took = 0.060
    run.frames(200)
    assert run.unmasker.prepared == [SMALL_INPAINTER], "once, and it is still being opened"
    assert run.adaptive.level == LEVELS[-2].name
    assert run.unmasker.quality == LEVELS[-2].quality
    assert len(run.told) == 1, "and not announced before it comes"
    run.unmasker.let.set()
    run.frames(10)
    assert run.adaptive.level == LEVELS[-1].name
    assert run.unmasker.quality == LEVELS[-1].quality
    assert LEVELS[-1].name in run.told[-1].text and len(run.told) == 2


def test_what_was_asked_for_is_done_once_it_is_open_and_not_announced(run):
    run.unmasker.let.clear()
    run.frames(3, Settings(quality="fast"))
    assert run.unmasker.quality == Quality()
    run.unmasker.let.set()
    run.frames(2, Settings(quality="fast", smoothing=0.8))
    assert run.unmasker.quality == LEVELS[-1].quality and run.unmasker.smoothing == 0.8
    run.frames(1, Settings(quality="best"))
    assert run.unmasker.quality == Quality()
    assert run.told == []


def test_a_network_that_is_lacking_is_told_once_and_left_out(run):
    run.unmasker.lacks = SMALL_INPAINTER
    run.unmasker.took = 0.060
    run.frames(400)
    assert run.adaptive.level == LEVELS[-2].name
    assert run.unmasker.quality == LEVELS[-2].quality
    assert [n.kind for n in run.told] == [NoticeKind.INFO, NoticeKind.WARNING]
    assert run.told[1].text.startswith("M-CSAM small cannot be had, so M-CSAM goes on: there is no")
    run.frames(5, Settings(quality="fast"))
    assert run.unmasker.quality == LEVELS[-2].quality and len(run.told) == 2


def test_without_unmasking_the_picture_is_as_it_was(run):
    run.frames(1)
    result = run.frames(2, Settings(unmask=False))
    assert (result.image == 7).all() and result.faces == ()
    assert (run.frames(1).image == 248).all()


def test_faces_are_forgotten_when_the_picture_turns_or_was_not_looked_at(run):
    run.frames(2)
    assert run.unmasker.resets == 0
    run.frames(2, mirrored=True)
    assert run.unmasker.resets == 1
    run.frames(1, Settings(unmask=False), mirrored=True)
    run.frames(1, mirrored=True)
    assert run.unmasker.resets == 3


def test_another_inpainter_is_opened_and_gone_over_to(run):
    run.frames(2)
    run.frames(1, Settings(inpainter="other"))
    assert run.unmasker.quality == Quality(), "not before it is open"
    run.adaptive.close()
    run.frames(2, Settings(inpainter="other"))
    assert run.unmasker.prepared == ["other"]
    assert run.unmasker.quality == Quality(inpainter="other")
    assert (run.adaptive.level, run.adaptive.inpainter) == ("full", "other")
    assert [n.text for n in run.told] == ["faces are invented by other now"]
    run.unmasker.took = 0.060
    run.frames(200, Settings(inpainter="other"))
    assert run.unmasker.quality == Quality(4, SMALL_INPAINTER)
    assert run.adaptive.inpainter == SMALL_INPAINTER, "what truly runs, not what was chosen"


def test_one_that_cannot_be_opened_is_told_and_the_one_before_goes_on(run):
    run.unmasker.lacks = "other"
    run.frames(1, Settings(inpainter="other"))
    run.adaptive.close()
    run.frames(60, Settings(inpainter="other"))
    assert run.unmasker.prepared == ["other"] and run.unmasker.quality == Quality()
    (told,) = run.told
    assert told.kind is NoticeKind.WARNING and "there is no network other" in told.text


def test_at_the_fastest_quality_the_smaller_one_stays_and_that_is_said(run):
    fast = Settings(quality="fast", inpainter="other")
    run.frames(2, Settings(quality="fast"))
    run.frames(4, fast)
    assert run.unmasker.quality == Quality(4, SMALL_INPAINTER)
    (told,) = run.told
    assert told.text == "at the fastest quality faces are invented by M-CSAM small, not by other"
    run.frames(1, Settings(quality="best", inpainter="other"))
    assert run.unmasker.quality == Quality(inpainter="other")


def test_it_goes_over_while_unmasking_is_off(run):
    off = Settings(unmask=False, inpainter="other")
    run.frames(1, off)
    run.adaptive.close()
    run.frames(1, off)
    assert run.adaptive.inpainter == "other"
