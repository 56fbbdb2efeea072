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
    """Yield a temporary name beside ``target``, given its name when the block ends without error.

    On any error, Ctrl-C included, the temporary is deleted and ``target`` is as it was.

    Raises
    ------
    UserError
        if ``target`` exists (or appears meanwhile) and ``force`` is not set, its folder is missing
        or may not be written, or the disk is full
    """
    check_target(target, force=force)
    # The suffix stays last: the container and the picture format are told by it. The stem is cut,
    # or a name that is just short enough would be too long here.
    temporary = target.with_name(f".{target.stem[:40]}.part.{os.getpid()}{target.suffix}")
    try:
        try:
            temporary.touch()
            yield temporary
            _publish(temporary, target, force=force)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(target, error) from error


def check_target(target: Path, *, force: bool) -> None:
    """Raise UserError if ``target`` must not or cannot be written."""
    try:
        if target.is_dir():
            raise UserError(f"{target} is a folder: name a file")
        if target.exists() and not force:
            raise _exists(target)
    except OSError as error:  # a name too long, a folder that may not be entered
        raise write_error(target, error) from error
    if not target.parent.is_dir():
        raise UserError(f"cannot write {target}: there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise UserError(f"cannot write {target}: the folder {target.parent} is write-protected")


def _publish(temporary: Path, target: Path, *, force: bool) -> None:
    """Give the file its name; without ``force`` never that of a file which came meanwhile."""
    if force:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)  # unlike a rename, this fails if the name is taken
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, NotImplementedError, AttributeError):  # a file system without hard links
        if target.exists():
            raise _exists(target) from None
        temporary.rename(target)


def _exists(target: Path) -> UserError:
    return UserError(f"{target} exists already: use --force to replace it")


def write_error(target: Path, error: Exception) -> UserError:
    """Say in one sentence why ``target`` could not be written, and that nothing of it was kept."""
    full = getattr(error, "errno", None) in _FULL
    after = "; nothing was left behind, make room and try again" if full else ""
    return UserError(f"cannot write {target}: {write_failure(error)}{after}")


def write_failure(error: Exception) -> str:
    """Say in a few words why something could not be written."""
    code = getattr(error, "errno", None)
    if code in _FULL:
        return "the disk is full or a size limit is reached"
    if code in _FORBIDDEN:
        return "permission denied"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
