"""Operations that change the size of images, and those of rows: part of the fixtures of `operations`."""
import torch
import torch.nn.functional as F

from .container import f32
from .operations import to_nchw, to_nhwc


def transposed_convolutions(o):
    def add(name, x, k, stride=(1, 1), padding=(0, 0), output_padding=(0, 0), dilation=(1, 1), groups=1):
        def convolve(x, k):
            # k [height, width, outputs / groups, inputs] to PyTorch's [inputs, outputs / groups, height, width]
            return to_nhwc(F.conv_transpose2d(to_nchw(x), k.permute(3, 2, 0, 1).contiguous(), stride=stride,
                                              padding=padding, output_padding=output_padding, dilation=dilation,
                                              groups=groups))

        border = (padding[0], padding[0], padding[1], padding[1])
        o.case("transposedConvolution/" + name, "transposedConvolution", convolve,
               {"x": o.normal(*x), "k": o.normal(*k)}, bound="linear", stride=stride, padding=border,
               outputPadding=output_padding, dilation=dilation, groups=groups)

    add("2x2-stride-2", (2, 3, 4, 3), (2, 2, 5, 3), stride=(2, 2))
    add("3x3-padded", (1, 4, 5, 3), (3, 3, 2, 3), padding=(1, 1))
    add("4x4-stride-2-padded", (1, 3, 3, 2), (4, 4, 3, 2), stride=(2, 2), padding=(1, 1))
    add("3x2-stride-2x3-output-padding", (2, 3, 2, 3), (3, 2, 2, 3), stride=(2, 3), padding=(1, 0),
        output_padding=(1, 2))
    add("3x3-dilation-2x3", (1, 4, 3, 2), (3, 3, 3, 2), stride=(2, 1), padding=(2, 1), dilation=(2, 3))
    add("3x3-groups-2", (1, 4, 3, 4), (3, 3, 3, 4), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), groups=2)
    add("3x3-depthwise", (1, 3, 5, 3), (3, 3, 1, 3), stride=(2, 2), groups=3)
    add("1x1-stride-3", (1, 2, 3, 2), (1, 1, 1, 2), stride=(3, 3), output_padding=(2, 1))


def resizes(o):
    for name, x, size in (("up", (2, 3, 4, 3), (7, 9)), ("down", (1, 7, 5, 2), (3, 4)), ("to-one", (1, 4, 3, 2), (1, 1)),
                          ("double", (1, 3, 5, 1), (6, 10)), ("from-one", (1, 1, 1, 2), (3, 2))):
        modes = {"bilinear-halfPixel": dict(mode="bilinear", align_corners=False),
                 "bilinear-corners": dict(mode="bilinear", align_corners=True),
                 "nearest-halfPixel": dict(mode="nearest-exact"), "nearest-origin": dict(mode="nearest")}
        for mode, options in modes.items():
            kind, alignment = mode.split("-")
            o.case(f"resize/{mode}-{name}", "resize", lambda x: to_nhwc(F.interpolate(to_nchw(x), size, **options)),
                   {"x": o.normal(*x)}, kind=kind, alignment=alignment, size=size, bound="linear", length=16)


def rows(o):
    for axis, indices in ((0, (2, 0, 0)), (1, (4, 1, 4, 4, 0)), (2, (3,))):
        o.case(f"gather/axis-{axis}", "gather", lambda x: x.index_select(axis, torch.tensor(indices)),
               {"x": o.normal(3, 5, 4)}, axis=axis, indices=indices, bound="linear")
    for kept, descending in ((7, False), (7, True), (3, True)):
        def order(x):
            values, chosen = torch.sort(x, dim=-1, descending=descending, stable=True)
            return {"y": values[..., :kept], "chosen": chosen[..., :kept]}

        o.case(f"sortRows/{kept}-{'down' if descending else 'up'}", "sortRows", order, {},
               {"x": o.normal(3, 2, 7).mul(2).round()}, kept=kept, descending=descending)
    epsilon = f32(1e-3)
    for name, x, groups in (("images", (2, 3, 2, 6), 3), ("one-group", (2, 2, 3, 5), 1), ("rows", (3, 8), 2)):
        inputs = {"x": o.normal(*x), "scale": o.normal(x[-1]), "shift": o.normal(x[-1])}
        o.case("groupNormalization/" + name, "groupNormalization",
               lambda x, scale, shift: F.group_norm(x.movedim(-1, 1), groups, scale, shift, epsilon).movedim(1, -1),
               inputs, groups=groups, epsilon=epsilon, length=40)
    for name, x, axes in (("rows", (5, 7), 1), ("pixels", (2, 3, 2, 5), 1), ("images", (2, 3, 2, 4), 3)):
        shape = x[-axes:]
        inputs = {"x": o.normal(*x), "scale": o.normal(*shape), "shift": o.normal(*shape)}
        o.case("layerNormalization/" + name, "layerNormalization",
               lambda x, scale, shift: F.layer_norm(x, shape, scale, shift, epsilon), inputs, axes=axes,
               epsilon=epsilon, length=40)
    for name, x, size in (("5-of-7", (2, 3, 2, 7), 5), ("4-of-9", (2, 2, 2, 9), 4), ("wider", (2, 2, 2, 3), 6)):
        alpha, beta, bias = 0.5, 0.75, 1.5
        o.case("localResponse/" + name, "localResponse",
               lambda x: F.local_response_norm(x.movedim(-1, 1), size, alpha, beta, bias).movedim(1, -1),
               {"x": o.normal(*x)}, size=size, alpha=alpha, beta=beta, bias=bias, length=16)
