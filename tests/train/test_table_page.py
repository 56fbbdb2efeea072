from __future__ import annotations

import numpy as np

from train.table_page import grid, over_seeds, page


def run(psnr: float) -> dict[str, dict[str, float]]:
    row = {"psnr": psnr, "hole_psnr": psnr - 7, "crops": 4.0}
    return {"all": row | {"parameters": 12.0}, "masked 0.15 to 0.20": row, "from lfw": row}


def test_seeds_give_mean_and_half_the_range():
    made = over_seeds([run(25), run(26), run(29)])
    assert (made["all"]["psnr"], made["all"]["psnr ±"]) == (80 / 3, 2)
    assert "parameters ±" not in made["all"] and made["all"]["crops"] == 4
    assert "psnr ±" not in over_seeds([run(25)])["all"]


def test_published_figures_stand_apart():
    text = page({"one": over_seeds([run(25), run(26)]), "two": over_seeds([run(24)])}, "the budget")
    ours, theirs = text.split("## published")
    assert "| one | 25.5 | 0.5 |" in ours and "the budget" in ours and "published:" not in ours
    assert "published: GANMasker (GANMasker paper)" in theirs and "| one |" not in theirs
    assert "44700000" in theirs and "M-Seg" in theirs, "sizes and segmenters too"
    assert "masked 0.15 to 0.20" in ours and "from lfw" in ours


def test_a_row_of_pictures_a_method():
    black = [np.zeros((32, 32, 3), np.uint8)] * 3
    sheet = grid({"one": black, "two": black})
    assert sheet.shape == (64, 96, 3) and sheet[:32].any(), "named"
    assert not black[0].any(), "what it was given is not written into"
    assert grid({}).shape == (1, 1, 3)
