"""Which method serves on devices, and what does it cost? Scores of each device, costs, yields."""

import json

import matplotlib.pyplot as plt
import numpy as np

from . import RESULT, argument, picture, repeatable
from .files import File, Unusable, choose
from .results import (
    SCORES, mean_and_error, mean_of, meaning_of_error, read_largest, read_result, without_axes
)
from .styles import BESIDE, MARKERS, colour_of, dashes_of, grid_of, marker_of


def places_for(names, what, size, **options):
    """A figure whose panel has a place for each of these, numbered from 0, and `what` upwards."""
    figure, axis = plt.subplots(figsize=size)
    axis.set_xticks(range(len(names)), names, **options)
    axis.set(xlim=(-0.6, len(names) - 0.4), ylabel=what)
    axis.grid(axis="x", visible=False)
    axis.set_axisbelow(True)
    return figure, axis


@picture("bars", "accuracy on the device that methods were trained on, and on others",
         RESULT,
         argument("--own", metavar="K", help="device of RESULT that is their own; the first if not given"),
         argument("--others", metavar="RESULT", help="result on the others; the rest of RESULT if not given"))
def plot_bars(options):
    result = without_axes(options.result)
    own = result.devices.index(choose("device", options.own, result.devices, options.result))
    own_values, others = mean_of(result.numbers[:, :, own]), np.delete(result.numbers, own, axis=2)
    if options.others:
        other = without_axes(options.others)
        others = other.numbers
        if (other.methods, other.what) != (result.methods, result.what):
            raise Unusable(f"{options.others}: compares other methods than {options.result}")
    if others.shape[2] == 0:
        raise Unusable(f"{options.result}: holds one device; give --others, a result on others")
    if not (np.isfinite(own_values).all() and np.isfinite(others).any(axis=(1, 2)).all()):
        raise Unusable(f"{options.result}: is not finished, or a shard; merge all with pnn-merge")

    methods, width = result.methods, 0.36
    figure, axis = places_for(methods, result.what, (1.8 + 1.3 * len(methods), 4.2))
    hatched = {"color": "white", "hatch": "////"}
    above = {"ha": "center", "va": "bottom", "xytext": (0, 2), "textcoords": "offset points"}
    for n, (mine, theirs) in enumerate(zip(own_values, others)):
        mean, error = mean_and_error(theirs)
        error = np.nan_to_num(error)
        left, right = n - 0.52 * width, n + 0.52 * width
        axis.bar(left, mine, width, color=colour_of(n))
        axis.bar(right, mean, width, edgecolor=colour_of(n), lw=1.5, **hatched)
        if error > 0:
            axis.errorbar(right, mean, error, ecolor="black", capsize=4, fmt="none")
        axis.annotate(result.told(mine), (left, mine), fontsize="small", **above)
        axis.annotate(result.told(mean), (right, mean + error), fontsize="small", **above)
    axis.bar(0, 0, color="grey", label="own device")
    told = f"{others.shape[2]} others, mean {meaning_of_error(others)}"
    axis.bar(0, 0, edgecolor="grey", label=told, **hatched)
    if result.percent:
        axis.set(ylim=(0, 105), yticks=range(0, 101, 20))
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncol=2, frameon=False)
    return figure


@picture("transfer", "accuracy on each device", RESULT)
def plot_transfer(options):
    methods, _, devices, means, what = without_axes(options.result)
    figure, axis = places_for(methods, what, (1.6 + 1.3 * len(methods), 4.2))
    for n, of_method in enumerate(means):
        y = mean_of(of_method.T)  # of each device over trainings
        y = y[np.isfinite(y)]
        x = n + np.linspace(-0.18, 0.18, len(y)) if len(y) > 1 else np.array([float(n)])
        axis.plot(x, y, MARKERS[n % len(MARKERS)], ms=5, color=colour_of(n), alpha=0.75)
        axis.plot([n - 0.3, n + 0.3], [y.mean()] * 2, color=colour_of(n), lw=2)
        axis.annotate(f"{y.mean():.3g}", (n + 0.32, y.mean()), fontsize="small", va="center")
    axis.set_title(f"a dot a device ({len(devices)}), bar: mean")
    return figure


@picture("deployment", "accuracy by what was adjusted on each device, and what that cost", RESULT)
def plot_deployment(options):
    result = read_result(options.result)
    file = File(options.result, "result")
    texts = file.texts("/deployments") if "/deployments" in file else []
    ways = list(dict.fromkeys(texts))
    if len(ways) < 2:
        raise Unusable(
            f"{options.result}: every device was deployed in the same way; give --trim several times")
    way_of = dict(zip(file.texts("/methods"), texts))  # a method is a training's label with its deployment
    label_of = {m: m if way_of[m] == "none" else m.removesuffix(f" ({way_of[m]})") for m in result.methods}
    labels = list(dict.fromkeys(label_of.values()))
    numbers = np.moveaxis(result.numbers, -3, 1)
    numbers = numbers.reshape(*numbers.shape[:2], -1)  # [method, training, all conditions]
    ticks = []
    for way in ways:
        own = [text == way for text in texts]
        spent = ("/spent_samples", "/spent_calls", "/adjusted")
        samples, calls, times = (file.numbers(name)[own] for name in spent)
        known = np.isfinite(samples).any()
        cost = f"{np.nanmean(samples):.4g} samples\n{np.nanmean(calls):.4g} calls" if known else "?"
        ticks.append(f"{way}\n{cost}" + (f"\n{np.nanmax(times):g} times" if np.nanmax(times) > 1 else ""))
    size = (1.6 + max(1.3, 0.45 * len(labels)) * len(ways), 4.2)
    figure, axis = places_for(ticks, result.what, size, fontsize="small")
    width = 0.7 / len(labels)
    for method, own in zip(result.methods, numbers):
        n, way = labels.index(label_of[method]), ways.index(way_of[method])
        mean, error = mean_and_error(own)
        place = way + (n - (len(labels) - 1) / 2) * width
        style = {"color": colour_of(n), "fmt": marker_of(n), "ms": 7, "capsize": 3}
        axis.errorbar(place, mean, np.nan_to_num(error), label=labels[n] if way == 0 else None, **style)
    for way in range(1, len(ways)):
        axis.axvline(way - 0.5, color="grey", lw=0.5)
    axis.set_title(f"{result.devices_told()}, mean over all conditions {meaning_of_error(numbers)}")
    axis.legend(**BESIDE)
    return figure


def read_costs(paths, methods):
    """Processor seconds of trainings [method, training], from what pnn-train --json printed of each."""
    found = {method: [] for method in methods}
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                told = json.load(file)
            if told["label"] in found:
                found[told["label"]].append(float(told["processor_seconds"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unusable(f"{path}: holds nothing that pnn-train --json prints ({error})") from error
    missing = [method for method, seconds in found.items() if not seconds]
    if missing:
        raise Unusable(
            f"--told: no cost of {missing[0]}; give what pnn-train --json printed of each training")
    most = max(map(len, found.values()))
    return np.array([seconds + [np.nan] * (most - len(seconds)) for seconds in found.values()])


@picture("costs", "error, training time and sensitivity of methods side by side",
         argument("result", metavar="RESULT", help="accuracies (pnn-transfer)"),
         repeatable("--told", "JSON", "what pnn-train --json printed of a training; repeatable",
                    required=True),
         argument("--curvature", metavar="RESULT",
                  help="largest eigenvalues of the Hessian of the same trainings (pnn-landscape)"))
def plot_costs(options):
    result = read_result(options.result)
    methods, numbers = result.methods, result.numbers
    if result.axes or not result.percent:
        raise Unusable(f"{options.result}: expected accuracies without axes (pnn-transfer)")
    errors = 100 - numbers.reshape(*numbers.shape[:2], -1)
    seconds = read_costs(options.told, methods)[:, :, None]
    shown = [("error (%)", errors), ("training (processor s)", seconds)]
    if options.curvature:
        labels, _, _, largest, title = read_largest(options.curvature)
        if labels != methods:
            raise Unusable(f"{options.curvature}: looks at other methods than {options.result}")
        shown.append((title, largest[..., 0]))
    each = (2.5, 0.9 + 0.36 * len(methods))
    figure, (panels,) = grid_of(len(shown), len(shown), each, (1.2, 0), sharex=False)
    for panel, (title, values) in zip(panels, shown):
        mean, error = mean_and_error(values)
        error = np.nan_to_num(error)
        style = {"color": [colour_of(n) for n in range(len(methods))], "ecolor": "black", "capsize": 3}
        panel.barh(range(len(methods)), mean, xerr=error if error.any() else None, **style)
        log = "%" not in title and mean.min() > 0 and mean.max() > 30 * mean.min()
        if log:
            panel.set_xscale("log")
        style = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": "small"}
        for n, (value, off) in enumerate(zip(mean, error)):
            panel.annotate(f"{value:.3g}", (value + off, n), **style)
        low, high = panel.get_xlim()
        panel.set_xlim(low, high * (high / low) ** 0.35 if log else 1.22 * high)
        panel.set_xlabel(title, fontsize="small")
        panel.grid(axis="y", visible=False)
        panel.set_axisbelow(True)
    panels[0].set_yticks(range(len(methods)), methods)
    panels[0].invert_yaxis()
    if numbers.shape[1] > 1:
        figure.suptitle(meaning_of_error(seconds))
    return figure


def places_at(assignments, axes, path):
    """Of --at NAME=VALUE: the place along each axis that is named."""
    fixed = {}
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        name = choose("axis", name, [axis.name for axis in axes], path)
        values = [f"{known:g}" for axis in axes if axis.name == name for known in axis.values]
        if value not in values:
            raise Unusable(f'--at {name}=VALUE: expected one of {", ".join(values)}, found "{value}"')
        fixed[name] = values.index(value)
    return fixed


@picture("yield", "accuracy against the share of devices that reach it, in every condition",
         RESULT,
         repeatable("--at", "NAME=VALUE", "one value of an axis, in place of all at once; repeatable"))
def plot_yield(options):
    result = read_result(options.result)
    methods, axes, devices, numbers, what = result
    file = File(options.result, "result")
    if not any("/" + name in file for name, _, _ in SCORES.values()):
        raise Unusable(f"{options.result}: holds no accuracy and no R²; "
                       "a yield is a share of devices that reach a level")
    if "/overflowed" in file:  # without finite numbers a device reaches no level
        numbers = np.where(read_result(options.result, "/overflowed").numbers > 0, -np.inf, numbers)
    fixed = places_at(options.at, axes, options.result)
    # methods may have fewer trainings than others
    there = ~np.isnan(numbers).all(axis=(*range(1, 1 + len(axes)), -2, -1))
    for k, (name, values, _) in reversed(list(enumerate(axes))):
        if name in fixed:
            numbers = np.take(numbers, fixed[name], axis=1 + k)
        elif "." in name and len(values) > 1:
            raise Unusable(
                f"{options.result}: along {name} the devices are others; choose --at {name}={values[0]:g}")
        else:
            numbers = numbers.min(axis=1 + k)  # all conditions at once
    curves = -np.sort(-numbers.min(axis=-1))  # of [method, training, device], falling
    if np.isnan(curves[there]).any():
        raise Unusable(f"{options.result}: is not finished, or a shard; merge all with pnn-merge")
    curves = np.where(np.isinf(curves), np.nan, curves)
    figure, axis = plt.subplots()
    edges = 100 * np.arange(len(devices) + 1) / len(devices)
    for n, method in enumerate(methods):
        own = curves[n][there[n]]
        style = {"color": colour_of(n), "ls": dashes_of(n), "baseline": None}
        for training in own if len(own) > 1 else ():
            axis.stairs(training, edges, lw=0.5, alpha=0.6, **style)
        axis.stairs(own.mean(axis=0), edges, lw=2, label=method, **style)
    levels = file.numbers("/yield/level") if "/yield/level" in file else np.array([])
    levels = (100 if result.percent else 1) * levels
    for level in levels:
        axis.axhline(level, color="grey", ls=":", lw=1)
    shown = np.concatenate([curves[np.isfinite(curves)], levels])
    margin = 0.05 * np.ptp(shown) or 1
    axis.set(xlim=(0, 100), ylim=(shown.min() - margin, shown.max() + margin))
    axis.set(xlabel="share of devices that reach it (%)", ylabel=what)
    axis.legend(loc="lower left")
    title = result.devices_told()
    if there.sum(axis=1).max() > 1:
        title += " in each training (thin), thick: mean of the trainings"
    conditions = [a.at(fixed[a.name]) if a.name in fixed else f"every {a.name}" for a in axes]
    axis.set_title("; ".join([title, *conditions]))
    return figure
