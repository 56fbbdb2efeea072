"""A checkpoint to a TensorRT plan by torch2trt; called by ``unmask-live engines build``.

    python -m train.torch2trt_plan segmenter --checkpoint runs/segmenter/last.pt --plan OUT

torch2trt's own converters know nothing of pixel shuffles, which all our networks have: it goes by
way of ONNX, for which it needs onnx-graphsurgeon and, for 16 bits on TensorRT 11, nvidia-modelopt.
Never yet run on hardware.
"""

from __future__ import annotations

from pathlib import Path

import torch

from train.command import Command
from train.torch_engine import network_in
from unmask_live.errors import UserError
from unmask_live.runtime.engine import MOST
from unmask_live.runtime.manifest import EngineEntry, find_entry
from unmask_live.runtime.tensorrt_build import WORKSPACE


def convert(
    entry: EngineEntry, checkpoint: Path, *, precision: str = "fp16", device: str = "cuda"
) -> bytes:
    """Return the serialised plan for 1 to 8 items, named as in the manifest.

    Parameters
    ----------
    precision : "fp16" or "fp32"

    Raises
    ------
    ImportError
        if torch2trt, TensorRT or a package that they need is missing
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
            fp16_mode=precision == "fp16",
            max_workspace_size=WORKSPACE,
            use_onnx=True,
            min_shapes=shapes,
            opt_shapes=shapes,
            max_shapes=[(MOST, *shape[1:]) for shape in shapes],
        )
    return bytes(made.engine.serialize())


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.torch2trt_plan", __doc__)
    parser.add_argument("name", help="a network of the manifest")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True, help="the file to write")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", choices=("fp16", "fp32"), default="fp16")
    arguments = parser.parse_args(argv)
    try:
        import tensorrt
    except ImportError as error:
        parser.exit(1, f"TensorRT is not installed ({error}): pip install 'unmask-live[gpu]'\n")
    try:
        plan = convert(
            find_entry(arguments.name),
            arguments.checkpoint,
            precision=arguments.precision,
            device=arguments.device,
        )
    except ImportError as error:
        parser.exit(1, f"torch2trt needs a package that cannot be imported ({error})\n")
    except UserError as error:
        parser.exit(1, f"{error}\n")
    except Exception as error:  # of torch2trt or TensorRT, whatever it is: the last line is shown
        told = " ".join(str(error).split())
        parser.exit(
            1,
            f"{type(error).__name__}: {told} (TensorRT {tensorrt.__version__}; it takes a release "
            "of torch2trt that knows this version)\n",
        )
    arguments.plan.write_bytes(plan)


if __name__ == "__main__":
    main()
