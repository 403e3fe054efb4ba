"""What follows from a perturbation, or from a setting? Scores along axes, over settings, and of searches."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from . import RESULT, argument, picture, repeatable
from .files import File, Unusable, choose
from .results import (
    along_axes, conditions_of, mean_and_error, mean_of, meaning_of_error, read_largest, read_result
)
from .styles import BESIDE, colour_of, draw_numbers, grid_of, line_style

OF = argument("--of", choices=["accuracy", "r_squared", "loss"],
              help="what is drawn; the score of the task where there is one")


def draw_mean(axis, order, x, y, label):
    """A line of the means of y [x, training, numbers], shaded by its error where it has one; its style."""
    style = line_style(order)
    mean, error = mean_and_error(y)
    axis.plot(x, mean, label=label, **style)
    several = np.isfinite(error)  # a shard may hold one number, which has none
    low, high = mean[several] - error[several], mean[several] + error[several]
    axis.fill_between(x[several], low, high, color=style["color"], alpha=0.18, lw=0)
    return style


def legend_texts(assignments, methods, path):
    """What the legend says of each method: its label, or the text of --legend LABEL=TEXT."""
    texts = dict(zip(methods, methods))
    for assignment in assignments:
        label, equals, text = assignment.partition("=")
        if not equals or not text:
            raise Unusable(f'--legend: expected LABEL=TEXT, found "{assignment}"')
        texts[choose("method", label, methods, path)] = text
    return texts


@picture("sweep", "accuracy or error against a perturbation",
         RESULT,
         argument("--frechet", action="store_true", help="draw the Fréchet distance (--features) instead"),
         argument("--axis", metavar="NAME",
                  help="axis to draw along; the others stand at their middle value"),
         repeatable("--legend", "LABEL=TEXT", "what the legend calls the method of that label; repeatable"),
         OF)
def plot_sweep(options):
    result = read_result(options.result, "/frechet" if options.frechet else options.of and "/" + options.of)
    texts = legend_texts(options.legend, result.methods, options.result)
    if not result.axes:
        raise Unusable(f'{options.result}: has no perturbation axis; draw it with "plot transfer"')
    names = [axis.name for axis in result.axes]
    chosen = names.index(choose("axis", options.axis, names, options.result))
    along = result.axes[chosen]
    numbers, remarks = along_axes(result, [chosen])

    crowded = len(result.methods) > 6  # its lines alone are as much as can be read
    figure, axis = plt.subplots()
    for n, method in enumerate(result.methods):
        there = np.isfinite(numbers[n]).any(axis=(1, 2))
        x, y = along.values[there], numbers[n][there]
        style = draw_mean(axis, n, x, y, texts[method])
        if y[:1].size > 1 and not crowded:
            for extreme in (np.nanmin, np.nanmax):
                axis.plot(x, extreme(y, axis=(1, 2)), color=style["color"], lw=0.5, alpha=0.7)
    sizes = np.abs(along.values[along.values != 0])
    if sizes.size and sizes.max() >= 1000 * sizes.min():
        axis.set_xscale("symlog", linthresh=sizes.min())  # seconds to years
    axis.set(xlabel=along.label(), ylabel=result.what)
    if not result.percent and np.nanmin(numbers) > 0:
        axis.set_yscale("log")  # errors grow by factors
    if options.legend:  # long texts: below the axis, where they hide no line
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncol=2, frameon=False)
    else:
        axis.legend(**(BESIDE if crowded else {}))
    title = result.devices_told()
    if numbers[0, 0].size > 1:
        title += f": mean, shaded {meaning_of_error(numbers)}" + ("" if crowded else ", thin min and max")
    axis.set_title("; ".join([title, *remarks]))
    return figure


@picture("map", "mean accuracy over two axes, a panel a method", RESULT, OF)
def plot_map(options):
    result = read_result(options.result, options.of and "/" + options.of)
    if len(result.axes) < 2:
        found = len(result.axes)
        raise Unusable(f"{options.result}: a map needs two axes, found {found}; make it with two --vary")
    down, across = result.axes[:2]
    numbers, remarks = along_axes(result, [0, 1])
    means = mean_of(mean_of(numbers))
    columns = -(-len(means) // -(-len(means) // 4))  # at most four, rows of equal length
    each = (0.7 + 0.46 * len(across.values), 0.5 + 0.42 * len(down.values))
    figure, panels = grid_of(len(means), columns, each, (1.4, 1.0))
    for panel, method, mean in zip(panels.flat, result.methods, means):
        style = {"told": lambda value: result.told(value, 0), "origin": "lower", "aspect": "auto"}
        drawn = draw_numbers(panel, mean, result.limits(means), **style)
        panel.set_title(method, fontsize="medium")
        panel.set_xticks(range(len(across.values)), [f"{value:g}" for value in across.values])
        panel.set_yticks(range(len(down.values)), [f"{value:g}" for value in down.values])
    figure.supxlabel(across.label())
    figure.supylabel(down.label())
    figure.colorbar(drawn, ax=panels, label=result.what, aspect=30)
    over = f"mean over {result.devices_told()}" if len(result.devices) > 1 else "one device"
    figure.suptitle("; ".join([over, *remarks]))
    return figure


@picture("conditions", "mean accuracy of every method under every condition", RESULT)
def plot_conditions(options):
    result = read_result(options.result)
    methods = result.methods
    if not result.axes:
        raise Unusable(f'{options.result}: has no axis; draw it with "plot transfer"')
    means = mean_of(mean_of(result.numbers.reshape(*result.numbers.shape[:-2], -1))).reshape(len(methods), -1)
    names = ["\n".join(words) for _, words in conditions_of(result.axes)]
    size = (2.6 + 0.62 * len(names), 1.6 + 0.2 * len(result.axes) + 0.42 * len(methods))
    figure, panel = plt.subplots(figsize=size, layout="constrained")
    drawn = draw_numbers(panel, means, result.limits(means), result.told, aspect="auto")
    panel.set_yticks(range(len(methods)), methods)
    panel.set_xticks(range(len(names)), names, fontsize="x-small")
    panel.set_title(f"{result.what}, mean over {result.devices_told()}")
    figure.colorbar(drawn, ax=panel, label=result.what, aspect=30)
    return figure


def number_in(label):
    """The number that a label is, or nan."""
    try:
        return float(label)
    except ValueError:
        return np.nan


@picture("settings", "accuracy, or the largest eigenvalue, over a setting that the methods' labels give",
         argument("result", metavar="RESULT", help="result whose methods have numbers as labels"),
         argument("--eigenvalue", action="store_true",
                  help="draw the largest eigenvalue of the Hessian (pnn-landscape) instead"),
         argument("--name", default="setting", metavar="NAME", help="what the axis is called"))
def plot_settings(options):
    read = read_largest if options.eigenvalue else read_result
    methods, axes, devices, numbers, what = read(options.result)
    settings = np.array([number_in(method) for method in methods])
    having = np.isfinite(settings)
    if not having.any():
        raise Unusable(
            f'{options.result}: no label is a number, as "{methods[0]}"; give each training --label VALUE')
    order = [k for k in np.argsort(settings) if having[k]]
    others = np.flatnonzero(~having)  # methods that do not have the setting
    numbers = numbers.reshape(len(methods), -1, numbers.shape[-3], len(devices) * numbers.shape[-1])
    conditions = conditions_of(axes)
    figure, axis = plt.subplots()
    for n, (_, words) in enumerate(conditions):
        label = ", ".join(words) or (options.name if len(others) else None)
        draw_mean(axis, n, settings[order], numbers[order, n], label)
        for m, other in enumerate(others):
            style = {"color": colour_of(n + 1 + m if len(conditions) == 1 else n)}
            mean, error = mean_and_error(numbers[other, n])
            axis.axhline(mean, ls=["--", ":", "-."][m % 3], label=methods[other] if n == 0 else None, **style)
            if np.isfinite(error):
                axis.axhspan(mean - error, mean + error, alpha=0.15, lw=0, **style)
    if settings[order[0]] > 0:
        axis.set_xscale("log")
    if options.eigenvalue and np.nanmin(numbers) > 0:
        axis.set_yscale("log")
    axis.set(xlabel=options.name, ylabel=what)
    if numbers.shape[2] > 1:
        axis.set_title(f"mean, shaded {meaning_of_error(numbers)}")
    if axes or len(others):
        axis.legend()
    return figure


@picture("tune", "what a search tried: the criterion against each option, rungs by colour",
         argument("tuning", metavar="TUNING", help="search (pnn-tune)"))
def plot_tune(options):
    file = File(options.tuning, "tuning")
    names, rungs = file.texts("/options"), file.numbers("/trials/rung").astype(int)
    criterion, lengths = file.numbers("/trials/criterion"), file.numbers("/trials/length")
    points = file.numbers("/trials/point").astype(int)
    task = file.texts("/task")[0]
    scored, percent = task in ("classify", "regress"), task == "classify"
    shown = (100 if percent else 1) * (criterion if scored else -criterion)
    what = file.texts("/criterion")[0].replace("=", " ")
    figure, panels = grid_of(len(names), 3, (3.2, 3.0), (2.6, 0.9), sharex=False)
    colours = matplotlib.colormaps["viridis_r"](np.linspace(0.1, 1, rungs.max() + 1))
    for panel, name, limits in zip(panels.flat, names, file.texts("/ranges")):
        values, words = file.texts("/trials/" + name), limits.split(",")
        ranged = ":" in limits
        x = np.array([float(v) if ranged else words.index(v) if v in words else -1 for v in values])
        for rung, colour in enumerate(colours):
            chosen = rungs == rung
            length = lengths[chosen][0]
            label = "whole trainings" if length == 1 else f"1/{1 / length:.0f} of a training"
            style = {"ms": 4 + rung, "color": colour, "mec": "white", "mew": 0.5}
            panel.plot(x[chosen], shown[chosen], "o", label=label, **style)
        given = points == 0
        panel.plot(x[given], shown[given], "o", ms=11, mfc="none", mec="#D55E00", label="as given")
        if ranged and limits.endswith(":log"):
            panel.set_xscale("log")
        if not ranged:
            panel.set(xticks=range(len(words)), xticklabels=words, xlim=(-0.5, len(words) - 0.5))
        panel.set_xlabel(name)
    plt.setp(panels[:, 0], ylabel=f"{what} ({'%' if percent else 'score' if scored else 'loss'})")
    panels[0, -1].legend(**BESIDE | {"bbox_to_anchor": (1.02, 1)})
    missing = int(np.isnan(criterion).sum())
    trainings = f"{len(points)} trainings of {len(set(points))} settings"
    figure.suptitle(trainings + (f", {missing} diverged" if missing else ""))
    return figure
