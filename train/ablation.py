"""Tables 2 and 3 of the M-CSAM paper anew: ``python -m train.ablation --data DIR --steps 5000``.

Three trainings of `train.recipes.mcsam` that differ in one setting: as the paper has it, supervised
over the whole picture (table 2), and with a 3×3 convolution in CSAM's place (table 3). Each sees
the same faces and holes in the same order, begins from the same seed and takes the same number of
steps; the table states them. A training that was interrupted is gone on with, one that is done is
kept.
"""

from __future__ import annotations

import json
from pathlib import Path

from train import config as settings
from train import evaluate_inpainter, fit, published
from train.checkpoint import averaged
from train.command import Command
from train.data.faces import FaceCrops
from train.evaluation_page import Table, markdown
from train.machine import Machine
from train.recipes import mcsam
from train.torch_engine import open_run

VARIANTS: dict[str, tuple[str, ...]] = {
    "local supervision, CSAM": (),
    "full supervision (table 2)": ("supervision=full",),
    "without CSAM (table 3)": ("attention=conv",),
}
"""Names as in `train.published.ABLATIONS`, and what is set."""
COLUMNS = ("ssim", "psnr", "l1", "hole_psnr", "sharpness", "crops")


def folder(out: Path, name: str) -> Path:
    """Return where a variant trains."""
    return out / name.partition(" (")[0].replace(", ", "-").replace(" ", "-").lower()


def train(data: Path, out: Path, steps: int, sets: list[str]) -> None:
    """Train every variant for as many steps."""
    for name, own in VARIANTS.items():
        run = folder(out, name)
        begun = ["--resume"] if (run / "last.pt").exists() else []
        words = ["mcsam", "--data", str(data), "--out", str(run), "--steps", str(steps), *begun]
        print(f"{name}:", flush=True)
        fit.main([*words, "--set", *sets, *own] if sets or own else words)


def measure(data: Path, out: Path, *, split: str, count: int, config: mcsam.Config) -> Table:
    """Return each variant's figures, with its parameters, beside the published ones.

    Given holes, as they are drawn for training; the papers' tables take theirs from a segmenter.
    """
    given = (data, split, Path(config.cache)) if config.cache else (data, split)
    faces = FaceCrops(*given)
    table: Table = {}
    for name in VARIANTS:
        run = folder(out, name)
        weights = averaged(run / "last.pt")
        with open_run(run) as engine:
            row = evaluate_inpainter.evaluate(engine, faces, count=count)["ours"]
        count_ = float(sum(w.numel() for w in weights.values()))
        table[name] = {key: row[key] for key in COLUMNS} | {"parameters": count_}
    return table | published.ABLATIONS


def budget(config: mcsam.Config, steps: int) -> str:
    """Return what each variant got, for the page."""
    machine = Machine(config.precision)
    changed = settings.differences(config, mcsam.Config(steps=steps))
    own = ", ".join(f"{k} {getattr(config, k)}" for k in changed if k not in ("cache", "minutes"))
    pictures = steps * config.batch * machine.world
    return (
        f"Each of ours: {steps} steps of {config.batch * machine.world} pictures ({pictures} in "
        f"all), seed {config.seed}, width {config.width}, on {machine.describe()}. "
        f"Other settings than the paper's: {own or 'none'}."
    )


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.ablation", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--steps", type=int, required=True, help="of each variant")
    parser.add_argument("--split", default="test", help="test, or val while choosing")
    parser.add_argument("--count", type=int, default=10_000, help="crops at most of the split")
    parser.add_argument(
        "--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of all of them"
    )
    given = parser.parse_args(argv)
    if min(given.steps, given.count) < 1:
        parser.error("--steps and --count must be at least 1")
    with parser.refusing():
        config = settings.parsed(mcsam.Config(steps=given.steps), given.set)
        for key in ("supervision", "attention", "steps"):
            if key in settings.differences(config, mcsam.Config(steps=given.steps)):
                parser.error(f"--set {key}=: this is what the variants differ or agree in")
        train(given.data, given.out, given.steps, given.set)
        table = measure(given.data, given.out, split=given.split, count=given.count, config=config)
    page = (
        f"{markdown('tables 2 and 3 of the M-CSAM paper', table)}\n{budget(config, given.steps)}\n"
    )
    (given.out / "ablation.md").write_text(page, encoding="utf-8")
    (given.out / "ablation.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
