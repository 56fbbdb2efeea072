"""How the C library keeps memory that is free again."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Numbers of glibc's ``mallopt`` parameters (malloc.h)."""
_LARGE = 1024 * 1024
"""Bytes from which a block is mapped by itself: frames are. Crops are not: to map each of those
anew made live frames late, so that quality stepped down."""


def keep_little() -> bool:
    """Have whole frames given back as soon as they are done with, and share one heap for the rest.

    By default glibc raises the size from which it maps a block by itself to the largest that was
    ever freed: frames then come from its heaps. And it makes a heap for almost every thread: what
    one thread gets and another lets go, as crops and fills are, leaves holes in each of them. So a
    run of minutes grew by a fifth without holding anything more. Threads that are there already
    keep their heaps: call this before those that work.

    Returns whether the C library took it; elsewhere than on glibc nothing changes.
    """
    taken = [_glibc("mallopt", _MMAP_THRESHOLD, _LARGE), _glibc("mallopt", _ARENA_MAX, 1)]
    return all(taken)


def trim() -> bool:
    """Give back what is free within the heaps; True if there was any."""
    return _glibc("malloc_trim", 0)


def _glibc(function: str, *values: int) -> bool:
    """Call a function that only glibc has; False elsewhere."""
    called = getattr(_library(), function, None)
    return called is not None and bool(called(*values))


@cache
def _library() -> Any:
    """Return the C library of Linux; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libc.so.6")
    except OSError:
        return None
