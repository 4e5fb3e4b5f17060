#!/usr/bin/env python3
"""Copies of held-out photographs that take away, one at a time, what a model could lean on instead of the face.

    python3 Tools/shift_sets.py PHOTOS OUT --wide Mask
    nunchi evaluate MODEL OUT/reversed --json

PHOTOS holds Validation and Test (any usual spelling) with one folder a class. OUT gets one data set for each change:

    square    the middle square: the shape of a picture says nothing any more
    aligned   pictures of the class --wide are cut to be wide, the others tall, as in the training data of masks
    reversed  the other way round: who goes by the shape is wrong now
    colour    the same mean of each channel and the same contrast everywhere: the colour of a picture says nothing
    gamma     every other picture darker, the rest lighter

All are made from the square, at most 320 pixels a side, and stored as PNG. Needs Pillow and numpy.
"""
import argparse
import pathlib

import numpy as np
from PIL import Image, ImageOps

HELD_OUT = ("validation", "val", "valid", "test", "testing")
SIDE, CUT = 320, 0.12


def square(path):
    """The middle square of a picture as RGB, upright."""
    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image).convert("RGB")
    side = min(image.size)
    image = ImageOps.fit(image, (side, side))
    image.thumbnail((SIDE, SIDE))
    return image


def cut(image, wide):
    """Without a strip above and below, or left and right."""
    width, height = image.size
    x, y = (0, int(height * CUT)) if wide else (int(width * CUT), 0)
    return image.crop((x, y, width - x, height - y))


def same_colours(image):
    pixels = np.asarray(image, np.float32)
    pixels = (pixels - pixels.mean((0, 1))) / (pixels.std() + 1e-3) * 60 + 120
    return Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))


def gamma(image, power):
    pixels = np.asarray(image, np.float32) / 255
    return Image.fromarray((255 * pixels ** power + 0.5).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--wide", required=True, help="the class whose pictures `aligned` makes wide")
    a = parser.parse_args()
    paths = sorted(p for split in a.photos.iterdir() if split.name.lower() in HELD_OUT for p in split.glob("*/*"))
    if a.wide not in {p.parent.name for p in paths}:
        raise SystemExit(f"{a.photos}: no held-out pictures of a class called {a.wide}")
    for number, path in enumerate(paths):
        image, wide = square(path), path.parent.name == a.wide
        changed = {"square": image, "aligned": cut(image, wide), "reversed": cut(image, not wide),
                   "colour": same_colours(image), "gamma": gamma(image, (0.6, 1.6)[number % 2])}
        for name, result in changed.items():
            folder = a.out / name / path.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            result.save(folder / f"{path.parent.parent.name}-{path.stem}.png")
    print(f"{len(paths)} pictures in each of {', '.join(changed)}")


if __name__ == "__main__":
    main()
