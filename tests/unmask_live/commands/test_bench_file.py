from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from clips import frame_times, frames, write_clip

from unmask_live import Unmasker
from unmask_live.commands.bench_file import bench_file, recode
from unmask_live.errors import UserError


def test_three_ways_and_their_shares(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    with Unmasker(overlapped=True) as unmasker:
        figures = bench_file(unmasker, clip, rounds=2)
    assert figures["frames"] == 20 and figures["rounds"] == 2
    fps = figures["fps"]
    assert set(fps) == {"unmasked", "as_is", "codecs"} and min(fps.values()) > 0
    assert figures["share_of_as_is"] == pytest.approx(fps["unmasked"] / fps["as_is"])
    assert figures["share_of_codecs"] == pytest.approx(fps["unmasked"] / fps["codecs"])


def test_recoding_keeps_every_picture_and_its_time(tmp_path: Path) -> None:
    clip, target = write_clip(tmp_path / "clip.mp4"), tmp_path / "again.mp4"
    assert recode(clip, target) == 20
    with av.open(str(target)) as written:
        assert [stream.type for stream in written.streams] == ["video"]
        assert written.streams.video[0].codec_context.name == "h264"
    assert frame_times(target) == frame_times(clip)
    for before, after in zip(frames(clip), frames(target), strict=True):
        assert np.abs(before.astype(int) - after).mean() < 4


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"")
    with pytest.raises(UserError, match="empty"):
        recode(tmp_path / "clip.mp4", tmp_path / "again.mp4")
