from __future__ import annotations

import pytest
import torch
from torch import nn

from train.machine import Machine, Through
from unmask_live.errors import UserError


def test_a_gradient_that_is_no_number_changes_nothing_and_many_stop_it():
    machine = Machine(patience=3)
    net = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(net.parameters(), 0.1)
    machine.optimise(net(torch.ones(1, 2)).sum(), net, optimizer)
    before = [p.clone() for p in net.parameters()]
    for _ in range(2):
        machine.optimise(net(torch.full((1, 2), float("inf"))).sum(), net, optimizer)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    assert machine.skipped == 2
    machine.optimise(
        net(torch.ones(1, 2)).sum(), net, optimizer
    )  # a good one: counting begins anew
    for _ in range(2):
        machine.optimise(net(torch.full((1, 2), float("nan"))).sum(), net, optimizer)
    with pytest.raises(FloatingPointError, match="no finite gradient in 3 steps"):
        machine.optimise(net(torch.full((1, 2), float("nan"))).sum(), net, optimizer)


def test_the_gradients_norm_is_bounded():
    machine = Machine(clip=0.5)
    net = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        net.weight.fill_(1.0)
    optimizer = torch.optim.SGD(net.parameters(), 1.0)
    norm = machine.optimise(net(torch.full((1, 1), 8.0)).sum(), net, optimizer)
    assert norm == pytest.approx(8.0)
    assert float(net.weight.detach()) == pytest.approx(0.5, abs=1e-3)


def test_precision_is_what_was_asked_for():
    x, net = torch.rand(2, 4), nn.Linear(4, 4)
    for name, wanted in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        machine = Machine(name)
        with machine.autocast():
            assert net(x).dtype == wanted
    with pytest.raises(UserError, match="auto, fp32, bf16"):
        Machine("fp64")


def test_bytes_stay_bytes_and_networks_are_channels_last():
    machine = Machine()
    batch = machine.put({"image": torch.zeros(2, 3, 4, 4, dtype=torch.uint8)})
    assert batch["image"].dtype == torch.uint8 and batch["image"].device == machine.device
    net = machine.place(nn.Conv2d(4, 8, 3))
    assert net.weight.is_contiguous(memory_format=torch.channels_last)


def test_workers_are_counted():
    machine = Machine()
    assert machine.workers(5) == 5 and machine.workers(0) == 0
    assert machine.workers(-1) >= 1


def test_another_method_can_be_called_as_forward():
    class Net(nn.Linear):
        def twice(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * self(x)

    net = Net(3, 1)
    x = torch.rand(2, 3)
    assert torch.equal(Through(net, "twice")(x), 2 * net(x))
    assert list(dict(Through(net, "twice").named_parameters())) == ["net.weight", "net.bias"]


def test_dilated_convolutions_learn_in_bf16():
    """oneDNN gave them gradients from memory that nobody wrote to, channels last."""
    machine = Machine("bf16")
    net = nn.Sequential(nn.Conv2d(3, 40, 3, padding=1), nn.Conv2d(40, 40, 3, padding=4, dilation=4))
    machine.place(net)
    image = torch.rand(8, 3, 64, 64, device=machine.device)
    with machine.autocast():
        loss = net(image).float().square().mean()
    loss.backward()
    assert all(bool(p.grad.isfinite().all()) for p in net.parameters() if p.grad is not None)
