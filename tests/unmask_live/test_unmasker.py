"""The whole chain with the shipped engines on the shipped clip."""

from __future__ import annotations

import json
from pathlib import Path

import av
import cv2
import engine_folders
import numpy as np
import pytest

from unmask_live import Unmasker, UserError
from unmask_live.runtime.manifest import engines_dir
from unmask_live.unmasker import Quality
from unmask_live.vision import align

CLIP = Path(__file__).parents[2] / "assets" / "demo.mp4"
CORNERS = np.array([[64, 92], [192, 92], [128, 200]], np.float32)
"""Crop pixels: the eyes and the chin, about."""
EXACT = "openvino:fp32"
"""What is chosen by itself may be another precision the next time."""
BARE, SURGICAL, CLOTH, N95 = 10, 70, 140, 200
"""Frames of the clip that show these."""


@pytest.fixture(scope="module")
def clip() -> dict[int, np.ndarray]:
    wanted = {BARE, BARE + 1, SURGICAL, SURGICAL + 1, SURGICAL + 2, CLOTH, N95}
    with av.open(str(CLIP)) as container:
        return {
            i: f.to_ndarray(format="rgb24")
            for i, f in enumerate(container.decode(video=0))
            if i in wanted
        }


@pytest.fixture(scope="module")
def shared():
    with Unmasker() as unmasker:
        yield unmasker


@pytest.fixture
def unmasker(shared):
    shared.reset()
    return shared


def replaced(face, frame: np.ndarray) -> np.ndarray:
    """Where the face's matte lies in the frame, one pixel wider for the rounding of the warp."""
    size = (frame.shape[1], frame.shape[0])
    there = (face.matte > 0).astype(np.float32)
    there = cv2.warpAffine(there, align.invert(face.transform), size)
    return cv2.dilate(there, np.ones((3, 3), np.uint8)) > 0


def mask_left(unmasker: Unmasker, image: np.ndarray) -> float:
    """Share of the crop that a fresh look still takes for mask."""
    unmasker.reset()
    return max((float((f.matte > 0.5).mean()) for f in unmasker(image).faces), default=0.0)


@pytest.mark.parametrize("index", [SURGICAL, CLOTH, N95])
def test_a_single_picture_is_unmasked_at_once(unmasker, clip, index):
    result = unmasker(clip[index])
    assert len(result.faces) == 1
    face = result.faces[0]
    assert face.masked and face.track_id == 1
    covered = float((face.matte > 0.5).mean())
    assert covered > 0.05
    assert mask_left(unmasker, result.image) < 0.1 * covered


def test_the_input_is_left_alone_and_the_rest_of_the_picture_too(unmasker, clip):
    frame = clip[SURGICAL].copy()
    frame.setflags(write=False)
    result = unmasker(frame)
    assert result.image is not frame and result.image.shape == frame.shape
    assert np.array_equal(frame, clip[SURGICAL])
    face = result.faces[0]
    changed = (result.image != frame).any(2)
    assert changed.any() and not (changed & ~replaced(face, frame)).any()


def test_without_a_mask_the_frame_comes_back_bit_for_bit(unmasker, clip):
    for index in (BARE, BARE + 1):
        result = unmasker(clip[index])
        assert np.array_equal(result.image, clip[index])
        assert [f.masked for f in result.faces] == [False]
        assert result.faces[0].matte.max() == 0


def test_without_a_face_the_frame_comes_back_bit_for_bit(unmasker):
    frame = np.random.default_rng(0).integers(0, 60, (360, 480, 3), dtype=np.uint8)
    result = unmasker(frame)
    assert result.faces == () and np.array_equal(result.image, frame)


def test_keypoints_lie_on_the_eyes(unmasker, clip):
    face = unmasker(clip[BARE]).faces[0]
    left, right, nose, *_ = face.keypoints
    x0, y0, x1, y1 = face.box
    assert x0 < left[0] < nose[0] < right[0] < x1
    assert y0 < min(left[1], right[1]) < nose[1] < y1


def test_one_person_keeps_one_id(unmasker, clip):
    ids = {unmasker(clip[SURGICAL + k], k / 30).faces[0].track_id for k in range(3)}
    assert ids == {1}


def test_a_lost_face_is_held_not_flashed(unmasker, clip):
    """The finder is blinded for some frames: the mask stays off, then fades back, never jumps."""
    frame = clip[SURGICAL]
    unmasked = unmasker(frame, 0.0).image.astype(int)
    find = unmasker._find
    try:
        unmasker._find = lambda _: []
        away = [
            float(np.abs(unmasker(frame, k / 30).image.astype(int) - unmasked).mean())
            for k in range(1, 25)
        ]
    finally:
        unmasker._find = find
    whole = float(np.abs(frame.astype(int) - unmasked).mean())
    assert max(away[:5]) < 0.1 * whole  # held
    assert away[-1] == pytest.approx(whole)  # gone in the end
    assert max(np.abs(np.diff(away))) < 0.5 * whole  # by degrees


def test_reset_makes_the_next_frame_the_first(unmasker, clip):
    first = unmasker(clip[SURGICAL])
    unmasker(clip[CLOTH])
    unmasker.reset()
    again = unmasker(clip[SURGICAL])
    assert np.array_equal(first.image, again.image)
    assert again.faces[0].track_id == 1


def test_a_seek_back_starts_anew(unmasker, clip):
    unmasker(clip[SURGICAL], 10.0)
    result = unmasker(clip[CLOTH], 2.0)
    assert result.faces[0].masked
    assert mask_left(unmasker, result.image) < 0.02


def test_after_a_cut_nothing_waits(unmasker, clip):
    """Another scene with a masked face: the mask is off in its first frame, with a new id."""
    bare = clip[BARE]
    masked = clip[SURGICAL][:, ::-1].copy()
    masked[:, :400] = 0  # the rest of the picture is another one
    masked[:, 900:] = 255
    for k in range(3):
        unmasker(bare, k / 30)
    result = unmasker(masked, 3 / 30)
    assert [f.track_id for f in result.faces] == [2]
    assert result.faces[0].masked and (result.image != masked).any()


def test_an_old_fill_does_not_come_back(unmasker, clip):
    for k in range(5):
        unmasker(clip[SURGICAL], k / 30)
    for k in range(5, 40):
        unmasker(clip[BARE], k / 30)
    person = next(iter(unmasker._people.values()))
    assert person.steady._filled is None


def test_a_face_long_bare_is_looked_at_more_rarely_and_a_mask_is_seen_soon(unmasker, clip):
    def looks(picture: int, first: int, count: int) -> int:
        spent = [unmasker(clip[picture], k / 30).milliseconds for k in range(first, first + count)]
        return sum(milliseconds["segment"] > 0 for milliseconds in spent)

    assert looks(BARE, 0, 30) == 30, "a mask may come at any moment"
    assert 8 <= looks(BARE, 40, 30) <= 12
    assert unmasker(clip[BARE], 80 / 30).faces[0].matte.max() == 0
    looks(SURGICAL, 81, 5)
    result = unmasker(clip[SURGICAL], 86 / 30)
    assert result.faces[0].masked and result.faces[0].matte.max() > 0.9
    assert looks(SURGICAL, 87, 5) == 5


def test_what_looks_like_a_face_for_a_moment_is_not_followed(unmasker):
    """The finder takes the reflections on the rocket's tank for a face for half a second."""
    with av.open(str(CLIP)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if 222 <= index < 262:
                result = unmasker(frame.to_ndarray(format="rgb24"), index / 30)
                assert [face.track_id for face in result.faces] == [1]


def test_the_two_halves_side_by_side_do_what_a_call_does(unmasker, clip):
    order = [BARE, SURGICAL, SURGICAL + 1, SURGICAL + 2, CLOTH, N95]
    called = [unmasker(clip[index], k / 30) for k, index in enumerate(order)]
    unmasker.reset()
    seen = [unmasker.see(clip[index], k / 30) for k, index in enumerate(order)]
    for one, other in zip(called, map(unmasker.fill, seen), strict=True):
        assert np.array_equal(one.image, other.image)
        assert [face.track_id for face in one.faces] == [face.track_id for face in other.faces]


@pytest.mark.parametrize("side", ["left", "right", "bottom"])
def test_a_face_at_the_frames_edge(unmasker, clip, side):
    """The frame ends in the middle of the masked face."""
    face = unmasker(clip[SURGICAL]).faces[0]
    x, y = (int(v) for v in face.keypoints[2])
    frame = clip[SURGICAL]
    frame = {
        "left": frame[:, x - 40 :],
        "right": frame[:, : x + 40],
        "bottom": frame[: y + 60],
    }[side].copy()
    unmasker.reset()
    result = unmasker(frame)
    assert result.image.shape == frame.shape
    for found in result.faces:
        assert not ((result.image != frame).any(2) & ~replaced(found, frame)).any()


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 40, 3), (1, 1, 3), (3, 700, 3), (97, 61, 3)])
def test_any_size_will_do(unmasker, shape):
    frame = np.full(shape, 90, np.uint8)
    result = unmasker(frame)
    assert result.image.shape == shape and np.array_equal(result.image, frame)


def test_several_sizes_of_one_scene(unmasker, clip):
    for size in ((640, 360), (1920, 1080)):
        unmasker.reset()
        result = unmasker(cv2.resize(clip[SURGICAL], size))
        covered = float((result.faces[0].matte > 0.5).mean())
        assert len(result.faces) == 1 and covered > 0.05
        assert mask_left(unmasker, result.image) < 0.2 * covered


def test_two_people_in_one_frame(unmasker, clip):
    half = clip[SURGICAL][:, 120:900]
    result = unmasker(np.concatenate([half, half], 1))
    assert {f.track_id for f in result.faces} == {1, 2}
    assert all(f.masked for f in result.faces)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        [[0]],
    ],
)
def test_what_is_no_picture_is_refused(unmasker, frame):
    with pytest.raises(ValueError, match="wanted"):
        unmasker(frame)


@pytest.mark.parametrize("when", [float("nan"), float("inf")])
def test_what_is_no_time_is_refused(unmasker, clip, when):
    with pytest.raises(ValueError, match="timestamp"):
        unmasker(clip[BARE], when)


def test_it_says_what_runs_the_networks(unmasker):
    assert set(unmasker.backends) == {"finder", "segmenter", "inpainter"}
    assert all("OpenVINO" in text for text in unmasker.backends.values())


@pytest.fixture(scope="module")
def moving() -> list[np.ndarray]:
    """Thirteen frames of the clip, one after another, with a mask that stays on."""
    with av.open(str(CLIP)) as container:
        decoded = (f.to_ndarray(format="rgb24") for f in container.decode(video=0))
        return [f for i, f in enumerate(decoded) if SURGICAL <= i < SURGICAL + 13]


@pytest.mark.parametrize("every", [2, 4])
def test_a_rarer_finder_gives_nearly_the_same(unmasker, moving, every):
    whole = [unmasker(f, k / 30) for k, f in enumerate(moving)]
    unmasker.reset()
    unmasker.quality = Quality(every)
    try:
        rarer = [unmasker(f, k / 30) for k, f in enumerate(moving)]
    finally:
        unmasker.quality = Quality()
    looks = [r.milliseconds["find"] > 0 for r in rarer]
    assert looks == [k % every == 0 for k in range(len(moving))]
    for one, other in zip(whole, rarer, strict=True):
        (a,), (b,) = one.faces, other.faces
        assert a.track_id == b.track_id and a.masked and b.masked
        eyes = float(np.hypot(*(a.keypoints[1] - a.keypoints[0])))
        assert np.abs(a.keypoints[:2] - b.keypoints[:2]).mean() < 0.06 * eyes
        # A crop that looks rarer is drawn to the finder as hard: it must not drift the more.
        where = [align.apply(align.invert(face.transform), CORNERS) for face in (a, b)]
        assert np.abs(where[0] - where[1]).mean() < 0.02 * eyes


def test_a_face_that_jumps_is_looked_for_at_once(unmasker, clip):
    """It moves by more than it can be followed, in a frame that was not the finder's turn."""
    unmasker.quality = Quality(4)
    try:
        before = unmasker(clip[SURGICAL], 0.0).faces[0]
        there = np.roll(clip[SURGICAL], 160, axis=1)
        result = unmasker(there, 1 / 30)
    finally:
        unmasker.quality = Quality()
    assert result.milliseconds["find"] > 0
    assert any(f.box[0] > before.box[0] + 100 for f in unmasker(there, 2 / 30).faces)


def test_another_inpainter_is_opened_once_and_kept(tmp_path, clip):
    for path in engines_dir().iterdir():
        if path.suffix == ".onnx":
            (tmp_path / path.name).symlink_to(path)
    manifest = json.loads((engines_dir() / "manifest.json").read_text(encoding="utf-8"))
    manifest["engines"]["inpainter-small"] = manifest["engines"]["inpainter"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with Unmasker(engines=tmp_path, backend=EXACT) as unmasker:
        full = unmasker(clip[SURGICAL])
        unmasker.quality = Quality(1, "inpainter-small")
        opened = unmasker._engines["inpainter-small"]
        assert set(unmasker.backends) == {"finder", "segmenter", "inpainter", "inpainter-small"}
        unmasker.reset()
        assert np.array_equal(unmasker(clip[SURGICAL]).image, full.image)
        unmasker.quality = Quality()
        unmasker.quality = Quality(2, "inpainter-small")
        assert unmasker._engines["inpainter-small"] is opened
        assert unmasker._use.inpaint.engine is opened


def test_an_inpainter_that_is_not_shipped_is_refused(unmasker, clip):
    before = unmasker.quality
    with pytest.raises(UserError, match="inpainter-tiny"):
        unmasker.quality = Quality(4, "inpainter-tiny")
    assert unmasker.quality == before
    assert unmasker(clip[SURGICAL]).faces[0].masked


def test_smoothing_can_be_set_between_frames(unmasker, moving):
    try:
        assert unmasker.smoothing == 0.5
        unmasker(moving[0], 0.0)
        person = next(iter(unmasker._people.values()))
        unmasker.smoothing = 0.9
        unmasker(moving[1], 1 / 30)
        assert person.steady.strength == 0.9
    finally:
        unmasker.smoothing = 0.5


def test_the_crop_is_told_where_a_followed_face_is(unmasker, moving):
    """Else it would be drawn to the finder the more weakly, the rarer that looks, and drift."""
    unmasker.quality = Quality(4)
    told = []
    try:
        unmasker(moving[0], 0.0)
        person = next(iter(unmasker._people.values()))
        anchor = person.anchor

        def spy(frame, keypoints, seconds):
            told.append(keypoints)
            return anchor(frame, keypoints, seconds)

        person.anchor = spy
        followed = [unmasker(moving[k], k / 30).milliseconds["find"] == 0 for k in (1, 2, 3)]
    finally:
        unmasker.quality = Quality()
    assert followed == [True] * 3
    assert [keypoints is not None for keypoints in told] == [True] * 3


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """Two systems of the field, untrained, and a blind network that does its job."""
    folder = engine_folders.copied(tmp_path_factory.mktemp("engines"))
    return engine_folders.add_seeing(engine_folders.add_field(folder))


def outside_is_untouched(result, frame: np.ndarray) -> bool:
    changed = (result.image != frame).any(2)
    where = np.zeros(changed.shape, bool)
    for face in result.faces:
        where |= replaced(face, frame)
    return bool(changed.any()) and not (changed & ~where).any()


@pytest.mark.parametrize("name", ["inpainter-small", "ganmasker", "raunet", "seeing"])
def test_any_inpainter_fills_and_leaves_the_rest_bit_for_bit(engines, clip, name):
    with Unmasker(engines=engines, inpainter=name) as unmasker:
        assert unmasker.quality == Quality(inpainter=name)
        assert set(unmasker.backends) == {"finder", "segmenter", name}
        result = unmasker(clip[SURGICAL])
        assert result.faces[0].masked and outside_is_untouched(result, clip[SURGICAL])
        unmasker.reset()
        assert np.array_equal(unmasker(clip[BARE]).image, clip[BARE])


def test_a_blind_one_makes_of_the_masked_crop_what_the_others_make_of_the_cut_one(engines, clip):
    with (
        Unmasker(engines=engines, backend=EXACT) as told,
        Unmasker(engines=engines, backend=EXACT, inpainter="seeing") as blind,
    ):
        one, other = told(clip[CLOTH]), blind(clip[CLOTH])
    assert np.array_equal(one.faces[0].matte, other.faces[0].matte)
    inside = replaced(one.faces[0], clip[CLOTH])
    gap = np.abs(one.image.astype(int) - other.image)[inside]
    assert np.median(gap) < 3, "the same network fills, behind a look of its own"


@pytest.mark.parametrize("index", [SURGICAL, CLOTH, N95])
def test_by_its_own_difference_the_segmenter_is_not_needed(engines, clip, index):
    with (
        Unmasker(engines=engines) as usual,
        Unmasker(engines=engines, inpainter="seeing:difference") as unmasker,
    ):
        assert set(unmasker.backends) == {"finder", "seeing:difference"}
        wanted = usual(clip[index]).faces[0].matte > 0.5
        result = unmasker(clip[index])
        assert outside_is_untouched(result, clip[index])
        face = result.faces[0]
        assert face.masked and ((face.matte > 0.5) & wanted).sum() > 0.98 * wanted.sum()
        assert result.milliseconds["inpaint"] > 0
        assert mask_left(usual, result.image) < 0.1 * wanted.mean()


def test_by_its_own_difference_a_bare_face_passes_untouched(engines, clip):
    with Unmasker(engines=engines, inpainter="seeing:difference") as unmasker:
        for index in (BARE, BARE + 1):
            result = unmasker(clip[index])
            assert np.array_equal(result.image, clip[index])
            assert [f.masked for f in result.faces] == [False]


def test_from_its_own_difference_to_the_segmenter_and_back_between_frames(engines, clip):
    """One half is ahead of the other by a frame when the network changes."""
    with Unmasker(engines=engines, inpainter="seeing:difference") as unmasker:
        seen = unmasker.see(clip[SURGICAL], 0.0)
        unmasker.quality = Quality(4, "inpainter-small")
        ahead = unmasker.see(clip[SURGICAL + 1], 1 / 30)
        names = [half.inpaint.engine.name for half in (seen, ahead)]
        assert names == ["seeing", "inpainter-small"]
        for half in (seen, ahead):
            assert outside_is_untouched(unmasker.fill(half), half.frame)
        unmasker.quality = Quality(2, "seeing")
        assert unmasker._engines["seeing"] is not unmasker._engines["seeing:difference"], (
            "one is called while frames are seen, the other while they are filled"
        )
        assert unmasker(clip[SURGICAL + 2], 2 / 30).faces[0].masked


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raunett", "did you mean 'raunet'"),
        ("segmenter", "is no inpainter"),
        ("inpainter:difference", "is told where the mask is"),
    ],
)
def test_no_such_inpainter_is_told_before_anything_is_opened(engines, monkeypatch, name, says):
    monkeypatch.setattr("unmask_live.unmasker.open_finder", None)
    with pytest.raises(UserError, match=says):
        Unmasker(engines=engines, inpainter=name)


def test_one_that_was_prepared_is_there_and_warm(engines, clip):
    with Unmasker(engines=engines) as unmasker:
        unmasker.prepare("raunet:difference")
        assert "raunet:difference" in unmasker.backends
        opened = unmasker._engines["raunet:difference"]
        unmasker.prepare("raunet:difference")
        unmasker.quality = Quality(2, "raunet:difference")
        assert unmasker._use.inpaint.engine is opened
        with pytest.raises(UserError, match="raunett"):
            unmasker.prepare("raunett")


def test_one_that_is_prepared_too_late_is_closed(engines):
    unmasker = Unmasker(engines=engines)
    unmasker.close()
    unmasker.prepare("raunet:difference")
    assert "raunet:difference" not in unmasker._engines


def test_a_step_down_compiles_nothing_and_the_same_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from unmask_live import unmasker as module

    real, asked, said = module.open_engine, [], []

    def opening(name: str, **options):
        asked.append((name, options.get("build", True), options["cores"]))
        options["say"]("openvino runs the networks")
        return real(name, **options)

    monkeypatch.setattr(module, "open_engine", opening)
    monkeypatch.setattr(module, "shared_cores", lambda: 1)
    with Unmasker(overlapped=True, say=said.append) as made:
        assert asked == [("finder", True, 1), ("segmenter", True, 1), ("inpainter", True, 1)]
        made.quality = Quality(4, "inpainter-small")
        assert asked[3:] == [("inpainter-small", False, 1)]
    assert said == ["openvino runs the networks"]


@pytest.fixture
def both_ways(unmasker, moving):
    """The moving face with a mask, filled in every frame, and in every second."""

    def played() -> list:
        unmasker.reset()
        return [unmasker(frame, k / 30) for k, frame in enumerate(moving)]

    whole = played()
    unmasker.quality = Quality(fill_every=2)
    try:
        return whole, played()
    finally:
        unmasker.quality = Quality()


def test_where_every_second_frame_is_filled_the_last_fill_moves_along(both_ways, moving):
    whole, rarer = both_ways
    for stage in ("segment", "inpaint"):
        ran = [result.milliseconds[stage] > 0 for result in rarer]
        assert ran == [k % 2 == 0 for k in range(len(rarer))], stage
    assert all(result.milliseconds["blend"] > 0 for result in rarer)
    for one, other, frame in zip(whole, rarer, moving, strict=True):
        (a,), (b,) = one.faces, other.faces
        assert b.masked and outside_is_untouched(other, frame)
        inside = replaced(a, frame) & replaced(b, frame)
        assert inside.sum() > 0.9 * replaced(a, frame).sum(), "the same part is filled"
        gap = np.abs(one.image.astype(int) - other.image)[inside]
        assert gap.mean() < 0.5, "levels of 255; from frame to frame it is up to two"


@pytest.fixture
def rarely(unmasker):
    """An Unmasker that looks for masks in every second frame."""
    unmasker.quality = Quality(fill_every=2)
    yield unmasker
    unmasker.quality = Quality()


def looked(results) -> list[bool]:
    return [result.milliseconds["segment"] > 0 for result in results]


def test_a_mask_taken_off_between_two_looks_is_noticed_at_once(rarely, clip):
    shown = [clip[SURGICAL]] * 3 + [clip[BARE]]
    results = [rarely(frame, k / 30) for k, frame in enumerate(shown)]
    assert looked(results) == [True, False, True, True]
    assert np.array_equal(results[-1].image, clip[BARE])


def test_between_two_looks_the_fill_follows_the_light(rarely, clip):
    ratios = []
    results = []
    for k in range(8):
        frame = np.clip(clip[SURGICAL] * (0.7 + 0.03 * k), 0, 255).astype(np.uint8)
        results.append(rarely(frame, k / 30))
        inside = results[0].faces[0].matte > 0.9
        crop = align.crop(results[-1].image, results[-1].faces[0].transform)
        ratios.append(crop[inside].mean() / crop[30:70, 90:170].mean())
    assert looked(results) == [True, False] * 4
    assert np.abs(np.diff(ratios)).max() < 0.01, "a step of light is 0.04"


def test_at_the_frames_edge_every_frame_is_looked_at(rarely, clip):
    """What comes in there has not been filled yet."""
    eyes = rarely(clip[SURGICAL]).faces[0].keypoints[:2]
    rarely.reset()
    low = clip[SURGICAL][: int(eyes[:, 1].max() + 0.9 * np.hypot(*(eyes[1] - eyes[0])))]
    results = [rarely(low, k / 30) for k in range(4)]
    assert all(result.faces and result.faces[0].masked for result in results)
    assert looked(results) == [True] * 4


def test_what_is_rarer_than_a_mask_can_stay_unseen_is_looked_at_in_every_frame(rarely, clip):
    assert looked([rarely(clip[SURGICAL], k / 5) for k in range(4)]) == [True] * 4
