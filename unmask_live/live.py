"""One live run: a source, the Unmasker, and what the result goes to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unmask_live.state import State
from unmask_live.statistics import Statistics
from unmask_live.types import Image, Unmasked

if TYPE_CHECKING:
    from unmask_live.unmasker import Unmasker
    from unmask_live.video.capture import LiveFrame, LiveSource, Notice


@dataclass(frozen=True)
class Settings:
    """What can be changed while a run is going.

    Attributes
    ----------
    unmask : False shows the source as it is
    smoothing : 0..1, how much is averaged over time
    quality : "best" stays at the first level, "fast" at the last, "auto" goes by what fits
    badge_outputs : "AI-reconstructed" on what goes to the virtual camera and into recordings
    badge_view : the same on what the window shows
    mirror : left and right swapped, before anything else is done
    """

    unmask: bool = True
    smoothing: float = 0.5
    quality: Literal["auto", "best", "fast"] = "auto"
    badge_outputs: bool = True
    badge_view: bool = False
    mirror: bool = False


@dataclass(frozen=True)
class Shown:
    """One frame as it is presented.

    Attributes
    ----------
    frame : as it was captured (mirrored if that is set)
    result : unmasked; the picture as it is, without faces, where unmasking is off
    view : H×W×3 uint8 RGB for the window, with a badge if that is set
    output : H×W×3 uint8 RGB, what leaves the program, with a badge if that is set
    age : seconds since the capture
    """

    frame: LiveFrame
    result: Unmasked
    view: Image
    output: Image
    age: float


class Live:
    """One run of one source. It cannot be started twice: make another.

    ``on_shown`` and ``on_notice`` are called in the run's present thread, ``on_state`` in the one
    that brought the change about; they must return at once.

    Parameters
    ----------
    source : an opened source, or what `open_live` takes; then it is opened in the capture thread
    backend : "auto" or a backend's name
    unmasker : makes the `Unmasker`, called in the unmask thread; by default with ``backend``
    settings : to begin with
    """

    def __init__(
        self,
        source: LiveSource | str,
        *,
        backend: str = "auto",
        unmasker: Callable[[], Unmasker] | None = None,
        settings: Settings = Settings(),
        on_shown: Callable[[Shown], None],
        on_notice: Callable[[Notice], None],
        on_state: Callable[[State], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.statistics = Statistics(clock=clock)
        self.settings = settings
        self.error: BaseException | None = None

    @property
    def state(self) -> State:
        """Where the run stands."""
        return State.IDLE

    def start(self) -> None:
        """Begin; returns at once. The state is STARTING until the first frame was shown."""

    def stop(self) -> None:
        """End the run; returns at once and may be called again."""

    def join(self, timeout: float = 1.0) -> bool:
        """Wait for all threads to end; tell whether they have."""
        return True

    def record(self, path: Path | None, force: bool = False) -> None:
        """Record into ``path`` from the next frame on; None ends the recording."""

    @property
    def recording(self) -> Path | None:
        """The file that is being written."""
        return None

    def virtual_camera(self, on: bool, device: str | None = None) -> None:
        """Send the output to the virtual camera, or stop doing so."""

    @property
    def camera_description(self) -> str | None:
        """What the virtual camera is; None while it is off."""
        return None

    @property
    def backends(self) -> dict[str, str]:
        """What truly runs each network; empty until they are open."""
        return {}

    @property
    def level(self) -> str:
        """The quality level in use, "full" or a later one's name."""
        return "full"

    @property
    def source_label(self) -> str:
        """What was picked, for people."""
        return ""

    @property
    def source_description(self) -> str:
        """Size, format and rates of the source, for people."""
        return ""
