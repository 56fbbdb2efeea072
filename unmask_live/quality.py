"""How much is done for each frame, from all to the least, in named levels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

INPAINTER = "inpainter"
SMALL_INPAINTER = "inpainter-small"


@dataclass(frozen=True)
class Quality:
    """What the Unmasker spends on a frame.

    Attributes
    ----------
    find_every : the finder looks at every n-th frame, from 1; faces are followed in between. It
        looks at every frame all the same while a face is new or unsure.
    inpainter : the network that fills, by its name as `unmask_live.inpainters` has it
    fill_every : a mask is looked for, and filled, at every n-th frame, from 1; in between the last
        fill moves along with the face
    """

    find_every: int = 2
    inpainter: str = INPAINTER
    fill_every: int = 1

    def __post_init__(self) -> None:
        for name in ("find_every", "fill_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: got {getattr(self, name)}, wanted at least 1")


@dataclass(frozen=True)
class Level:
    """A quality with a name for people."""

    name: str
    quality: Quality


SMALLER = Level("smaller inpainter", Quality(4, SMALL_INPAINTER, 2))


def levels_of(inpainter: str) -> tuple[Level, ...]:
    """Return the levels where this inpainter is chosen, best first; the smaller one is the last."""
    own = (
        Level("full", Quality(inpainter=inpainter)),
        Level("finder every 4th frame", Quality(4, inpainter)),
        Level("masks every 2nd frame", Quality(4, inpainter, 2)),
    )
    return own if inpainter == SMALL_INPAINTER else (*own, SMALLER)


LEVELS = levels_of(INPAINTER)
"""Where nothing else is chosen, best first."""


def levels(networks: Collection[str], inpainter: str = INPAINTER) -> tuple[Level, ...]:
    """Return the levels that can be had with these networks, best first.

    Parameters
    ----------
    networks : names in the manifest
    inpainter : the one that is chosen
    """
    found = levels_of(inpainter)
    return tuple(level for level in found if network_of(level.quality.inpainter) in networks)


def network_of(inpainter: str) -> str:
    """Return the manifest's name of an inpainter: what stands before the colon, if there is one."""
    return inpainter.partition(":")[0]
