"""What `bench --all` found, as Markdown tables, and their place in a page such as docs/bench.md."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import typer

from unmask_live.commands.bench_tables import (
    chain_table,
    file_table,
    finder_table,
    inpainter_table,
    network_table,
    peak_table,
    start_table,
)
from unmask_live.commands.console import remark
from unmask_live.commands.measure import Figures
from unmask_live.errors import UserError
from unmask_live.video.whole import check_target, whole_file


def show(report: Figures, *, page: Path | None, as_json: bool) -> None:
    """Print a report of `bench_all` as JSON or tables, and put the tables into a page."""
    text = markdown(report)
    if page is not None:
        put(page, title_of(report), text)
        remark(f"written to {page}")
    typer.echo(json.dumps(report, indent=2) if as_json else text)


def title_of(report: Figures) -> str:
    """Return the heading a machine's results stand under."""
    info = report["machine"]
    cores = f"{info['cores']} core{'' if info['cores'] == 1 else 's'}"
    features = f" ({', '.join(info['features'])})" if info["features"] else ""
    return f"{info['cpu']}, {cores}{features}"


def markdown(report: Figures) -> str:
    """Return a report's tables as Markdown, under one heading of the second level."""
    info = report["machine"]
    versions = ", ".join(
        f"{name} {value}"
        for name, value in info.items()
        if name not in ("cpu", "cores", "features") and value
    )
    ours = "; ".join(f"{name}: {text}" for name, text in report["backends"].items())
    lines = [f"`{report['command']}`, {versions}.", ""]
    lines += ["### Networks alone", "", network_table(report["networks"]), ""]
    lines += ["Yardsticks, a matrix product through the same backend:", ""]
    lines += [peak_table(report["peaks"]), ""]
    if report["absent"]:
        lines += ["Not on this machine:", ""]
        lines += [f"- {item['what']}: {item['reason']}" for item in report["absent"]]
        lines += [""]
    if "finders" in report:
        lines += ["### Finders, a 720p picture to its faces", ""]
        lines += [finder_table(report["finders"]), ""]
    lines += ["### The whole chain", "", f"{ours}.", "", chain_table(report["chain"]), ""]
    lines += ["### Inpainters, one face in 720p", "", inpainter_table(report["inpainters"]), ""]
    lines += ["### Start to first picture, caches warm", "", start_table(report["start"]), ""]
    lines += ["### File to file", "", file_table(report["file"])]
    return section(title_of(report), lines)


def section(title: str, lines: Sequence[str]) -> str:
    """Return lines under a heading of the second level."""
    return "\n".join([f"## {title}", "", *lines]).rstrip() + "\n"


def check_page(page: Path) -> None:
    """Raise UserError if a page cannot be read and written: before minutes are spent measuring."""
    check_target(page, force=True)
    _read(page)


def put(page: Path, title: str, text: str) -> None:
    """Put a section into a page, in place of its own of the same title; all else stays.

    Raises
    ------
    UserError
        if the page is no text or cannot be written
    """
    head, *parts = re.split(r"^(?=## )", _read(page), flags=re.MULTILINE)
    known = {part.partition("\n")[0].removeprefix("## ").strip(): part for part in parts}
    whole = [head, *(known | {title: text}).values()]
    with whole_file(page, force=True) as part:
        part.write_text(
            "\n\n".join(piece.strip() for piece in whole if piece.strip()) + "\n", encoding="utf-8"
        )


def _read(page: Path) -> str:
    if not page.exists():
        return "# Measured speed\n"
    try:
        return page.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{page} is not a text file: name another for the tables") from None
