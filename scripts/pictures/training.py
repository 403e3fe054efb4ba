"""How did trainings go, and where did they end? Scores over epochs, controls, the landscape around them."""

import os

import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy as np
from pnn_read import Unusable, text

from . import RESULT, argument, picture, whole_number
from .files import File, control_named, labelled, unit_of
from .results import LOSSES, SCORES, numbered, read_spectrum
from .styles import colour_of, grid_of, line_style

PARAMS = argument("params", nargs="+", metavar="PARAMS")


def read_params(paths):
    """Files of trainings with their labels; a label that comes twice gets its file's name."""
    files = [File(path, "params") for path in paths]
    labels = [file.texts("/label")[0] for file in files]
    return [(file, f"{label} ({os.path.basename(file.path)})" if labels.count(label) > 1 else label)
            for file, label in zip(files, labels)]


@picture("history", "loss and accuracy over epochs", PARAMS)
def plot_history(options):
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 5.6), sharex=True)
    files = read_params(options.params)
    tasks = {file.texts("/task")[0] for file, _ in files}
    if len(tasks) > 1:
        raise Unusable("trainings of one task are compared, found " + " and ".join(sorted(tasks)))
    task = tasks.pop()
    score, title, factor = SCORES.get(task, ("accuracy", LOSSES.get(task, "loss"), 1))
    for n, (file, label) in enumerate(files):
        epoch = file.numbers("/history/epoch")
        if len(epoch) == 0:
            raise Unusable(f"{file.path}: no epoch is finished yet")
        top.plot(epoch, file.numbers("/history/loss"), color=colour_of(n), marker=".", label=label)
        for name, style, marker in (("train_", ":", None), ("test_", "-", ".")):
            values = factor * file.numbers("/history/" + name + score)
            if np.isfinite(values).any():
                bottom.plot(epoch, values, style, color=colour_of(n), marker=marker)
    top.set_ylabel("training loss")
    on_model = title.replace(" (%)", "") + " on the model" + (" (%)" if "%" in title else "")
    bottom.set(xlabel="epoch", ylabel=on_model)
    for axis in (top,) if task in SCORES else (top, bottom):
        if axis.get_ylim()[0] > 0:
            axis.set_yscale("log")
    bottom.plot([], [], "-", color="grey", label="test")
    bottom.plot([], [], ":", color="grey", label="training")
    top.legend()
    bottom.legend()
    return figure


@picture("currents", "histogram of the controls",
         PARAMS,
         argument("--bins", type=whole_number(1), default=60, metavar="N"))
def plot_currents(options):
    figure, axis = plt.subplots(figsize=(6.4, 4))
    unit, counts = "", []
    for n, (file, label) in enumerate(read_params(options.params)):
        datasets = [file.dataset(f"/controls/{layer}") for layer in file.names("/controls")]
        values = np.concatenate([np.asarray(d[()], dtype=float).ravel() for d in datasets])
        unit = unit_of(datasets[0])
        style = {"histtype": "step", "lw": 1.6, "color": colour_of(n)}
        axis.hist(values, options.bins, density=True, label=label, **style)
        counts.append(len(values))
    axis.set(xlabel=control_named(unit), ylabel=labelled("density", f"1/{unit}" if unit else ""))
    axis.set_title(f"{' or '.join(str(n) for n in sorted(set(counts)))} controls each")
    axis.legend(loc="upper left")
    return figure


@picture("spectrum", "largest eigenvalues of the Hessian", RESULT)
def plot_spectrum(options):
    labels, values = read_spectrum(options.result)
    figure, axis = plt.subplots()
    for n, method in enumerate(numbered(labels)):
        axis.plot(1 + np.arange(values.shape[1]), values[n], label=method, **line_style(n))
    if (values > 0).all():
        axis.set_yscale("log")
    axis.set(xlabel="order", ylabel="eigenvalue of the Hessian")
    axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    axis.legend()
    return figure


@picture("histograms", "histograms of a landscape, a panel each", RESULT)
def plot_histograms(options):
    file = File(options.result, "result")
    if "/histograms" not in file or not file.names("/histograms"):
        raise Unusable(f"{options.result}: holds no histograms; make them with pnn-landscape --histogram")
    names, methods = file.names("/histograms"), numbered(file.texts("/methods"))
    figure, panels = grid_of(len(names), len(names), (4.2, 3.6), sharex=False, sharey=False, layout=None)
    for panel, name in zip(panels.flat, names):
        edges = file.numbers(f"/histograms/{name}/edges")
        for n, counts in enumerate(file.numbers(f"/histograms/{name}/counts")):
            panel.stairs(counts / max(counts.sum(), 1), edges, color=colour_of(n), label=methods[n])
        if edges[0] > 0:
            panel.set_xscale("log")
        said = text(file.dataset(f"/histograms/{name}/edges").attrs.get("description", name)).replace(": ", ":\n")
        panel.set_xlabel(said + (f", at most {edges[1]:.2g} in the first bin" if edges[0] > 0 else ""), fontsize="small")
        panel.set_ylabel("share")
    panels[0, 0].legend()
    return figure
