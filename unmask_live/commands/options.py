"""Options that several commands have, in the same words."""

from __future__ import annotations

from typing import Annotated

import typer

_HELP = "What invents the face; `unmask-live engines list` lists what can."

_FINDER = "What looks for faces: ours, mediapipe, or mediapipe:FILE."

FinderOption = Annotated[str, typer.Option("--finder", metavar="NAME", help=_FINDER)]
"""For commands without a window."""
WindowFinderOption = Annotated[str | None, typer.Option("--finder", metavar="NAME", help=_FINDER)]
"""For the window, where None leaves it to itself."""
WindowBackendOption = Annotated[
    str | None,
    typer.Option("--backend", help="What runs the networks; `unmask-live doctor` lists what can."),
]
"""For the window, which remembers one."""
InpainterOption = Annotated[str, typer.Option("--inpainter", metavar="NAME", help=_HELP)]
"""For commands without a window: there is a usual one."""
WindowInpainterOption = Annotated[
    str | None, typer.Option("--inpainter", metavar="NAME", help=_HELP)
]
"""For the window, which remembers one."""
