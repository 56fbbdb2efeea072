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
    inpainter : the network that fills, by its name in the manifest
    """

    find_every: int = 2
    inpainter: str = INPAINTER

    def __post_init__(self) -> None:
        if self.find_every < 1:
            raise ValueError(f"find_every: got {self.find_every}, wanted at least 1")


@dataclass(frozen=True)
class Level:
    """A quality with a name for people."""

    name: str
    quality: Quality


LEVELS = (
    Level("full", Quality()),
    Level("finder every 4th frame", Quality(4)),
    Level("smaller inpainter", Quality(4, SMALL_INPAINTER)),
)
"""Best first."""


def levels(networks: Collection[str]) -> tuple[Level, ...]:
    """Return the levels that can be had with these networks, best first.

    Parameters
    ----------
    networks : names in the manifest
    """
    return tuple(level for level in LEVELS if level.quality.inpainter in networks)
