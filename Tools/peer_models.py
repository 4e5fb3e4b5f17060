"""The presets of this package in PyTorch, parametric in the same way and under the same names of parameters.

Every model takes NCHW float images and returns logits. `MODELS[name](classes, channels, size, width, dropout)` makes
one; `width` multiplies the channels of every hidden layer. Run as a program it prints the number of parameters of each.
"""
import math

import torch
from torch import nn


def scaled(count, width):
    """`count` channels scaled by `width`, halves up, at least one."""
    return max(1, math.floor(count * width + 0.5))


def features(layers, channels, size):
    """How many features `layers` make of an image."""
    with torch.no_grad():
        count = nn.Sequential(*layers).eval()(torch.zeros(1, channels, size, size)).flatten(1).shape[1]
    nn.Sequential(*layers).train()
    return count


def vgg6(classes=2, channels=3, size=224, width=1.0, dropout=0.0):
    """Four convolutions with batch norm, two pools, two dense layers."""
    a, b, c, hidden = (scaled(n, width) for n in (32, 64, 128, 512))
    convolutions = [
        nn.Conv2d(channels, a, 3, 2, 1), nn.BatchNorm2d(a), nn.ReLU(),
        nn.Conv2d(a, b, 3, 1, 1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(b, c, 3, 2, 1), nn.BatchNorm2d(c), nn.ReLU(),
        nn.Conv2d(c, c, 3, 2, 1), nn.BatchNorm2d(c), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return with_dropout([*convolutions, nn.Linear(features(convolutions, channels, size), hidden), nn.ReLU(),
                         nn.Linear(hidden, classes)], dropout)


def mlp(classes=10, channels=1, size=28, width=1.0, dropout=0.0):
    """pixels-50-100-classes."""
    a, b = scaled(50, width), scaled(100, width)
    return with_dropout([nn.Flatten(), nn.Linear(channels * size * size, a), nn.ReLU(), nn.Linear(a, b), nn.ReLU(),
                         nn.Linear(b, classes)], dropout)


def simple_cnn(classes=10, channels=1, size=28, width=1.0, dropout=0.0):
    """One 5x5 convolution, a pool, two dense layers."""
    a, b = scaled(30, width), scaled(100, width)
    convolutions = [nn.Conv2d(channels, a, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return with_dropout([*convolutions, nn.Linear(features(convolutions, channels, size), b), nn.ReLU(),
                         nn.Linear(b, classes)], dropout)


def deep_cnn(classes=10, channels=1, size=28, width=1.0, dropout=0.5):
    """Six 3x3 convolutions, three pools, two dense layers, dropout behind both."""
    a, b, c, hidden = (scaled(n, width) for n in (16, 32, 64, 50))

    def conv(i, o, padding=1):
        return [nn.Conv2d(i, o, 3, 1, padding), nn.ReLU()]

    convolutions = [*conv(channels, a), *conv(a, a), nn.MaxPool2d(2), *conv(a, b), *conv(b, b, 2), nn.MaxPool2d(2),
                    *conv(b, c), *conv(c, c), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*convolutions, nn.Linear(features(convolutions, channels, size), hidden), nn.ReLU(),
                         nn.Dropout(dropout), nn.Linear(hidden, classes), nn.Dropout(dropout))


def with_dropout(layers, dropout):
    """A Sequential whose dropout, if any, stands before the last layer without shifting its number."""
    net = nn.Sequential()
    for index, layer in enumerate(layers):
        if dropout > 0 and index == len(layers) - 1:
            net.add_module("dropout", nn.Dropout(dropout))
        net.add_module(str(index), layer)
    return net


def conv_bn(i, o, kernel=3, stride=1, relu=False):
    layers = [nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


class CIFARBlock(nn.Module):
    """Two convolutions beside the identity or a projection."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.a, self.b = conv_bn(i, o, 3, stride, relu=True), conv_bn(o, o)
        self.skip = conv_bn(i, o, 1, stride) if stride != 1 or i != o else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.b(self.a(x)) + self.skip(x))


def resnet20(classes=10, channels=3, size=32, width=1.0, dropout=0.0):
    """Three stages of three residual blocks."""
    a, b, c = (scaled(n, width) for n in (16, 32, 64))
    layers = [conv_bn(channels, a, relu=True)]
    for i, o, stride in ((a, a, 1), (a, b, 2), (b, c, 2)):
        layers += [CIFARBlock(i, o, stride), CIFARBlock(o, o, 1), CIFARBlock(o, o, 1)]
    return with_dropout([*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, classes)], dropout)


class BasicBlock(nn.Module):
    """torchvision's block of ResNet-18."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.relu = nn.ReLU()
        self.downsample = conv_bn(i, o, 1, stride) if stride != 1 or i != o else None

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """torchvision's ResNet-18."""

    def __init__(self, classes=1000, channels=3, size=224, width=1.0, dropout=0.0):
        super().__init__()
        widths = [scaled(n, width) for n in (64, 128, 256, 512)]
        self.conv1 = nn.Conv2d(channels, widths[0], 7, 2, 3, bias=False)
        self.bn1, self.relu, self.maxpool = nn.BatchNorm2d(widths[0]), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        for stage, o in enumerate(widths):
            i = widths[max(stage - 1, 0)]
            blocks = nn.Sequential(BasicBlock(i, o, 1 if stage == 0 else 2), BasicBlock(o, o, 1))
            setattr(self, f"layer{stage + 1}", blocks)
        self.avgpool, self.dropout = nn.AdaptiveAvgPool2d(1), nn.Dropout(dropout)
        self.fc = nn.Linear(widths[3], classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.dropout(self.avgpool(x).flatten(1)))


class AlexNet(nn.Module):
    """torchvision's AlexNet; at other sizes than 224 the dense part takes what the convolutions give."""

    def __init__(self, classes=1000, channels=3, size=224, width=1.0, dropout=0.5):
        super().__init__()
        a, b, c, d, hidden = (scaled(n, width) for n in (64, 192, 384, 256, 4096))
        self.features = nn.Sequential(
            nn.Conv2d(channels, a, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(b, c, 3, 1, 1), nn.ReLU(),
            nn.Conv2d(c, d, 3, 1, 1), nn.ReLU(), nn.Conv2d(d, d, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(features([self.features], channels, size), hidden), nn.ReLU(),
            nn.Dropout(dropout), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class BasicConv2d(nn.Module):
    """Convolution without bias, batch norm with epsilon 0.001, ReLU."""

    def __init__(self, i, o, kernel, stride=1, padding=0):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(i, o, kernel, stride, padding, bias=False), nn.BatchNorm2d(o, eps=0.001)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Four branches side by side: 1x1; 1x1-3x3; 1x1-3x3; pool-1x1."""

    def __init__(self, i, one, reduce3, three, reduce5, five, pooled):
        super().__init__()
        self.branch1 = BasicConv2d(i, one, 1)
        self.branch2 = nn.Sequential(BasicConv2d(i, reduce3, 1), BasicConv2d(reduce3, three, 3, 1, 1))
        self.branch3 = nn.Sequential(BasicConv2d(i, reduce5, 1), BasicConv2d(reduce5, five, 3, 1, 1))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(i, pooled, 1))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    """torchvision's GoogLeNet without auxiliary heads."""

    MODULES = {"3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
               "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
               "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
               "5b": (384, 192, 384, 48, 128, 128)}

    def __init__(self, classes=1000, channels=3, size=224, width=1.0, dropout=0.2):
        super().__init__()
        a, b = scaled(64, width), scaled(192, width)
        self.conv1, self.maxpool1 = BasicConv2d(channels, a, 7, 2, 3), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2, self.conv3 = BasicConv2d(a, a, 1), BasicConv2d(a, b, 3, 1, 1)
        self.maxpool2, self.maxpool3 = nn.MaxPool2d(3, 2, ceil_mode=True), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.maxpool4 = nn.MaxPool2d(2, 2, ceil_mode=True)
        inputs = b
        for name, counts in self.MODULES.items():
            counts = [scaled(n, width) for n in counts]
            setattr(self, "inception" + name, Inception(inputs, *counts))
            inputs = counts[0] + counts[2] + counts[4] + counts[5]
        self.avgpool, self.dropout, self.fc = nn.AdaptiveAvgPool2d(1), nn.Dropout(dropout), nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(x)))))
        for name in self.MODULES:
            if name in ("4a", "5a"):
                x = (self.maxpool3 if name == "4a" else self.maxpool4)(x)
            x = getattr(self, "inception" + name)(x)
        return self.fc(self.dropout(self.avgpool(x).flatten(1)))


MODELS = {"vgg6": vgg6, "mlp": mlp, "simple-cnn": simple_cnn, "deep-cnn": deep_cnn, "resnet20": resnet20,
          "resnet18": ResNet18, "alexnet": AlexNet, "googlenet": GoogLeNet}

if __name__ == "__main__":
    for name, make in MODELS.items():
        print(f"{name:12s} {sum(p.numel() for p in make().parameters()):12,d}")
