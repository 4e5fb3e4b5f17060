"""The `.fixture` container: a text header that describes tensors, then their elements.

    nunchi-fixture 1
    torch 2.15.0
    case NAME key=value ...                          what a test builds; values hold no blanks
    tensor CASE/NAME TYPE 2x3x4|scalar key=value ... TYPE: uint8, int32, float32 or float64
    data

After the line `data` the elements follow, little-endian, row-major, in the order of the tensor lines, without gaps.
Tensors that are compared carry `length` and `magnitude`: an element of theirs is a sum of at most `length` terms, and
no partial sum exceeds `magnitude` in absolute value, so the error may reach length / 2 * epsilon * magnitude.
"""
import numpy as np
import torch

TYPES = {np.dtype("uint8"): "uint8", np.dtype("<i4"): "int32", np.dtype("<f4"): "float32", np.dtype("<f8"): "float64"}


def f32(value):
    """The Python number of the float32 nearest to `value`: constants must be the same on both sides."""
    return float(np.float32(value))


class Container:
    """Collects cases and tensors and writes them as one file."""

    def __init__(self):
        self.lines = ["nunchi-fixture 1", f"torch {torch.__version__}"]
        self.blobs = []
        self.names = set()

    def case(self, name, **attributes):
        assert name not in self.names, name
        self.names.add(name)
        self.lines.append(" ".join(["case", name] + [f"{k}={text(v)}" for k, v in attributes.items()]))

    def tensor(self, name, values, dtype, **attributes):
        """Stores `values` (a tensor or array) as `dtype`; integers and float32 must be exact."""
        assert name not in self.names, name
        self.names.add(name)
        wide = values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
        array = np.array(wide, dtype=np.dtype(dtype).newbyteorder("<"), order="C")
        shape = "x".join(map(str, array.shape)) or "scalar"
        self.lines.append(
            " ".join(["tensor", name, TYPES[array.dtype], shape] + [f"{k}={text(v)}" for k, v in attributes.items()]))
        self.blobs.append(array.tobytes())

    def write(self, path):
        header = "\n".join(self.lines + ["data"]) + "\n"
        path.write_bytes(header.encode("ascii") + b"".join(self.blobs))
        return path.stat().st_size


def text(value):
    """An attribute's value without blanks; numbers exactly, lists with commas, truth as 0 or 1."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return ",".join(text(v) for v in value) or "-"
    result = str(value)
    assert " " not in result, result
    return result
