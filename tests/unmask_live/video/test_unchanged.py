from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from clips import picture, write_clip

from unmask_live.types import Frame
from unmask_live.video.clip import ClipFrame
from unmask_live.video.colour import Converter
from unmask_live.video.convert import convert_video
from unmask_live.video.source import VideoSource
from unmask_live.video.unchanged import changed_box, patched

R = 1 << 16
UPSIDE_DOWN = [-R, 0, 0, 0, -R, 0, 0, 0, 1 << 30]


def planes(frame: av.VideoFrame) -> list[np.ndarray]:
    whole = frame.to_ndarray().reshape(-1)
    size = frame.height * frame.width
    luma, u, v = np.split(whole, [size, size * 5 // 4])
    half = (frame.height // 2, frame.width // 2)
    return [luma.reshape(frame.height, frame.width), u.reshape(half), v.reshape(half)]


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def first(path: Path) -> tuple[ClipFrame, Converter]:
    with VideoSource(path) as source:
        frame = next(item for item in source if isinstance(item, ClipFrame))
        return frame, Converter(source.clip.colour)


@pytest.mark.parametrize("width", [64, 66], ids=["by eights", "by bytes"])
def test_the_box_holds_every_pixel_that_differs_and_no_more(width: int) -> None:
    before = picture(0, width, 48)
    assert changed_box(before, before) is None
    assert changed_box(before, before.copy()) is None
    after = before.copy()
    after[7, 11, 2] ^= 1
    assert changed_box(before, after) == (11, 7, 12, 8)
    after[40, 3, 0] ^= 1
    assert changed_box(before, after) == (3, 7, 12, 41)
    after[0, 0], after[-1, -1] = 255 - after[0, 0], 255 - after[-1, -1]
    assert changed_box(before, after) == (0, 0, width, 48)
    assert changed_box(before[:, ::-1], after[:, ::-1]) == (0, 0, width, 48), "any memory order"


@pytest.mark.parametrize("box", [(31, 21, 58, 44), (0, 0, 20, 9), (80, 50, 96, 64), (0, 0, 96, 64)])
def test_what_was_changed_is_converted_as_ever_and_the_rest_is_as_decoded(
    tmp_path: Path, box: tuple[int, int, int, int]
) -> None:
    frame, converter = first(write_clip(tmp_path / "clip.mp4"))
    assert frame.stored is not None
    x0, y0, x1, y1 = box
    after = frame.image.copy()
    after[y0:y1, x0:x1] = 255 - after[y0:y1, x0:x1]
    made = planes(patched(frame.stored, frame.image, after, converter))
    whole, kept = planes(converter.from_rgb(after, "yuv420p")), planes(frame.stored)
    for index, (got, wanted, before) in enumerate(zip(made, whole, kept, strict=True)):
        by = 1 if index == 0 else 2
        inside = np.zeros(got.shape, bool)
        # A colour sample is of two pixels each way: all that the box touches.
        rows, columns = (
            slice(a // 2 * 2 // by, -(-b // 2) * 2 // by) for a, b in ((y0, y1), (x0, x1))
        )
        inside[rows, columns] = True
        assert np.array_equal(got[inside], wanted[inside])
        assert np.array_equal(got[~inside], before[~inside])


@pytest.mark.parametrize("colour", [None, (1, 1, 1, 1), (5, 5, 6, 2)], ids=["none", "709", "full"])
def test_a_clip_in_which_nothing_changes_comes_out_as_it_was_decoded(
    tmp_path: Path, colour: tuple[int, int, int, int] | None
) -> None:
    """Lossless, so that the encoder changes nothing either."""
    source, out = write_clip(tmp_path / "in.mp4", colour=colour), tmp_path / "out.mp4"
    convert_video(source, out, lambda frame: frame.image.copy(), quality=0)
    before, after = decoded(source), decoded(out)
    assert len(before) == 20
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_around_what_was_changed_a_clip_stays_as_it_was_decoded(tmp_path: Path) -> None:
    source, out = write_clip(tmp_path / "in.mp4"), tmp_path / "out.mp4"

    def cover(frame: Frame) -> np.ndarray:
        image = frame.image.copy()
        image[20:40, 30:60] = 0
        return image

    convert_video(source, out, cover, quality=0)
    for before, after in zip(decoded(source), decoded(out), strict=True):
        changed = np.flatnonzero((before != after)[:64].any(1))
        assert (changed[0], changed[-1]) == (20, 39)
        columns = np.flatnonzero((before != after)[:64].any(0))
        assert columns[0] >= 30 and columns[-1] <= 59


def test_frames_of_another_kind_are_converted_whole(tmp_path: Path) -> None:
    """444 colour and turned pictures: there is nothing that could be kept as it is."""
    for name, more in {"444": {"pixels": "yuv444p"}, "turned": {"matrix": UPSIDE_DOWN}}.items():
        frame, _ = first(write_clip(tmp_path / f"{name}.mp4", **more))  # type: ignore[arg-type]
        assert frame.stored is None
    odd = write_clip(tmp_path / "odd.mp4", size=(95, 64), pixels="yuv444p")
    assert first(odd)[0].stored is None
