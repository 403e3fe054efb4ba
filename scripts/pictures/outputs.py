"""What do networks put out (--outputs N)? Pictures and points that they make, weights, and their drift."""

import itertools
import os

import matplotlib.pyplot as plt
import numpy as np

from . import argument, picture, repeatable, whole_number
from .files import File, Unusable, choose
from .results import conditions_of, read_axes
from .styles import COLOURS, colour_of, grid_of

KEPT = argument("result", metavar="RESULT", help="result that keeps outputs (--outputs N)")


def outputs_of(path, wanted="N"):
    """Labels, devices, axes, and outputs [method, axes..., device, repeat, sample, output] of a result."""
    file = File(path, "result")
    if "/outputs" not in file:
        raise Unusable(f"{path}: holds no outputs; make it with --outputs {wanted}")
    axes = read_axes(file, "/outputs", 4)
    return file.texts("/methods"), file.texts("/devices"), axes, file.numbers("/outputs")


@picture("digits", "pictures that networks make, beside those of the data",
         KEPT,
         argument("--device", metavar="NAME", help="device of RESULT; the first if not given"),
         argument("--values", type=whole_number(1), default=3, metavar="N",
                  help="values of each axis that are shown, evenly spread; 3 if not given"))
def plot_digits(options):
    file = File(options.result, "result")
    methods, devices, axes, outputs = outputs_of(options.result, 10)
    pictures = file.numbers("/pictures")
    shape = pictures.shape[1:]
    if outputs.shape[-1] != np.prod(shape) or shape[0] not in (1, 3) or min(shape[1:]) < 2:
        size = "x".join(str(n) for n in shape)
        raise Unusable(f"{options.result}: {outputs.shape[-1]} outputs are no picture of {size}")
    device = devices.index(choose("device", options.device, devices, options.result))
    outputs = np.moveaxis(outputs, [-4, -3], [0, 1])[device, 0]  # of the first repeat

    # evenly spread values of each axis
    counts = [len(axis.values) for axis in axes]
    shown = [np.unique(np.linspace(0, n - 1, min(n, options.values)).round().astype(int)) for n in counts]
    rows = [("data", pictures)]
    for method, of_method in zip(methods, outputs):
        for index in itertools.product(*shown):
            made = of_method[index].reshape(-1, *shape)
            if np.isfinite(made).all():
                rows.append(("\n".join([method, *(axis.at(k) for axis, k in zip(axes, index))]), made))
    # one image of all, a white gap behind each picture
    gap = max(1, shape[1] // 14)
    space = ((0, 0), (0, 0), (0, gap), (0, gap))
    everything = [np.pad(np.clip(row, 0, 1), space, constant_values=1) for _, row in rows]
    sheet = np.concatenate([np.concatenate(list(row), axis=2) for row in everything], axis=1)[:, :-gap, :-gap]
    high, wide = shape[1] + gap, shape[2] + gap
    size = (1.2 + 0.62 * len(pictures), 0.62 * high / wide * len(rows))
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    axis.imshow(np.moveaxis(sheet, 0, -1).squeeze(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    places = [n * high + shape[1] / 2 for n in range(len(rows))]
    axis.set_xticks([])
    axis.set_yticks(places, [label for label, _ in rows], fontsize="x-small")
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.grid(False)
    return figure


@picture("points", "two outputs as places in a plane, beside those of the data", KEPT)
def plot_points(options):
    labels, devices, axes, outputs = outputs_of(options.result)
    data = File(options.result, "result").numbers("/pictures").reshape(outputs.shape[-2], -1)
    if outputs.shape[-1] != 2 or data.shape[1] != 2:
        raise Unusable(f"{options.result}: points have two numbers, found {outputs.shape[-1]} outputs")
    methods = list(dict.fromkeys(labels))
    first = [labels.index(method) for method in methods]  # training of each, and the first device of that
    outputs = np.moveaxis(outputs, [-4, -3], [1, 2])[first, 0, 0]
    places = conditions_of(axes)
    if len(places) > 3:
        places = [places[0], places[len(places) // 2], places[-1]]
    columns = 1 + len(methods)
    figure, panels = grid_of(columns * len(places), columns, (2.1, 2.1), (0, 0.4))
    for row, (place, words) in zip(panels, places):
        row[0].plot(*data.T, ".", ms=2, color="black")
        for k, panel in enumerate(row[1:]):
            panel.plot(*outputs[(k, *place)].T, ".", ms=2, color=colour_of(k))
        plt.setp(row, aspect="equal")
        row[0].set_ylabel("\n".join(words), fontsize="small")
    for panel, title in zip(panels[0], ["data", *methods]):
        panel.set_title(title, fontsize="medium")
    figure.suptitle(f"{len(data)} points each, device {devices[0]}")
    return figure


@picture("weights", "weights that devices have against those that they were asked for",
         argument("result", nargs="+", metavar="RESULT",
                  help="outputs for unit inputs (--outputs N); a panel each"),
         argument("--target", required=True, metavar="NPZ",
                  help="weights that were asked for (pnn-export --weights)"),
         repeatable("--title", "TEXT", "title of a panel; repeatable, one a RESULT"))
def plot_weights(options):
    with np.load(options.target) as archive:
        names = {name.rsplit(".", 1)[-1]: name for name in archive.files}
        if set(names) != {"weight", "gain"}:
            raise Unusable(f"{options.target}: expected the weights and the gain of one layer "
                           f"(pnn-export --weights), found {', '.join(archive.files)}")
        target, gain = archive[names["weight"]], archive[names["gain"]].item()
    titles = options.title or [os.path.basename(path) for path in options.result]
    if len(titles) != len(options.result):
        raise Unusable(f"--title: one for each result, found {len(titles)} for {len(options.result)}")
    figure, panels = grid_of(len(titles), len(titles), (3.6, 3.9), (1, 0))
    for panel, path, title in zip(panels.flat, options.result, titles):
        _, devices, axes, outputs = outputs_of(path)
        found = outputs[0].mean(axis=-3) / gain  # over repeats: [device, sample, output]
        if axes or found.shape[1:] != target.T.shape:
            size = f"{target.shape[0]} x {target.shape[1]}"
            raise Unusable(f"{path}: expected outputs for unit inputs of {size} weights, without axes")
        off = (found - target.T).std(axis=(1, 2)).mean()
        panel.plot([-1, 1], [-1, 1], color="grey", lw=0.8)
        wanted = np.broadcast_to(target.T, found.shape)
        panel.plot(wanted.ravel(), found.ravel(), ".", ms=2, color=COLOURS[0])
        panel.set_title(f"{title}\nstandard deviation {off:.3g}, mean over {len(devices)} chips")
        panel.set_xlabel("weight that was asked for")
    panels[0, 0].set_ylabel("weight")
    return figure


def flanks_of(outputs):
    """Of outputs [time, sample, row], two weights and their sum along a drift: which rows' two move alike."""
    return np.array([np.corrcoef(row[:2])[0, 1] > 0 for row in outputs.T])


@picture("channels", "two weights and their sum along a drift, on one flank and on both",
         argument("result", metavar="RESULT",
                  help="outputs for the first input, the second and both, along one axis"),
         argument("--held", metavar="RESULT", help="the same with the temperature held; a second row"))
def plot_channels(options):
    shown = []
    both = [(options.result, "free"), (options.held, "held")]
    for path, title in both if options.held else [(options.result, "")]:
        _, _, axes, outputs = outputs_of(path)
        if len(axes) != 1 or outputs.shape[-2] != 3:
            raise Unusable(f"{path}: expected outputs for two inputs and both along one axis "
                           "(--trace, --images 3 --outputs 3)")
        shown.append((title, axes[0], outputs[:, :, 0, 0]))  # of the first device
    # the row of each kind is that of the drift, which tells which rings move alike
    kinds = {}
    for k, outputs in enumerate(shown[0][2]):
        alike = flanks_of(outputs)
        for wanted, kind in ((True, "on one flank"), (False, "on both flanks")):
            if (alike == wanted).any():
                kinds.setdefault(kind, (k, np.flatnonzero(alike == wanted)[0]))
    figure, panels = grid_of(len(shown) * len(kinds), len(kinds), (3.6, 2.5), (1, 0.5))
    lines = (("first ring", COLOURS[0], 1.2), ("second ring", COLOURS[1], 1.2), ("both", "black", 1.8))
    for row, (title, axis, outputs) in zip(panels, shown):
        for panel, (kind, (k, line)) in zip(row, kinds.items()):
            moved = outputs[k, :, :, line] - outputs[k, :, :, line].mean(axis=0)
            for values, (name, colour, width) in zip(moved.T, lines):
                panel.plot(axis.values, values, color=colour, lw=width, label=name)
            panel.set_title(", ".join(word for word in (kind, title) if word))
        row[0].set_ylabel("output, from its mean")
    plt.setp(panels[-1], xlabel=axis.label())
    panels[0, 0].legend(fontsize="x-small")
    return figure
