"""Tables of measured speed in Markdown, aligned so that a terminal shows them well too."""

from __future__ import annotations

from collections.abc import Sequence

from unmask_live.commands.measure import Figures
from unmask_live.unmasker import STAGES


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but those of text to the left are to the right."""
    if not rows:
        return "Nothing was measured."
    widths = [max(3, *(len(row[i]) for row in (head, *rows))) for i in range(len(head))]
    left = [not all(_is_figure(row[i]) for row in rows) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        placed = (
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(cells, widths, left, strict=True)
        )
        return f"| {' | '.join(placed)} |"

    rule = "|".join(
        "-" * (width + 2) if to_left else "-" * (width + 1) + ":"
        for width, to_left in zip(widths, left, strict=True)
    )
    return "\n".join([line(head), f"|{rule}|", *(line(row) for row in rows)])


def network_table(rows: Sequence[Figures]) -> str:
    """Return the networks alone, a row each."""
    head = ["network", "runs on", "median ms", "p95 ms", "GMAC", "GFLOP/s", "of peak"]
    return table(head, [[row["network"], row["runs_on"], *speed_cells(row)] for row in rows])


def speed_cells(row: Figures) -> list[str]:
    """Return what `time_network` found, from the median to the share of the peak."""
    return [
        f"{row['median_ms']:.2f}",
        f"{row['p95_ms']:.2f}",
        f"{row['gmac']:.3f}",
        f"{row['gflops']:.1f}",
        _percent(row["share"]),
    ]


def peak_table(rows: Sequence[Figures]) -> str:
    """Return the matrix products the networks are compared with."""
    return table(
        ["backend", "threads", "matrices", "GFLOP/s"],
        [
            [
                row["backend"],
                "–" if row["threads"] is None else str(row["threads"]),
                f"{row['side']}²",
                "–" if row["gflops"] is None else f"{row['gflops']:.1f}",
            ]
            for row in rows
        ],
    )


def chain_table(rows: Sequence[Figures]) -> str:
    """Return the whole chain: frames a second, then mean milliseconds a frame by stage."""
    head = ["size", "faces", "found", "unmasked", "frames/s", "one by one/s", "ms", *STAGES]
    return table(
        head,
        [
            [
                row["size"],
                str(row["faces"]),
                f"{row['found']:.1f}",
                f"{row['masked']:.1f}",
                f"{row['fps_side_by_side']:.1f}",
                f"{row['fps']:.1f}",
                f"{row['whole']['median_ms']:.1f}",
                *(f"{row['stages'][stage]['mean_ms']:.1f}" for stage in STAGES),
            ]
            for row in rows
        ],
    )


def finder_table(rows: Sequence[Figures]) -> str:
    """Return the finders, from a picture to its faces, a row each."""
    head = ["finder", "runs on", "median ms", "p95 ms", "faces"]
    return table(
        head,
        [
            [
                row["finder"],
                row["backend"],
                f"{row['median_ms']:.2f}",
                f"{row['p95_ms']:.2f}",
                str(row["faces"]),
            ]
            for row in rows
        ],
    )


def inpainter_table(rows: Sequence[Figures]) -> str:
    """Return every inpainter in the chain: frames a second, then mean milliseconds a frame."""
    head = ["inpainter", "--inpainter", "runs on", "frames/s", "one by one/s", "inpaint", "all"]
    return table(
        head,
        [
            [
                row["title"],
                row["inpainter"],
                row["runs_on"],
                f"{row['fps_side_by_side']:.1f}",
                f"{row['fps']:.1f}",
                f"{row['stages']['inpaint']['mean_ms']:.1f}",
                f"{sum(stage['mean_ms'] for stage in row['stages'].values()):.1f}",
            ]
            for row in rows
        ],
    )


def start_table(rows: Sequence[Figures]) -> str:
    """Return how long the program takes to its first picture."""
    return table(
        ["way", "median s", "most s"],
        [
            [
                row["way"] + (f" ({row['reason']})" if "reason" in row else ""),
                "–" if "reason" in row else f"{row['median_s']:.2f}",
                "–" if "reason" in row else f"{row['most_s']:.2f}",
            ]
            for row in rows
        ],
    )


def file_table(figures: Figures) -> str:
    """Return file mode beside the codecs."""
    fps = figures["fps"]
    return table(
        [f"{figures['frames']} frames, median of {figures['rounds']}", "frames/s", "of it reached"],
        [
            ["unmasked", f"{fps['unmasked']:.1f}", "–"],
            ["read and written as is", f"{fps['as_is']:.1f}", _percent(figures["share_of_as_is"])],
            [
                "decoder to encoder alone",
                f"{fps['codecs']:.1f}",
                _percent(figures["share_of_codecs"]),
            ],
        ],
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _is_figure(cell: str) -> bool:
    return cell[:1].isdigit() or cell == "–"
