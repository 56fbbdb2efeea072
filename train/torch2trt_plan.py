"""A checkpoint to a TensorRT plan by torch2trt; called by ``unmask-live engines build``.

    python -m train.torch2trt_plan segmenter --checkpoint runs/segmenter/last.pt --plan OUT

torch2trt sets precision by builder flags, which TensorRT 10 still has and 11 has not. Never yet run
on hardware.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from train.torch_engine import network_in
from unmask_live.runtime.engine import MOST
from unmask_live.runtime.manifest import EngineEntry, find_entry


def convert(entry: EngineEntry, checkpoint: Path, *, device: str = "cuda") -> bytes:
    """Return the serialised fp16 plan for 1 to 8 items, named as in the manifest.

    Raises
    ------
    ImportError
        if torch2trt or TensorRT is missing
    """
    from torch2trt import torch2trt

    net = network_in(checkpoint, entry.name).eval().to(device)
    shapes = [spec.shape for spec in entry.inputs.values()]
    with torch.no_grad():
        made = torch2trt(
            net,
            [torch.rand(shape, device=device) for shape in shapes],
            input_names=list(entry.inputs),
            output_names=list(entry.outputs),
            fp16_mode=True,
            min_shapes=shapes,
            opt_shapes=shapes,
            max_shapes=[(MOST, *shape[1:]) for shape in shapes],
        )
    return bytes(made.engine.serialize())


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m train.torch2trt_plan", description=__doc__)
    parser.add_argument("name", help="a network of the manifest")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True, help="the file to write")
    parser.add_argument("--device", default="cuda")
    arguments = parser.parse_args(argv)
    try:
        import tensorrt
    except ImportError as error:
        parser.exit(1, f"TensorRT is not installed ({error}): pip install 'unmask-live[gpu]'\n")
    if not hasattr(tensorrt.BuilderFlag, "FP16"):
        parser.exit(
            1,
            f"torch2trt needs TensorRT 10 and {tensorrt.__version__} is installed: build without"
            " --via\n",
        )
    try:
        plan = convert(find_entry(arguments.name), arguments.checkpoint, device=arguments.device)
    except ImportError as error:
        parser.exit(1, f"torch2trt cannot be imported ({error})\n")
    arguments.plan.write_bytes(plan)


if __name__ == "__main__":
    main()
