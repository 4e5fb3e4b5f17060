#!/usr/bin/env python3
"""Compares the pictures that nunchi reads with those that Pillow reads: every file below a folder, as a Markdown table.

    python3 Tools/compare_images.py FOLDER [--program .build/release/nunchi] [--summary]

Pillow's picture is turned upright, lies over white where it has transparency, and has eight bits: its sixteen-bit gray is
scaled by 255/65535 and rounded, and its sixteen-bit colour has lost its low byte on reading. Gray is compared as colour.
`--summary` leaves out the rows of files that agree. Exit status 1 where a lossless picture differs at all, a lossy one by
more than 2 levels, or one side reads what the other refuses.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from PIL import Image, ImageOps

LOSSY = {"JPEG", "WebP"}


def theirs(path):
    """Pillow's picture as bytes of three channels, with its mode, or the reason why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                mode = f"{picture.format} {picture.mode}"
                picture.load()
                try:
                    picture = ImageOps.exif_transpose(picture)
                except Exception:  # damaged metadata: as it lies
                    pass
                return mode, eight_bits(picture)
    except Exception as error:
        return f"refused: {type(error).__name__}: {str(error)[:60].replace(path, '…')}", None


def eight_bits(picture):
    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.int64)
        return np.repeat((deep * 255 + 32767)[..., None] // 65535, 3, axis=2)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        samples = np.asarray(picture.convert("RGBA")).astype(np.int64)
        colour, alpha = samples[..., :3], samples[..., 3:]
        return (2 * (colour * alpha + 255 * (255 - alpha)) + 255) // 510
    return np.asarray(picture.convert("RGB")).astype(np.int64)


def ours(program, path, out):
    answer = subprocess.run(
        [program, "image", "convert", path, out, "--json"], capture_output=True, text=True, timeout=120)
    document = json.loads(answer.stdout)
    if answer.returncode != 0:
        message = document["error"]["message"].split(": ", 1)[-1]
        return f"refused ({answer.returncode}): {message}", None, None
    result = document["result"]
    with Image.open(out) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(np.int64)
    text = f"{result['format']} {result['width']}x{result['height']}x{result['channels']}"
    return text + (", turned" if result["oriented"] else ""), pixels, result["format"]


def compare(program, path, out):
    """The row of a file, its worst difference and whether that is as it should be."""
    mine, pixels, kind = ours(program, path, out)
    other, reference = theirs(path)
    if pixels is None or reference is None:
        agree = pixels is None and reference is None
        return [mine, other, "–", "both refuse" if agree else "one refuses"], None, agree
    if pixels.shape != reference.shape:
        return [mine, other, "–", f"size {pixels.shape[:2]} against {reference.shape[:2]}"], None, False
    difference = np.abs(pixels - reference)
    worst, share = int(difference.max()), float((difference > 0).mean())
    good = worst <= (2 if kind in LOSSY else 0)
    remark = "" if worst == 0 else f"{share:.2%} of samples differ, mean {difference.mean():.4f}"
    return [mine, other, str(worst), remark], worst, good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--program", default=".build/release/nunchi")
    parser.add_argument("--summary", action="store_true", help="only the rows of files that differ")
    arguments = parser.parse_args()
    paths = sorted(
        os.path.join(folder, name) for folder, _, names in os.walk(arguments.folder) for name in names
        if not name.startswith("."))
    counts, failures = {}, 0
    print("| file | ours | Pillow | worst difference | remark |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for path in paths:
            row, worst, good = compare(arguments.program, path, os.path.join(scratch, "out.png"))
            counts[worst] = counts.get(worst, 0) + 1
            failures += not good
            if not (arguments.summary and worst == 0):
                print("|", " | ".join([os.path.relpath(path, arguments.folder)] + row), "|", flush=True)
    parts = [f"{counts[key]} differ by at most {key}" if key else f"{counts[key]} are equal"
             for key in sorted(key for key in counts if key is not None)]
    parts += [f"{counts[None]} not compared"] if None in counts else []
    print(f"\n{len(paths)} files: {', '.join(parts)}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
