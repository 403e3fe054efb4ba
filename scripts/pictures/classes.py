"""What were samples of each class taken for?"""

import numpy as np

from . import RESULT, picture, repeatable
from .files import File, Unusable, choose
from .styles import draw_numbers, grid_of


def read_confusion(path, wanted):
    """Classes, and for each method, or each of those wanted, its counts [true, predicted], summed over its
    trainings and all conditions of the result."""
    file = File(path, "result")
    if "/confusion" not in file:
        raise Unusable(f"{path}: holds no confusion; only classifiers have one")
    labels, counts = file.texts("/methods"), file.numbers("/confusion")
    known = list(dict.fromkeys(labels))
    chosen = [choose("method", name, known, path) for name in wanted] or known
    summed = {m: counts[[label == m for label in labels]].sum(axis=0) for m in chosen}
    for method, count in summed.items():
        if not count.sum() > 0:
            raise Unusable(f"{path}: holds no sample of {method} yet")
    classes = file.texts("/classes") if "/classes" in file else [str(k) for k in range(counts.shape[-1])]
    return classes, summed


@picture("confusion", "what samples of each class were taken for, over all conditions",
         RESULT,
         repeatable("--method", "LABEL", "method to show; repeatable; all if not given"))
def plot_confusion(options):
    classes, counts = read_confusion(options.result, options.method)
    n = len(classes)
    side = 0.6 + 0.28 * max(n, 6)
    figure, panels = grid_of(len(counts), max(1, min(4, 24 // n)), (side, side + 0.3), (1.3, 0.7))
    for panel, (method, count) in zip(panels.flat, counts.items()):
        share = 100 * count / np.maximum(count.sum(axis=1, keepdims=True), 1)  # of a true class's samples
        drawn = draw_numbers(panel, share, (0, 100), lambda value: f"{value:.0f}" if value > 0.5 else "", 6)
        panel.set_title(f"{method}: {100 * np.trace(count) / count.sum():.1f} %", fontsize="medium")
        turned = {"rotation": 90} if max(map(len, classes)) > 2 else {}
        panel.set_xticks(range(n), classes, fontsize="x-small", **turned)
        panel.set_yticks(range(n), classes, fontsize="x-small")
    figure.supxlabel("predicted class")
    figure.supylabel("true class")
    figure.colorbar(drawn, ax=panels, label="share of the true class (%)", aspect=30)
    return figure
