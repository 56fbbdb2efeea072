from __future__ import annotations

import os
from pathlib import Path

import pytest
from clips import picture, write_clip

from unmask_live.video import sink as module
from unmask_live.video.sink import VideoSink
from unmask_live.video.source import VideoSource


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be deleted")
def test_after_an_error_the_file_is_not_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moving an MP4's index in front reads the file by its name: that must be gone by then."""
    path = tmp_path / "out.mp4"
    path.touch()  # as `whole_file` does
    there: list[bool] = []

    class Closing:
        def __init__(self, container: object) -> None:
            self._container = container

        def __getattr__(self, name: str) -> object:
            if name == "close":
                there.append(path.exists())
            return getattr(self._container, name)

    opening = module.av.open
    with VideoSource(write_clip(tmp_path / "in.mp4")) as source:

        def watched(file: object, *words: object, **options: object) -> object:
            container = opening(file, *words, **options)
            return Closing(container) if file == str(path) else container

        monkeypatch.setattr(module.av, "open", watched)
        with pytest.raises(KeyboardInterrupt), VideoSink(path, source) as sink:
            for index in range(5):
                sink.write(picture(index), index)
            raise KeyboardInterrupt
    assert there == [False]
    assert not path.exists()
