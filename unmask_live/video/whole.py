"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unmask_live.errors import UserError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def whole_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside ``target``; rename it when the block ends without an error.

    On any error, Ctrl-C included, the temporary is deleted and ``target`` is as it was.

    Raises
    ------
    UserError
        if ``target`` exists and ``force`` is not set, its folder is missing or may not be
        written, or the disk is full
    """
    check_target(target, force=force)
    # The suffix stays last: the container and the picture format are told by it.
    temporary = target.with_name(f".{target.stem}.part.{os.getpid()}{target.suffix}")
    try:
        try:
            temporary.touch()
            yield temporary
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(target, error) from error


def check_target(target: Path, *, force: bool) -> None:
    """Raise UserError if ``target`` must not or cannot be written."""
    if target.is_dir():
        raise UserError(f"{target} is a folder: name a file")
    if target.exists() and not force:
        raise UserError(f"{target} exists already: use --force to replace it")
    if not target.parent.is_dir():
        raise UserError(f"cannot write {target}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise UserError(f"cannot write {target}: the folder {target.parent} is write-protected")


def write_error(target: Path, error: Exception) -> UserError:
    """Say in one sentence why ``target`` could not be written."""
    code = getattr(error, "errno", None)
    if code in _FULL:
        return UserError(
            f"cannot write {target}: the disk is full or a size limit is reached; "
            "nothing was left behind, make room and try again"
        )
    if code in _FORBIDDEN:
        return UserError(f"cannot write {target}: permission denied")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UserError(f"cannot write {target}: {reason}")
