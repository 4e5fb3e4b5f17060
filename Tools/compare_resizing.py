#!/usr/bin/env python3
"""Compares nunchi's resampling with Pillow's on the pictures of a folder: sizes up and down, every filter, gray and colour.

    python3 Tools/compare_resizing.py FOLDER [--program .build/release/nunchi] [--pictures 12]

Pictures are taken evenly from the folder's files and stored as PNM, so that both sides begin with the same pixels. Each
is squashed, cropped (`ImageOps.fit`) and padded (`ImageOps.pad`) to squares. Prints one line a filter: samples, how many
differ and the worst difference. Exit status 1 where a sample is more than one level away.
"""
import argparse
import collections
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"nearest": Image.Resampling.NEAREST, "area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
           "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
SIZES = [32, 224, 700]


def theirs(picture, rule, size, filter):
    if rule == "crop":
        return ImageOps.fit(picture, (size, size), filter)
    if rule == "pad":
        return ImageOps.pad(picture, (size, size), filter)
    return picture.resize((size, size), filter)


def pictures(folder, count):
    files = sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names)
    for path in files[::max(len(files) // count, 1)][:count]:
        with Image.open(path) as picture:
            picture = picture.convert("RGB")
        yield from ((path, picture), (path, picture.convert("L")))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder")
    arguments.add_argument("--program", default=".build/release/nunchi")
    arguments.add_argument("--pictures", type=int, default=12)
    options = arguments.parse_args()
    found = collections.defaultdict(lambda: [0, 0, 0, ""])
    with tempfile.TemporaryDirectory() as work:
        source, out = os.path.join(work, "source.pnm"), os.path.join(work, "out.pnm")
        for path, picture in pictures(options.folder, options.pictures):
            picture.save(source, format="PPM")
            for filter, code in FILTERS.items():
                for rule in ("squash", "crop", "pad"):
                    for size in SIZES:
                        subprocess.run(
                            [options.program, "image", "convert", source, out, "--size", str(size), "--resize", rule,
                             "--filter", filter], check=True, stdout=subprocess.DEVNULL)
                        with Image.open(out) as mine:
                            ours = np.asarray(mine).astype(int)
                        difference = np.abs(ours - np.asarray(theirs(picture, rule, size, code)).astype(int))
                        row = found[filter, rule]
                        row[0] += difference.size
                        row[1] += int((difference > 0).sum())
                        if difference.max() > row[2]:
                            row[2], row[3] = int(difference.max()), f"{path} {picture.mode} {picture.size} to {size}"
    for (filter, rule), (samples, differ, worst, where) in found.items():
        print(f"{filter:9} {rule:7} {samples:12} samples, {differ:9} differ, worst {worst} {where if worst > 1 else ''}")
    sys.exit(any(row[2] > 1 for row in found.values()))


if __name__ == "__main__":
    main()
