"""The measured figures as a Markdown page: one part for each network, kept until measured anew."""

from __future__ import annotations

import re

Table = dict[str, dict[str, float]]

HEAD = """# Measured

Written by `python -m train.evaluate --data DIR --record`; each part names the command and the
machine that made it. The engines are the ones in `engines/`, run through the code of the program.

The face beneath a mask is invented, not recovered. `psnr`, `ssim` and `l1` compare it with the
true face over the whole crop, most of which is never touched, as papers do; `hole_psnr`,
`hole_ssim` and `hole_l1` over the filled part alone. `sharpness` is the gradient in the hole over
the truth's. Figures are of the networks alone; `as shown` has what the program adds, contours and
grain: sharper, and no nearer to a truth that nobody can know. `in pink light` and the like are of
every fourth face under a coloured lamp, `pale` of skin that is nearly white. On the papers' terms a
painted mask is found by the segmenter and filled, beside rows marked `published`: those are the
papers' own, on faces and masks of their own.

Masks are painted on, of the `train` family or of a `heldout` one, except in the photographs of real
masks. There `nothing of it seen again` is said by the segmenter that is itself under test, so it
finds gross failures only. The command writes picture grids too; none is kept here, since they show
people.
"""


def markdown(title: str, table: Table) -> str:
    """Return the table as Markdown, one row a name, the union of the keys as columns."""
    keys = list(dict.fromkeys(key for row in table.values() for key in row))
    lines = [f"## {title}", "", "| |" + "|".join(f" {k} " for k in keys) + "|"]
    lines.append("|---|" + "---|" * len(keys))
    for name, row in table.items():
        cells = (f" {_figure(row[k])} " if k in row else " " for k in keys)
        lines.append(f"| {name} |" + "|".join(cells) + "|")
    return "\n".join(lines) + "\n"


def _figure(value: float) -> str:
    """Return four digits, but every one of a count."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def merged(page: str, parts: dict[str, str]) -> str:
    """Return the page with these parts in place of its own of the same title, the others kept.

    Parameters
    ----------
    page : an earlier page, or nothing
    parts : title to text, each beginning with ``## title``
    """
    old = re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]
    known = {part.partition("\n")[0].removeprefix("## "): part for part in old}
    return "\n".join([HEAD, *(part.strip() + "\n" for part in (known | parts).values())])
