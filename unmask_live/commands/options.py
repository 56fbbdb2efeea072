"""Options that several commands have, in the same words."""

from __future__ import annotations

from typing import Annotated

import typer

_HELP = "What invents the face; `unmask-live engines list` lists what can."

InpainterOption = Annotated[str, typer.Option("--inpainter", metavar="NAME", help=_HELP)]
"""For commands without a window: there is a usual one."""
WindowInpainterOption = Annotated[
    str | None, typer.Option("--inpainter", metavar="NAME", help=_HELP)
]
"""For the window, which remembers one."""
