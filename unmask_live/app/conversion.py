"""Files that were dropped on the window, converted one after the other; free of Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from unmask_live.app.pace import Pace
from unmask_live.app.trouble import sentence
from unmask_live.commands.file import Tally
from unmask_live.errors import UserError
from unmask_live.types import Face, Frame, Image
from unmask_live.unmasker import Seen, Unmasker
from unmask_live.video import names
from unmask_live.video.clip import Clip
from unmask_live.video.convert import convert_video
from unmask_live.video.pictures import Picture, read_picture, write_picture
from unmask_live.video.source import VideoSource


class Cancelled(Exception):  # noqa: N818 - a signal, no error
    """The user wants no more of it; never leaves `Conversion.run`."""


@dataclass(frozen=True)
class Job:
    """One file to convert and where to."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Preview:
    """The last frame that was done; see `Picture.show_frame`."""

    before: Image
    after: Image
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class Progress:
    """Where a conversion stands; ``left`` is in seconds, None if nobody knows."""

    job: Job
    number: int = 1
    of: int = 1
    frames: int = 0
    total: int | None = None
    rate: float = 0.0
    left: float | None = None


@dataclass(frozen=True)
class Outcome:
    """How one file ended: ``text`` says what was done or what went wrong."""

    job: Job
    done: bool
    text: str


def jobs_for(paths: Sequence[Path]) -> list[Job]:
    """Return what to do with dropped files and folders; no file that exists is replaced.

    Raises
    ------
    UserError
        if there is nothing to convert
    """
    jobs: list[Job] = []
    for path in paths:
        for source in names.media_in(path) if path.is_dir() else [path]:
            if not source.is_file():
                raise UserError(f"there is no file {source}")
            taken = {job.target for job in jobs}
            jobs.append(Job(source, _free(source.with_name(names.result_name(source)), taken)))
    if not jobs:
        raise UserError("nothing to convert was dropped: drop videos or pictures")
    return jobs


def check(jobs: Sequence[Job]) -> Sequence[Job]:
    """Return the jobs if at least one of their files can be read; nothing else has to stop then.

    Raises
    ------
    UserError
        the first file's reason, if none can be
    """
    reasons: list[UserError] = []
    for job in jobs:
        try:
            if names.is_picture(job.source):
                read_picture(job.source)
            else:
                VideoSource(job.source, salvage=True).close()
        except UserError as error:
            reasons.append(error)
        else:
            return jobs
    raise reasons[0]


class Conversion:
    """Converts files; `run` in one thread, the rest from any other.

    Parameters
    ----------
    open_unmasker : makes the `Unmasker`; called in `run`
    """

    def __init__(
        self, jobs: Sequence[Job], open_unmasker: Callable[[], Unmasker] = Unmasker
    ) -> None:
        self._jobs = list(jobs)
        self._open = open_unmasker
        self._cancel = threading.Event()
        self.progress = Progress(self._jobs[0], of=len(self._jobs))
        self.preview: Preview | None = None

    @property
    def cancelled(self) -> bool:
        """Whether it was told to end."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """End after the frame that is being done; no unfinished file is left behind."""
        self._cancel.set()

    def run(self) -> list[Outcome]:
        """Convert all files, or those before `cancel`; return how each ended.

        Raises
        ------
        UserError
            if the networks cannot be opened
        """
        outcomes: list[Outcome] = []
        with self._open() as unmasker:
            for number, job in enumerate(self._jobs, 1):
                if self.cancelled:
                    break
                self.progress = Progress(job, number, len(self._jobs))
                try:
                    text = self._one(unmasker, job)
                except Cancelled:
                    break
                except Exception as error:  # one file's failure must not cost the others
                    outcomes.append(Outcome(job, False, sentence(error)))
                else:
                    outcomes.append(Outcome(job, True, text))
        return outcomes

    def _one(self, unmasker: Unmasker, job: Job) -> str:
        unmasker.reset()
        if names.is_picture(job.source):
            return self._picture(unmasker, job)
        return self._video(unmasker, job)

    def _picture(self, unmasker: Unmasker, job: Job) -> str:
        picture = read_picture(job.source)
        tally = Tally()
        result = unmasker(picture.image)
        tally.count(result)
        self.preview = Preview(picture.image, result.image, result.faces)
        made = Picture(result.image, picture.alpha, picture.profile)
        lost = write_picture(job.target, made)
        return "; ".join([str(tally), *picture.notes, *lost])

    def _video(self, unmasker: Unmasker, job: Job) -> str:
        tally, pace = Tally(), Pace()

        def begin(clip: Clip) -> None:
            self._tell(pace, clip.frames)

        def process(frame: Frame, seen: Seen) -> Image:
            if self.cancelled:
                raise Cancelled
            result = unmasker.fill(seen)
            tally.count(result)
            self.preview = Preview(frame.image, result.image, result.faces)
            pace.count()
            self._tell(pace, self.progress.total)
            return result.image

        report = convert_video(
            job.source,
            job.target,
            process,
            see=lambda frame: unmasker.see(frame.image, frame.seconds),
            begin=begin,
        )
        return "; ".join([str(tally), *report.notes])

    def _tell(self, pace: Pace, total: int | None) -> None:
        now = self.progress
        self.progress = Progress(
            now.job, now.number, now.of, pace.frames, total, pace.rate, pace.left(total)
        )


def _free(target: Path, taken: set[Path]) -> Path:
    """Return ``target``, or with -2, -3, ... what is free."""
    number, free = 1, target
    while free.exists() or free in taken:
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free
