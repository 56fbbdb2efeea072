from __future__ import annotations

import json
from pathlib import Path

import pytest

from unmask_live.errors import UserError
from unmask_live.runtime import load_manifest
from unmask_live.runtime.manifest import find_entry


def test_entry_holds_what_the_manifest_says(engines: Path) -> None:
    entry = load_manifest(engines)["sum"]
    assert entry.path == engines / "sum.onnx"
    assert list(entry.inputs) == ["image", "matte"]
    assert entry.inputs["image"].shape == (1, 1, 4, 4)
    assert entry.outputs["total"].range == (0.0, 3.0)
    assert entry.quality == {"exact": True}
    assert (entry.title, entry.system) == ("", "")
    entry.verify()


def test_a_title_and_a_line_about_the_network(variants: Path) -> None:
    raw = json.loads((variants / "manifest.json").read_text())
    raw["engines"]["sum"] |= {"title": "Sum", "system": "adds up"}
    (variants / "manifest.json").write_text(json.dumps(raw))
    entry = load_manifest(variants)["sum"]
    assert (entry.title, entry.system) == ("Sum", "adds up")
    assert entry.variants["int8"].title == "Sum"


def test_one_flipped_byte_is_damage(engines: Path) -> None:
    path = engines / "sum.onnx"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="sum network is damaged"):
        find_entry("sum", engines)


def test_missing_network(engines: Path) -> None:
    (engines / "sum.onnx").unlink()
    with pytest.raises(UserError, match="sum network is missing"):
        find_entry("sum", engines)


def test_unknown_name_lists_what_there_is(engines: Path) -> None:
    with pytest.raises(UserError, match="no network 'finder'; the manifest lists: sum"):
        find_entry("finder", engines)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"engines": []}', '{"engines": {"a": {"file": "a.onnx"}}}']
)
def test_damaged_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=r"list of networks (is damaged|cannot be read)"):
        load_manifest(tmp_path)


def test_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="list of networks is missing"):
        load_manifest(tmp_path)


def test_errors_are_one_line(engines: Path) -> None:
    raw = json.loads((engines / "manifest.json").read_text())
    raw["engines"]["sum"]["inputs"]["image"]["shape"] = ["wide"]
    (engines / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(UserError) as caught:
        load_manifest(engines)
    assert "\n" not in str(caught.value)


def test_a_variant_is_the_same_network_in_another_file(variants: Path) -> None:
    entry = load_manifest(variants)["sum"]
    other = entry.variants["int8"]
    assert (other.name, other.inputs, other.outputs) == (entry.name, entry.inputs, entry.outputs)
    assert other.path == variants / "sum-int8.onnx"
    assert other.quality == {"loss": 0.5}
    assert other.variants == {}
    other.verify()


def test_a_damaged_variant_is_found_when_it_is_used(variants: Path) -> None:
    (variants / "sum-int8.onnx").write_bytes(b"no network")
    entry = find_entry("sum", variants)
    with pytest.raises(UserError, match="sum network is damaged"):
        entry.variants["int8"].verify()
