"""Look at the synthesiser: sets of pictures to a folder, or a contact sheet.

python -m train.masks OUT_DIR --data DIR --count N      picture, masked and matte, as PNG
python -m train.masks --sheet docs/masks.png            on NASA's portrait (needs scikit-image)
python -m train.masks --sheet SHEET.png --faces DIR     on your own photographs
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from train.command import Command
from train.masks import FAMILIES, KINDS, degrade, put_on
from train.masks.sheet import aligned, contact_sheet, faces, write


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the pictures."""
    parser = Command("train.masks", __doc__)
    parser.add_argument("out", type=Path, nargs="?", help="folder for the sets")
    parser.add_argument("--data", type=Path, help="folder with NAME.npz and NAME-*.tar")
    parser.add_argument("--count", type=int, default=20, help="how many sets (default 20)")
    parser.add_argument("--family", choices=FAMILIES, default="train")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--degrade", action="store_true", help="camera effects on top")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet to this PNG")
    parser.add_argument("--faces", type=Path, help="photographs for the sheet, as for --data")
    given = parser.parse_args(arguments)
    if given.sheet is None and given.out is None:
        parser.error("give OUT_DIR or --sheet FILE")
    if given.out is not None and given.data is None:
        parser.error("OUT_DIR needs --data DIR, the folder with the photographs")
    with parser.refusing():
        if given.sheet is not None:
            write(given.sheet, contact_sheet() if given.faces is None else _photo_sheet(given))
            print(given.sheet)
        if given.out is not None:
            _sets(given)


def _photo_sheet(given: argparse.Namespace) -> np.ndarray:
    """Masks on photographs, eight a row."""
    tiles = []
    for number, (_, picture, landmarks) in enumerate(faces(given.faces, 48, given.seed)):
        rng = np.random.default_rng([given.seed, number])
        bare, points, valid = aligned(picture, landmarks)
        kind = KINDS[number % len(KINDS)]
        masked = put_on(bare, points, rng, kind=kind, family=given.family, valid=valid).image
        masked = degrade(masked, rng) if given.degrade else masked
        tiles.append(cv2.resize(masked, (192, 192), interpolation=cv2.INTER_AREA))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 8)
    return np.vstack([np.hstack(tiles[k : k + 8]) for k in range(0, len(tiles), 8)])


def _sets(given: argparse.Namespace) -> None:
    """Write picture, masked and matte of each face."""
    given.out.mkdir(parents=True, exist_ok=True)
    for number, (_, picture, landmarks) in enumerate(faces(given.data, given.count, given.seed)):
        rng = np.random.default_rng([given.seed, number])
        bare, points, valid = aligned(picture, landmarks)
        masked = put_on(bare, points, rng, family=given.family, valid=valid)
        image = degrade(masked.image, rng) if given.degrade else masked.image
        stem = f"{number:05d}"
        write(given.out / f"{stem}-picture.png", bare)
        write(given.out / f"{stem}-masked-{masked.kind}.png", image)
        write(given.out / f"{stem}-matte.png", np.rint(masked.matte * 255).astype(np.uint8))
    print(given.out)


if __name__ == "__main__":
    main()
