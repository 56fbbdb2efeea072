from __future__ import annotations

from types import SimpleNamespace

import pytest

from unmask_live.runtime import load_manifest, open_engine
from unmask_live.runtime.kinds import is_blind, is_inpainter


def test_the_shipped_ones() -> None:
    found = {name: (is_inpainter(e), is_blind(e)) for name, e in load_manifest().items()}
    assert found["finder"] == found["segmenter"] == (False, False)
    assert found["inpainter"] == found["inpainter-small"] == (True, False)
    with open_engine("inpainter") as engine:
        assert is_inpainter(engine) and not is_blind(engine)


@pytest.mark.parametrize(
    ("inputs", "outputs", "kind"),
    [
        ("image", "image_out", (True, True)),
        ("image matte", "image_out", (True, False)),
        ("image", "matte", (False, False)),
        ("", "", (False, False)),
    ],
)
def test_by_what_goes_in_and_out(inputs: str, outputs: str, kind: tuple[bool, bool]) -> None:
    network = SimpleNamespace(
        inputs=dict.fromkeys(inputs.split()), outputs=dict.fromkeys(outputs.split())
    )
    assert (is_inpainter(network), is_blind(network)) == kind
