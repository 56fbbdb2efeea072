"""The doctor's look at cameras: which there are, or why none can be used."""

from __future__ import annotations

from collections.abc import Iterator

from unmask_live.commands.check import Check
from unmask_live.video.devices import camera_problem, cameras


def examine_cameras() -> Iterator[Check]:
    """Yield each camera, and what keeps others away; none is essential, files need none."""
    for device in cameras():
        where = f" at {device.path}" if device.path else ""
        detail = f"{device.name}, through {device.backend}{where}"
        yield Check("cameras", f"camera {device.index}", True, detail, essential=False)
    problem = camera_problem()
    if problem is not None:
        what, _, fix = problem.partition(": ")
        yield Check("cameras", "camera", False, what, essential=False, fix=fix)
