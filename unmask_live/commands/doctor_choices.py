"""The doctor's look at what may be chosen here: backends, finders, and a GPU that nothing uses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from unmask_live.commands.check import Check
from unmask_live.errors import UserError

NVIDIA = Path("/proc/driver/nvidia")
"""Where Linux' driver of an NVIDIA GPU tells of itself."""
_check = partial(Check, "networks", essential=False)


def examine_choices() -> Iterator[Check]:
    """Yield what ``--backend`` and ``--finder`` take here; none of it is essential."""
    yield _check("--backend takes", True, ", ".join(("auto", *choices())))
    yield _mediapipe()
    if _sees_nvidia() and not _uses_nvidia():
        yield _check(
            "NVIDIA GPU",
            False,
            "there is one, and nothing that is installed runs on it",
            fix="pip install 'unmask-live[gpu]', or onnxruntime-gpu in place of onnxruntime",
        )


def choices() -> list[str]:
    """Return what is installed and can run, as ``--backend`` takes it.

    Of providers those that are there, of precisions those that the processor has.
    """
    from unmask_live.runtime.choose import installed_choices

    here = {"onnxruntime": _providers(), "openvino": _precisions()}

    def there(name: str) -> bool:
        backend, _, kind = name.partition(":")
        return not kind or backend not in here or kind in here[backend]

    return [name for name in installed_choices() if there(name)]


def _mediapipe() -> Check:
    """Say whether MediaPipe's finder can be opened: its package may lack the model."""
    name = "--finder mediapipe"
    try:
        from unmask_live.vision.mediapipe_find import MediaPipeFinder

        finder = MediaPipeFinder()
    except UserError as error:
        what, _, fix = str(error).partition(": ")
        return _check(name, False, what, fix=fix)
    except Exception as error:  # a package may raise anything while it loads its libraries
        return _check(name, False, f"cannot be loaded: {' '.join(str(error).split())}")
    finder.close()
    return _check(name, True, finder.backend)


def _sees_nvidia() -> bool:
    return NVIDIA.exists() or shutil.which("nvidia-smi") is not None


def _uses_nvidia() -> bool:
    """Tell whether something is installed that is made for such a GPU, whether or not it works."""
    return not {"tensorrt", "onnxruntime:cuda"}.isdisjoint(choices())


def _precisions() -> list[str]:
    """Return the precisions that OpenVINO computes in here."""
    from unmask_live.runtime import precision

    try:
        from unmask_live.runtime.openvino_core import capabilities, the_core

        able = capabilities(the_core())
    except Exception:  # not installed, or broken: the networks' own findings say which
        return []
    return [name for name in precision.KNOWN if name == "fp32" or name.upper() in able]


def _providers() -> list[str]:
    """Return the providers that the installed ONNX Runtime has, by our names."""
    from unmask_live.runtime.ort_providers import PROVIDERS

    try:
        import onnxruntime

        full = onnxruntime.get_available_providers()
    except Exception:  # not installed, or broken: the networks' own findings say which
        return []
    return [name for name, one in PROVIDERS.items() if one in full]
