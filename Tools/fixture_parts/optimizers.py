"""Ten steps of training with each optimizer: the loss before each step, the weights after the first and the last.

The net is convolution with bias, batch normalisation, ReLU, maximum pool and two dense layers; the batches are fixed
and all different; computed in float64. Weight decay takes the weights only, never biases nor the scale and shift of the
normalisation, as in this package. The gradient of the bias before the normalisation is set to zero (see `layout`).
"""
import copy

import torch
import torch.nn.functional as F
from torch import nn

from .container import Container, f32
from .layout import Layout, biases_before_normalization, learned_and_measured, pixels

STEPS, BATCH, HEIGHT, WIDTH, CHANNELS, CLASSES = 10, 8, 6, 7, 2, 3

MOMENTUM, DECAY = f32(0.9), f32(0.01)
ADAM = {"betas": (f32(0.9), f32(0.999)), "eps": f32(1e-8)}
# name: (PyTorch's optimizer, its constants, whether the decay is decoupled from the gradient)
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": f32(0.1)}),
    "sgd-momentum": (torch.optim.SGD, {"lr": f32(0.05), "momentum": MOMENTUM}),
    "sgd-nesterov": (torch.optim.SGD, {"lr": f32(0.05), "momentum": MOMENTUM, "nesterov": True}),
    "sgd-weight-decay": (torch.optim.SGD, {"lr": f32(0.1), "weight_decay": DECAY}),
    "sgd-momentum-weight-decay": (torch.optim.SGD, {"lr": f32(0.05), "momentum": MOMENTUM, "weight_decay": DECAY}),
    "adagrad": (torch.optim.Adagrad, {"lr": f32(0.05), "eps": f32(1e-10)}),
    "rmsprop": (torch.optim.RMSprop, {"lr": f32(0.01), "alpha": f32(0.9), "eps": f32(1e-8)}),
    "adam": (torch.optim.Adam, {"lr": f32(0.01), **ADAM}),
    "adam-weight-decay": (torch.optim.Adam, {"lr": f32(0.01), "weight_decay": DECAY, **ADAM}),
    "adamw": (torch.optim.AdamW, {"lr": f32(0.01), "weight_decay": f32(0.1), **ADAM}),
}


def network():
    return nn.Sequential(
        nn.Conv2d(CHANNELS, 4, 3, 1, 1), nn.BatchNorm2d(4, f32(1e-5), f32(0.1)), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4 * (HEIGHT // 2) * (WIDTH // 2), 6), nn.ReLU(), nn.Linear(6, CLASSES))


def train(net, images, labels, make, constants, observe):
    decayed = [p for n, p in net.named_parameters() if p.dim() > 1]
    others = [p for n, p in net.named_parameters() if p.dim() == 1]
    optimizer = make([{"params": decayed}, {"params": others, "weight_decay": 0}], **constants)
    silent = [net.get_parameter(name) for name in biases_before_normalization(net)]
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images[step]), labels[step])
        loss.backward()
        for bias in silent:
            bias.grad.zero_()
        optimizer.step()
        losses.append(loss.item())
        observe(step, net)
    return losses


def make(seed):
    random = torch.Generator().manual_seed(seed)
    out = Container()
    raw, flat = pixels(random, STEPS * BATCH, HEIGHT, WIDTH, CHANNELS)
    images = flat.reshape(STEPS, BATCH, CHANNELS, HEIGHT, WIDTH)
    labels = torch.randint(0, CLASSES, (STEPS, BATCH), generator=random)
    initial = network().float().double()
    layout = Layout(initial, images[0])
    out.case("network", epsilon=f32(1e-5), momentum=f32(0.1), steps=STEPS, classes=CLASSES,
             decayed=[n for n, p in initial.named_parameters() if p.dim() > 1],
             silent=biases_before_normalization(initial))
    out.tensor("network/images", raw.reshape(STEPS, BATCH, HEIGHT, WIDTH, CHANNELS), "uint8")
    out.tensor("network/labels", labels, "int32")
    for name, values in learned_and_measured(initial).items():
        out.tensor(f"network/initial/{name}", layout.ours(name, values), "float32")

    for name, (optimizer, constants) in OPTIMIZERS.items():
        states = {}

        def observe(step, net):
            states[step] = {k: v.clone() for k, v in learned_and_measured(net).items()}

        losses = train(copy.deepcopy(initial), images, labels, optimizer, constants, observe)
        single = copy.deepcopy(initial).float()
        rough = train(single, images.float(), labels, optimizer, constants, lambda step, net: None)
        drift = max(abs(a - b) for a, b in zip(losses, rough))
        weights = max(float((v - states[STEPS - 1][k]).abs().max()) for k, v in learned_and_measured(single).items())
        flattened = {}
        for key, value in constants.items():
            flattened |= {"beta1": value[0], "beta2": value[1]} if key == "betas" else {camel(key): value}
        # What PyTorch itself loses in float32: a scale for the tolerance of another float32 run.
        out.case(name, optimizer=optimizer.__name__.lower(), **flattened, floatLossDrift=drift,
                 floatWeightDrift=weights)
        out.tensor(f"{name}/losses", torch.tensor(losses, dtype=torch.float64), "float64")
        for moment, step in (("first", 0), ("last", STEPS - 1)):
            for key, value in states[step].items():
                out.tensor(f"{name}/{moment}/{key}", layout.ours(key, value), "float64")
    return out


def camel(key):
    names = {"lr": "rate", "eps": "epsilon", "weight_decay": "decay"}
    return names.get(key, key)
