#!/usr/bin/env python3
"""Plants copies in a copy of a data set and counts which of them `nunchi data check` finds.

    python3 Tools/plant_copies.py faces --every 20 --nunchi .build/release/nunchi

Of every so many pictures five copies are made beside the original: half as large, JPEG of quality 60, mirrored, a fifth
brighter, and without 3 % of each side. The data set is copied to a temporary folder first. One JSON object: how many were
planted and missed, by kind, and the pairs that join pictures of different origin. Needs Pillow.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile

from PIL import Image, ImageOps


def copies(picture):
    width, height = picture.size
    left, top = round(width * 0.03), round(height * 0.03)
    return {
        "half": picture.resize((max(1, width // 2), max(1, height // 2)), Image.BICUBIC),
        "jpeg60": picture,
        "mirrored": ImageOps.mirror(picture),
        "brighter": picture.point(lambda value: min(255, int(value * 1.2 + 0.5))),
        "cut": picture.crop((left, top, width - left, height - top)),
    }


def plant(folder, every, seed):
    """The copies by path, each with its origin and kind."""
    files = sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    random.Random(seed).shuffle(files)
    planted = {}
    for path in files[: len(files) // every]:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        for kind, copy in copies(picture).items():
            name = f"{os.path.splitext(path)[0]}~{kind}.jpg"
            copy.save(name, quality=60 if kind == "jpeg60" else 92)
            planted[os.path.relpath(name, folder)] = (os.path.relpath(path, folder), kind)
    return planted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--nunchi", default="nunchi")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "data")
        shutil.copytree(options.data, folder)
        planted = plant(folder, options.every, options.seed)
        answer = subprocess.run(
            [options.nunchi, "data", "check", folder, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=True)
    groups = json.loads(answer.stdout)["result"]["duplicates"]
    together = {}
    for number, group in enumerate(groups):
        for path in group["paths"]:
            together.setdefault(path, set()).add(number)
    missed = {}
    for path, (origin, kind) in planted.items():
        if not together.get(path, set()) & together.get(origin, set()):
            missed[kind] = missed.get(kind, 0) + 1
    origins = {path: origin for path, (origin, _) in planted.items()}
    pairs = [pair for group in groups for pair in group["pairs"]]
    strangers = [
        pair for pair in pairs
        if origins.get(pair["first"], pair["first"]) != origins.get(pair["second"], pair["second"])]
    print(json.dumps({"planted": len(planted), "missed": missed, "pairs": len(pairs), "other_pairs": strangers}))


if __name__ == "__main__":
    main()
