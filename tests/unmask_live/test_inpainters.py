from __future__ import annotations

import json
from pathlib import Path

import engine_folders
import pytest

from unmask_live.errors import UserError
from unmask_live.inpainters import choices, choose, title_of
from unmask_live.runtime.manifest import load_manifest


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = engine_folders.copied(tmp_path_factory.mktemp("engines"))
    for name, blind in (("seeing", True), ("another", False)):
        (folder / f"{name}.onnx").write_bytes(b"not looked at")
        engine_folders.add(folder, name, blind=blind, title=name.title(), system=f"{name} one")
    return folder


def test_the_usual_one_first_then_the_smaller_then_the_others_by_name(engines: Path) -> None:
    found = choices(load_manifest(engines))
    names = [choice.name for choice in found]
    assert names[:2] == ["inpainter", "inpainter-small"]
    assert names[2:] == sorted(names[2:]) and {"another", "seeing", "seeing:difference"} <= {*names}
    assert "segmenter" not in names and "finder" not in names and "another:difference" not in names
    by_name = {choice.name: choice for choice in found}
    assert by_name["another"].title == "Another" and by_name["another"].system == "another one"
    assert by_name["seeing:difference"].by_difference
    assert by_name["seeing:difference"].entry is by_name["seeing"].entry
    assert len({choice.title for choice in found}) == len(found)


def test_one_is_chosen_by_its_name(engines: Path) -> None:
    assert choose("inpainter").entry.name == "inpainter"
    assert not choose("seeing", engines).by_difference
    assert choose("seeing:difference", engines).by_difference
    assert title_of("seeing", engines) == "Seeing"
    assert title_of("absent", engines) == "absent"


def test_one_without_a_title_goes_by_its_name(tmp_path: Path) -> None:
    engine_folders.copied(tmp_path)
    raw = json.loads((tmp_path / "manifest.json").read_text())
    raw["engines"]["inpainter"].pop("title", None)
    (tmp_path / "manifest.json").write_text(json.dumps(raw))
    assert title_of("inpainter", tmp_path) == "inpainter"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("anothr", "there is no inpainter 'anothr' (did you mean 'another'?): choose inpainter, "),
        ("", "there is no inpainter '': choose inpainter, inpainter-small, "),
        ("xyz", " or seeing:difference"),
        ("segmenter", "the segmenter network is no inpainter: choose inpainter, "),
        ("segmenter:difference", "the segmenter network is no inpainter: choose inpainter, "),
        ("another:difference", "the inpainter 'another' is told where the mask is and cannot say"),
        ("another:fast", "there is no inpainter 'another:fast'"),
        ("seeing:fast", "there is no inpainter 'seeing:fast'"),
        ("seeing:", "there is no inpainter 'seeing:'"),
    ],
)
def test_what_cannot_be_is_one_sentence(engines: Path, name: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        choose(name, engines)
    assert says in str(caught.value) and "\n" not in str(caught.value)
