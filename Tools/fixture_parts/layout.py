"""From PyTorch's layout of parameters to this package's.

Convolution weights [outputs, inputs, height, width] become [height, width, inputs, outputs]; dense weights
[outputs, inputs] become [inputs, outputs], and where the inputs are a flattened image [channels, height, width] they
are reordered to [height, width, channels].
"""
import torch
from torch import nn


class Layout:
    """Learns from one run of `net` on `x` which dense layers follow an image."""

    def __init__(self, net, x):
        self.modules = dict(net.named_modules())
        self.images = {}
        last = {"image": tuple(x.shape[1:])}
        hooks = []

        def after(module, inputs, output):
            if isinstance(module, nn.Linear):
                last.pop("image", None)
            elif isinstance(output, torch.Tensor) and output.dim() == 4:
                last["image"] = tuple(output.shape[1:])

        def before(name):
            def remember(module, inputs):
                image = last.get("image")
                if image and image[0] * image[1] * image[2] == module.in_features:
                    self.images[name] = image
            return remember

        for name, module in self.modules.items():
            if isinstance(module, nn.Linear):
                hooks.append(module.register_forward_pre_hook(before(name)))
            if not list(module.children()):
                hooks.append(module.register_forward_hook(after))
        mode = net.training
        with torch.no_grad():
            net.eval()(x)
        net.train(mode)
        for hook in hooks:
            hook.remove()

    def ours(self, name, values):
        """The parameter `name` (or its gradient) in this package's layout."""
        owner = name.rpartition(".")[0]
        if values.dim() == 4:
            return values.permute(2, 3, 1, 0)
        if values.dim() != 2:
            return values
        if owner in self.images:
            values = values.reshape(-1, *self.images[owner]).permute(0, 2, 3, 1).flatten(1)
        return values.T


def learned_and_measured(net):
    """The parameters and running statistics by PyTorch's names, without the counters of batches."""
    return {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


def pixels(random, *shape):
    """Random bytes NHWC, and the images NCHW that tests make of them: (byte - 128) / 64, exact in float32."""
    raw = torch.randint(0, 256, shape, generator=random, dtype=torch.uint8)
    return raw, ((raw.double() - 128) / 64).permute(0, 3, 1, 2).contiguous()


def biases_before_normalization(net):
    """The names of the convolution and dense biases that batch normalisation takes out again: their gradient is
    rounding noise in PyTorch and zero by definition here. They stand directly before it in a Sequential."""
    names = []
    for prefix, module in net.named_modules():
        children = list(module.named_children()) if isinstance(module, nn.Sequential) else []
        for (name, first), (_, second) in zip(children, children[1:]):
            if isinstance(second, (nn.BatchNorm1d, nn.BatchNorm2d)) and getattr(first, "bias", None) is not None:
                names.append(f"{prefix}.{name}.bias".lstrip("."))
    return names
