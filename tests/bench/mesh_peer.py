"""A step of a rectangular mesh of 64 modes in PyTorch, batch 128, in the fastest of seven forms that were tried.

The columns are cut into segments of eight; all segments go through their columns at once, on identities, in one
autograd.Function with in-place complex operations and a derivative written by hand, and the batch through the
segments' matrices. Splitters have errors; powers are detected; Adam moves the phases.
"""
import math

import torch

MODES, BATCH, SEGMENT = 64, 128, 8
memory = {}


def kept(name, *shape):
    """Memory that stays, since fresh tensors of megabytes cost page faults in every step."""
    if name not in memory:
        memory[name] = torch.empty(*shape, dtype=torch.complex64)
    return memory[name]


@torch.jit.script
def there(states: torch.Tensor, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, d: torch.Tensor):
    segments, signals = states.size(1), states.size(3)
    for column in range(a.size(1)):
        odd = column & 1
        cells = a.size(2) - odd
        x = states[column, :, odd : odd + 2 * cells].view(segments, cells, 2, signals)
        y = states[column + 1, :, odd : odd + 2 * cells].view(segments, cells, 2, signals)
        up, down = y.select(2, 0), y.select(2, 1)
        torch.mul(x.select(2, 0), a[:, column, :cells].unsqueeze(-1), out=up)
        up.addcmul_(x.select(2, 1), b[:, column, :cells].unsqueeze(-1))
        torch.mul(x.select(2, 0), c[:, column, :cells].unsqueeze(-1), out=down)
        down.addcmul_(x.select(2, 1), d[:, column, :cells].unsqueeze(-1))
        if odd == 1:
            states[column + 1, :, 0].copy_(states[column, :, 0])
            states[column + 1, :, -1].copy_(states[column, :, -1])


@torch.jit.script
def back(states: torch.Tensor, gradients: torch.Tensor, products: torch.Tensor, by_cell: torch.Tensor,
         a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, d: torch.Tensor):
    columns, segments, signals = a.size(1), states.size(1), states.size(3)
    for k in range(columns):
        column = columns - 1 - k
        odd = column & 1
        cells = a.size(2) - odd
        g = gradients[(column + 1) & 1, :, odd : odd + 2 * cells].view(segments, cells, 2, signals)
        to = gradients[column & 1, :, odd : odd + 2 * cells].view(segments, cells, 2, signals)
        x = states[column, :, odd : odd + 2 * cells].view(segments, cells, 2, signals)
        torch.conj_physical(x, out=x)
        product = products[:, :, :cells]
        torch.mul(x, g.select(2, 0).unsqueeze(2), out=product[0])
        torch.mul(x, g.select(2, 1).unsqueeze(2), out=product[1])
        by_cell[:, :, column, :cells].copy_(product.sum(-1))
        up, down = to.select(2, 0), to.select(2, 1)
        torch.mul(g.select(2, 0), a[:, column, :cells].unsqueeze(-1), out=up)
        up.addcmul_(g.select(2, 1), c[:, column, :cells].unsqueeze(-1))
        torch.mul(g.select(2, 0), b[:, column, :cells].unsqueeze(-1), out=down)
        down.addcmul_(g.select(2, 1), d[:, column, :cells].unsqueeze(-1))
        if odd == 1:
            gradients[column & 1, :, 0].copy_(gradients[(column + 1) & 1, :, 0])
            gradients[column & 1, :, -1].copy_(gradients[(column + 1) & 1, :, -1])


class Columns(torch.autograd.Function):
    """Matrices [segments, modes, modes] of columns whose cells are [[a, b], [c, d]], [segments, columns, cells] each."""

    @staticmethod
    def forward(ctx, *cells):
        segments, columns, _ = cells[0].shape
        states = kept("states", columns + 1, segments, MODES, MODES)
        states[0] = torch.eye(MODES, dtype=torch.complex64)
        there(states, *cells)
        ctx.save_for_backward(*cells)
        return states[columns].clone()

    @staticmethod
    def backward(ctx, gradient):
        cells = ctx.saved_tensors
        segments, columns, count = cells[0].shape
        gradients = kept("gradients", 2, segments, MODES, MODES)
        gradients[columns & 1] = gradient
        by_cell = torch.zeros(2, segments, columns, count, 2, dtype=torch.complex64)
        back(memory["states"], gradients, kept("products", 2, segments, count, 2, MODES), by_cell,
             *(cell.conj_physical() for cell in cells))
        return by_cell[0, ..., 0], by_cell[0, ..., 1], by_cell[1, ..., 0], by_cell[1, ..., 1]


def step():
    theta = torch.nn.Parameter(math.pi * torch.rand(MODES, MODES // 2))
    phi = torch.nn.Parameter(2 * math.pi * torch.rand(MODES, MODES // 2))
    first, second = (math.pi / 4 + 0.02 * torch.randn(2, MODES, MODES // 2)).unbind()
    adam = torch.optim.Adam([theta, phi])
    x = torch.randn(BATCH, MODES, dtype=torch.complex64) / math.sqrt(MODES)
    labels = torch.randint(10, (BATCH,))
    cos, sin = (torch.cos(first), torch.cos(second)), (torch.sin(first), torch.sin(second))

    def run():
        adam.zero_grad(set_to_none=True)
        t, p = torch.polar(torch.ones_like(theta), theta), torch.polar(torch.ones_like(phi), phi)
        cells = ((cos[1] * cos[0]) * t * p - (sin[1] * sin[0]) * p, 1j * ((cos[1] * sin[0]) * t + sin[1] * cos[0]),
                 1j * ((sin[1] * cos[0]) * t * p + (cos[1] * sin[0]) * p), cos[1] * cos[0] - (sin[1] * sin[0]) * t)
        y = x.t()
        for matrix in Columns.apply(*(cell.view(-1, SEGMENT, MODES // 2) for cell in cells)):
            y = matrix @ y
        power = (y.real.square() + y.imag.square()).t()[:, :10]
        torch.nn.functional.cross_entropy(10 * power, labels).backward()
        adam.step()

    return run
