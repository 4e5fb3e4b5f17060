#!/usr/bin/env python3
"""PyTorch's times for the problems of `nunchi bench problem`: single layers, each direction apart.

    python3 Tools/peer_problem.py --threads 2 "conv mb37 ic24 oc40 ih160 kh3 s1 p1 f32" "gemm m100 n512 k6272 f32"

One JSON object a line and problem. float32; of a convolution both layouts of memory (`channels_last`, `contiguous`) are
timed and the faster one counts in each direction. `seconds` is the median of the rounds that fit half a second, at least
8, after a warm-up. Gradients are timed through `aten.convolution_backward` with an output mask, for the input and the
weights apart. For large arrays give PyTorch huge pages (THP_MEM_ALLOC_ENABLE=1) and a caching allocator (LD_PRELOAD of
tcmalloc), as for any peer. Needs PyTorch; runs on the CPU.
"""
import argparse
import json
import re
import statistics
import time

import torch

NAMES = {"forward": "forward", "input_gradient": "conv-dx", "weight_gradient": "conv-dw"}


def parse(text):
    """The name, its numbers, and whether the left side is transposed; what nunchi refuses is not all refused here."""
    name, *words = text.split()
    numbers = {}
    for word in words:
        if word in ("f32", "ta") or word.startswith("F("):
            continue
        match = re.fullmatch(r"([a-z]+)(\d+)", word)
        if not match:
            raise SystemExit(f'"{text}": expected a field such as kh3, found "{word}"')
        numbers[match[1]] = int(match[2])
    needed = ("m", "n", "k") if name == "gemm" else ("mb", "ic", "oc", "ih", "kh")
    if missing := [key for key in needed if key not in numbers]:
        raise SystemExit(f'"{text}": expected {" ".join(missing)}, found none')
    return name, numbers, "ta" in words


def convolution(name, n):
    """For each direction, a function of each layout."""
    height, kernel, groups = n["ih"], n["kh"], n.get("g", 1)
    width, kernel_width = n.get("iw", height), n.get("kw", kernel)
    window = [n.get("s", 1)] * 2, [n.get("p", 0)] * 2, [n.get("d", 1)] * 2
    directions = {"forward": {}, "input_gradient": {}, "weight_gradient": {}}
    for layout in (torch.channels_last, torch.contiguous_format):
        x = torch.rand(n["mb"], n["ic"], height, width).contiguous(memory_format=layout)
        k = torch.randn(n["oc"], n["ic"] // groups, kernel, kernel_width).mul_(0.1).contiguous(memory_format=layout)
        dy = torch.rand_like(torch.conv2d(x, k, None, *window, groups)).contiguous(memory_format=layout)

        def forward(x=x, k=k):
            return torch.conv2d(x, k, None, *window, groups)

        def backward(mask, x=x, k=k, dy=dy):
            return torch.ops.aten.convolution_backward(dy, x, k, None, *window, False, [0, 0], groups, mask)

        key = str(layout).removeprefix("torch.").removesuffix("_format")
        directions["forward"][key] = forward
        directions["input_gradient"][key] = lambda run=backward: run([True, False, False])
        directions["weight_gradient"][key] = lambda run=backward: run([False, True, False])
    only = [key for key, value in NAMES.items() if value == name]
    return {key: directions[key] for key in only or directions}


def product(n, transposed):
    if transposed:
        a, b = torch.rand(n["k"], n["m"]), torch.rand(n["k"], n["n"])
        return {"weight_gradient": {"contiguous": lambda: a.t() @ b}}
    # A dense layer keeps its weights as [outputs, inputs].
    x, k, dy = torch.rand(n["m"], n["k"]), torch.rand(n["n"], n["k"]), torch.rand(n["m"], n["n"])
    return {"forward": {"contiguous": lambda: torch.nn.functional.linear(x, k)},
            "input_gradient": {"contiguous": lambda: dy @ k}, "weight_gradient": {"contiguous": lambda: dy.t() @ x}}


def measure(run, budget, fewest=8):
    """The seconds of each round."""
    for _ in range(2):
        run()
    seconds, begin = [], time.perf_counter()
    while len(seconds) < fewest or time.perf_counter() - begin < budget:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("problems", nargs="+", metavar="PROBLEM")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--budget", type=float, default=0.5, help="seconds of each direction and layout")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    with torch.inference_mode():
        for text in a.problems:
            name, numbers, transposed = parse(text)
            directions = product(numbers, transposed) if name == "gemm" else convolution(name, numbers)
            answer = {"problem": text, "torch": torch.__version__, "threads": a.threads, "directions": []}
            for direction, layouts in directions.items():
                timed = {layout: measure(run, a.budget) for layout, run in layouts.items()}
                medians = {layout: statistics.median(seconds) for layout, seconds in timed.items()}
                best = min(medians, key=medians.get)
                answer["directions"].append({
                    "direction": direction, "seconds": medians[best], "seconds_best": min(timed[best]), "layout": best,
                    "rounds": len(timed[best]), "seconds_by_layout": medians})
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
