#!/usr/bin/env python3
"""The same work in PyTorch, one thread: what scripts/bench sets beside ours.

    peers.py CASE [SECONDS]

prints one line of JSON, {"seconds": processor time of one repetition}. Cases: rings-bp, rings-sat (a step of
784-64-10 at batch 128 from heater currents, with Adam), ring-weights (its 50 816 weights alone), lenet-bp,
lenet-sat (a step of LeNet-5 at batch 64, convolutions and matrices from heater currents, with batch
normalisation and Adam), mesh-64 (mesh_peer.py), masks-200 and masks-512 (five masks, batch 32, forward and back,
planes padded to twice), masks-200-unpadded, population (10 000 samples through 100 devices of 784-64-10, ten
devices a product, without noise and crosstalk); and fftw-200, fftw-200-unpadded and fftw-512, the transforms of
these masks alone by FFTW's measured plans (libfftw3-single3), zero rows left out. Random inputs: the time does
not depend on them. Rings have their derivative written by hand, the fastest form that is known to us; the two
coefficients of a ring are those of r = 0.955, a = 0.998. A PyTorch that multiplies with the reference BLAS, as
Debian's does where no other BLAS is installed, is refused: it is up to thirty times slower.
"""
import ctypes
import ctypes.util
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


def refuse_reference_products():
    """Ends the program if products are those of the reference BLAS."""
    torch.rand(8, 8) @ torch.rand(8, 8)  # a library is loaded when it is first used
    with open("/proc/self/maps") as maps:
        if any("/blas/libblas.so" in line for line in maps):
            sys.exit("peers.py: PyTorch multiplies with the slow reference BLAS; scripts/install-packages bench installs OpenBLAS")


def network():
    first = torch.nn.Parameter(5 * torch.rand(64, 784))
    second = torch.nn.Parameter(5 * torch.rand(10, 64))
    return first, second


def step_of(parameters, loss, sharp):
    """A step of Adam, at the gradient of `loss` there or, if sharp, at a point up the gradient."""
    adam = torch.optim.Adam(parameters)

    def step():
        adam.zero_grad()
        loss().backward()
        if sharp:
            norm = torch.sqrt(sum((p.grad * p.grad).sum() for p in parameters))
            ascent = torch._foreach_mul([p.grad for p in parameters], (0.05 / norm).item())
            with torch.no_grad():
                torch._foreach_add_(parameters, ascent)
            adam.zero_grad()
            loss().backward()
            with torch.no_grad():
                torch._foreach_sub_(parameters, ascent)
        adam.step()

    return step


def rings(sharp):
    first, second = network()
    x, labels = torch.rand(128, 784), torch.randint(10, (128,))

    def loss():
        y = torch.relu(x @ Rings.apply(first).t()) @ Rings.apply(second).t()
        return torch.nn.functional.cross_entropy(y, labels)

    step = step_of([first, second], loss, sharp)

    def bounded():
        step()
        with torch.no_grad():
            first.clamp_(0, 5.2), second.clamp_(0, 5.2)

    return bounded


def lenet(sharp):
    functions = torch.nn.functional
    shapes = [(6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]
    banks = [torch.nn.Parameter(5 * torch.rand(shape[0], torch.Size(shape[1:]).numel())) for shape in shapes]
    norms = [torch.nn.BatchNorm2d(6), torch.nn.BatchNorm2d(16), torch.nn.BatchNorm1d(120), torch.nn.BatchNorm1d(84)]
    x, labels = torch.rand(64, 1, 28, 28), torch.randint(10, (64,))

    def loss():
        weights = [Rings.apply(bank).view(shape) for bank, shape in zip(banks, shapes)]
        y = torch.relu(norms[0](functions.conv2d(x, weights[0], padding=2)))
        y = torch.relu(norms[1](functions.conv2d(functions.max_pool2d(y, 2), weights[1])))
        y = functions.max_pool2d(y, 2).flatten(1)
        y = torch.relu(norms[2](functions.linear(y, weights[2])))
        y = torch.relu(norms[3](functions.linear(y, weights[3])))
        return functions.cross_entropy(functions.linear(y, weights[4]), labels)

    return step_of(banks + [p for norm in norms for p in norm.parameters()], loss, sharp)


def mesh():
    import mesh_peer

    return mesh_peer.step()


def fftw(side, padding):
    """Rows of the plane, then all columns, there and back, as often as a step of five masks does."""
    library = ctypes.CDLL(ctypes.util.find_library("fftw3f"))
    library.fftwf_malloc.restype = library.fftwf_plan_many_dft.restype = ctypes.c_void_p
    library.fftwf_malloc.argtypes = [ctypes.c_size_t]
    library.fftwf_execute.argtypes = [ctypes.c_void_p]
    whole = side * padding
    plane = ctypes.c_void_p(library.fftwf_malloc(8 * whole * whole))
    ctypes.memset(plane, 0, 8 * whole * whole)

    def plan(count, stride, distance, sign):
        length, pointer = ctypes.byref(ctypes.c_int(whole)), ctypes.c_void_p
        return library.fftwf_plan_many_dft(1, length, count, plane, pointer(), stride, distance, plane, pointer(), stride,
                                           distance, sign, ctypes.c_uint(0))  # FFTW_MEASURE

    plans = [plan(side, 1, whole, -1), plan(whole, whole, 1, -1), plan(whole, whole, 1, 1), plan(side, 1, whole, 1)]

    def run():
        for one in plans:
            library.fftwf_execute(one)

    run.often = 32 * 11
    return run


def ring_weights():
    first, second = network()

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
    first, second = network()
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
    "lenet-bp": lambda: lenet(False),
    "lenet-sat": lambda: lenet(True),
    "mesh-64": mesh,
    "masks-200": lambda: masks(200, 2),
    "masks-512": lambda: masks(512, 2),
    "masks-200-unpadded": lambda: masks(200, 1),
    "population": population,
    "fftw-200": lambda: fftw(200, 2),
    "fftw-200-unpadded": lambda: fftw(200, 1),
    "fftw-512": lambda: fftw(512, 2),
}


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in CASES:
        sys.exit(f"peers.py: expected a case among {', '.join(CASES)}")
    budget = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    refuse_reference_products()
    work = CASES[sys.argv[1]]()
    work()
    times, begin = [], time.process_time()
    while not times or time.process_time() - begin < budget:
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    times.sort()
    print(json.dumps({"seconds": times[len(times) // 2] * getattr(work, "often", 1)}))


if __name__ == "__main__":
    main()
