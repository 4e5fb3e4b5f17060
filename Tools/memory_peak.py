#!/usr/bin/env python3
"""Compares what `nunchi train` expects of memory with what it takes.

    python3 Tools/memory_peak.py NUNCHI PICTURES [--threads 2] [--epochs 2] [MODEL:SIZE:BATCH ...]

PICTURES is a folder that `nunchi train` takes, such as one made by `nunchi data generate faces`. Each line trains a model
anew, in a process of its own, and prints what the run's env.json expects (`memory_expected_bytes`, the pictures that are
kept included), the largest resident memory that the system saw (as in `/usr/bin/time`), and the ratio of both: above 1
the estimate was too high. Linux only; needs nothing but Python.
"""
import argparse
import json
import os
import pathlib
import tempfile

CASES = [
    "vgg6:224:8", "vgg6:224:32", "vgg6:224:100", "resnet18:224:8", "resnet18:224:32", "alexnet:224:16", "alexnet:224:64",
    "deep-cnn:28:32", "deep-cnn:28:256", "mlp:28:32", "mlp:28:512",
]


def peak(command):
    """The resident memory of a process at its highest, in bytes."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nunchi")
    parser.add_argument("pictures")
    parser.add_argument("cases", nargs="*", default=CASES)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--epochs", default="2")
    arguments = parser.parse_args()
    mebi = 1 << 20
    print(f"{'model':10} {'size':>5} {'batch':>6} {'pictures':>9} {'expected':>9} {'peak':>9}  expected / peak")
    for case in arguments.cases:
        model, size, batch = case.split(":")
        with tempfile.TemporaryDirectory() as out:
            taken = peak([
                arguments.nunchi, "train", arguments.pictures, "--model", model, "--size", size, "--batch", batch,
                "--epochs", arguments.epochs, "--threads", arguments.threads, "--out", out, "--quiet"])
            run = pathlib.Path(out, "train-0001")
            expected = json.loads((run / "env.json").read_text())["memory_expected_bytes"]
            data = json.loads((run / "data.json").read_text())
            channels = 1 if model in ("mlp", "deep-cnn", "simple-cnn") else 3
            pictures = sum(split["images"] for split in data["splits"].values()) * int(size) ** 2 * channels
        print(f"{model:10} {size:>5} {batch:>6} {pictures / mebi:9.1f} {expected / mebi:9.1f} {taken / mebi:9.1f}  "
              f"{expected / taken:.2f}", flush=True)


main()
