#!/usr/bin/env python3
"""The same work in PyTorch, one thread: what scripts/bench sets beside ours.

    peers.py CASE [SECONDS]

prints one line of JSON, {"seconds": processor time of one repetition}. Cases: rings-bp, rings-sat (a step of
784-64-10 at batch 128 from heater currents, with Adam), ring-weights (its 50 816 weights alone), masks-200 and
masks-512 (five masks, batch 32, forward and back, planes padded to twice), masks-200-unpadded, population
(10 000 samples through 100 devices of 784-64-10, ten devices a product, without noise and crosstalk). Random
inputs: the time does not depend on them. Rings have their derivative written by hand, the fastest form that is
known to us; the two coefficients of a ring are those of r = 0.955, a = 0.998.
"""
import json
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
R = 0.955**2 * 0.998
GAIN = (1 - 0.955**2) ** 2 * 0.998 + 1 - 0.955**2 * (1 + 0.998**2) + R * R  # numerator of T_drop − T_thru + 1
TURN, COLD = 2 * torch.pi / 10 * 0.0625 * 0.5, 2 * torch.pi / 10 * 0.575


class Rings(torch.autograd.Function):
    """Weights [out, in] from heater currents, and their derivative."""

    @staticmethod
    def forward(ctx, current):
        phase = COLD - TURN * current * current
        below = torch.cos(phase).mul_(-2 * R).add_(1 + R * R).reciprocal_()
        ctx.save_for_backward(current, phase, below)
        return below.mul(GAIN).sub_(1)

    @staticmethod
    def backward(ctx, gradient):
        current, phase, below = ctx.saved_tensors
        return torch.sin(phase).mul_(below).mul_(below).mul_(4 * GAIN * R * TURN).mul_(current).mul_(gradient)


def network():
    first = torch.nn.Parameter(5 * torch.rand(64, 784))
    second = torch.nn.Parameter(5 * torch.rand(10, 64))
    return first, second, torch.optim.Adam([first, second])


def rings(sharp):
    first, second, adam = network()
    x, labels = torch.rand(128, 784), torch.randint(10, (128,))

    def gradient():
        adam.zero_grad()
        y = torch.relu(x @ Rings.apply(first).t()) @ Rings.apply(second).t()
        torch.nn.functional.cross_entropy(y, labels).backward()

    def step():
        gradient()
        if sharp:
            norm = torch.sqrt(sum((p.grad * p.grad).sum() for p in (first, second)))
            ascent = [p.grad * (0.05 / norm) for p in (first, second)]
            with torch.no_grad():
                for p, e in zip((first, second), ascent):
                    p.add_(e)
            gradient()
            with torch.no_grad():
                for p, e in zip((first, second), ascent):
                    p.sub_(e)
        adam.step()
        with torch.no_grad():
            first.clamp_(0, 5.2), second.clamp_(0, 5.2)

    return step


def ring_weights():
    first, second, _ = network()

    def make():
        with torch.no_grad():
            Rings.apply(first), Rings.apply(second)

    return make


def masks(side, padding):
    whole = side * padding
    phases = torch.nn.Parameter(torch.rand(5, side, side))
    f = torch.fft.fftfreq(whole, 0.4e-6)
    root = torch.sqrt((1 / 532e-9) ** 2 - f[:, None] ** 2 - f[None, :] ** 2 + 0j)
    transfer = torch.exp(2j * torch.pi * 100e-6 * root).to(torch.complex64)
    field = torch.rand(32, side, side).to(torch.complex64)
    size = (whole, whole)

    def step():
        phases.grad = None
        u = field
        for mask in range(6):
            u = torch.fft.ifft2(torch.fft.fft2(u, size) * transfer)[:, :side, :side]
            if mask < 5:
                u = u * torch.exp(1j * phases[mask])
        light = (u.real**2 + u.imag**2)[:, : side // 2, : side // 10 * 10]
        light.reshape(32, side // 2, 10, -1).sum((1, 3)).square().sum().backward()

    return step


def population():
    first, second, _ = network()
    x, labels = torch.rand(10000, 784), torch.randint(10, (10000,))
    together, chunk = 10, 2000

    def drawn(current):
        phase = torch.randn(together, *current.shape).mul_(0.02).add_(COLD - TURN * current * current)
        return phase.cos_().mul_(-2 * R).add_(1 + R * R).reciprocal_().mul_(GAIN).sub_(1)

    @torch.no_grad()
    def run():
        right = 0
        for _ in range(100 // together):
            a = drawn(first).reshape(together * 64, 784).t()
            b = drawn(second).transpose(1, 2)
            for begin in range(0, len(x), chunk):
                h = torch.relu_(x[begin : begin + chunk] @ a).view(-1, together, 64).transpose(0, 1)
                right += (torch.bmm(h, b).argmax(2) == labels[begin : begin + chunk]).sum().item()

    return run


CASES = {
    "rings-bp": lambda: rings(False),
    "rings-sat": lambda: rings(True),
    "ring-weights": ring_weights,
    "masks-200": lambda: masks(200, 2),
    "masks-512": lambda: masks(512, 2),
    "masks-200-unpadded": lambda: masks(200, 1),
    "population": population,
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in CASES:
        sys.exit(f"peers.py: expected a case among {', '.join(CASES)}")
    budget = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    work = CASES[sys.argv[1]]()
    work()
    times, begin = [], time.process_time()
    while not times or time.process_time() - begin < budget:
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    times.sort()
    print(json.dumps({"seconds": times[len(times) // 2]}))


if __name__ == "__main__":
    main()
