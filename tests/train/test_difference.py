from __future__ import annotations

import numpy as np
import portrait_faces
import pytest

from train import difference
from train.data.faces import FaceCrops


class Painter:
    """A blind network that changes nothing, or the lower half of the crop."""

    name, backend, batch = "painter", "numpy", 1
    inputs = {"image": (1, 3, 256, 256)}  # noqa: RUF012
    outputs = {"image_out": (1, 3, 256, 256)}  # noqa: RUF012

    def __init__(self, by: float) -> None:
        self.by = by

    def __call__(self, *, image: np.ndarray) -> dict[str, np.ndarray]:
        made = image.copy()
        made[:, :, 128:] += np.where(made[:, :, 128:] > 0.5, -self.by, self.by)
        return {"image_out": made}

    def close(self) -> None: ...


@pytest.fixture(scope="module")
def crops(tmp_path_factory) -> FaceCrops:
    data = portrait_faces.write(tmp_path_factory.mktemp("data"), 2)
    return FaceCrops(data, "val", tmp_path_factory.mktemp("cache"))


def test_what_is_changed_is_found_from_the_level_on(crops):
    made = difference.evaluate(Painter(0.1), crops, count=2, levels=(10, 40), blurs=(1.5,))
    below, above = made["blur 1.5, level 10"], made["blur 1.5, level 40"]
    assert below["iou"] > 0.2 and below["missed"] < 0.5 and below["beside"] > 0
    assert (above["iou"], above["missed"], above["beside"]) == (0, 1, 0), "0.1 is 25 levels"
    assert (below["bare taken for masked"], above["bare taken for masked"]) == (1, 0)


def test_the_command_compares_levels_and_refuses_who_is_told_of_the_mask(crops, tmp_path, capsys):
    data = str(portrait_faces.write(tmp_path / "data", 1))
    difference.main(["--data", data, "--count", "1", "--chosen"])
    said = capsys.readouterr().out
    assert "blur 1.5, level 26 |" in said and "iou" in said
    for wrong, about in ((["--inpainter", "inpainter"], "is told"), (["--inpainter", "x"], "x")):
        with pytest.raises(SystemExit):
            difference.main(["--data", data, *wrong])
        assert about in capsys.readouterr().err
