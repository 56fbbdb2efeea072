from __future__ import annotations

from itertools import pairwise

import masked_clips
import numpy as np
import pytest

from train.video_clip import NOISE, Clip, constant_seed, frames, read_clips, still
from train.video_labels import POINTS


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Clip:
    folder = tmp_path_factory.mktemp("clip")
    (found,) = read_clips(masked_clips.write(folder / "data", folder / "c"), folder / "c")
    return found


def test_the_mask_sticks_to_the_face(clip):
    shown = list(frames(clip))
    assert len(shown) == 12
    assert [round(f.seconds * 30) for f in shown] == list(range(12))
    for a, b in pairwise(shown):
        step = round(float(b.five[0, 0] - a.five[0, 0]))
        assert step == 3
        moved = np.roll(a.image.astype(int), step, axis=1)
        inside = (np.roll(a.matte, step, axis=1) > 0.99) & (b.matte > 0.99)
        inside[:, :8] = inside[:, -8:] = False
        assert inside.sum() > 0.8 * (b.matte > 0.99).sum()
        assert np.abs(moved - b.image)[inside].mean() < 3


def test_outside_of_the_mask_the_picture_is_the_true_one(clip):
    frame = next(iter(frames(clip, 1)))
    changed = (frame.image != frame.truth).any(2)
    assert frame.matte[changed].mean() > 0.5
    assert changed[frame.matte > 0.9].mean() > 0.95


def test_at_most_so_many_frames(clip):
    assert len(list(frames(clip, 5))) == 5
    assert len(list(frames(clip, 500))) == 12


def test_frames_without_a_face_are_left_out(clip):
    gap = clip.marks.copy()
    gap[2:5] = np.nan
    shown = list(frames(Clip(clip.path, gap, clip.kind, clip.seed)))
    assert len(shown) == 9
    assert round(shown[2].seconds * 30) == 5


def test_a_still_picture_changes_by_noise_alone(clip):
    shown = list(still(clip, 12))
    assert all(np.array_equal(f.truth, shown[0].truth) for f in shown)
    middle = np.stack([f.image for f in shown]).astype(float)[:, 60:200, 60:200]
    clear = (middle.min(0) > 12) & (middle.max(0) < 243)
    spread = np.sqrt(middle.var(0, ddof=1)[clear].mean())
    assert spread == pytest.approx(NOISE, rel=0.05)


def test_a_face_is_needed():
    with pytest.raises(ValueError, match="no face"):
        constant_seed(np.full((3, POINTS, 2), np.nan, np.float32), "cloth", 0)
