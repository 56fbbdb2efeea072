"""Real processes: one that is killed and goes on, and two that share a training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import portrait_faces
import pytest
import torch

ROOT = Path(__file__).parents[2]
SMALL = ("width=4", "perceptual=0", "style=0", "adversarial=0", "every_steps=3")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return portrait_faces.write(tmp_path_factory.mktemp("data"), 2)


def command(data: Path, out: Path, *more: str, sets: tuple[str, ...] = ()) -> list[str]:
    words = ["mcsam", "--data", str(data), "--out", str(out), "--threads", "1", *more]
    cache = f"cache={data / 'cache'}"
    return ["-m", "train.fit", *words, "--set", *SMALL, *sets, cache]


def start(words: list[str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(words: list[str]) -> None:
    process = start(words)
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 0, said


def stored(out: Path) -> dict[str, object]:
    return torch.load(out / "last.pt", weights_only=True)


def same(one: object, other: object) -> bool:
    """Whether two checkpoints hold the same numbers, to the last bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def test_killed_and_resumed_it_ends_as_if_nothing_had_happened(data, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    length = ("--steps", "14", "--batch", "2")
    finish(command(data, whole, *length, sets=("workers=0",)))
    process = start(command(data, cut, *length, sets=("workers=1",)))
    log = cut / "log.jsonl"
    try:
        while not log.exists() or not log.read_text():
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.02)
        while not (cut / "last.pt").exists():
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too, as a machine that goes away
        process.communicate()
    assert stored(cut)["state"]["step"] < 14
    finish(command(data, cut, *length, "--resume", sets=("workers=1",)))
    ours, theirs = stored(cut), stored(whole)
    assert ours["state"]["step"] == theirs["state"]["step"] == 14
    for part in ("nets", "optimizers", "ema", "ema_steps", "rng"):
        assert same(ours[part], theirs[part]), part


def test_two_processes_train_as_one_with_their_batches_together(data, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    finish(command(data, one, "--steps", "2", "--batch", "2", sets=("workers=0",)))
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    finish([*launcher, *command(data, two, "--steps", "2", "--batch", "1", sets=("workers=0",))])
    ours, theirs = stored(two)["nets"]["net"], stored(one)["nets"]["net"]
    assert list(ours) == list(theirs), "a checkpoint does not show how many made it"
    for key in ours:
        assert torch.allclose(ours[key], theirs[key], atol=2e-5), key
    assert len((two / "log.jsonl").read_text().splitlines()) == 1, "one process writes"
