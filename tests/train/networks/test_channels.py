from __future__ import annotations

import pytest

from train.networks.channels import channels


def test_a_fraction_of_a_width_changes_the_deeper_levels():
    assert channels(8, 1, 2, 8) == (8, 16, 64)
    assert channels(8.125, 1, 2, 8) == (8, 16, 65)
    assert channels(0.1, 1, 8) == (1, 1), "never none"
    assert channels(5, 1, 2, multiple=4) == (4, 8)


@pytest.mark.parametrize("width", [0, -1, float("nan")])
def test_no_width_is_refused(width):
    with pytest.raises(ValueError, match="wanted above 0"):
        channels(width, 1)
