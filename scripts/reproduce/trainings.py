"""Results of several trainings of each method, and the errors of what they are compared by.

An error is over independent trainings. The numbers of a method are [training, device]: the mean of each training over
its devices (and repeats) is one number, the mean of a method is that of its trainings, and ± is the standard error of
it, s/√n with the standard deviation s (n − 1) of the n trainings' means. Where there is one training no error can be
told; then ± is the standard deviation over devices, and the text says so. A difference of two methods is that of
trainings in pairs (the k-th of one with the k-th of the other, on the same devices) where both have as many, else of
two independent means. It is told from none by Student's test at 95 %: beyond t of its standard errors, with the degrees
of freedom of the pairs, or those of Welch. The same definitions as lib/pnn/study/comparison.hpp.

What a training cost stands in the JSON that pnn-train prints, beside its file: results are the same bytes however long
they took, and hold no time.
"""

import functools
import glob
import json
import math
import os

import h5py
import numpy as np

CONFIDENCE = 0.95  # of a difference that is told
NARROW = "\u00a0"  # does not break in a narrow table


class Result:
    """One result file: numbers by method and by values of its axes. Trainings of one label are one method."""

    def __init__(self, folder, name, which=None):
        self.path = os.path.join(folder, name)
        with h5py.File(self.path) as file:
            self.command = str(file.attrs["command"].decode() if isinstance(file.attrs["command"], bytes)
                               else file.attrs["command"])
            self.labels = [m.decode() for m in file["/methods"][()]]  # of each training
            self.methods = list(dict.fromkeys(self.labels))
            self.devices = [d.decode() for d in file["/devices"][()]]
            which = which or ("/accuracy" if "/accuracy" in file else "/loss")
            self.is_loss = which != "/accuracy"
            self.numbers = (100 if which == "/accuracy" else 1) * file[which][()]
            names = [dim.label for dim in file[which].dims][1:-2]
            self.axes = {name: file["/axes/" + name][()] for name in names}
            self.images = int(file["/images"][()])
            # of each training: what was adjusted on each device, and what that cost
            self.deployments = [w.decode() for w in file["/deployments"][()]] if "/deployments" in file else []
            self.costs = [file[name][()] for name in ("/spent_samples", "/spent_calls")] if self.deployments else []
            self.confusion = file["/confusion"][()] if "/confusion" in file else None
            self.classes = [c.decode() for c in file["/classes"][()]] if "/classes" in file else None
            self.eigenvalues = file["/eigenvalues"][()] if "/eigenvalues" in file else None

    def at(self, method, devices=None, **values):
        """Numbers [training, devices and repeats] of a method at values of axes (the nearest ones)."""
        if method not in self.labels:
            raise ValueError(f"{self.path} holds no training of {method}")
        numbers = self.numbers[[label == method for label in self.labels]]
        for name, axis in self.axes.items():
            numbers = numbers[:, np.abs(axis - values[name]).argmin()]
        if devices is not None:
            numbers = numbers[:, devices]
        if not np.isfinite(numbers).all():
            raise ValueError(f"{self.path} is not finished: it lacks numbers of {method}")
        return numbers.reshape(len(numbers), -1)

    def all_of(self, method):
        """Numbers [training, devices and repeats, condition] of a method."""
        numbers = self.numbers[[label == method for label in self.labels]]
        if not np.isfinite(numbers).all():
            raise ValueError(f"{self.path} is not finished: it lacks numbers of {method}")
        kept = 1 + len(self.axes)
        return np.moveaxis(numbers.reshape(len(numbers), int(np.prod(numbers.shape[1:kept])), -1), 1, 2)

    def spent(self, way):
        """Training samples and device calls of one adjustment, mean over methods, devices and conditions: "3700, 37"."""
        own = [text == way for text in self.deployments]
        return ", ".join(f"{np.nanmean(numbers[own]):.4g}" for numbers in self.costs)

    def largest(self, method):
        """The largest eigenvalue of the Hessian of each training of a method, [training, 1]."""
        if self.eigenvalues is None or method not in self.labels:
            raise ValueError(f"{self.path} holds no eigenvalue of {method}")
        return self.eigenvalues[[label == method for label in self.labels], :1]

    def trainings(self, method):
        return self.labels.count(method)


def standard_error(numbers):
    """Of the mean of numbers [training, device]; None of one training."""
    means = numbers.mean(axis=1)
    return means.std(ddof=1) / np.sqrt(len(means)) if len(means) > 1 else None


def stated(numbers, digits=1):
    """Mean of numbers [training, device], ± its standard error over trainings; of one training its spread over devices."""
    error = standard_error(numbers)
    if error is None and numbers.size > 1:
        return f"{numbers.mean():.{digits}f}{NARROW}(±{NARROW}{numbers.std(ddof=1):.{digits}f} over devices)"
    return f"{numbers.mean():.{digits}f}" + ("" if error is None else f"{NARROW}±{NARROW}{error:.{digits}f}")


@functools.lru_cache
def student_t(degrees, confidence=CONFIDENCE):
    """The t with which |T| ≤ t has this probability under Student's distribution, by Simpson's rule and bisection."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)

    def probability(angle):  # of |T| ≤ √degrees tan(angle): the density over an angle has no tail
        x = np.linspace(0, angle, 4001)
        y = np.cos(x) ** (degrees - 1)
        weights = np.ones(len(x))
        weights[1:-1:2], weights[2:-1:2] = 4, 2
        return 2 * scale * math.sqrt(degrees) * (y @ weights) * (x[1] - x[0]) / 3

    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle) < confidence else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def difference(numbers, others):
    """Mean of numbers − others, its standard error (None where one of them has a single training), and the degrees of
    freedom of that."""
    mean = numbers.mean() - others.mean()
    if len(numbers) == len(others):
        # on the same devices: differences of the k-th trainings
        pairs = numbers.mean(axis=1, keepdims=True) - others.mean(axis=1, keepdims=True)
        rounding = 1e-13 * (abs(numbers.mean()) + abs(others.mean()))  # what two sums of equal numbers differ by is no difference
        return (mean if abs(mean) > rounding else 0), standard_error(pairs), len(pairs) - 1
    errors = standard_error(numbers), standard_error(others)
    if None in errors:
        return mean, None, 0
    error = float(np.hypot(*errors))
    fourth = sum(e**4 / (len(n) - 1) for e, n in zip(errors, (numbers, others)))
    return mean, error, error**4 / fourth if fourth > 0 else len(numbers) + len(others) - 2


def relation(numbers, others):
    """Where the first stands against the second: ahead | behind | level | "one training: no error can be told"."""
    mean, error, degrees = difference(numbers, others)
    if error is None:
        return "one training: no error can be told"
    return "level" if abs(mean) <= student_t(degrees) * error else "ahead" if mean > 0 else "behind"


def gained(numbers, others, digits=2):
    """numbers − others in words: "+0.14 ± 0.05, ahead"."""
    mean, error, _ = difference(numbers, others)
    told = f"{mean:+.{digits}f}".replace("-", "−") + ("" if error is None else f"{NARROW}±{NARROW}{error:.{digits}f}")
    return f"{told}, {relation(numbers, others)}"


def meaning(*results):
    """What ± is in a table of these results, as a sentence."""
    counts = sorted({r.trainings(m) for r in results for m in r.methods})
    devices = max(len(r.devices) for r in results)
    if counts == [1]:
        return (f"One training of each method: no error over trainings can be told, and ± is the spread over {devices} "
                "devices." if devices > 1 else "One training of each method: no error over trainings can be told.")
    told = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (f"Mean of {told} trainings of each method"
            + (f", the {devices} devices nested in each" if devices > 1 else "")
            + ", ± its standard error over trainings."
            + (" Where there is one training no error can be told, and (±) is the spread over devices."
               if counts[0] == 1 else ""))


def costs_told(folder, kind):
    """What the trainings FOLDER/KIND.*.h5 told of their costs (pnn-train --json > KIND.SEED.json), in the order of seeds."""
    told = {}
    for path in glob.glob(os.path.join(glob.escape(folder), glob.escape(kind) + ".*.json")):
        with open(path, encoding="utf-8") as file:
            told[int(path.split(".")[-2])] = json.load(file)
    return [told[seed] for seed in sorted(told)]


def cost(folder, kind):
    """Gradients and processor seconds of a training, as a cell: means over those that have told theirs; empty where none has."""
    told = costs_told(folder, kind)
    if not told:
        return ""
    gradients, seconds = (np.mean([t[key] for t in told]) for key in ("gradients", "processor_seconds"))
    return f"{gradients:.0f} gradients, {seconds:.3g} s"
