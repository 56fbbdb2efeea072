from __future__ import annotations

import cv2
import numpy as np
import pytest

from train import metrics


@pytest.fixture
def truth():
    return np.random.default_rng(0).random((32, 32, 3))


def test_psnr_of_a_known_error(truth):
    assert metrics.psnr(truth, truth) == float("inf")
    assert metrics.psnr(np.zeros((4, 4, 3)), np.full((4, 4, 3), 0.1)) == pytest.approx(20)


def test_only_the_hole_counts(truth):
    hole = np.zeros((32, 32), bool)
    hole[8:16, 8:16] = True
    wrong = truth.copy()
    wrong[~hole] += 5
    assert metrics.hole_l1(wrong, truth, hole) == 0
    wrong[hole] += 0.25
    assert metrics.hole_l1(wrong, truth, hole) == pytest.approx(0.25)


def test_a_smear_has_a_small_gradient_ratio(truth):
    hole = np.zeros((32, 32), bool)
    hole[4:28, 4:28] = True
    smear = cv2.GaussianBlur(truth, (0, 0), 3)
    assert metrics.gradient_ratio(truth, truth, hole) == pytest.approx(1)
    assert metrics.gradient_ratio(smear, truth, hole) < 0.3


def test_an_empty_hole_has_nothing_wrong(truth):
    hole = np.zeros((32, 32), bool)
    assert metrics.hole_l1(truth, truth + 1, hole) == 0
    assert metrics.gradient_ratio(truth, truth, hole) == 1
