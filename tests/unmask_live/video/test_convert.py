from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import duration, frame_times, frames, packets, picture, steady, uneven, write_clip

from unmask_live.errors import UserError
from unmask_live.types import Frame
from unmask_live.video.convert import Report, convert_video
from unmask_live.video.sink import COMMENT

R = 1 << 16
CLOCKWISE = [0, R, 0, -R, 0, 0, 0, 0, 1 << 30]
LOSS = 6.0
"""Mean levels of 255 that H.264 at our quality may change these small saturated pictures."""


def negative(frame: Frame) -> np.ndarray:
    return 255 - frame.image


def same(frame: Frame) -> np.ndarray:
    return frame.image


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part." in path.name]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize("timing", ["29.97", "variable"])
@pytest.mark.parametrize(
    ("suffix", "subtitle"), [("mp4", "mov_text"), ("mov", "mov_text"), ("mkv", "subrip")]
)
def test_times_and_sound_are_kept_exactly(
    tmp_path: Path, timing: str, suffix: str, subtitle: str
) -> None:
    times, base = steady(24) if timing == "29.97" else uneven(24)
    source = write_clip(
        tmp_path / f"in.{suffix}",
        times=times,
        time_base=base,
        audio=("aac", "aac"),
        subtitle=subtitle,
    )
    out = tmp_path / f"out.{suffix}"
    report = convert_video(source, out, negative)
    assert report == Report(out, 24, ())
    assert frame_times(out) == frame_times(source)
    assert duration(out) == pytest.approx(duration(source), abs=1e-6)
    for kind, count in (("audio", 2), ("subtitle", 1)):
        before, after = packets(source, kind), packets(out, kind)
        assert len(before) == count
        assert all(before), "the clip must have packets, or nothing is tested"
        assert after == before
    assert leftovers(tmp_path) == []


def test_mp4_times_are_what_was_asked_for(tmp_path: Path) -> None:
    """Guards the clip maker: were both files wrong alike, the test above would not see it."""
    times, base = uneven(12)
    source = write_clip(tmp_path / "in.mp4", times=times, time_base=base)
    convert_video(source, tmp_path / "out.mp4", same)
    assert frame_times(tmp_path / "out.mp4") == [t * base for t in times]
    source = write_clip(tmp_path / "ntsc.mp4")
    convert_video(source, tmp_path / "ntsc-out.mp4", same)
    assert frame_times(tmp_path / "ntsc-out.mp4")[19] == Fraction(19 * 1001, 30000)


def test_webm(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.webm", codec="libvpx-vp9", audio=("libopus",))
    convert_video(source, tmp_path / "out.webm", negative)
    assert frame_times(tmp_path / "out.webm") == frame_times(source)
    assert packets(tmp_path / "out.webm", "audio") == packets(source, "audio")


def test_frame_sees_true_time_and_every_picture_is_in_place(tmp_path: Path) -> None:
    times, base = uneven(20)
    source = write_clip(tmp_path / "in.mp4", times=times, time_base=base)
    seen: list[Frame] = []
    out = tmp_path / "out.mp4"
    convert_video(source, out, lambda f: (seen.append(f), 255 - f.image)[1])
    assert [f.index for f in seen] == list(range(20))
    assert [f.seconds for f in seen] == pytest.approx([float(t * base) for t in times])
    for index, image in enumerate(frames(out)):
        assert difference(image, 255 - picture(index)) < LOSS
        if index:
            neighbour = difference(image, 255 - picture(index - 1))
            assert difference(image, 255 - picture(index)) < neighbour


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("index", [0, 7, 23, 39])
def test_seek_and_compare(tmp_path: Path, suffix: str, index: int) -> None:
    times, base = steady(40)
    source = write_clip(tmp_path / f"in.{suffix}", times=times, time_base=base)
    out = tmp_path / f"out.{suffix}"
    convert_video(source, out, negative)
    with av.open(str(out)) as clip:
        video = clip.streams.video[0]
        wanted = frame_times(source)[index]
        clip.seek(int(wanted / video.time_base), stream=video)
        for frame in clip.decode(video):
            if frame.pts * frame.time_base >= wanted:
                break
        assert difference(frame.to_ndarray(format="rgb24"), 255 - picture(index)) < LOSS


def test_rotated_clip_is_upright_for_the_networks_and_rotated_in_the_file(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mp4", matrix=CLOCKWISE)
    shapes, first = set(), []

    def look(frame: Frame) -> np.ndarray:
        shapes.add(frame.image.shape)
        first.append(frame.image)
        return frame.image

    convert_video(source, tmp_path / "out.mp4", look)
    assert shapes == {(96, 64, 3)}
    assert difference(first[0], np.rot90(picture(0), -1)) < LOSS
    with av.open(str(tmp_path / "out.mp4")) as clip:
        frame = next(clip.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (96, 64, -90)
        assert difference(frame.to_ndarray(format="rgb24"), picture(0)) < LOSS


def test_two_columns_double_the_shown_width(tmp_path: Path) -> None:
    for name, matrix, size in (("a", None, (192, 64)), ("b", CLOCKWISE, (96, 128))):
        source = write_clip(tmp_path / f"{name}.mp4", matrix=matrix)
        out = tmp_path / f"{name}-out.mp4"
        convert_video(source, out, lambda f: np.hstack([f.image, 255 - f.image]), columns=2)
        stored = frames(out)[3]
        assert (stored.shape[1], stored.shape[0]) == size


@pytest.mark.parametrize("colour", [(1, 1, 1, 1), (1, 1, 1, 2), (6, 6, 6, 1), (9, 9, 16, 1)])
def test_colours_and_their_tags_stay(tmp_path: Path, colour: tuple[int, int, int, int]) -> None:
    source = write_clip(tmp_path / "in.mp4", colour=colour)
    convert_video(source, tmp_path / "out.mp4", same)
    with av.open(str(source)) as a, av.open(str(tmp_path / "out.mp4")) as b:
        before, after = next(a.decode(video=0)), next(b.decode(video=0))
    tags = (after.colorspace, after.color_primaries, after.color_trc, after.color_range)
    assert tags == colour
    planes = [np.asarray(f.to_ndarray()).astype(int) for f in (before, after)]
    assert np.abs(planes[0] - planes[1]).mean() < 3


@pytest.mark.parametrize("size", [(97, 63), (96, 63), (97, 64)])
def test_odd_sizes_are_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    source = write_clip(tmp_path / "in.mkv", size=size, pixels="yuv444p")
    report = convert_video(source, tmp_path / "out.mp4", same)
    image = frames(tmp_path / "out.mp4")[0]
    assert (image.shape[1], image.shape[0]) == size
    assert len(report.notes) == 1
    assert "odd size" in report.notes[0]


def test_pixel_shape_tags_and_languages_stay_and_the_file_says_what_it_is(tmp_path: Path) -> None:
    source = write_clip(
        tmp_path / "in.mp4",
        audio=("aac", "aac"),
        metadata={"title": "Grüße", "comment": "first take"},
        sample_aspect=Fraction(4, 3),
    )
    for suffix in ("mp4", "mkv"):
        out = tmp_path / f"out.{suffix}"
        convert_video(source, out, same)
        with av.open(str(out)) as clip:
            tags = {key.lower(): value for key, value in clip.metadata.items()}
            assert tags["title"] == "Grüße"
            assert tags["comment"] == f"{COMMENT}. first take"
            assert [s.metadata.get("language") for s in clip.streams.audio] == ["eng", "deu"]
            assert clip.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
    again = tmp_path / "again.mp4"
    convert_video(tmp_path / "out.mp4", again, same)
    with av.open(str(again)) as clip:
        assert clip.metadata["comment"].count(COMMENT) == 1


def test_a_subtitle_that_does_not_fit_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mkv", subtitle="subrip")
    report = convert_video(source, tmp_path / "out.mp4", same)
    assert len(report.notes) == 1
    assert "left out subtitle stream 2" in report.notes[0]
    assert len(packets(tmp_path / "out.mp4", "audio")[0]) == len(packets(source, "audio")[0])


def test_transparency_is_left_out_and_told(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mov", codec="qtrle", pixels="argb", audio=())
    assert convert_video(source, tmp_path / "out.mp4", same).notes == ("transparency is left out",)


def test_ten_bits_are_read_and_the_loss_is_told(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mkv", codec="libx264", pixels="yuv420p10le")
    report = convert_video(source, tmp_path / "out.mp4", same)
    assert report.notes == ("10-bit colour is written with 8 bits",)
    assert difference(frames(tmp_path / "out.mp4")[5], picture(5)) < LOSS


def truncated(tmp_path: Path, suffix: str) -> Path:
    """A clip of 8 s whose last 40 % are missing; the MP4 has its index in front."""
    times, base = steady(240)
    whole = write_clip(tmp_path / f"whole.{suffix}", times=times, time_base=base)
    if suffix == "mp4":
        convert_video(whole, tmp_path / "front.mp4", same)
        whole = tmp_path / "front.mp4"
    cut = tmp_path / f"cut.{suffix}"
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    return cut


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_file_cut_short_is_an_error_unless_salvaged(tmp_path: Path, suffix: str) -> None:
    cut = truncated(tmp_path, suffix)
    out = tmp_path / "out.mp4"
    with pytest.raises(UserError, match=r"cut short or damaged .* use --salvage"):
        convert_video(cut, out, same)
    assert not out.exists()
    assert leftovers(tmp_path) == []
    report = convert_video(cut, out, same, salvage=True)
    assert 60 < report.frames < 200
    assert len(frames(out)) == report.frames


def test_mp4_without_its_index(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mp4").read_bytes()  # the index is at its end
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="cut short"):
        convert_video(tmp_path / "cut.mp4", tmp_path / "out.mp4", same)


def broken_input(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / "in.mkv"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "noise":
        path.write_bytes(np.random.default_rng(0).integers(0, 256, 4000, np.uint8).tobytes())
    elif kind == "text":
        path.write_text("not a video at all\n" * 100)
    elif kind == "no frames":
        write_clip(path, times=[], time_base=Fraction(1, 30))
    elif kind == "sound only":
        with av.open(str(path), "w") as out:
            from clips import write_tone

            write_tone(out, out.add_stream("aac", rate=48000), 0.5, 300)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", "there is no file"),
        ("empty", "is empty"),
        ("noise", "not a video"),
        ("text", "not a video"),
        ("no frames", "holds no frames"),
        ("sound only", "holds no moving picture"),
    ],
)
def test_what_is_no_video_is_told_in_one_line(tmp_path: Path, kind: str, message: str) -> None:
    source = broken_input(tmp_path, kind)
    with pytest.raises(UserError, match=message) as caught:
        convert_video(source, tmp_path / "out.mp4", same)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.mp4").exists()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("error", [UserError("no"), ValueError("bug"), KeyboardInterrupt()])
def test_an_error_midway_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    source = write_clip(tmp_path / "in.mp4")
    out = tmp_path / "out.mp4"
    out.write_bytes(b"precious")

    def fail(frame: Frame) -> np.ndarray:
        if frame.index == 7:
            raise error
        return frame.image

    with pytest.raises(type(error)):
        convert_video(source, out, fail, force=True)
    assert out.read_bytes() == b"precious"
    assert leftovers(tmp_path) == []


def test_a_picture_of_the_wrong_size_is_a_clear_bug(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mp4")
    with pytest.raises(ValueError, match=r"got \(32, 96, 3\), wanted \(64, 96, 3\)"):
        convert_video(source, tmp_path / "out.mp4", lambda f: f.image[:32])
    assert leftovers(tmp_path) == []


def test_the_source_is_never_overwritten(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mp4")
    data = source.read_bytes()
    (tmp_path / "link.mp4").symlink_to(source)
    for target in (source, tmp_path / "link.mp4"):
        with pytest.raises(UserError, match="is the file to read"):
            convert_video(source, target, same, force=True)
    assert source.read_bytes() == data


def test_tags_that_are_not_utf8_do_not_stop_it(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "in.mkv", metadata={"title": "QQQQQQQQ"})
    data = source.read_bytes()
    assert data.count(b"QQQQQQQQ") == 1
    source.write_bytes(data.replace(b"QQQQQQQQ", b"caf\xe9\xff\xfe!!"))
    assert convert_video(source, tmp_path / "out.mkv", same).frames == 20


def test_chapters_fonts_and_time_code_stay(tmp_path: Path) -> None:
    source = tmp_path / "in.mkv"
    second = Fraction(1, 1000)
    with av.open(str(source), "w") as out:
        video = out.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        video.metadata["timecode"] = "01:00:00:00"
        out.add_attachment("a.ttf", "application/x-truetype-font", b"letters")
        parts = [(0, 300, "one"), (300, 600, "two")]
        out.set_chapters(
            [
                {"id": i, "start": a, "end": b, "time_base": second, "metadata": {"title": name}}
                for i, (a, b, name) in enumerate(parts, 1)
            ]
        )
        for index in range(20):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 30)
            out.mux(video.encode(frame))
        out.mux(video.encode())
    for name, fonts in (("out.mkv", 1), ("out.mov", 0), ("again.mov", 0)):
        report = convert_video(source, tmp_path / name, same)
        assert len(report.notes) == (name == "out.mov"), report.notes
        with av.open(str(tmp_path / name)) as clip:
            assert [c["metadata"]["title"] for c in clip.chapters()] == ["one", "two"]
            assert sum(s.type == "attachment" for s in clip.streams) == fonts
            tags = clip.streams.video[0].metadata
            assert (tags.get("timecode") or tags.get("TIMECODE")) == "01:00:00:00"
        source = tmp_path / name


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_longer_second_picture_stream_is_left_out_and_no_sign_of_damage(
    tmp_path: Path, suffix: str
) -> None:
    source = tmp_path / f"in.{suffix}"
    with av.open(str(source), "w") as out:
        streams = [out.add_stream("libx264", rate=10) for _ in range(2)]
        for video in streams:
            video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
            video.codec_context.time_base = Fraction(1, 10)
        out.start_encoding()
        for video, count in zip(streams, (10, 40), strict=True):
            for index in range(count):
                frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 10)
                out.mux(video.encode(frame))
            out.mux(video.encode())
    report = convert_video(source, tmp_path / "out.mp4", same)
    assert report.frames == 10
    assert len(report.notes) == 1
    assert "left out video stream 1" in report.notes[0]
