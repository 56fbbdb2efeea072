from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import write_clip
from fakes import Negative

from unmask_live.app.conversion import Conversion, Job, jobs_for
from unmask_live.errors import UserError
from unmask_live.types import Image, Unmasked
from unmask_live.video.pictures import Picture, read_picture, write_picture


def photo(path: Path) -> Path:
    write_picture(path, Picture(np.full((20, 30, 3), 40, np.uint8)))
    return path


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part." in path.name]


def test_results_lie_beside_the_files_under_free_names(tmp_path: Path) -> None:
    clip, still = write_clip(tmp_path / "a.mp4"), photo(tmp_path / "b.png")
    (tmp_path / "a-unmasked.mp4").write_bytes(b"precious")
    assert jobs_for([clip, clip, still]) == [
        Job(clip, tmp_path / "a-unmasked-2.mp4"),
        Job(clip, tmp_path / "a-unmasked-3.mp4"),
        Job(still, tmp_path / "b-unmasked.png"),
    ]
    assert [job.source.name for job in jobs_for([tmp_path])] == [
        "a-unmasked.mp4",
        "a.mp4",
        "b.png",
    ]


@pytest.mark.parametrize("name", ["gone.mp4", "empty"])
def test_nothing_to_convert_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        jobs_for([tmp_path / name])
    with pytest.raises(UserError, match="nothing to convert"):
        jobs_for([])


def test_a_video_and_a_picture_are_converted(tmp_path: Path) -> None:
    jobs = jobs_for([write_clip(tmp_path / "a.mp4"), photo(tmp_path / "b.png")])
    conversion = Conversion(jobs, Negative)
    outcomes = conversion.run()
    assert [(outcome.job, outcome.done) for outcome in outcomes] == [(job, True) for job in jobs]
    assert "20 frames" in outcomes[0].text
    assert read_picture(jobs[1].target).image[0, 0].tolist() == [215, 215, 215]
    assert conversion.preview is not None
    assert (conversion.preview.after == 255 - conversion.preview.before).all()
    assert (conversion.progress.number, conversion.progress.of) == (2, 2)


def test_one_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    jobs = jobs_for([bad, write_clip(tmp_path / "a.mp4")])
    outcomes = Conversion(jobs, Negative).run()
    assert [outcome.done for outcome in outcomes] == [False, True]
    assert "not a video" in outcomes[0].text
    assert leftovers(tmp_path) == []


def test_cancelling_leaves_no_unfinished_file(tmp_path: Path) -> None:
    jobs = jobs_for([write_clip(tmp_path / "a.mp4"), photo(tmp_path / "b.png")])

    class Impatient(Negative):
        def __call__(self, image: Image, timestamp: float | None = None) -> Unmasked:
            if len(self.times) == 5:
                seen.append(conversion.progress)
                conversion.cancel()
            return super().__call__(image, timestamp)

    seen: list[object] = []
    conversion = Conversion(jobs, Impatient)
    assert conversion.run() == []
    assert not any(job.target.exists() for job in jobs)
    assert leftovers(tmp_path) == []
    assert seen[0].frames == 5
    assert seen[0].total == 20


def test_networks_that_do_not_open_end_it(tmp_path: Path) -> None:
    def refuse() -> Negative:
        raise UserError("no engine")

    with pytest.raises(UserError, match="no engine"):
        Conversion(jobs_for([photo(tmp_path / "b.png")]), refuse).run()
