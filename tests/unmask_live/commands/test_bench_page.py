from __future__ import annotations

from pathlib import Path

import pytest

from unmask_live.commands.bench_page import check_page, put, section, title_of
from unmask_live.errors import UserError

MACHINE = {"cpu": "Chip", "cores": 2, "features": ["AVX2", "VNNI"]}


def test_a_machine_s_name() -> None:
    assert title_of({"machine": MACHINE}) == "Chip, 2 cores (AVX2, VNNI)"
    assert title_of({"machine": {"cpu": "Chip", "cores": 1, "features": []}}) == "Chip, 1 core"


def test_a_section_replaces_its_own_and_leaves_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "bench.md"
    page.write_text("# Head\n\nwords\n\n## A\n\n### part\n\nold\n\n## B\n\nkept\n", "utf-8")
    put(page, "A", section("A", ["### part", "", "new", ""]))
    put(page, "C", section("C", ["more"]))
    assert page.read_text("utf-8") == (
        "# Head\n\nwords\n\n## A\n\n### part\n\nnew\n\n## B\n\nkept\n\n## C\n\nmore\n"
    )
    assert list(tmp_path.iterdir()) == [page]


def test_a_new_page(tmp_path: Path) -> None:
    page = tmp_path / "new.md"
    check_page(page)
    assert not page.exists()
    put(page, "A", section("A", ["text"]))
    assert page.read_text("utf-8") == "# Measured speed\n\n## A\n\ntext\n"


def test_what_cannot_be_written_is_told_beforehand(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        check_page(tmp_path / "nowhere" / "bench.md")
    with pytest.raises(UserError, match="is a folder"):
        check_page(tmp_path)
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(UserError, match="not a text file"):
        check_page(tmp_path / "picture.jpg")
