"""How fast published networks would be here: ``python -m train.bench_peers``.

Architectures only, with random weights: what they cost at our crop size beside our own engines, and
nothing of how well they paint. Each is exported to a temporary ONNX file and run through OpenVINO
as ours are, in fp32. ``--markdown docs/bench.md`` puts the table beside those of `unmask-live bench
--all`.
"""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from train.command import Command
from train.networks.ganmasker import FUNet, MSeg
from train.networks.gatedconv import CoarseToFine
from train.networks.generator import Generator
from train.networks.glcic import Completion
from train.networks.pconv import PConvUNet
from train.networks.raunet import RAUNet
from train.networks.rn import RegionNormNet
from train.networks.unet import UNet
from train.onnx_file import read_weights, write
from unmask_live.commands.bench import about_machine
from unmask_live.commands.bench_backends import thread_counts
from unmask_live.commands.bench_networks import THREADS, time_network
from unmask_live.commands.bench_page import check_page, put, section, title_of
from unmask_live.commands.bench_tables import speed_cells, table
from unmask_live.commands.console import remark
from unmask_live.commands.cost import gmac
from unmask_live.commands.lone import lone_engine
from unmask_live.commands.measure import Figures
from unmask_live.commands.peak import SIDE, measure_peak
from unmask_live.runtime import load_manifest, open_engine

Peer = tuple[str, Callable[[], nn.Module]]
PEERS: Sequence[Peer] = (
    ("M-CSAM, segments", UNet),
    ("M-CSAM, fills", Generator),
    ("GANMasker, segments", MSeg),
    ("GANMasker, fills", FUNet),
    ("RA-UNet, fills blindly", RAUNet),
    ("GatedConv, fills", CoarseToFine),
    ("GLCIC, fills", Completion),
    ("PConv, fills", PConvUNet),
    ("RN, fills", RegionNormNet),
)
"""A name, and what makes the network in full width: it takes ``image``, ``matte`` or both."""
CHANNELS = {"image": 3, "matte": 1}
CROP = 256
"""Side of the crop in pixels, the one that our segmenter and inpainter work on."""
BACKEND = "openvino:fp32"
NOTE = (
    "Architectures with random weights at our crop size: for speed only, they say nothing of "
    "quality. Run as our engines are, through OpenVINO in fp32; `of peak` is the share of an fp32 "
    "matrix product on as many threads. Our finder sees the whole frame at 320×192."
)


def export(net: nn.Module, path: Path, *, crop: int = CROP) -> None:
    """Write a network for one item of ``crop``² as ONNX, its inputs named as in ``forward``."""
    write(net, inputs_of(net, crop=crop), path, names=(_names(net), []))


def inputs_of(net: nn.Module, *, crop: int = CROP) -> tuple[Tensor, ...]:
    """Return noise for what a network's ``forward`` takes: 1×channels×``crop``² in 0..1 each."""
    return tuple(torch.rand(1, CHANNELS[name], crop, crop) for name in _names(net))


def _names(net: nn.Module) -> list[str]:
    return list(inspect.signature(net.forward).parameters)


def measure(
    peers: Sequence[Peer],
    seconds: float,
    runs: int | None,
    *,
    threads: Sequence[int] = THREADS,
    side: int = SIDE,
    crop: int = CROP,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Figures]:
    """Time our engines and the peers, on each number of threads.

    Parameters
    ----------
    peers : names and factories
    seconds : how long each measurement takes, about; a slow network runs nine times at least
    runs : that many calls each instead, after eight to warm up
    threads : CPU threads to try, as far as there are cores
    side : of the matrix product that is the yardstick
    crop : side of what the peers are given, pixels
    tell : is told what is measured next

    Returns
    -------
    A row each: ``network``, ``ours``, ``threads``, ``parameters``, and what `time_network` finds
    """
    counts = thread_counts(BACKEND, threads)
    peaks = {
        count: measure_peak(BACKEND, threads=count, seconds=seconds, runs=runs, side=side)
        for count in counts
    }
    rows: list[Figures] = []

    def timed(name: str, path: Path, open_as: Callable[[int | None], Any], ours: bool) -> None:
        known = {"network": name, "ours": ours, "parameters": parameters(path)}
        cost = gmac(path)
        for count in counts:
            tell(f"{name}, {count} thread{'' if count == 1 else 's'}")
            with open_as(count) as engine:
                figures = time_network(engine, cost, peaks[count], seconds, runs)
            rows.append({**known, "threads": count, **figures})

    for name, entry in load_manifest().items():
        timed(
            f"our {name}",
            entry.path,
            lambda count, name=name: open_engine(name, backend=BACKEND, threads=count),
            True,
        )
    for name, factory in peers:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "peer.onnx"
            torch.manual_seed(0)
            export(factory(), path, crop=crop)
            timed(
                name,
                path,
                lambda count, path=path: lone_engine(path, backend=BACKEND, threads=count),
                False,
            )
    return rows


def parameters(path: Path) -> int:
    """Return how many numbers an ONNX file holds as weights, batch norm's averages included."""
    return sum(weights.numel() for weights in read_weights(path).values())


def markdown(report: Figures) -> str:
    """Return a report as a Markdown section."""
    head = ["network", "threads", "parameters, M"]
    head += ["median ms", "p95 ms", "GMAC", "GFLOP/s", "of peak"]
    rows = [
        [row["network"], str(row["threads"]), f"{row['parameters'] / 1e6:.2f}", *speed_cells(row)]
        for row in report["networks"]
    ]
    lines = [f"`{report['command']}`. {NOTE}", "", table(head, rows)]
    return section(_title(report), lines)


def _title(report: Figures) -> str:
    return f"Published architectures: {title_of(report)}"


def main(argv: Sequence[str] | None = None, peers: Sequence[Peer] = PEERS) -> None:
    """Command line."""
    parser = Command("train.bench_peers", __doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each measurement")
    parser.add_argument("--runs", type=int, help="measure this many calls each instead")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="put the table there as well")
    given = parser.parse_args(argv)
    with parser.refusing():
        if given.markdown is not None:
            check_page(given.markdown)
        length = f"--runs {given.runs}" if given.runs else f"--seconds {given.seconds:g}"
        rows = measure(peers, given.seconds, given.runs, tell=remark)
        report = {
            "command": f"python -m train.bench_peers {length}",
            "machine": about_machine(),
            "note": NOTE,
            "networks": rows,
        }
        text = markdown(report)
        if given.markdown is not None:
            put(given.markdown, _title(report), text)
    print(json.dumps(report, indent=2) if given.json else text)


if __name__ == "__main__":
    main()
