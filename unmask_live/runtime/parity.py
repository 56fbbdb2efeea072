"""Does a backend compute what the network should? Asked on shipped pictures, against the CPU.

The reference is OpenVINO in fp32, which every installation has. It is computed once and kept.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np

from unmask_live.errors import UserError
from unmask_live.runtime import cache
from unmask_live.runtime.engine import Engine, Shape
from unmask_live.runtime.manifest import EngineEntry, load_manifest
from unmask_live.runtime.openvino_engine import OpenVinoEngine
from unmask_live.types import Floats, Image

MEAN, WORST = 0.003, 0.06
"""Largest mean and single difference, in shares of the output's range, that count as the same.

16 bits differ by 0.0001 and 0.0015 at most on these pictures; a wrong layer by 0.1 and more.
"""
MOMENTS = (70, 140, 200)
"""Frames of the demo clip: a surgical, a cloth and an N95 mask."""
Arrays = dict[str, Floats]


def fault(engine: Engine, entry: EngineEntry) -> str:
    """Return in a few words what an engine computes wrongly; empty if nothing.

    Parameters
    ----------
    engine : what is in doubt; it runs each picture alone and, if it takes batches, all at once and
        as many as it takes
    entry : the network it claims to be
    """
    inputs, wanted = reference(entry)
    count = len(next(iter(inputs.values())))
    runs = [np.array([i]) for i in range(count)]
    runs += [np.arange(many) % count for many in sorted({count, engine.batch}) if many >= count]
    for items in runs:
        if len(items) > engine.batch:
            continue
        made = engine(**{name: array[items] for name, array in inputs.items()})
        for name, array in made.items():
            if reason := _difference(array, wanted[name][items]):
                return f"output {name!r} {reason}"
    return ""


def _difference(made: Floats, wanted: Floats) -> str:
    if not np.isfinite(made).all():
        return "is not finite"
    scale = max(1.0, float(np.abs(wanted).max()))
    apart = np.abs(made - wanted) / scale
    mean, worst = float(apart.mean()), float(apart.max())
    if mean > MEAN or worst > WORST:
        return f"is off by {mean:.2g} on average and {worst:.2g} at most"
    return ""


def reference(entry: EngineEntry) -> tuple[Arrays, Arrays]:
    """Return inputs for a network, items stacked, and what it makes of them in fp32 on the CPU.

    Raises
    ------
    UserError
        if the shipped clip or networks are missing or damaged
    """
    folder = cache.cache_dir("parity")
    path = None if folder is None else folder / f"{entry.name}-{_digest(entry)}.npz"
    if path is not None and (kept := _read(path)) is not None:
        return kept
    inputs = samples(entry)
    count = len(next(iter(inputs.values())))
    rows = []
    with OpenVinoEngine(entry) as engine:
        for i in range(count):
            made = engine(**{name: array[i : i + 1] for name, array in inputs.items()})
            rows.append({name: array.copy() for name, array in made.items()})
    outputs = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    if path is not None:
        _write(path, inputs, outputs)
    return inputs, outputs


def samples(entry: EngineEntry) -> Arrays:
    """Return what a network is shown in earnest, from the demo clip; noise if it is none of ours.

    Told by the inputs' names and shapes, so that every finder, segmenter and inpainter is served.
    """
    from unmask_live.vision.find import HEIGHT, WIDTH, letterbox
    from unmask_live.vision.segment import to_input

    shapes = {name: spec.shape for name, spec in entry.inputs.items()}
    crop: Shape = (1, 3, 256, 256)
    if shapes == {"image": (1, 3, HEIGHT, WIDTH)}:
        return {"image": np.concatenate([to_input(letterbox(f)[0]) for f in _frames()])}
    if shapes == {"image": crop}:
        return {"image": np.concatenate([to_input(image) for image, _ in _crops()])}
    if shapes == {"image": crop, "matte": (1, 1, 256, 256)}:
        pairs = _crops()
        mattes = np.stack([hole[None] for _, hole in pairs])
        images = np.concatenate([to_input(image) for image, _ in pairs])
        return {"image": images * (1 - mattes), "matte": mattes}
    rng = np.random.default_rng(0)
    return {
        name: rng.random((len(MOMENTS), *shape[1:]), np.float32) for name, shape in shapes.items()
    }


def _frames() -> list[Image]:
    from unmask_live.video.clip import ClipFrame
    from unmask_live.video.demo_clip import demo_clip
    from unmask_live.video.source import VideoSource

    frames: list[Image] = []
    with VideoSource(demo_clip()) as source:
        for item in source:
            if isinstance(item, ClipFrame):
                if item.index in MOMENTS:
                    frames.append(item.image)
                if item.index >= MOMENTS[-1]:
                    break
    if len(frames) != len(MOMENTS):
        raise UserError("the demo clip is cut short: reinstall unmask-live")
    return frames


def _crops() -> list[tuple[Image, Floats]]:
    """Return aligned crops of the masked face and the holes to fill, by our own chain."""
    from unmask_live.vision import align
    from unmask_live.vision.find import Finder
    from unmask_live.vision.inpaint import hole_of
    from unmask_live.vision.segment import Segmenter

    entries = load_manifest()
    pairs = []
    with (
        OpenVinoEngine(entries["finder"]) as finder,
        OpenVinoEngine(entries["segmenter"]) as segmenter,
    ):
        for frame in _frames():
            faces = Finder(finder)(frame)
            if not faces:
                raise UserError("the finder sees no face in the demo clip: reinstall unmask-live")
            image = align.crop(frame, align.similarity(faces[0].keypoints))
            pairs.append((image, hole_of(Segmenter(segmenter)(image))))
    return pairs


def _digest(entry: EngineEntry) -> str:
    """Name what a reference depends on: the network, and those that cut its pictures."""
    shipped = load_manifest()
    parts = [entry.sha256, *(shipped[name].sha256 for name in ("finder", "segmenter"))]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:20]


def _read(path: Path) -> tuple[Arrays, Arrays] | None:
    try:
        with np.load(path) as kept:
            inputs = {k[3:]: kept[k] for k in kept.files if k.startswith("in.")}
            outputs = {k[4:]: kept[k] for k in kept.files if k.startswith("out.")}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return (inputs, outputs) if inputs and outputs else None


def _write(path: Path, inputs: Arrays, outputs: Arrays) -> None:
    named = {f"in.{k}": v for k, v in inputs.items()} | {f"out.{k}": v for k, v in outputs.items()}
    data = io.BytesIO()
    np.savez(data, **named)  # type: ignore[arg-type]  # names are ours, none is "allow_pickle"
    try:
        cache.write_whole(path, data.getvalue())
    except OSError:  # a full disk: it is computed again next time
        return
