#!/usr/bin/env python3
"""Trains one of this package's presets in PyTorch, to compare results and time with `nunchi train` by hand.

A folder of photographs with Train, Validation and Test (any usual spelling), a folder for each class inside:

    python3 Tools/train_peer.py vgg6 PHOTOS [--epochs 30] [--batch 100] [--rate 1e-3] [--seed 0] [--threads 2]
        [--size 224] [--resize crop|squash] [--augment full|none] [--workers 2] [--cache]

MNIST or anything in its form, from a folder with the four IDX files (also gzipped):

    python3 Tools/train_peer.py mlp DIGITS --epochs 10
    python3 Tools/train_peer.py deep-cnn DIGITS --epochs 10

Prints one line an epoch, then accuracy, precision, recall and F1 on the test images (means over the classes, and each
class) with the weights of the epoch whose validation F1 was best, and the wall time from the first file read to the
last prediction, so decoding is in it. Huge pages and channels last, its fastest layout here. `--cache` decodes each photograph once instead of once an epoch.

Optimizer: Adam. `--augment full` (the default for photographs): horizontal flip 0.5, rotation up to 15 degrees, shift
up to 10 %. Channels are standardised with mean and deviation of the training images. Of IDX training images the last
5,000 validate. Needs PyTorch, torchvision and Pillow; runs on the CPU.
"""
import argparse
import copy
import gzip
import os
import pathlib
import time

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # huge pages; read by PyTorch when it is imported

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision import datasets
from torchvision.transforms import v2 as T

from peer_models import MODELS

SPLITS = {"train": ("train", "training"), "validation": ("validation", "val", "valid"), "test": ("test", "testing")}


class Photographs(Dataset):
    """A class folder as bytes [3, size, size] and labels; decoded when asked for, or once with `cache`."""

    def __init__(self, folder, size, resize, augment, cache):
        steps = {"squash": [T.Resize((size, size), antialias=True)],
                 "crop": [T.Resize(size, antialias=True), T.CenterCrop(size)]}[resize]
        self.images = datasets.ImageFolder(folder, T.Compose([T.PILToTensor(), *steps]), loader=upright)
        self.classes = self.images.classes
        turn = T.RandomAffine(15, translate=(0.1, 0.1), interpolation=T.InterpolationMode.BILINEAR)
        self.augment = T.Compose([T.RandomHorizontalFlip(), turn]) if augment else lambda image: image
        self.decoded = [self.images[i] for i in range(len(self.images))] if cache else None

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image, label = self.decoded[index] if self.decoded else self.images[index]
        return self.augment(image), label


def upright(path):
    """The picture as RGB, turned as its EXIF orientation says."""
    from PIL import Image, ImageOps
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def split_folder(root, split):
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name.lower() in SPLITS[split]:
            return folder
    raise SystemExit(f"{root}: no folder for {split}; expected one of {', '.join(SPLITS[split])}")


def read_idx(root, kind, part):
    """The array in the IDX file of `kind` (train, t10k) and `part` (images-idx3, labels-idx1)."""
    for path in (root / f"{kind}-{part}-ubyte", root / f"{kind}-{part}-ubyte.gz"):
        if path.exists():
            data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            rank = data[3]
            extents = np.frombuffer(data, ">u4", rank, 4).astype(int)
            return torch.from_numpy(np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(extents).copy())
    raise SystemExit(f"{root}: no {kind}-{part}-ubyte[.gz]")


def load(a):
    """The three sets and the names of the classes."""
    if list(a.data.glob("train-images-idx3-ubyte*")):
        def pairs(kind):
            return read_idx(a.data, kind, "images-idx3")[:, None], read_idx(a.data, kind, "labels-idx1").long()
        (images, labels), test = pairs("train"), TensorDataset(*pairs("t10k"))
        kept = len(images) - 5000
        train, validation = TensorDataset(images[:kept], labels[:kept]), TensorDataset(images[kept:], labels[kept:])
        return train, validation, test, [str(c) for c in range(int(labels.max()) + 1)]
    sets = []
    for split in SPLITS:
        augment = split == "train" and a.augment == "full"
        sets.append(Photographs(split_folder(a.data, split), a.size, a.resize, augment, a.cache))
    if any(s.classes != sets[0].classes for s in sets):
        raise SystemExit(f"classes differ between the splits: {[s.classes for s in sets]}")
    return *sets, sets[0].classes


def statistics(loader):
    """Mean and deviation of each channel of the training bytes, over at most 2,000 images."""
    parts, count = [], 0
    for images, _ in loader:
        parts.append(images)
        count += len(images)
        if count >= 2000:
            break
    pixels = torch.cat(parts).float().movedim(1, 0).flatten(1)
    return pixels.mean(1)[None, :, None, None], pixels.std(1).clamp_min(1e-6)[None, :, None, None]


def predict(net, loader, standardise):
    """Mean loss, and the confusion matrix: rows are true classes, columns predicted ones."""
    net.eval()
    loss, rows, confusion = 0.0, 0, None
    with torch.inference_mode():
        for images, labels in loader:
            logits = net(standardise(images))
            loss += float(F.cross_entropy(logits, labels, reduction="sum"))
            rows += len(labels)
            classes = logits.shape[1]
            counts = torch.bincount(labels * classes + logits.argmax(1), minlength=classes * classes)
            confusion = counts.reshape(classes, classes) + (0 if confusion is None else confusion)
    return loss / rows, confusion


def scores(confusion):
    """Accuracy, and precision, recall and F1 of each class (0 where a class was never predicted)."""
    hits = confusion.diag().double()
    precision = hits / confusion.sum(0).clamp_min(1)
    recall = hits / confusion.sum(1).clamp_min(1)
    f1 = 2 * precision * recall / (precision + recall).clamp_min(1e-12)
    return float(hits.sum() / confusion.sum()), precision, recall, f1


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", choices=MODELS)
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch", type=int, default=100)
    p.add_argument("--rate", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--workers", type=int, default=2, help="processes that decode; 0: none beside the training")
    p.add_argument("--size", type=int, default=224)
    p.add_argument("--resize", choices=["crop", "squash"], default="squash")
    p.add_argument("--augment", choices=["full", "none"], default="full")
    p.add_argument("--cache", action="store_true")
    a = p.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)

    start = time.perf_counter()
    train, validation, test, classes = load(a)
    workers = 0 if isinstance(train, TensorDataset) else a.workers

    def batches(data, shuffle=False):
        return DataLoader(data, a.batch, shuffle, num_workers=workers, persistent_workers=workers > 0)

    loaders = batches(train, True), batches(validation), batches(test)
    mean, deviation = statistics(loaders[0])

    def standardise(images):
        return ((images.float() - mean) / deviation).to(memory_format=torch.channels_last)

    channels, size = train[0][0].shape[0], train[0][0].shape[-1]
    net = MODELS[a.model](len(classes), channels, size).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), a.rate)
    best, weights = (-1.0, 0.0), None
    print(f"{a.model} on {len(train)}/{len(validation)}/{len(test)} images of {size}x{size}, torch {torch.__version__}")
    for epoch in range(1, a.epochs + 1):
        net.train()
        total, seen = 0.0, 0
        for images, labels in loaders[0]:
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(standardise(images)), labels)
            loss.backward()
            optimizer.step()
            total, seen = total + loss.item() * len(labels), seen + len(labels)
        validation_loss, confusion = predict(net, loaders[1], standardise)
        accuracy, _, _, f1 = scores(confusion)
        score = (float(f1.mean()), -validation_loss)
        if score > best:
            best, weights, best_epoch = score, copy.deepcopy(net.state_dict()), epoch
        print(f"epoch {epoch:3d}  loss {total / seen:.4f}  val loss {validation_loss:.4f}  "
              f"val accuracy {accuracy:.4f}  val F1 {score[0]:.4f}  {time.perf_counter() - start:7.1f} s", flush=True)
    net.load_state_dict(weights)
    loss, confusion = predict(net, loaders[2], standardise)
    seconds = time.perf_counter() - start
    accuracy, precision, recall, f1 = scores(confusion)
    print(f"test (weights of epoch {best_epoch})  loss {loss:.4f}  accuracy {accuracy:.4f}  "
          f"precision {precision.mean():.4f}  recall {recall.mean():.4f}  F1 {f1.mean():.4f}")
    for name, values in zip(classes, zip(precision, recall, f1, confusion.sum(1))):
        p, r, f, images = (float(value) for value in values)
        print(f"  {name:20s} precision {p:.4f}  recall {r:.4f}  F1 {f:.4f}  images {images:.0f}")
    print(f"wall time {seconds:.1f} s with {a.threads} thread(s), seed {a.seed}")


if __name__ == "__main__":
    main()
