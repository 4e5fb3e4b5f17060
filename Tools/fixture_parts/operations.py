"""Values and gradients of single operations.

Everything is computed in float64 from inputs that float32 holds exactly. A function takes and returns tensors in the
layout of this package (images NHWC, convolution weights [height, width, inputs / groups, outputs]) and permutes inside,
so PyTorch's automatic differentiation answers in that layout too.
"""
import torch
import torch.nn.functional as F

from .container import Container, f32


class Operations:
    def __init__(self, seed):
        self.container = Container()
        self.random = torch.Generator().manual_seed(seed)

    def normal(self, *shape, scale=1.0):
        """Normal numbers that float32 holds exactly."""
        return (torch.randn(shape, generator=self.random) * scale).float().double()

    def positive(self, *shape):
        """Numbers in 0.25 ..< 2.25."""
        return (torch.rand(shape, generator=self.random) * 2 + 0.25).float().double()

    def case(self, name, operation, function, inputs, constants=None, bound="case", length=1, **attributes):
        """Records one case.

        inputs: learned tensors by name; constants: tensors without gradient, float or integer.
        function(**inputs, **constants) returns the tensor `y`, or a dictionary whose `y` is differentiated and whose
        other entries are recorded as values only. The loss is sum(y * dy) with a recorded dy.
        bound: where the magnitude of the rounding error comes from.
            "linear": y is linear in each input; lengths and magnitudes are measured by running the function with every
            element replaced by 1 and by its absolute value. A `length` above the measured one replaces it.
            "element": nothing is summed; the largest absolute value of the tensor itself.
            "case": the largest absolute value in the case stands for the partial sums.
        """
        constants = constants or {}
        out = self.container
        out.case(name, operation=operation, inputs=list(inputs), **attributes)
        for key, value in {**inputs, **constants}.items():
            out.tensor(f"{name}/{key}", value, "float32" if value.is_floating_point() else "int32")
        dy = self.normal(*as_results(function(**inputs, **constants))["y"].shape)
        out.tensor(f"{name}/dy", dy, "float32")
        expected = evaluate(function, inputs, constants, dy)
        if bound == "linear":
            ones = evaluate(function, transformed(inputs, torch.ones_like), transformed(constants, torch.ones_like),
                            torch.ones_like(dy))
            sizes = evaluate(function, transformed(inputs, torch.abs), transformed(constants, torch.abs), dy.abs())
        largest = max(float(t.abs().max()) for t in [*inputs.values(), dy, *expected.values()])
        for key, value in expected.items():
            if not value.is_floating_point():
                out.tensor(f"{name}/{key}", value, "int32", length=1, magnitude=0.0)
                continue
            count = max(round(float(ones[key].max())), length) if bound == "linear" else length
            magnitude = {"linear": lambda: float(sizes[key].max()), "element": lambda: float(value.abs().max()),
                         "case": lambda: largest}[bound]()
            out.tensor(f"{name}/{key}", value, "float64", length=count, magnitude=f32(magnitude))


def as_results(results):
    return results if isinstance(results, dict) else {"y": results}


def transformed(tensors, change):
    return {k: change(v) if v.is_floating_point() else v for k, v in tensors.items()}


def evaluate(function, inputs, constants, dy):
    """The results of a function, and its gradients under `d` + the input's name."""
    leaves = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    results = as_results(function(**leaves, **constants))
    y = results["y"]
    gradients = [None] * len(leaves)
    if y.requires_grad:
        gradients = torch.autograd.grad((y * dy).sum(), list(leaves.values()), allow_unused=True)
    answers = {k: v.detach() for k, v in results.items()}
    for (key, leaf), gradient in zip(leaves.items(), gradients):
        answers["d" + key] = torch.zeros_like(leaf) if gradient is None else gradient
    return answers


def to_nchw(x):
    return x.permute(0, 3, 1, 2).contiguous()


def to_nhwc(x):
    return x.permute(0, 2, 3, 1)


def same_padding(extent, stride, reach):
    """(before, after) of `same` padding: an odd pixel goes after the image."""
    total = max((-(-extent // stride) - 1) * stride + reach - extent, 0)
    return total // 2, total - total // 2


def convolutions(o):
    def add(name, x, k, stride=(1, 1), padding="valid", dilation=(1, 1), groups=1):
        if padding == "same":
            reach = [(n - 1) * d + 1 for n, d in zip(k[:2], dilation)]
            border = [*same_padding(x[1], stride[0], reach[0]), *same_padding(x[2], stride[1], reach[1])]
        else:
            border = [0, 0, 0, 0] if padding == "valid" else list(padding)
        top, bottom, left, right = border

        def convolve(x, k):
            image, weights = to_nchw(x), k.permute(3, 2, 0, 1).contiguous()
            if padding == "same" and tuple(stride) == (1, 1):
                return to_nhwc(F.conv2d(image, weights, padding="same", dilation=dilation, groups=groups))
            image = F.pad(image, (left, right, top, bottom))
            return to_nhwc(F.conv2d(image, weights, stride=stride, dilation=dilation, groups=groups))

        o.case("convolution/" + name, "convolution", convolve, {"x": o.normal(*x), "k": o.normal(*k)}, bound="linear",
               stride=stride, padding=padding, dilation=dilation, groups=groups)

    add("3x3-valid", (2, 5, 7, 3), (3, 3, 3, 5))
    add("3x3-same", (2, 6, 5, 3), (3, 3, 3, 4), padding="same")
    add("2x4-same-even-kernel", (1, 5, 6, 2), (2, 4, 2, 3), padding="same")
    add("3x3-stride-2-same", (2, 7, 6, 3), (3, 3, 3, 4), stride=(2, 2), padding="same")
    add("3x3-stride-2-padded", (1, 9, 8, 3), (3, 3, 3, 5), stride=(2, 2), padding=(1, 1, 1, 1))
    add("3x2-stride-3x2", (2, 8, 7, 2), (3, 2, 2, 3), stride=(3, 2))
    add("1x5-asymmetric", (1, 4, 9, 3), (1, 5, 3, 2), padding=(0, 0, 2, 2))
    add("5x1-asymmetric-stride", (1, 11, 3, 2), (5, 1, 2, 3), stride=(2, 1), padding=(2, 2, 0, 0))
    add("3x3-explicit-uneven-border", (1, 5, 4, 2), (3, 3, 2, 3), padding=(2, 0, 1, 3))
    add("3x3-dilation-2", (1, 8, 9, 2), (3, 3, 2, 3), dilation=(2, 2))
    add("3x2-dilation-2x3-same", (1, 7, 7, 3), (3, 2, 3, 2), dilation=(2, 3), padding="same")
    add("3x3-dilation-2-stride-2-padded", (1, 9, 7, 2), (3, 3, 2, 2), stride=(2, 2), dilation=(2, 2),
        padding=(2, 2, 2, 2))
    add("3x3-groups-2", (2, 5, 5, 4), (3, 3, 2, 6), groups=2, padding=(1, 1, 1, 1))
    add("3x3-groups-3-stride-2", (1, 6, 7, 6), (3, 3, 2, 3), groups=3, stride=(2, 2))
    add("3x3-depthwise", (2, 5, 6, 5), (3, 3, 1, 5), groups=5, padding="same")
    add("3x3-depthwise-multiplier-2", (1, 5, 5, 3), (3, 3, 1, 6), groups=3, stride=(2, 2), padding=(1, 1, 1, 1))
    add("1x1", (2, 3, 5, 7), (1, 1, 7, 4))
    add("1x1-stride-2", (1, 5, 6, 3), (1, 1, 3, 5), stride=(2, 2))
    add("1x1-one-channel", (3, 1, 1, 1), (1, 1, 1, 1))
    add("5x5-one-channel", (1, 9, 8, 1), (5, 5, 1, 3))
    add("3x3-to-one-channel", (1, 5, 5, 4), (3, 3, 4, 1), padding="same")
    add("whole-image", (2, 3, 4, 2), (3, 4, 2, 3))


def matrix_products(o):
    for left in (False, True):
        for right in (False, True):
            for rows, depth, columns in ((3, 5, 7), (1, 17, 1), (4, 1, 3)):
                a = o.normal(*((depth, rows) if left else (rows, depth)))
                b = o.normal(*((columns, depth) if right else (depth, columns)))
                o.case(f"matrixProduct/{'t' if left else 'n'}{'t' if right else 'n'}-{rows}x{depth}x{columns}",
                       "matrixProduct", lambda a, b: (a.T if left else a) @ (b.T if right else b), {"a": a, "b": b},
                       bound="linear", left=left, right=right)


def pools(o):
    def add(name, kind, x, kernel, stride=None, padding=(0, 0), ceil=False, counts=True, ties=False):
        stride = stride or kernel
        values = o.normal(*x)
        if ties:
            values = values.round()

        def pool(x):
            image = to_nchw(x)
            if kind == "average":
                return to_nhwc(F.avg_pool2d(image, kernel, stride, padding, ceil, counts))
            sign = 1 if kind == "maximum" else -1
            y, chosen = F.max_pool2d(sign * image, kernel, stride, padding, 1, ceil, return_indices=True)
            return {"y": to_nhwc(sign * y), "chosen": to_nhwc(chosen)}

        o.case(f"pool/{kind}-{name}", "pool", pool, {"x": values}, kind=kind, kernel=kernel, stride=stride,
               padding=(padding[0], padding[0], padding[1], padding[1]), ceil=ceil, counts=counts,
               bound="linear" if kind == "average" else "case", length=kernel[0] * kernel[1])

    for kind in ("maximum", "minimum", "average"):
        add("2x2", kind, (2, 6, 5, 3), (2, 2))
        add("3x3-stride-2-padded", kind, (1, 7, 8, 3), (3, 3), (2, 2), (1, 1))
        add("3x2-stride-1x2", kind, (1, 5, 7, 2), (3, 2), (1, 2))
        add("2x2-ceil", kind, (1, 5, 7, 2), (2, 2), ceil=True)
        add("3x3-stride-2-ceil-padded", kind, (1, 6, 7, 2), (3, 3), (2, 2), (1, 1), ceil=True)
        add("2x3-stride-3-ceil-padded", kind, (1, 6, 8, 1), (2, 3), (3, 3), (1, 1), ceil=True)
        add("whole-image", kind, (2, 3, 5, 3), (3, 5))
        add("equal-elements", kind, (1, 6, 6, 2), (3, 3), (1, 1), (1, 1), ties=True)
    add("3x3-stride-2-padded-image-only", "average", (1, 7, 8, 3), (3, 3), (2, 2), (1, 1), counts=False)
    add("3x3-stride-2-ceil-padded-image-only", "average", (1, 6, 7, 2), (3, 3), (2, 2), (1, 1), ceil=True, counts=False)
    add("2x2-ceil-image-only", "average", (1, 5, 7, 2), (2, 2), ceil=True, counts=False)


def normalizations(o):
    shapes = {"images": (3, 4, 5, 6), "one-channel": (2, 3, 3, 1), "rows": (7, 5), "two-rows": (2, 3)}
    for name, shape in shapes.items():
        for epsilon, momentum in ((f32(1e-5), f32(0.1)), (f32(1e-3), f32(0.25))):
            channels, axes = shape[-1], list(range(len(shape) - 1))
            rows = 1
            for axis in axes:
                rows *= shape[axis]
            inputs = {"x": o.normal(*shape, scale=1.5) + 0.5, "scale": o.normal(channels), "shift": o.normal(channels)}
            inputs = {k: v.float().double() for k, v in inputs.items()}
            statistics = {"mean": o.normal(channels), "variance": o.positive(channels)}

            def columns(x):
                return x.movedim(-1, 1)

            def train(x, scale, shift, mean, variance):
                new_mean, new_variance = mean.clone(), variance.clone()
                y = F.batch_norm(columns(x), new_mean, new_variance, scale, shift, True, momentum, epsilon)
                return {"y": y.movedim(1, -1), "newMean": new_mean, "newVariance": new_variance}

            def infer(x, scale, shift, mean, variance):
                y = F.batch_norm(columns(x), mean, variance, scale, shift, False, momentum, epsilon)
                return y.movedim(1, -1)

            tag = f"{name}-epsilon-{epsilon:.0e}"
            o.case("batchNormalization/" + tag, "batchNormalization", train, inputs, statistics, length=rows,
                   epsilon=epsilon, momentum=momentum)
            o.case("batchNormalizationInference/" + tag, "batchNormalizationInference", infer, inputs,
                   statistics, length=rows, epsilon=epsilon, momentum=momentum)

    scale, shift = [f32(1 / 255), f32(1 / 64), f32(0.5)], [f32(-0.485), 0.25, -2.0]
    o.case("normalize/floats", "normalize",
           lambda x: x * torch.tensor(scale, dtype=torch.float64) + torch.tensor(shift, dtype=torch.float64),
           {"x": o.normal(2, 3, 2, 3)}, scale=scale, shift=shift)


def maps(o):
    slope, alpha = f32(0.2), f32(0.75)
    x, above = o.normal(3, 5, 7, scale=2), o.positive(3, 5, 7)
    functions = {
        "sigmoid": (torch.sigmoid, x, {}), "tanh": (torch.tanh, x, {}), "relu": (torch.relu, x, {}),
        "leakyReLU": (lambda x: F.leaky_relu(x, slope), x, {"constant": slope}),
        "elu": (lambda x: F.elu(x, alpha), x, {"constant": alpha}),
        "exponential": (torch.exp, x, {}), "logarithm": (torch.log, above, {}),
        "affine": (lambda x: slope * x + alpha, x, {"constant": slope, "offset": alpha}),
    }
    for name, (function, argument, attributes) in functions.items():
        o.case("map/" + name, "map", function, {"x": argument}, kind=name, bound="element", length=4, **attributes)
    o.case("map/step", "map", lambda x: torch.heaviside(x, torch.zeros((), dtype=x.dtype)), {}, {"x": x},
           kind="step")
    extremes = torch.tensor([-1000, -100, -1, -0.0, 0, 1, 100, 1000], dtype=torch.float64)
    for name in ("sigmoid", "tanh", "relu", "leakyReLU", "elu"):
        function, _, attributes = functions[name]
        o.case(f"map/{name}-extremes", "map", function, {"x": extremes}, kind=name, bound="element", **attributes)
    for exponent in (1.0, 2.0, 3.0, -1.0, 0.5, -0.5, 1.5):
        o.case(f"map/power-{exponent}", "map", lambda x: torch.pow(x, exponent), {"x": above}, kind="power",
               constant=exponent, bound="element", length=4)


def binaries(o):
    kinds = {"add": torch.add, "subtract": torch.subtract, "multiply": torch.multiply, "divide": torch.divide}
    shapes = {"equal": ((3, 5), (3, 5)), "row": ((2, 3, 4, 5), (5,)), "row-on-the-left": ((5,), (4, 5)),
              "column": ((3, 5), (3, 1)), "both-repeat": ((3, 1, 4), (1, 5, 1)), "scalar": ((2, 3), ()),
              "image-gate": ((2, 3, 4, 5), (2, 1, 1, 5)), "rank": ((4, 1), (2, 3, 1, 5))}
    for kind, function in kinds.items():
        for name, (a, b) in shapes.items():
            count = 1
            for extent in torch.broadcast_shapes(a, b):
                count *= extent
            inputs = {"a": o.normal(*a), "b": o.positive(*b)}
            o.case(f"binary/{kind}-{name}", "binary", lambda a, b: function(a, b), inputs, kind=kind, length=count,
                   bound="linear" if kind in ("add", "multiply") else "case")
    for name, (a, b) in {"equal": ((4, 3), (4, 3)), "column": ((4, 3), (4, 1))}.items():
        targets = o.positive(*b) / 4
        o.case(f"binary/logisticLoss-{name}", "binary",
               lambda a, b: F.binary_cross_entropy_with_logits(a, b.expand_as(a), reduction="none"),
               {"a": o.normal(*a, scale=3), "b": targets.float().double()}, kind="logisticLoss", length=16)
    ends = torch.tensor([-1000, -50, 0, 50, 1000], dtype=torch.float64)
    for target in (0.0, 1.0):
        o.case(f"binary/logisticLoss-extremes-{target:.0f}", "binary",
               lambda a, b: F.binary_cross_entropy_with_logits(a, b, reduction="none"),
               {"a": ends, "b": torch.full_like(ends, target)}, kind="logisticLoss", length=4)


def reductions(o):
    shapes = {"rows": ((4, 5), [0]), "columns": ((4, 5), [1]), "pixels": ((2, 3, 5, 4), [1, 2]),
              "first-and-last": ((3, 4, 5), [0, 2]), "everything": ((2, 3, 7), [0, 1, 2]), "one": ((1,), [0])}
    kinds = {"sum": torch.sum, "mean": torch.mean, "maximum": torch.amax}
    for kind, function in kinds.items():
        for name, (shape, axes) in shapes.items():
            count = 1
            for axis in axes:
                count *= shape[axis]
            o.case(f"reduce/{kind}-{name}", "reduce", lambda x: function(x, dim=axes), {"x": o.normal(*shape)},
                   kind=kind, axes=axes, length=count,
                   bound="case" if kind == "maximum" else "linear")
    o.case("reduce/maximum-equal-elements", "reduce", lambda x: torch.amax(x, dim=[1]),
           {"x": o.normal(4, 9).round()}, kind="maximum", axes=[1], length=9)
    o.case("reduce/global-average", "reduce", lambda x: F.adaptive_avg_pool2d(to_nchw(x), 1).flatten(1),
           {"x": o.normal(2, 5, 3, 4)}, kind="mean", axes=[1, 2], bound="linear", length=15)
    for name, source, target in (("row", (3,), (4, 3)), ("column", (4, 1), (4, 3)), ("new-axes", (1, 2), (3, 5, 2))):
        o.case("broadcast/" + name, "broadcast", lambda x: torch.broadcast_to(x, target), {"x": o.normal(*source)},
               shape=target, bound="linear")
    for name, shape in (("vector", (7,)), ("column", (5, 1))):
        o.case("batchMean/" + name, "batchMean", lambda x: x.flatten().mean(), {"x": o.normal(*shape).flatten()},
               bound="linear", length=7)


def movements(o):
    joined = {"channels": ([(2, 3, 2, 1), (2, 3, 2, 4), (2, 3, 2, 2)], 3), "rows": ([(2, 3), (1, 3)], 0),
              "middle": ([(2, 1, 3), (2, 4, 3)], 1), "one": ([(2, 3)], 1)}
    for name, (parts, axis) in joined.items():
        inputs = {f"x{i}": o.normal(*shape) for i, shape in enumerate(parts)}
        o.case("concatenate/" + name, "concatenate", lambda **parts: torch.cat(list(parts.values()), axis), inputs,
               axis=axis)
    for axis, start, count in ((0, 1, 2), (1, 0, 3), (2, 2, 4), (3, 4, 1)):
        o.case(f"slice/axis-{axis}", "slice", lambda x: x.narrow(axis, start, count), {"x": o.normal(3, 4, 6, 5)},
               axis=axis, start=start, count=count)
    borders = {"zeros": ((0, 1, 2, 0), (0, 2, 0, 0), 0.0), "value": ((1, 0, 0, 2), (0, 0, 1, 1), -1.5)}
    for name, (before, after, value) in borders.items():
        sides = [n for pair in reversed(list(zip(before, after))) for n in pair]
        o.case("pad/" + name, "pad", lambda x: F.pad(x, sides, value=value), {"x": o.normal(2, 3, 2, 3)},
               before=before, after=after, value=value)
    reshaped = {"flatten": ((2, 3, 4, 5), (2, 60)), "split": ((6, 4), (3, 2, 2, 2)), "scalar": ((1, 1), ())}
    for name, (source, target) in reshaped.items():
        o.case("reshape/" + name, "reshape", lambda x: x.reshape(target), {"x": o.normal(*source)}, shape=target)
    for order in ((1, 0), (2, 0, 1), (0, 3, 1, 2), (3, 1, 0, 2)):
        o.case("transpose/" + "".join(map(str, order)), "transpose", lambda x: x.permute(order),
               {"x": o.normal(*(2, 3, 4, 5)[:len(order)])}, order=order)
    o.case("oneHot/indices", "oneHot", lambda indices: F.one_hot(indices, 5).double(), {},
           {"indices": torch.tensor([0, 4, 2, 2])}, classes=5)
    o.case("stopGradient/product", "stopGradient", lambda a, b: a.detach() * b,
           {"a": o.normal(3, 4), "b": o.normal(3, 4)})


def losses(o):
    for logarithmic in (False, True):
        for name, shape, scale in (("rows", (4, 7), 2), ("images", (2, 2, 3, 5), 1), ("one-class", (3, 1), 1),
                                   ("large", (3, 5), 300)):
            function = F.log_softmax if logarithmic else F.softmax
            o.case(f"softmax/{'logarithm-' if logarithmic else ''}{name}", "softmax", lambda x: function(x, dim=-1),
                   {"x": o.normal(*shape, scale=scale)}, logarithmic=logarithmic, length=shape[-1])
    rows, classes = 6, 5
    indices = torch.randint(0, classes, (rows,), generator=o.random)
    soft = torch.softmax(o.normal(rows, classes), 1).float().double()
    weights = [f32(w) for w in (0.5, 1.75, 1.0, 0.25, 1.5)]
    for smoothing in (0.0, f32(0.1)):
        for weighted in (False, True):
            for kind, targets in (("indices", indices), ("soft", soft)):
                for size in (1.5, 200.0):
                    tags = {"weighted": weighted, "smoothed": smoothing > 0, "large": size > 9}
                    name = "-".join([kind, *(tag for tag, holds in tags.items() if holds)])

                    def cross_entropy(x, targets):
                        weight = torch.tensor(weights, dtype=torch.float64) if weighted else None
                        each = F.cross_entropy(x, targets, weight, reduction="none", label_smoothing=smoothing)
                        return {"y": each.sum() / rows, "rows": each, "probabilities": torch.softmax(x, 1)}

                    o.case("crossEntropy/" + name, "crossEntropy", cross_entropy,
                           {"x": o.normal(rows, classes, scale=size)}, {"targets": targets}, smoothing=smoothing,
                           weights=weights if weighted else [], length=rows + 2 * classes)
    for name, shape in (("one-column", (5, 1)), ("columns", (4, 3))):
        o.case("meanSquaredError/" + name, "meanSquaredError", lambda x, targets: F.mse_loss(x, targets),
               {"x": o.normal(*shape)}, {"targets": o.normal(*shape)}, length=shape[0] * shape[1])
        o.case("logisticLoss/" + name, "logisticLoss",
               lambda x, targets: F.binary_cross_entropy_with_logits(x, targets), {"x": o.normal(*shape)},
               {"targets": o.normal(*shape).gt(0).double()},
               length=shape[0] * shape[1] + 8)


def gates(o):
    low, high, beta = -0.5, 1.25, f32(0.3)
    x = o.normal(3, 5, 7, scale=2)
    functions = {
        "clip": (lambda x: F.hardtanh(x, low, high), {"constant": low, "high": high}),
        # PyTorch's own gradient multiplies by a sixth in float32.
        "hardSigmoid": (lambda x: (x + 3).clamp(0, 6) / 6, {}), "hardSwish": (lambda x: F.hardswish(x), {}),
        "silu": (lambda x: F.silu(x), {}), "mish": (lambda x: F.mish(x), {}), "gelu": (lambda x: F.gelu(x), {}),
        "geluTanh": (lambda x: F.gelu(x, approximate="tanh"), {}),
        "smoothAbsolute": (lambda x: F.smooth_l1_loss(x, torch.zeros_like(x), reduction="none", beta=beta),
                           {"constant": beta}),
    }
    for name, (function, attributes) in functions.items():
        o.case("map/" + name, "map", function, {"x": x}, kind=name, length=8, **attributes)
    extremes = torch.tensor([-1000, -100, -7, -0.0, 0, 2, 7, 100, 1000], dtype=torch.float64)
    for name, (function, attributes) in functions.items():
        o.case(f"map/{name}-extremes", "map", function, {"x": extremes}, kind=name, **attributes)


def spread(weights, x):
    """Weights of the leading axes with all axes of x."""
    return weights.reshape(weights.shape + (1,) * (x.dim() - weights.dim()))


def pixel_losses(o):
    shape, classes, ignored = (2, 3, 5), 4, 255
    indices = torch.randint(0, classes, shape, generator=o.random)
    indices[0, 1, 2] = indices[1, 0, 4] = indices[1, 2, 0] = ignored
    weights = [f32(w) for w in (0.5, 1.75, 1.0, 0.25)]
    for smoothing in (0.0, f32(0.1)):
        def cross_entropy(x, targets):
            each = F.cross_entropy(x.movedim(-1, 1), targets, torch.tensor(weights, dtype=torch.float64),
                                   ignore_index=ignored, reduction="none", label_smoothing=smoothing)
            return each.sum() / targets.ne(ignored).sum()

        o.case(f"crossEntropyPixels/ignored-smoothing-{smoothing > 0}", "crossEntropyPixels", cross_entropy,
               {"x": o.normal(*shape, classes)}, {"targets": indices}, smoothing=smoothing, weights=weights,
               ignoring=ignored, length=30 + 2 * classes)
    o.case("notEqual/pixels", "notEqual", lambda indices: indices.ne(ignored).double(), {}, {"indices": indices},
           value=ignored)
    for name, shape, weighed in (("rows", (5, 3), (5,)), ("boxes", (2, 7, 4), (2, 7)), ("elements", (3, 4), (3, 4)),
                                 ("plain", (4, 3), None)):
        for beta in (1.0, f32(0.3), 0.0):
            constants = {"targets": o.normal(*shape)}
            if weighed:
                constants["weights"] = o.positive(*weighed)

            def smooth(x, targets, weights=torch.ones(1)):
                return (F.smooth_l1_loss(x, targets, reduction="none", beta=beta) * spread(weights, x)).mean()

            o.case(f"smoothL1/{name}-{beta:.1f}", "smoothL1", smooth, {"x": o.normal(*shape)}, constants, beta=beta,
                   length=torch.Size(shape).numel() + 8)
        if weighed:
            def logistic(x, targets, weights):
                return F.binary_cross_entropy_with_logits(x, targets, spread(weights, x).expand_as(x))

            o.case(f"weightedLogisticLoss/{name}", "weightedLogisticLoss", logistic, {"x": o.normal(*shape, scale=2)},
                   {"targets": o.normal(*shape).gt(0).double(), "weights": o.positive(*weighed)},
                   length=torch.Size(shape).numel() + 8)


def make(seed):
    from .image_operations import resizes, rows, transposed_convolutions

    operations = Operations(seed)
    # New parts come last, so that the numbers drawn for the others stay what they are.
    for part in (convolutions, matrix_products, pools, normalizations, maps, binaries, reductions, movements, losses,
                 gates, pixel_losses, transposed_convolutions, resizes, rows):
        part(operations)
    return operations.container
