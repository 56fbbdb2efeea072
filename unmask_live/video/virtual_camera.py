"""The virtual camera that other programs pick: v4l2loopback, OBS or Unity Capture."""

from __future__ import annotations

from unmask_live.types import Image


class VirtualCamera:
    """A camera device that shows what it is sent. Owned by one thread.

    Parameters
    ----------
    size : (width, height) that the consumers see, pixels
    fps : frames a second to announce
    device : which one, e.g. "/dev/video10"; any by default
    backend : "v4l2loopback", "obs" or "unitycapture"; by default the first that works

    Attributes
    ----------
    description : e.g. "v4l2loopback /dev/video10, 1280×720 RGB, 30 frames a second"

    Raises
    ------
    UserError
        if pyvirtualcam is missing or no backend works: each one's reason and the fix
    """

    def __init__(
        self,
        size: tuple[int, int],
        fps: float,
        *,
        device: str | None = None,
        backend: str | None = None,
    ) -> None:
        self.description = ""
        raise NotImplementedError

    def send(self, image: Image) -> None:
        """Show an H×W×3 uint8 RGB picture; another size is fitted between black bars.

        Raises
        ------
        UserError
            if the device is gone and does not come back
        """
        raise NotImplementedError

    def repeat(self) -> None:
        """Show the last picture once more; nothing happens before the first."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the device. Safe to call twice."""
        raise NotImplementedError
