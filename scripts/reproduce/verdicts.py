"""What the figures of figures.mk say: a table, and verdicts that are computed from differences of trainings in pairs, or of
chips where nothing is trained, by Student's test at 95 % (trainings.py). Each verdict names the method it is about.
"""

import os
from typing import NamedTuple

import h5py
import numpy as np
from trainings import Result, cost, costs_told, gained, meaning, relation, stated

PAPER_WEIGHTS = 0.025  # standard deviation of a weight from its target in the SAT paper (figure S8b)


class Verdict(NamedTuple):
    """A claim of the SAT paper, whether it holds, and of which method that is said."""

    claim: str
    outcome: str  # confirmed | weaker | not confirmed | too few trainings
    method: str
    words: str

    def text(self):
        return f"**{self.claim}: {self.outcome}**, of {self.method}: {self.words}."


def judged(claim, method, numbers, others, wanted, digits=2):
    """Of a claim that the numbers of a method stand so against those of each other method {name: numbers}: "ahead" (larger),
    "behind" or "level", or one of several words."""
    stands = {name: relation(numbers, theirs) for name, theirs in others.items()}
    told = "; ".join(f"against {name} {gained(numbers, theirs, digits)}" for name, theirs in others.items())
    if not set(stands.values()) <= {"ahead", "behind", "level"}:
        outcome = "too few trainings"
    else:
        holds = [stand in wanted for stand in stands.values()]
        outcome = "confirmed" if all(holds) else "weaker" if any(holds) else "not confirmed"
    return Verdict(claim, outcome, method, told)


def curvature(folder):
    r, swept = Result(folder, "curvature.h5"), Result(folder, "rho.h5")
    rows = [["radius, or method", "largest eigenvalue", "accuracy at −1 K", "0 K", "+1 K"]]
    for m in r.methods:
        places = [stated(swept.at(m, drift=k)) for k in (-1, 0, 1)] if m in swept.methods else ["", "", ""]
        rows.append([m, stated_short(r.largest(m)), *places])
    best = max(swept.methods, key=lambda m: min(swept.at(m, drift=k).mean() for k in (-1, 0, 1)))
    small = min(swept.methods, key=float)  # next to none, of as many steps
    others = {name: np.log10(r.largest(m)) for name, m in ((f"the radius {small}", small), ("bp", "bp"), ("slope", "slope"), ("pat", "pat"))}
    return rows, [judged("A radius that holds accuracy flattens the minimum", f"sat with the radius {best}, the best of these at its worst "
                         "temperature (decades)", np.log10(r.largest(best)), others, ("behind",))], [meaning(r)], [r, swept]  # fmt: skip


def stated_short(numbers):
    """Three significant digits of a mean over trainings, and of its error."""
    error = numbers.mean(axis=1).std(ddof=1) / np.sqrt(len(numbers)) if len(numbers) > 1 else None
    return f"{numbers.mean():.3g}" + ("" if error is None else f" ± {error:.2g}")


def costs(folder):
    r, c = Result(folder, "costs.h5"), Result(folder, "costs-curvature.h5")
    paper = {"bp": (68.6, 356, 93.5), "noise": (79.8, 338, 96.8), "sat": (92.3, 514, 0.3), "pat-own": (70.2, 394, 114.7),
             "dat-own": (94.6, 1273, 252.4), "sat-dat-own": (97.1, 623, 0.6)}  # fmt: skip
    seconds = {m: seconds_of(folder, f"mesh-{m}", r.trainings(m)) for m in r.methods}
    rows = [["", "accuracy on its chip", "processor s of a training", "largest eigenvalue on the model", "the SAT paper: accuracy, s, eigenvalue"]]
    for m in r.methods:
        theirs = " / ".join(f"{n:g}" for n in paper[m]) if m in paper else ""
        rows.append([m, stated(r.at(m)), stated_short(seconds[m]), stated_short(c.largest(m)), theirs])
    time = {m: np.log2(seconds[m]) for m in ("bp", "dat-own", "sat-dat-own")}
    flat = {m: np.log10(c.largest(m)) for m in r.methods}
    verdicts = [
        judged("A training with dat takes longer than one with bp", "dat-own (factors of two)", time["dat-own"], {"bp": time["bp"]}, ("ahead",)),
        judged("Sat in situ takes less time than dat", "sat-dat-own (factors of two)", time["sat-dat-own"], {"dat-own": time["dat-own"]}, ("behind",)),
        judged("Minima of sat in silico are flatter", "sat (decades)", flat["sat"], {m: flat[m] for m in ("bp", "noise")}, ("behind",)),
        judged("Minima of sat in situ are flatter", "sat-dat-own (decades)", flat["sat-dat-own"], {m: flat[m] for m in ("pat-own", "dat-own")},
               ("behind",))]  # fmt: skip
    return rows, verdicts, [meaning(r), "Equal gradients; in situ from a random start. Seconds are those of the machine, and of what else it did."], [r, c]


def seconds_of(folder, kind, trainings):
    """Processor seconds [training, 1] of so many trainings FOLDER/KIND.SEED.json."""
    found = [[told["processor_seconds"]] for told in costs_told(folder, kind)]
    if len(found) != trainings:
        raise ValueError(f"holds {len(found)} files {kind}.SEED.json, which tell what a training took, for {trainings} trainings")
    return np.array(found)


def alone(folder):
    r = Result(folder, "alone.h5")
    still = {"rotation": 0, "shift": 0, "scale": 1}
    places = {"aligned": {}, "2°": {"rotation": 2}, "2 px": {"shift": 2}, "1.10": {"scale": 1.1}, "2° and 2 px": {"rotation": 2, "shift": 2},
              "all three": {"rotation": 2, "shift": 2, "scale": 1.1}}  # fmt: skip
    rows = [["trained for", *places]]
    rows += [[m, *(stated(r.at(m, **{**still, **place})) for place in places.values())] for m in r.methods]
    verdicts = []
    for axis, title in (("rotation", "2°"), ("shift", "2 px"), ("scale", "1.10")):
        place = {**still, **places[title]}
        verdicts.append(judged(f"One training for all is level with one for {axis} alone at {title}", "misalignment sampled (noise-drawn)",
                               r.at("noise-drawn", **place), {f"{axis}-alone": r.at(f"{axis}-alone", **place)}, ("level", "ahead")))  # fmt: skip
    at = {**still, **places["all three"]}
    verdicts.append(judged("It is ahead where all three come together", "misalignment sampled (noise-drawn)", r.at("noise-drawn", **at),
                           {m: r.at(m, **at) for m in ("rotation-alone", "shift-alone", "scale-alone")}, ("ahead",)))  # fmt: skip
    return rows, verdicts, [meaning(r)], [r]


def masks_turned(folder):
    r = Result(folder, "masks-turned.h5")
    angles = r.axes["rotation"]
    rows = [["", *(f"{angle:g}°" for angle in angles)]]
    rows += [[m, *(stated(r.at(m, rotation=angle)) for angle in angles)] for m in r.methods]
    rows.append(["the SAT paper's bp", "98", "", "91", "", "6.5", "", ""])
    rows.append(["the SAT paper's sat", "96.5", "", "96.5", "", "96.5", "", ""])
    verdicts = [judged(f"At {angle}° {method} is ahead of bp", method, r.at(method, rotation=angle), {"bp": r.at("bp", rotation=angle)}, ("ahead",))
                for method in ("sat", "drawn") for angle in (1, 3)]  # fmt: skip
    return rows, verdicts, [meaning(r)], [r]


def mesh_map(folder):
    r = Result(folder, "mesh-map.h5")
    steps = r.axes["mzi.ps"]
    rows = [["splitters and phases, both", *(f"{step:g}" for step in steps)]]
    rows += [[m, *(stated(r.at(m, **{"mzi.split": step, "mzi.ps": step})) for step in steps)] for m in r.methods]
    rows.append(["the SAT paper's dat, sat in situ, where they train", *("94.6, 97.1" if abs(step - 0.15) < 1e-6 else "" for step in steps)])
    verdicts, at = [], {"mzi.split": 0.2, "mzi.ps": 0.2}
    for method, others in (("sat-dat", ("dat", "noise")), ("sat", ("bp", "noise")), ("draws", ("bp", "noise")), ("noise", ("bp",))):
        there = [m for m in others if m in r.methods]
        if method in r.methods and there:
            verdicts.append(judged(f"On devices with errors of 0.20 {method} is ahead", method, r.at(method, **at), {m: r.at(m, **at) for m in there},
                                   ("ahead",)))  # fmt: skip
    return rows, verdicts, [meaning(r), f"Each on {r.images} test images; splitters in the power convention, phases in rad."], [r]


def joint(folder):
    r = Result(folder, "joint.h5")
    steps = [0, 0.4, 0.8, 1.2, 1.6, 2]
    rows = [["turned (°) and shifted (px), both", *(f"{step:g}" for step in steps)]]
    rows += [[m, *(stated(r.at(m, rotation=step, shift=step)) for step in steps)] for m in r.methods]
    rows.append(["the SAT paper, its first layer along y: bp, sat", "96.3, 96.7", "", "", "", "", "59.6, 90.1"])
    at = {"rotation": 2, "shift": 2}
    verdicts = [judged(f"At 2° and 2 px {method} is ahead of bp", method, r.at(method, **at), {"bp": r.at("bp", **at)}, ("ahead",))
                for method in ("sat-drawn", "drawn-sat", "noise-drawn") if method in r.methods]  # fmt: skip
    return rows, verdicts, [meaning(r), f"Each on {r.images} test images."], [r]


def distribution(folder):
    r = Result(folder, "distribution.h5")
    rows = [["energy distance", "−0.25 K", "0 K", "+0.25 K", "a training (processor time)"]]
    rows += [[m, *(stated(r.at(m, drift=k), 4) for k in (-0.25, 0, 0.25)), cost(folder, f"points-{m}")] for m in r.methods]
    rows.append(["the SAT paper: bp, sat, on its chip", "", "0.315, 0.049", "", ""])
    at = {m: np.log10(np.maximum(r.at(m, drift=0).mean(axis=1, keepdims=True), 1e-9)) for m in r.methods}
    verdicts = [judged(f"A generator on chips never seen is nearer to the data than bp's with {method}", f"{method} (decades)", at[method],
                       {"bp": at["bp"]}, ("behind",)) for method in ("sat", "noise", "draws")]  # fmt: skip
    return rows, verdicts, [meaning(r)], [r]


def errors_of(folder, name):
    """Standard deviation of weights from their targets on each chip, [chip, 1], and the mean error of each."""
    with np.load(os.path.join(folder, "weights-drawn.npz")) as archive:
        names = {key.rsplit(".", 1)[-1]: key for key in archive.files}
        target, gain = archive[names["weight"]], archive[names["gain"]].item()
    with h5py.File(os.path.join(folder, name)) as file:
        found = file["/outputs"][()][0].mean(axis=1) / gain  # over repeats: [chip, input, output]
    off = found - target.T
    return off.std(axis=(1, 2))[:, None], off.mean(axis=(1, 2))[:, None]


def weights(folder):
    rows = [["weights set by", "standard deviation from the target, over chips", "mean error", "worst chip"]]
    spread = {}
    for name, title in (("weights-design.h5", "design values"), ("weights.h5", "each chip's own model")):
        spread[title], mean = errors_of(folder, name)
        rows.append([title, stated(spread[title], 4), stated(mean, 4), f"{spread[title].max():.3f}"])
    rows.append(["the SAT paper (250 weights, figure S8b)", f"{PAPER_WEIGHTS}", "−0.022", ""])
    own = spread["each chip's own model"]
    verdicts = [judged("Calibrated weights are as exact as those of the SAT paper", "airy+crosstalk, a model of each chip", own,
                       {"their 0.025": np.full_like(own, PAPER_WEIGHTS)}, ("level", "behind"), 4)]  # fmt: skip
    return rows, verdicts, [f"± standard error over {len(own)} chips; read 16 times each."], [Result(folder, "weights.h5"), Result(folder, "weights-design.h5")]


def spreads_along(folder, name, alike=None):
    """Of each chip: the standard deviation along the drift of one weight, and of the sum of two relative to it, where they move
    alike and where they do not, as arrays [chip, 1]; and which rows of each training those are (given for a second file)."""
    with h5py.File(os.path.join(folder, name)) as file:
        outputs = np.moveaxis(file["/outputs"][()], 2, 1)[:, :, :, 0]  # [training, chip, time, sample, row]
    if alike is None:
        alike = np.array([[[np.corrcoef(rows[:, 0, k], rows[:, 1, k])[0, 1] > 0 for k in range(rows.shape[2])] for rows in of] for of in outputs])
    spread = outputs.std(axis=2)  # [training, chip, sample, row]
    single = np.sqrt((spread[:, :, 0] ** 2 + spread[:, :, 1] ** 2) / 2)
    ratio = spread[:, :, 2] / single
    by_chip = {}
    for wanted, title in ((True, "one flank"), (False, "both flanks")):
        chosen = alike == wanted
        by_chip[title] = np.array([[ratio[:, chip][chosen[:, chip]].mean()] for chip in range(ratio.shape[1])])
    return single.mean(axis=(0, 2))[:, None], by_chip, alike


def channels(folder):
    single, ratio, alike = spreads_along(folder, "channels.h5")
    held, held_ratio, _ = spreads_along(folder, "channels-controlled.h5", alike)
    rows = [["", "standard deviation of a weight along the drift", "of the sum of two, over it: rings on one flank", "on both flanks"]]
    for title, one, of_both in (("free", single, ratio), ("held", held, held_ratio)):
        rows.append([title, stated(one, 4), *(stated(of_both[flank], 2) for flank in ("one flank", "both flanks"))])
    rows.append(["the SAT paper: its two traces (S10), two pairs (S11)", "0.053, 0.016", "1.51", "1.35"])
    verdicts = [judged("The sum of two weights on both flanks drifts less than each of them", "rings on both flanks (of one, no effect: 1)",
                       ratio["both flanks"], {"one weight": np.ones_like(single)}, ("behind",)),
                judged("The sum of two weights on one flank drifts more", "rings on one flank", ratio["one flank"], {"one weight": np.ones_like(single)},
                       ("ahead",))]  # fmt: skip
    return rows, verdicts, [f"± standard error over {len(single)} chips. Two weights that drift independently have √2, alike 2, against each other 0."], [
        Result(folder, "channels.h5"), Result(folder, "channels-controlled.h5")]


FIGURES = {"curvature": curvature, "costs": costs, "mesh-map": mesh_map, "joint": joint, "alone": alone, "masks-turned": masks_turned, "distribution": distribution,
           "weights": weights, "channels": channels}  # fmt: skip


def table(name):
    """A table as scripts/reproduce/tables writes it, of a folder: rows and sentences."""

    def made(folder):
        rows, verdicts, words, _ = FIGURES[name](folder)
        return rows, [*words, *(verdict.text() for verdict in verdicts)]

    return made
