"""Channels from one width, so that a network's cost can be set as finely as a comparison needs."""

from __future__ import annotations


def channels(width: float, *factors: float, multiple: int = 1) -> tuple[int, ...]:
    """Return ``width`` times each factor as whole numbers of channels, at least ``multiple``.

    Cost grows with the square of the width: were it a whole number, small networks would come in
    steps of a quarter of their cost. Fractions of it change the deeper levels one channel at a
    time.

    Parameters
    ----------
    multiple : what each number must be a multiple of, where channels are shared out

    Raises
    ------
    ValueError
        on a width that is not above 0
    """
    if not width > 0:
        raise ValueError(f"width is {width}, wanted above 0")
    return tuple(max(1, round(width * f / multiple)) * multiple for f in factors)
