"""What the documents point to exists, and every engine has its card and its figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from train.bench_peers import PEERS

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page for folder in (".", "docs", "engines", "assets") for page in (ROOT / folder).glob("*.md")
)
ENTRIES = json.loads((ROOT / "engines" / "manifest.json").read_text(encoding="utf-8"))["engines"]
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|(?:src|href)=\"([^\"]+)\"|^\[[^\]]+\]:\s*(\S+)", re.M)
_ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:|//|#", re.IGNORECASE)


def relative_links(text: str) -> list[str]:
    """Return the targets of links and pictures that lie in the tree, without their anchors."""
    found = (next(filter(None, match)) for match in _LINK.findall(_CODE.sub("", text)))
    return [unquote(link.partition("#")[0]) for link in found if not _ELSEWHERE.match(link)]


def test_links_are_told_from_other_text():
    text = (
        "[a](docs/a%20b.md#part) ![b](c.png 'title') <img src=\"d.png\"> [`e`](f/)\n"
        "[web](https://example.org) [here](#part) [m](mailto:x@example.org)\n"
        "[ref]: g.md\n```sh\n[not](a-link)\n```\n"
    )
    assert relative_links(text) == ["docs/a b.md", "c.png", "d.png", "f/", "g.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_in_the_tree(page):
    missing = []
    for link in relative_links(page.read_text(encoding="utf-8")):
        target = (page.parent / link).resolve()
        if not (target.exists() and target.is_relative_to(ROOT)):
            missing.append(link)
    assert missing == []


def test_the_main_pages_are_looked_at_and_have_links():
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "assets/README.md", "docs/evaluation.md"} <= names
    assert {f"engines/{entry['card']}" for entry in ENTRIES.values()} <= names
    readme = relative_links((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"docs/demo.png", "engines/manifest.json"} <= set(readme)


def test_every_inpainter_has_a_title_and_a_line_for_those_who_choose():
    fills = [entry for entry in ENTRIES.values() if "image_out" in entry["outputs"]]
    assert len({entry["title"] for entry in fills}) == len(fills) >= 2
    assert all(entry["title"] and entry["system"] for entry in fills)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_engine_has_a_card_and_figures(name):
    entry = ENTRIES[name]
    assert (ROOT / "engines" / entry["card"]).read_text(encoding="utf-8").strip()
    assert entry["quality"]
    assert all(isinstance(figure, (int, float)) for figure in entry["quality"].values())


def test_the_measured_speed_has_every_network_and_the_published_architectures():
    text = (ROOT / "docs" / "bench.md").read_text(encoding="utf-8")
    assert [name for name in ENTRIES if f"\n| {name} " not in text] == []
    part = text.partition("\n## Published architectures: ")[2]
    assert [name for name in ENTRIES if f"\n| our {name} " not in part] == []
    assert [name for name, _ in PEERS if f"\n| {name} " not in part] == []
    for heading in ("### Start to first picture", "### File to file", "### The whole chain"):
        assert heading in text
