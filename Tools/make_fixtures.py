#!/usr/bin/env python3
"""Writes the fixtures that tests compare this package with: values, gradients and training runs from PyTorch.

    python3 Tools/make_fixtures.py [--out Tools/fixtures] [operations] [models] [optimizers]

Without a part's name all are written. Needs PyTorch and NumPy (CPU); the tests need neither, they read the files in
`Tools/fixtures`. Seeds are fixed and the version of PyTorch is recorded in each file, so another run writes the same
numbers up to the last bits that another version or CPU may change. The format is described in
`Tools/fixture_parts/container.py`.
"""
import argparse
import importlib
import pathlib
import warnings

import torch

SEEDS = {"operations": 20, "models": 21, "optimizers": 22}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(SEEDS))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "fixtures")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(SEEDS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(SEEDS)}")
    # Even kernels with `same` padding are meant.
    warnings.filterwarnings("ignore", message="Using padding='same' with even kernel")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for part in arguments.parts or SEEDS:
        torch.manual_seed(SEEDS[part])
        container = importlib.import_module("fixture_parts." + part).make(SEEDS[part])
        path = arguments.out / f"{part}.fixture"
        print(f"{path}: {container.write(path):,} bytes")


if __name__ == "__main__":
    main()
