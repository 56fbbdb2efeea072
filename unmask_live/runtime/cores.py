"""How many cores this process may use: of the machine, by its affinity, and by its quota."""

from __future__ import annotations

import os
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def cores() -> int:
    """Return how many cores this process may keep busy, at least 1.

    A container that is given half of the time of four cores has two: its quota is no affinity, and
    more threads than that are made to wait.
    """
    try:
        free = len(os.sched_getaffinity(0))  # respects taskset and cpusets
    except AttributeError:  # not on macOS and Windows
        free = os.cpu_count() or 1
    allowed = quota()
    return max(1, free if allowed is None else min(free, int(allowed)))


def quota(groups: Path = GROUPS, own: Path = OWN) -> float | None:
    """Return the cores' worth of time that Linux's control groups allow; None if they do not say.

    Parameters
    ----------
    groups : where the groups are mounted: version 2 there itself, version 1 in folders below
    own : the process's own groups, as the kernel lists them
    """
    try:
        lines = own.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    found = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            read, roots = _version_2, [groups, groups / "unified"]
        elif "cpu" in controllers.split(","):
            read, roots = _version_1, [groups / "cpu", groups / controllers]
        else:
            continue
        for root in roots:
            # In a container the path may be the host's, and its own group the root.
            found += [read(folder) for folder in _upwards(root, path)]
    limits = [limit for limit in found if limit is not None]
    return min(limits, default=None)


def _upwards(root: Path, path: str) -> list[Path]:
    """Return a group's folder and those above it, whose limits hold as well."""
    inner = Path(path.strip("/"))
    return [root / inner, *(root / parent for parent in inner.parents)]


def _version_2(folder: Path) -> float | None:
    words = _read(folder / "cpu.max").split()  # "max 100000", "150000 100000"
    return _share(words[0], words[1]) if len(words) == 2 else None


def _version_1(folder: Path) -> float | None:
    return _share(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _share(spent: str, period: str) -> float | None:
    try:
        whole, part = int(period), int(spent)  # no limit is "max", or -1
    except ValueError:
        return None
    return part / whole if part > 0 and whole > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
