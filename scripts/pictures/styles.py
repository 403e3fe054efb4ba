"""How does a picture look? Colours, lines, panels, and numbers as colours."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

plt.rcParams.update({
    "figure.figsize": (6.4, 4.2), "figure.titlesize": "small", "figure.labelsize": "medium",
    "axes.titlesize": "small", "legend.fontsize": "small", "axes.grid": True, "grid.alpha": 0.25,
    "svg.hashsalt": "pnntools",  # the same file gives the same picture
})

# Okabe and Ito's palette: told apart by nearly everyone, and in grey.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
MARKERS = "osD^vPX"
BESIDE = {"loc": "upper left", "bbox_to_anchor": (1, 1), "frameon": False}  # a legend that would hide lines


def colour_of(order):
    return COLOURS[order % len(COLOURS)]


def marker_of(order):
    """Of the points of a method; beyond the colours their markers are others."""
    return MARKERS[(order + order // len(COLOURS)) % len(MARKERS)]


def dashes_of(order):
    """Of the line of a method; beyond the colours lines are dashed."""
    return "--" if order // len(COLOURS) % 2 else "-"


def line_style(order):
    return {"color": colour_of(order), "marker": marker_of(order), "ms": 4, "ls": dashes_of(order)}


def grid_of(count, columns, each, around=(0, 0), **options):
    """A figure with `count` panels, at most `columns` in a row, each as wide and high as told, with space
    `around` them all (inches), which share axes unless told otherwise; and the panels by row and column."""
    options = {"sharex": True, "sharey": True, "layout": "constrained"} | options
    columns = min(columns, count)
    rows = -(-count // columns)
    size = [space + side * n for space, side, n in zip(around, each, (columns, rows))]
    figure, panels = plt.subplots(rows, columns, figsize=size, squeeze=False, **options)
    for panel in panels.flat[count:]:
        panel.set_visible(False)
    return figure, panels


def draw_numbers(panel, numbers, limits, told, fontsize="small", **options):
    """Numbers [row, column] as colours between two limits, each with the text that `told` gives."""
    colours = matplotlib.colormaps["viridis"].with_extremes(bad="0.85")
    drawn = panel.imshow(numbers, cmap=colours, vmin=limits[0], vmax=limits[1], **options)
    for (row, column), value in np.ndenumerate(numbers):
        colour = "black" if not np.isfinite(value) or drawn.norm(value) > 0.6 else "white"
        panel.text(column, row, told(value), color=colour, fontsize=fontsize, ha="center", va="center")
    panel.grid(False)
    return drawn
