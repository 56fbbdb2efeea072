from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from train import fit


class Line:
    """Fits y = 3x with one weight: the loop's own behaviour shows plainly."""

    name = "line"

    def __init__(self, fail_at: int | None = None) -> None:
        torch.manual_seed(0)
        net = nn.Linear(1, 1, bias=False)
        self.nets: dict[str, nn.Module] = {"net": net}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.Adam(net.parameters(), 0.05)
        }
        self.fail_at = fail_at
        self.steps = 0
        self.progress: list[float] = []

    def step(self, progress: float) -> dict[str, float]:
        self.progress.append(progress)
        x = torch.linspace(-1, 1, 16)[:, None]
        loss = (self.nets["net"](x) - 3 * x).square().mean()
        self.optimizers["net"].zero_grad()
        loss.backward()
        self.optimizers["net"].step()
        self.steps += 1
        return {"loss": float("nan") if self.steps == self.fail_at else float(loss.detach())}

    def validate(self, net: nn.Module) -> dict[str, float]:
        return {"slope": float(next(net.parameters()).detach())}

    def picture(self, net: nn.Module) -> np.ndarray:
        return np.zeros((4, 4, 3), np.uint8)


def test_it_learns_and_leaves_logs_pictures_and_a_checkpoint(tmp_path: Path):
    ema = fit.fit(Line(), tmp_path, minutes=0.03, every=0.01)
    assert abs(float(next(ema.net.parameters())) - 3) < 0.2
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert (tmp_path / "sample.png").exists()
    assert list((tmp_path / "tensorboard").iterdir())


def test_it_goes_on_where_it_stopped(tmp_path: Path):
    first = Line()
    fit.fit(first, tmp_path, minutes=0.02)
    second = Line()
    ema = fit.fit(second, tmp_path, minutes=0.03, resume=True)
    assert second.progress[0] == pytest.approx(2 / 3, abs=0.05)
    assert ema.steps == first.steps + second.steps
    stored = torch.load(tmp_path / "last.pt", weights_only=True)
    assert stored["state"]["step"] == first.steps + second.steps
    moments = stored["optimizers"]["net"]["state"][0]
    assert int(moments["step"]) == first.steps + second.steps  # the optimiser came along


def test_without_resume_it_starts_anew(tmp_path: Path):
    fit.fit(Line(), tmp_path, minutes=0.01)
    again = Line()
    fit.fit(again, tmp_path, minutes=0.01)
    assert again.progress[0] == 0


def test_a_loss_that_is_no_number_stops_it_and_keeps_the_checkpoint(tmp_path: Path):
    fit.fit(Line(), tmp_path, minutes=0.01)
    before = (tmp_path / "last.pt").read_bytes()
    with pytest.raises(FloatingPointError, match="loss is nan"):
        fit.fit(Line(fail_at=3), tmp_path, minutes=1, resume=True)
    assert (tmp_path / "last.pt").read_bytes() == before
