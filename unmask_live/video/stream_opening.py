"""Opening a stream with little delay, or saying in one sentence why it does not open."""

from __future__ import annotations

from typing import Any, cast

import av
import av.error

from unmask_live.errors import UserError
from unmask_live.video.http_body import HttpBody, show, unreachable

OPENING = 5.0
"""Seconds that a server may take to answer and to show its first picture."""
LOW_LATENCY = {
    "rtsp_transport": "tcp",  # UDP loses packets, and routers and containers stop it
    "flags": "low_delay",
    # A short first look, but what it saw is kept (no "nobuffer"): that is the one key frame there
    # may be for seconds, and whoever takes the newest has no use for the rest anyway.
    "probesize": "200000",
    "analyzeduration": "500000",  # microseconds
}


def open_stream(
    source: str | HttpBody, url: str, *, wait: float, name: str | None, options: dict[str, str]
) -> av.container.InputContainer:
    """Open a stream.

    Parameters
    ----------
    source : what is opened: the address, or what was had from it
    url : the address, for what is said; its secrets are left out
    wait : seconds after which a read gives up
    name : FFmpeg's name of the format where it is known
    options : FFmpeg's options, which go before ours

    Raises
    ------
    UserError
        if nothing that can be shown answers within `OPENING` seconds
    """
    label = show(url)
    try:
        opening: Any = av.open
        opened = opening(
            source, format=name, timeout=(OPENING, wait), options={**LOW_LATENCY, **options}
        )
    except av.error.HTTPUnauthorizedError:
        hint = "write name and password into the address, as in rtsp://name:password@camera"
        raise UserError(f"{label} wants a password: {hint}") from None
    except (av.error.InvalidDataError, av.error.EOFError):
        raise UserError(f"{label} sends nothing that can be shown: check the address") from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        late = isinstance(error, av.error.ExitError)
        reason = f"no answer within {OPENING:g} seconds" if late else _reason(error)
        raise UserError(unreachable(url, reason)) from None
    return cast("av.container.InputContainer", opened)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)
