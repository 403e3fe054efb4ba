"""What are the numbers of a result? Methods, axes and devices, means and their errors."""

from typing import NamedTuple

import numpy as np

from .files import File, Unusable, labelled, unit_of

LOSSES = {"classify": "cross-entropy", "regress": "mean squared error", "reconstruct": "mean squared error",
          "generate": "energy distance"}
# the score of a task: its name in files, its title, the factor to what is drawn; of others it is the loss
SCORES = {"classify": ("accuracy", "accuracy (%)", 100), "regress": ("r_squared", "R²", 1)}


class Axis(NamedTuple):
    """What was varied: its name, its values and their unit."""

    name: str
    values: np.ndarray
    unit: str

    def label(self):
        return labelled(self.name, self.unit)

    def at(self, place):
        return f"{self.name} {self.values[place]:g} {self.unit}".strip()


def read_axes(file, dataset, behind):
    """The axes of a dataset, between its methods and as many dimensions `behind` them."""
    names = [dim.label for dim in file.dataset(dataset).dims][1:-behind]
    return [Axis(n, file.numbers("/axes/" + n), unit_of(file.dataset("/axes/" + n))) for n in names]


def conditions_of(axes):
    """Every place on the axes: its index along each, and in words what stands there."""
    places = np.ndindex(*(len(axis.values) for axis in axes))
    return [(place, [axis.at(k) for axis, k in zip(axes, place)]) for place in places]


class Result(NamedTuple):
    """Numbers [method, axes..., training, device, repeat]; trainings that share a label are one method."""

    methods: list
    axes: list
    devices: list
    numbers: np.ndarray
    what: str  # the numbers are

    @property
    def percent(self):
        return self.what.endswith("(%)")

    def told(self, value, digits=1):
        return "–" if not np.isfinite(value) else f"{value:.{digits}f}" if self.percent else f"{value:.2g}"

    def devices_told(self):
        return f"{len(self.devices)} device{'s' if len(self.devices) > 1 else ''}"

    def limits(self, means):
        """Of a colour bar for these means."""
        return (0, 100) if self.percent else (np.nanmin(means), np.nanmax(means))


def by_label(methods, numbers):
    """Labels, and numbers [method, axes..., training, device, repeat]: the trainings of one label are one
    method; where it has fewer trainings than others, the places of those that it lacks are NaN."""
    labels = list(dict.fromkeys(methods))
    together = [np.stack([n for m, n in zip(methods, numbers) if m == label], axis=-3) for label in labels]
    most = max(n.shape[-3] for n in together)
    absent = [[*[(0, 0)] * (n.ndim - 3), (0, most - n.shape[-3]), (0, 0), (0, 0)] for n in together]
    return labels, np.stack([np.pad(n, a, constant_values=np.nan) for n, a in zip(together, absent)])


def read_result(path, which=None):
    """The score of the task where there is one, else the loss, or the dataset `which`."""
    file = File(path, "result")
    scores = {"/" + name: (title, factor) for name, title, factor in SCORES.values()}
    which = which or next((path for path in scores if path in file), "/loss")
    numbers, what = file.numbers(which), "loss"
    if which in scores:
        what, factor = scores[which]
        numbers = factor * numbers
    elif which == "/loss" and "/task" in file:
        what = LOSSES.get(file.texts("/task")[0], what)
    elif which == "/frechet":
        what = "squared Fréchet distance"
    axes = read_axes(file, which, 2)  # device, repeat
    methods, devices = file.texts("/methods"), file.texts("/devices")
    expected = (len(methods), *(len(axis.values) for axis in axes), len(devices))
    if numbers.shape[:-1] != expected:
        raise Unusable(f"{path}: numbers of shape {numbers.shape}, expected {expected} and repeats")
    if not np.isfinite(numbers).any():
        raise Unusable(f"{path}: holds no number yet")
    labels, numbers = by_label(methods, numbers)
    return Result(labels, axes, devices, numbers, what)


def without_axes(path):
    """A result without axes, its numbers as [method, training, device], means over repeats."""
    result = read_result(path)
    if result.axes:
        raise Unusable(f'{path}: has perturbation axes; draw it with "plot sweep" or "plot map"')
    return result._replace(numbers=mean_of(result.numbers))


def numbered(labels):
    """Labels of trainings; those that several have with the number of the training, as the tools tell them."""
    return [f"{label} {labels[:n + 1].count(label)}" if labels.count(label) > 1 else label for n, label in enumerate(labels)]


def read_spectrum(path):
    """Labels of trainings, and the largest eigenvalues of the Hessian of each, [training, order]."""
    file = File(path, "result")
    if "/eigenvalues" not in file:
        raise Unusable(f"{path}: holds no eigenvalues; make them with pnn-landscape --hessian K")
    return file.texts("/methods"), file.numbers("/eigenvalues")


def read_largest(path):
    """The largest eigenvalue of the Hessian as a result without axes, of one device."""
    labels, eigenvalues = read_spectrum(path)
    methods, largest = by_label(labels, eigenvalues[:, :1, None])
    return Result(methods, [], [""], largest, "largest eigenvalue of the Hessian")


# --- means and their errors -------------------------------------------------------------------------------


def mean_of(numbers):
    """Mean over the last axis of what is finite, NaN where nothing is."""
    there = np.isfinite(numbers)
    means = np.full(numbers.shape[:-1], np.nan)
    np.divide(np.where(there, numbers, 0).sum(-1), there.sum(-1), out=means, where=there.any(-1))
    return means


def deviation_of(numbers):
    """Standard deviation (n - 1) over the last axis of what is finite, NaN of fewer than two numbers."""
    there = np.isfinite(numbers)
    square = np.where(there, numbers - mean_of(numbers)[..., None], 0) ** 2
    deviation = np.full(numbers.shape[:-1], np.nan)
    np.divide(square.sum(-1), there.sum(-1) - 1, out=deviation, where=there.sum(-1) > 1)
    return np.sqrt(deviation)


def error_of(numbers):
    """Of [..., training, number]: the standard error of the mean over trainings, as reproduce/trainings.py
    defines it; where there is one training the standard deviation over its numbers."""
    means = mean_of(numbers)
    trainings = np.isfinite(means).sum(-1)
    over = deviation_of(means) / np.sqrt(np.maximum(trainings, 1))
    return np.where(trainings > 1, over, mean_of(deviation_of(numbers)))


def mean_and_error(numbers):
    """Of [..., training, number]: the mean of the trainings' means, and its error."""
    return mean_of(mean_of(numbers)), error_of(numbers)


def meaning_of_error(numbers):
    """What error_of gives for these numbers, in words."""
    trainings = np.isfinite(mean_of(numbers)).sum(-1)
    if trainings.max() < 2:
        return "± 1 sd over devices"
    if trainings[trainings > 0].min() < 2:
        return "± 1 standard error over trainings, of one training ± 1 sd over devices"
    return "± 1 standard error over trainings"


def along_axes(result, wanted):
    """Numbers as [method, wanted axes..., training, devices and repeats], other axes at their middle value,
    and a remark on each of those."""
    numbers = np.moveaxis(result.numbers, [1 + k for k in wanted], range(1, 1 + len(wanted)))
    remarks = []
    for axis in (axis for k, axis in enumerate(result.axes) if k not in wanted):
        middle = len(axis.values) // 2
        numbers = np.take(numbers, middle, axis=1 + len(wanted))
        remarks.append(axis.at(middle))
    return numbers.reshape(*numbers.shape[: 2 + len(wanted)], -1), remarks
