from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from train.config import Common
from train.loop import Loop

BY_STEPS = Common(steps=40, every_steps=15)


class Line:
    """Fits y = 3x with one weight: the loop's own behaviour shows plainly."""

    name = "line"

    def __init__(self, bad: range = range(0)) -> None:
        torch.manual_seed(0)
        net = nn.Linear(1, 1, bias=False)
        self.nets: dict[str, nn.Module] = {"net": net}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            "net": torch.optim.Adam(net.parameters(), 0.2)
        }
        self.bad = bad
        self.steps = 0
        self.progress: list[float] = []

    def step(self, progress: float) -> dict[str, float]:
        self.progress.append(progress)
        x = torch.linspace(-1, 1, 16)[:, None] + torch.rand(
            1
        )  # a resumed run needs its random state
        loss = (self.nets["net"](x) - 3 * x).square().mean()
        self.optimizers["net"].zero_grad()
        loss.backward()
        self.optimizers["net"].step()
        self.steps += 1
        return {"loss": float("nan") if self.steps in self.bad else float(loss.detach())}

    def validate(self, net: nn.Module) -> dict[str, float]:
        return {"slope": float(next(net.parameters()).detach())}

    def picture(self, net: nn.Module) -> np.ndarray:
        return np.zeros((4, 4, 3), np.uint8)


def rows(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_it_learns_and_leaves_logs_pictures_and_checkpoints(tmp_path: Path, capsys):
    ema = Loop(Line(), tmp_path, BY_STEPS, slim=True).run()
    assert abs(float(next(ema.net.parameters())) - 3) < 0.5
    assert [row["step"] for row in rows(tmp_path)] == [15, 30, 40]
    assert rows(tmp_path)[-1]["loss"] < rows(tmp_path)[0]["loss"]
    assert (tmp_path / "sample.png").exists() and list((tmp_path / "tensorboard").iterdir())
    assert "min left" in capsys.readouterr().out
    slim = torch.load(tmp_path / "slim.pt", weights_only=True)
    assert slim["ema"]["weight"].dtype == torch.float16


def test_a_length_in_minutes_ends_by_the_clock(tmp_path: Path):
    config = Common(minutes=0.01, every=0.004)
    first = Line()
    Loop(first, tmp_path, config).run()
    assert first.progress == sorted(first.progress)
    assert rows(tmp_path)[-1]["seconds"] >= 0.6 > rows(tmp_path)[0]["seconds"]
    again = Line()
    Loop(again, tmp_path, Common(minutes=0.02), resume=True).run()
    assert again.progress[0] == pytest.approx(0.5, abs=0.1)


def test_it_goes_on_where_it_stopped_to_the_last_bit(tmp_path: Path):
    whole = Line()
    ema = Loop(whole, tmp_path / "whole", BY_STEPS).run()
    part = Line()
    half = Loop(part, tmp_path / "parts", BY_STEPS)
    with pytest.raises(KeyboardInterrupt):
        part.validate = stop_at(part, 30)  # type: ignore[method-assign]
        half.run()
    rest = Line()
    torch.manual_seed(99)
    again = Loop(rest, tmp_path / "parts", BY_STEPS, resume=True)
    assert again.state["step"] == 15, "the checkpoint before the interruption"
    resumed = again.run()
    assert torch.equal(whole.nets["net"].weight, rest.nets["net"].weight)
    assert torch.equal(ema.net.weight, resumed.net.weight)
    assert ema.steps == resumed.steps == 40
    assert rest.progress[0] == pytest.approx(15 / 40)


def stop_at(recipe: Line, step: int):
    def validate(net: nn.Module) -> dict[str, float]:
        if recipe.steps >= step:
            raise KeyboardInterrupt
        return {"slope": 0.0}

    return validate


def test_without_resume_it_starts_anew(tmp_path: Path):
    Loop(Line(), tmp_path, BY_STEPS).run()
    again = Line()
    Loop(again, tmp_path, BY_STEPS).run()
    assert again.progress[0] == 0


def test_a_training_that_is_over_stays_as_it_is(tmp_path: Path):
    Loop(Line(), tmp_path, BY_STEPS).run()
    before = (tmp_path / "last.pt").read_bytes()
    again = Line()
    Loop(again, tmp_path, BY_STEPS, resume=True).run()
    assert again.steps == 0 and (tmp_path / "last.pt").read_bytes() == before


def test_one_bad_loss_is_left_out_and_many_stop_it(tmp_path: Path):
    config = Common(steps=40, every_steps=15, patience=5)
    ema = Loop(Line(bad=range(3, 6)), tmp_path / "few", config).run()
    assert ema.steps == 37
    assert all(np.isfinite(row["loss"]) for row in rows(tmp_path / "few"))
    with pytest.raises(FloatingPointError, match=r"loss is nan at step 36, .*last\.pt is good"):
        Loop(Line(bad=range(33, 99)), tmp_path / "many", config).run()
    assert torch.load(tmp_path / "many" / "last.pt", weights_only=True)["state"]["step"] == 30


def test_no_checkpoint_is_written_while_the_weights_may_be_spoilt(tmp_path: Path):
    Loop(Line(bad=range(15, 16)), tmp_path, BY_STEPS).run()
    assert [row["step"] for row in rows(tmp_path)] == [30, 40]
