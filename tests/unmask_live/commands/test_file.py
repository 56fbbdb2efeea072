from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from clips import frame_times, frames, packets, picture, write_clip
from fakes import Negative
from typer.testing import CliRunner

from unmask_live import Unmasked, Unmasker
from unmask_live.cli import app
from unmask_live.commands.file import Tally
from unmask_live.types import Face
from unmask_live.video.pictures import Picture, read_picture, write_picture
from unmask_live.video.sink import COMMENT


@pytest.fixture(autouse=True)
def negative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unmask_live.commands.file.Unmasker", Negative)


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["file", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_video(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4")
    code, out, err = run(source)
    target = tmp_path / "clip-unmasked.mp4"
    assert code == 0
    assert out.strip() == str(target)
    assert "20 frames" in err
    assert "no mask found" in err
    assert frame_times(target) == frame_times(source)
    assert packets(target, "audio") == packets(source, "audio")
    assert distance(frames(target)[9], 255 - picture(9)) < 6


def test_one_who_leaves_and_comes_back_is_one_face() -> None:
    def seen(*tracks: int) -> SimpleNamespace:
        faces = [SimpleNamespace(masked=True, track_id=number) for number in tracks]
        return SimpleNamespace(faces=faces)

    tally = Tally()
    for result in (seen(1), seen(), seen(2), seen(3)):
        tally.count(result)
    assert "mask taken off 1 face at a time, in 3 of them" in str(tally)
    tally.count(seen(3, 4))
    assert "mask taken off up to 2 faces at a time, in 4 of them" in str(tally)
    alone = Tally()
    alone.count(seen(1, 2))
    assert str(alone).startswith("1 picture, mask taken off 2 faces; what")


def test_compare_and_show_matte(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4")
    assert run(source, tmp_path / "both.mp4", "--compare")[0] == 0
    image = frames(tmp_path / "both.mp4")[4]
    assert image.shape == (64, 192, 3)
    assert distance(image[:, :96], picture(4)) < 6
    assert distance(image[:, 96:], 255 - picture(4)) < 6
    assert run(source, tmp_path / "matte.mp4", "--show-matte")[0] == 0
    assert distance(frames(tmp_path / "matte.mp4")[4], picture(4)) < 6


@pytest.mark.parametrize(
    ("words", "says"),
    [((), True), (("--show-matte",), False), (("--show-matte", "--compare"), True)],
)
def test_says_that_faces_may_be_invented_where_they_may(
    tmp_path: Path, words: tuple, says: bool
) -> None:
    write_clip(tmp_path / "in.mp4", metadata={"comment": "first take"})
    write_picture(tmp_path / "in.png", Picture(picture(0)), invented=False)
    for suffix in ("mp4", "png"):
        target = tmp_path / f"out.{suffix}"
        assert run(tmp_path / f"in.{suffix}", target, *words)[0] == 0
        assert (COMMENT.encode() in target.read_bytes()) == says
    assert b"first take" in (tmp_path / "out.mp4").read_bytes()


class Filling(Negative):
    """Says of every other picture that a matte was filled in it, upper right."""

    def __call__(self, image: np.ndarray, timestamp: float | None = None) -> Unmasked:
        done = super().__call__(image, timestamp)
        matte = np.full((256, 256), float(len(self.times) % 2), np.float32)
        transform = np.array([[16, 0, -1024], [0, 16, 0]], np.float32)
        points = np.zeros((5, 2), np.float32)
        face = Face((64, 0, 80, 16), points, 1.0, 1, False, matte, transform)
        return Unmasked(done.image, (face,))


@pytest.mark.parametrize("words", [(), ("--compare",)])
def test_badge_is_painted_where_a_matte_was_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple
) -> None:
    monkeypatch.setattr("unmask_live.commands.file.Unmasker", Filling)
    source = write_clip(tmp_path / "clip.mp4", size=(192, 128), audio=())
    assert run(source, tmp_path / "plain.mp4", *words)[0] == 0
    assert run(source, tmp_path / "none.mp4", *words, "--no-badge")[0] == 0
    assert run(source, tmp_path / "badge.mp4", *words, "--badge")[0] == 0
    assert (tmp_path / "plain.mp4").read_bytes() == (tmp_path / "none.mp4").read_bytes()
    both = zip(frames(tmp_path / "plain.mp4"), frames(tmp_path / "badge.mp4"), strict=True)
    corner = (slice(96, 124), slice(-184, -92))  # of the right-hand picture
    for index, (plain, badge) in enumerate(both):
        painted = distance(plain[corner], badge[corner]) > 20
        assert painted == (index % 2 == 0)
        assert distance(plain[:64], badge[:64]) < 4


def test_badge_on_stills_and_never_on_the_matte_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unmask_live.commands.file.Unmasker", Filling)
    write_picture(tmp_path / "in.png", Picture(picture(0, 192, 128)))
    for name, words in (
        ("plain", ()),
        ("badge", ("--badge",)),
        ("matte", ("--show-matte",)),
        ("both", ("--show-matte", "--badge")),
    ):
        assert run(tmp_path / "in.png", tmp_path / f"{name}.png", *words)[0] == 0
    images = {name: read_picture(tmp_path / f"{name}.png").image for name in ("plain", "badge")}
    assert (images["plain"] != images["badge"]).any()
    assert (tmp_path / "matte.png").read_bytes() == (tmp_path / "both.png").read_bytes()


def test_it_fills_with_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Asked(Negative):
        def __init__(self, **options: object) -> None:
            asked.append(options["inpainter"])
            super().__init__(**options)

    monkeypatch.setattr("unmask_live.commands.file.Unmasker", Asked)
    write_picture(tmp_path / "in.png", Picture(picture(0)))
    assert run(tmp_path / "in.png")[0] == 0
    words = ("--force", "--inpainter", "inpainter-small")
    assert run(tmp_path / "in.png", tmp_path / "out.png", *words)[0] == 0
    assert asked == ["inpainter", "inpainter-small"]


def test_an_inpainter_that_is_none_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unmask_live.commands.file.Unmasker", Unmasker)
    write_picture(tmp_path / "in.png", Picture(picture(0)))
    code, out, err = run(tmp_path / "in.png", "--inpainter", "segmenter")
    assert (code, out) == (1, "")
    assert err.startswith("error: the segmenter network is no inpainter: choose inpainter")
    assert err.count("\n") == 1 and not (tmp_path / "in-unmasked.png").exists()


def test_quality_makes_smaller_files(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", audio=())
    run(source, tmp_path / "fine.mp4", "--quality", 10)
    run(source, tmp_path / "coarse.mp4", "--quality", 40)
    assert (tmp_path / "coarse.mp4").stat().st_size < (tmp_path / "fine.mp4").stat().st_size


def test_picture_with_transparency(tmp_path: Path) -> None:
    alpha = np.tile(np.arange(96, dtype=np.uint8), (64, 1))
    write_picture(tmp_path / "face.png", Picture(picture(0), alpha))
    code, out, _ = run(tmp_path / "face.png")
    assert (code, out.strip()) == (0, str(tmp_path / "face-unmasked.png"))
    result = read_picture(tmp_path / "face-unmasked.png")
    np.testing.assert_array_equal(result.image, 255 - picture(0))
    np.testing.assert_array_equal(result.alpha, alpha)
    assert run(tmp_path / "face.png", tmp_path / "both.png", "--compare")[0] == 0
    assert read_picture(tmp_path / "both.png").alpha.shape == (64, 192)


def test_folder_goes_on_after_a_bad_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_clip(folder / "a.mp4")
    (folder / "b.mp4").write_bytes(b"broken")
    write_picture(folder / "c.png", Picture(picture(0)))
    code, out, err = run(folder)
    assert code == 1
    results = tmp_path / "in-unmasked"
    assert sorted(path.name for path in results.iterdir()) == ["a.mp4", "c.png"]
    assert out.split() == [str(results / "a.mp4"), str(results / "c.png")]
    errors = [line for line in err.splitlines() if line.startswith("error:")]
    assert len(errors) == 2
    assert "b.mp4" in errors[0]
    assert "1 of 3 files" in errors[1]
    (folder / "b.mp4").unlink()
    assert run(folder)[0] == 1, "results exist: not without --force"
    assert run(folder, "--force")[0] == 0


def test_folder_goes_on_after_any_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        write_picture(folder / name, Picture(picture(0)))
    read = iter([OSError(5, "bad sector", "a.png"), read_picture, RuntimeError("odd\ntrouble")])

    def moody(path: Path) -> Picture:
        what = next(read)
        if isinstance(what, Exception):
            raise what
        return what(path)

    monkeypatch.setattr("unmask_live.commands.file.read_picture", moody)
    code, out, err = run(folder)
    assert (code, out.split()) == (1, [str(tmp_path / "in-unmasked" / "b.png")])
    errors = [line for line in err.splitlines() if line.startswith("error:")]
    assert "a.png" in errors[0]
    assert "bad sector" in errors[0]
    assert "RuntimeError: odd trouble" in errors[1]
    assert "2 of 3 files" in errors[2]


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)  # root may read anything
    code, out, err = run(tmp_path)
    assert (code, out) == (1, "")
    assert err == f"error: {tmp_path}: Permission denied\n"


def test_refuses_to_overwrite_without_force(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4")
    target = tmp_path / "old.mp4"
    target.write_bytes(b"precious")
    code, out, err = run(source, target)
    assert (code, out) == (1, "")
    assert "--force" in err
    assert target.read_bytes() == b"precious"
    assert run(source, target, "--force")[0] == 0
    assert len(frames(target)) == 20


def test_quiet(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4")
    assert run(source, "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("none.mp4", (), "there is no file"),
        ("text.mp4", (), "is not a video"),
        ("text.png", (), "is not a picture"),
        ("empty.mp4", (), "is empty"),
        ("good.mp4", ("out.avi",), "cannot write a .avi"),
        ("good.mp4", ("out.png",), "would be a picture"),
        ("good.mp4", ("none/out.mp4",), "there is no folder"),
        ("good.mp4", ("good.mp4", "--force"), "is the file to read"),
        ("bare", (), "holds no video or picture"),
        ("n" * 300, (), "name too long"),
        ("good.mp4", ("n" * 300 + ".mp4",), "name too long"),
        ("good.mp4", ("n" * 300 + "/out.mp4",), "name too long"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "good.mp4")
    (tmp_path / "text.mp4").write_text("text")
    (tmp_path / "text.png").write_text("text")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "bare").mkdir()
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(name, *words)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message.lower() in err.lower()
    assert sorted(tmp_path.rglob("*")) == before
