"""Cards of networks that can be trained in any size: what `train.export` knows of one.

A card that somebody has written by hand, without `MARK`, is left as it is.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import torch
from torch import nn

from train.macs import macs_of, parameters

MARK = "<!-- Written by train.export. Without this line it will be left as it is. -->"
_TOLD = "Bare faces with the coverage of a drawn mask cut out."
_COMPARED = (
    "Those of [the inpainter](inpainter.md). It is here to be compared with: how good it is "
    "depends on how long it was trained, which stands above."
)
NETWORKS = {
    "inpainter-residual": (
        "The inpainter as residual blocks",
        f"{_TOLD} Trained as [the inpainter](inpainter.md) is, in another form.",
        "Those of [the inpainter](inpainter.md).",
    ),
    "mcsam": (
        "M-CSAM as its paper has it",
        f"{_TOLD} Two judges, of patches and of features.",
        _COMPARED,
    ),
    "gatedconv": ("GatedConv", f"{_TOLD} A judge of patches.", _COMPARED),
    "glcic": (
        "GLCIC",
        f"{_TOLD} Judges of the whole crop and of the hole's surroundings.",
        _COMPARED,
    ),
    "rn": ("RN", f"{_TOLD} A judge of patches.", _COMPARED),
    "pconv": ("Partial convolution", f"{_TOLD} No judge.", _COMPARED),
    "ganmasker": (
        "GANMasker",
        "Bare faces with the coverage of a drawn mask cut out; it is judged by a patch "
        "discriminator. Its own first stage, which finds the mask, has no part in the program: our "
        "segmenter does that.",
        "Those of [the inpainter](inpainter.md). It is here to be compared with: it has seen far "
        "fewer pictures, and its mouths are soft or missing.",
    ),
    "raunet": (
        "RA-UNet",
        "Bare faces wearing a mask that `train/masks` paints, without the camera's faults: it is "
        "shown the masked face and told of no mask.",
        "Those of [the inpainter](inpainter.md). It is here to be compared with: it has seen far "
        "fewer pictures, and a mouth is often missing. Being told of no mask, it may leave some of "
        "an unusual one; and where its own difference says where the mask is "
        "(`raunet:difference`), a mask of the skin's colour stays, something else that it changes "
        "goes, and about three bare faces in ten are taken for masked (`train.difference`).",
    ),
}
"""Title of the card, how it was trained, and its limits."""
_CARD = """# {title}

{mark}

**Job.** A believable lower face where the mask was. **It is invented, not recovered**: it says
nothing about what the person looks like and must not be used to identify anybody. One of the
systems of [the field](../docs/field.md), to be chosen with `--inpainter {name}`.

**Network.** {system}. `train/recipes/{recipe}.py` names its file and says what a paper leaves open.

**Training data.** CelebA-HQ, LFW, UTKFace, RMFD, CelebA crops and GAN portraits. {trained} {length}

**Licence.** Code Apache-2.0. Weights for research and non-commercial use: several sources allow no
other.

**Measured.** See `manifest.json` and [docs/evaluation.md](../docs/evaluation.md).

**Limits.** {limits}
"""


def size_of(net: nn.Module, *, blind: bool) -> str:
    """Return how large a network is and what a crop costs, for people."""
    millions, giga = parameters(net) / 1e6, macs_of(net, blind=blind) / 1e9
    return f"{millions:.2f} M parameters, {giga:.2f} GMAC at 256²"


def write(card: Path, name: str, checkpoint: Path, system: str, teacher: str = "") -> None:
    """Write a network's card, unless there is one by hand.

    Parameters
    ----------
    name : one of `NETWORKS`
    checkpoint : what it was exported from
    system : the manifest's line about it
    teacher : of its settings
    """
    if card.exists() and MARK not in card.read_text(encoding="utf-8"):
        return
    title, trained, limits = NETWORKS[name]
    text = _CARD.format(
        title=title,
        mark=MARK,
        name=name,
        recipe=name.replace("-", "_"),
        system=system[:1].upper() + system[1:],
        trained=trained + _teacher(teacher),
        length=_length(name, checkpoint),
        limits=limits,
    )
    paragraphs = (textwrap.fill(p, 100, break_on_hyphens=False) for p in text.split("\n\n"))
    card.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def _teacher(names: str) -> str:
    """Say who taught it, if somebody did."""
    if not names:
        return ""
    told = " and ".join(f"`{Path(name.strip()).name}`" for name in names.split(","))
    return f" A teacher, {told}, showed it at first what to make."


def _length(name: str, checkpoint: Path) -> str:
    """Say how long it was trained; a slim checkpoint does not know."""
    stored: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    command = f"`python -m train.fit {name}`"
    state = stored.get("state", {})
    if not {"step", "seconds"} <= state.keys():
        return f"{command}."
    return f"{command}: {state['step']:,} steps, {state['seconds'] / 60:.0f} minutes."
