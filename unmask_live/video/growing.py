"""A file that grows: no name is taken over unasked, and after an error nothing more is changed."""

from __future__ import annotations

from pathlib import Path


class GrowingFile:
    """What PyAV writes to, unbuffered, so that what is written outlives the program.

    After a write that failed, or after `stop`, everything else is swallowed: closing a container
    writes to it once more, and on a full disk that would spoil what is there.

    Parameters
    ----------
    path : created; replaced only with ``force``

    Attributes
    ----------
    failure : the error that ended it, None if there was none

    Raises
    ------
    OSError
        on opening, FileExistsError without ``force`` among others; by `write` once, the first time
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self._file = path.open("wb" if force else "xb", buffering=0)
        self._stopped = False
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write all of ``data`` where the file stands."""
        if self._stopped:
            return len(data)
        rest = memoryview(data)
        try:
            while len(rest):
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self.failure = error
            self._stopped = True
            raise
        return len(data)

    def seek(self, place: int, whence: int = 0) -> int:
        """Move to another place."""
        return self._file.seek(place, whence)

    def tell(self) -> int:
        """Return where the file stands."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Tell that one can move about in it, which PyAV asks."""
        return True

    def cut(self, length: int) -> None:
        """Cut the file off after ``length`` bytes."""
        self._file.truncate(length)

    def stop(self) -> None:
        """Change nothing from here on."""
        self._stopped = True

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._file.close()
