"""Masks painted on a face: exact mattes, the same again for the same rng, errors that say why."""

from __future__ import annotations

import numpy as np
import pytest

from train.data.landmarks import Landmarks
from train.masks import FAMILIES, KINDS, lay_out, matte_only, put_on

ANY = [(kind, family) for kind in KINDS for family in FAMILIES]


@pytest.mark.parametrize(("kind", "family"), ANY)
def test_it_covers_the_mouth_and_spares_the_eyes(face, kind, family):
    picture, landmarks = face
    hits = []
    for seed in range(12):
        masked = put_on(picture, landmarks, np.random.default_rng(seed), kind=kind, family=family)
        assert masked.kind == kind
        assert masked.image.shape == picture.shape
        assert masked.image.dtype == np.uint8
        assert masked.matte.shape == picture.shape[:2]
        assert masked.matte.dtype == np.float32
        assert masked.matte.min() >= 0
        assert masked.matte.max() == 1
        x, y = landmarks[13].astype(int)
        hits.append(masked.matte[y, x] > 0.5)
        for eye in (159, 386):
            x, y = landmarks[eye].astype(int)
            assert masked.matte[y, x] == 0
    assert sum(hits) >= 9  # slipped masks and hands leave a few mouths bare


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_rng_gives_the_same_mask(face, family):
    picture, landmarks = face
    before = picture.copy()
    for seed in range(6):
        one, two = (
            put_on(picture, landmarks, np.random.default_rng(seed), family=family) for _ in range(2)
        )
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.matte, two.matte)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("family", FAMILIES)
def test_matte_only_draws_the_matte_that_put_on_paints(face, family):
    picture, landmarks = face
    for seed in range(10):
        masked = put_on(picture, landmarks, np.random.default_rng(seed), family=family)
        alone = matte_only(picture.shape, landmarks, np.random.default_rng(seed), family=family)
        assert np.array_equal(alone, masked.matte)


@pytest.mark.parametrize("family", FAMILIES)
def test_beyond_mask_and_shadow_the_picture_stays(face, family):
    """The shadow and a hand reach a little way past the matte, the rest is untouched."""
    picture, landmarks = face
    for seed in range(10):
        layout = lay_out(landmarks, np.random.default_rng(seed), kind=None, family=family)
        masked = put_on(picture, landmarks, np.random.default_rng(seed), family=family)
        parts = np.concatenate(layout.body + layout.straps + layout.hand)
        low = np.floor(parts.min(0)).astype(int) - 25
        high = np.ceil(parts.max(0)).astype(int) + 25
        outside = np.ones(picture.shape[:2], bool)
        outside[max(0, low[1]) : max(0, high[1]), max(0, low[0]) : max(0, high[0])] = False
        assert np.array_equal(masked.image[outside], picture[outside])
        assert masked.matte[outside].max(initial=0) == 0


def test_a_shadow_only_darkens(face):
    picture, landmarks = face
    for seed in range(10):
        layout = lay_out(landmarks, np.random.default_rng(seed), kind=None, family="train")
        masked = put_on(picture, landmarks, np.random.default_rng(seed))
        if layout.hand:
            continue
        bare = masked.matte == 0
        assert (masked.image[bare] <= picture[bare]).all()


def test_full_cover_hides_the_face(face):
    """Two different faces under one mask look alike wherever the matte is 1, but for its light."""
    picture, landmarks = face
    speckled = picture.copy()
    speckled[::2, ::2] = np.clip(speckled[::2, ::2].astype(int) + 6, 0, 255)
    one = put_on(picture, landmarks, np.random.default_rng(3), kind="surgical")
    two = put_on(speckled, landmarks, np.random.default_rng(3), kind="surgical")
    solid = one.matte == 1
    assert solid.sum() > 2000
    change = one.image[solid].astype(int) - two.image[solid]
    grid = np.ptp(change, axis=0)
    assert grid.max() <= 4  # a level shift, no pattern of the face beneath


def test_families_differ(face):
    picture, landmarks = face
    for seed in range(5):
        mattes = [
            matte_only(
                picture.shape, landmarks, np.random.default_rng(seed), kind="cloth", family=f
            )
            for f in FAMILIES
        ]
        assert np.abs(mattes[0] - mattes[1]).mean() > 0.002


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("lost", ["all", "chin"])
def test_missing_landmarks_are_refused(face, family, lost):
    picture, landmarks = face
    points = landmarks.points.copy()
    points[slice(None) if lost == "all" else 152] = np.nan
    with pytest.raises(ValueError, match="missing"):
        put_on(picture, Landmarks(points), np.random.default_rng(0), family=family)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_face_without_extent_is_refused(face, family):
    picture, _ = face
    points = np.full((478, 2), 7, np.float32)
    with pytest.raises(ValueError, match="too small"):
        put_on(picture, Landmarks(points), np.random.default_rng(0), family=family)


def test_unknown_names_and_wrong_pictures_are_refused(face):
    picture, landmarks = face
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="kind 'hat'"):
        put_on(picture, landmarks, rng, kind="hat")
    with pytest.raises(ValueError, match="family 'test'"):
        matte_only(picture.shape, landmarks, rng, family="test")
    with pytest.raises(ValueError, match="wanted uint8"):
        put_on(picture.astype(np.float32), landmarks, rng)
    with pytest.raises(ValueError, match="wanted uint8"):
        put_on(picture[:0], landmarks, rng)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_face_outside_the_picture_leaves_it_alone(face, family):
    picture, landmarks = face
    away = Landmarks(landmarks.points + np.float32(4000))
    masked = put_on(picture, away, np.random.default_rng(0), kind="cloth", family=family)
    assert np.array_equal(masked.image, picture)
    assert masked.matte.max() == 0


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_any_size_of_picture(face, family, scale):
    import cv2

    picture, landmarks = face
    sized = cv2.resize(picture, None, fx=scale, fy=scale)
    points = Landmarks(landmarks.points * np.float32(scale))
    for kind in KINDS:
        masked = put_on(sized, points, np.random.default_rng(2), kind=kind, family=family)
        assert masked.matte.shape == sized.shape[:2]
        assert 0.04 < masked.matte.mean() < 0.7


def test_beyond_the_pictures_end_it_goes_on(face):
    picture, landmarks = face
    valid = np.zeros(picture.shape[:2], bool)
    valid[:150] = True
    replicated = picture.copy()
    replicated[150:] = picture[149]
    for seed in range(4):
        masked = put_on(
            replicated, landmarks, np.random.default_rng(seed), kind="scarf", valid=valid
        )
        assert (masked.image[150:] == masked.image[149]).all()
        assert (masked.matte[150:] == masked.matte[149]).all()
    with pytest.raises(ValueError, match="valid"):
        put_on(replicated, landmarks, np.random.default_rng(0), kind="scarf", valid=valid[:9])
