"""The presets in miniature: inputs, initial weights, logits, loss, every gradient and the new running statistics.

Computed in float64 from weights that float32 holds exactly; gradients are stored as float32 to save room. Dropout is
off. Scale, shift and running statistics of the normalisations are random, so that none of them passes unnoticed.
"""
import torch
import torch.nn.functional as F
from torch import nn

from peer_models import MODELS
from .container import Container, f32
from .layout import Layout, biases_before_normalization, learned_and_measured, pixels

CLASSES = 3
# name: (batch, channels, size, width)
MINIATURES = {
    "vgg6": (4, 3, 64, 1 / 16), "mlp": (5, 2, 5, 0.1), "simple-cnn": (3, 1, 10, 0.1), "deep-cnn": (3, 1, 12, 0.125),
    "resnet20": (4, 3, 12, 0.125), "resnet18": (3, 3, 48, 1 / 32), "alexnet": (2, 3, 95, 1 / 64),
    "googlenet": (3, 3, 48, 1 / 24),
}


def prepare(net, random):
    """Constants and weights that float32 holds exactly; random normalisations."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps, module.momentum = f32(module.eps), f32(module.momentum)
            count = module.num_features
            module.weight.data = 0.7 + 0.6 * torch.rand(count, generator=random)
            module.bias.data = 0.4 * torch.rand(count, generator=random) - 0.2
            module.running_mean = 0.4 * torch.rand(count, generator=random) - 0.2
            module.running_var = 0.5 + torch.rand(count, generator=random)
    return net.float().double()


def longest_sum(net, x):
    """The number of terms summed one after another from the pixels to the logits, over all layers: products of
    convolutions and dense layers, rows of batch norms."""
    total, hooks = [0], []

    def count(module, inputs, output):
        if isinstance(module, nn.Conv2d):
            total[0] += module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            total[0] += module.in_features
        else:
            total[0] += output.numel() // output.shape[1]

    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            hooks.append(module.register_forward_hook(count))
    with torch.no_grad():
        net(x)
    for hook in hooks:
        hook.remove()
    return total[0]


def make(seed):
    out = Container()
    for index, (name, (batch, channels, size, width)) in enumerate(MINIATURES.items()):
        random = torch.Generator().manual_seed(seed + index)
        torch.manual_seed(seed + index)
        net = prepare(MODELS[name](CLASSES, channels, size, width, 0.0), random)
        raw, images = pixels(random, batch, size, size, channels)
        labels = torch.randint(0, CLASSES, (batch,), generator=random)
        layout = Layout(net, images)
        out.case(name, classes=CLASSES, channels=channels, size=size, width=width,
                 silent=biases_before_normalization(net))
        out.tensor(f"{name}/images", raw, "uint8")
        out.tensor(f"{name}/labels", labels, "int32")
        initial = {k: v.clone() for k, v in learned_and_measured(net).items()}
        for key, values in initial.items():
            out.tensor(f"{name}/weights/{key}", layout.ours(key, values), "float32")

        net.eval()
        with torch.no_grad():
            inference = net(images)
        length = longest_sum(net.eval(), images)
        net.train()
        logits = net(images)
        loss = F.cross_entropy(logits, labels)
        loss.backward()

        def record(key, values, dtype):
            magnitude = max(float(values.detach().abs().max()), 1e-30)
            out.tensor(f"{name}/{key}", values, dtype, length=length, magnitude=f32(magnitude))

        record("inference", inference, "float64")
        record("logits", logits, "float64")
        record("loss", loss, "float64")
        for key, parameter in net.named_parameters():
            record(f"gradients/{key}", layout.ours(key, parameter.grad), "float32")
        for key, values in learned_and_measured(net).items():
            if "running" in key:
                record(f"statistics/{key}", values, "float64")
    return out
