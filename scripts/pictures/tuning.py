"""How do rings answer controls and the wavelength? Tuning curves and spectra, with what models expect."""

import matplotlib.pyplot as plt
import matplotlib.ticker
import numpy as np

from . import argument, picture, repeatable, whole_number
from .files import File, Unusable, choose, control_named, labelled, text, unit_of
from .styles import BESIDE, colour_of, grid_of


def read_predicted(path, layer, elements, devices):
    """Label and curves [device, element, temperature, point] that pnn-fit --predicted wrote of a chip."""
    file = File(path, "curves")
    base = "/curves/" + choose("layer", layer, file.names("/curves"), path)
    if file.texts(base + "/elements") != elements:
        raise Unusable(f"{path}: its elements are not those of the measured curves")
    command = text(file.h5.attrs.get("command", ""))
    kinds = [word.removeprefix("model=") for word in command.split() if word.startswith("model=")]
    if not command.startswith("pnn-fit ") or not kinds:
        raise Unusable(
            f"{path}: holds measured curves; pnn-fit --predicted writes those that a model expects")
    control = file.numbers(base + "/control")
    if len(control) != devices:
        raise Unusable(f"{path}: holds {len(control)} devices, and the measured curves {devices}")
    # what neighbours add to a ring is in such a model, and not in a picture of one ring
    label = kinds[0] + (" (ring alone)" if kinds[0] == "airy+crosstalk" else "")
    return label, file.numbers(base + "/temperature"), control, file.numbers(base + "/response")


@picture("curves", "tuning curves of some rings, with what models say",
         argument("curves", metavar="CURVES"),
         repeatable("--predicted", "PREDICTED",
                    "curves that a model expects (pnn-fit --predicted), to draw over them; repeatable"),
         argument("--device", type=whole_number(0), default=0, metavar="K", help="device of the file, from 0"),
         argument("--layer", metavar="NAME", help="layer whose chip is shown; the first if not given"),
         repeatable("--element", "NAME",
                    'ring to show, as "row 3 col 7"; repeatable; six spread over the chip if not given'))
def plot_curves(options):
    file = File(options.curves, "curves")
    layer = choose("layer", options.layer, file.names("/curves"), options.curves)
    base = f"/curves/{layer}"
    chip = file.texts(base + "/key")[0]
    control, response = file.numbers(base + "/control"), file.numbers(base + "/response")
    elements = file.texts(base + "/elements")
    temperatures = file.numbers(base + "/temperature")
    devices = len(control)
    if options.device >= devices:
        raise Unusable(f"{options.curves}: holds {devices} devices, numbered from 0; found {options.device}")
    if options.element:
        names = [choose("element", name, elements, options.curves) for name in options.element]
        shown = [elements.index(name) for name in names]
    else:
        measured = [k for k in range(len(elements)) if np.isfinite(response[options.device, k]).any()]
        spread = np.linspace(0, len(measured) - 1, min(6, len(measured))).astype(int)
        shown = [measured[k] for k in spread]
    if not shown:
        raise Unusable(f"{options.curves}: no measured element on chip {chip}")
    models = [read_predicted(path, layer, elements, devices) for path in options.predicted]

    figure, axes = grid_of(len(shown), 3, (3.4, 2.5), layout=None)
    for axis, k in zip(axes.flat, shown):
        for t, temperature in enumerate(temperatures):
            x, y = control[options.device, k, t], response[options.device, k, t]
            axis.plot(x, y, ".", ms=4, color=colour_of(t), label=f"measured, {temperature:.4g} °C")
            for m, (name, at, fine, weight) in enumerate(models):
                for there in np.flatnonzero(np.isclose(at, temperature)):
                    curve = (options.device, k, there)
                    style = {"lw": 1.2, "color": "black" if len(temperatures) == 1 else colour_of(t)}
                    label = name if t == 0 else None  # the colours say the temperature
                    axis.plot(fine[curve], weight[curve], ["-", "--", ":", "-."][m % 4], label=label, **style)
        axis.set_title(elements[k], fontsize="medium")
    plt.setp(axes[:, 0], ylabel=labelled("weight", unit_of(file.dataset(base + "/response"))))
    plt.setp(axes[-1], xlabel=control_named(unit_of(file.dataset(base + "/control"))))
    axes[0, 0].legend(fontsize="x-small")
    which = f", device {options.device}" if devices > 1 else ""
    figure.suptitle(f"tuning curves, chip {chip}{which}", fontsize="medium")
    return figure


class Sweep:
    """One sweep of the wavelength: its bus, what its heater did, and the light at each port."""

    def __init__(self, file, base):
        def value(name):
            return float(file.numbers(f"{base}/{name}")) if f"{base}/{name}" in file else np.nan

        self.bus = file.texts(base + "/bus")[0]
        self.heater = file.texts(base + "/heater")[0] if base + "/heater" in file else ""
        self.current, self.voltage, self.power = value("current"), value("voltage"), value("heater_power")
        self.temperature = value("temperature")
        self.wavelength = file.numbers(base + "/wavelength")
        self.lasers = file.numbers(base + "/laser") if base + "/laser" in file else np.array([])
        light = file.dataset(base + "/power")
        decibel = unit_of(light) == "dB"
        self.ports = {}
        for port, values in zip(file.texts(base + "/ports"), np.asarray(light[()], dtype=float)):
            self.balanced = "-" in port
            if not decibel and not self.balanced:
                values = 10 * np.log10(np.where(values > 0, values, np.nan))
            self.ports[port] = values

    def heat(self, ring):
        """Power of the heater in mW, by the resistance of the model where it was not measured; or nan."""
        if np.isfinite(self.power):
            return self.power
        if np.isfinite(self.current * self.voltage):
            return self.current * self.voltage
        if np.isfinite(self.current):
            square = self.current**2
            return 1e-3 * ring["resistance_ohm"] * (1 + ring["beta_per_ma2"] * square) * square
        return np.nan if np.isfinite(self.voltage) or self.heater else 0.0

    def label(self):
        named = ((self.power, "mW"), (self.current, "mA"), (self.voltage, "V"))
        said = [f"{number:.3g} {unit}" for number, unit in named if np.isfinite(number)][:1]
        if said and self.heater:
            said[0] += f" on {self.heater}"
        if np.isfinite(self.temperature):
            said.append(f"{self.temperature:.4g} °C")
        return ", ".join(said) or "sweep"


def read_rings(path):
    """The rings of a model of spectra: for each name its parameters."""
    file = File(path, "model")
    rings = {}
    for layer in file.names("/model"):
        base = f"/model/{layer}"
        if file.texts(base + "/kind")[0] != "spectrum":
            continue
        parameters, values = file.texts(base + "/parameters"), file.numbers(base + "/values")[0]
        for name, row in zip(file.texts(base + "/elements"), values):
            rings[name] = dict(zip(parameters, row))
    if not rings:
        raise Unusable(f"{path}: no model of spectra (pnn-fit --model spectrum)")
    return rings


def ring_light(ring, place, wavelength):
    """Light at both ports of a ring, resonant at `place` nm (Bogaerts et al., Laser Photonics Rev. 6, 47)."""
    phase = 2 * np.pi * 1e3 * ring["group_length_um"] * (1 / place - 1 / wavelength)
    r1, r2, a = ring["r1"], ring["r2"], ring["a"]
    both = 2 * r1 * r2 * a * np.cos(phase)
    denominator = 1 - both + (r1 * r2 * a) ** 2
    return ((r2 * a) ** 2 - both + r1**2) / denominator, (1 - r1**2) * (1 - r2**2) * a / denominator


def modelled(sweep, rings, coldest):
    """What the model, whose resonances are those at the temperature `coldest`, expects within six widths of
    each ring (three at the drop port): for each port a trace, nan elsewhere. The couplers' transmission is a
    parabola in dB within the window of a ring, as the fit takes it."""
    heats = [sweep.heat(ring) for ring in rings]
    out = {port: np.full(len(values), np.nan) for port, values in sweep.ports.items()}
    if not np.isfinite(heats).all() or (len(rings) > 1 and any(heats)):
        return out  # a power, or which ring a heater belongs to, is not known here
    warmer = sweep.temperature - coldest if np.isfinite(sweep.temperature) else 0
    moves = [ring["eta_nm_per_mw"] * heat for ring, heat in zip(rings, heats)]
    places = [r["resonance_nm"] + move + r["kappa_nm_per_k"] * warmer for r, move in zip(rings, moves)]
    through, drop = np.ones(len(sweep.wavelength)), np.zeros(len(sweep.wavelength))
    for ring, place in zip(rings, places):
        passed, dropped = ring_light(ring, place, sweep.wavelength)
        drop, through = drop + dropped * through, through * passed
    expected = {"through": through, "drop": drop}
    expected |= {"through-drop": through - drop, "drop-through": drop - through}
    for port, values in sweep.ports.items():
        light = expected[port]
        for ring, place in zip(rings, places):
            offset = (sweep.wavelength - place) / ((3 if port == "drop" else 6) * ring["fwhm_nm"])
            near = (np.abs(offset) < 1) & np.isfinite(values)
            if near.sum() < 6:
                continue
            if sweep.balanced:
                out[port][near] = light[near] * (values[near] @ light[near]) / (light[near] @ light[near])
            else:
                shape = 10 * np.log10(light[near])
                couplers = np.polynomial.polynomial.polyfit(offset[near], values[near] - shape, 2)
                out[port][near] = shape + np.polynomial.polynomial.polyval(offset[near], couplers)
    return out


def window_of(words):
    """"FIRST:LAST" as two wavelengths in nm."""
    try:
        first, last = (float(word) for word in words.split(":"))
    except ValueError:
        first = last = np.nan
    if not first < last:
        raise Unusable(f'--wavelengths: expected FIRST:LAST in nm, the shorter one first, found "{words}"')
    return first, last


@picture("spectra", "sweeps of the wavelength, with what a model says, and residuals",
         argument("curves", metavar="CURVES", help="spectra (pnn-characterize --import-spectra)"),
         argument("--model", metavar="MODEL", help="model whose rings are drawn (pnn-fit --model spectrum)"),
         repeatable("--bus", "NAME", "bus to show; repeatable; the first four if not given"),
         repeatable("--heater", "NAME",
                    "heater whose sweeps are shown, and those without heat; repeatable; all if not given"),
         argument("--wavelengths", metavar="FIRST:LAST",
                  help="wavelengths that are shown (nm); all if not given"))
def plot_spectra(options):
    file = File(options.curves, "curves")
    if "/spectra" not in file:
        raise Unusable(f"{options.curves}: no spectra (pnn-characterize --import-spectra)")
    sweeps = [Sweep(file, f"/spectra/{name}") for name in sorted(file.names("/spectra"), key=int)]
    buses = list(dict.fromkeys(sweep.bus for sweep in sweeps))
    heaters = list(dict.fromkeys(sweep.heater for sweep in sweeps if sweep.heater))
    rings = read_rings(options.model) if options.model else {}
    shown = [choose("bus", name, buses, options.curves) for name in options.bus] or buses[:4]
    chosen = [choose("heater", name, heaters, options.curves) for name in options.heater]
    window = window_of(options.wavelengths) if options.wavelengths else None
    rows, high, ratios = (2, 2.6, [3, 1]) if rings else (1, 4.2, None)  # residuals are those of a model
    shape = {"sharex": "col", "sharey": False, "layout": None, "height_ratios": ratios}
    figure, axes = grid_of(rows * len(shown), len(shown), (4, high), (2.4, 0), **shape)
    balanced = all(sweep.balanced for sweep in sweeps if sweep.bus in shown)
    for bus, panels in zip(shown, axes.T):
        top, bottom = panels[0], panels[-1]
        own = [ring for name, ring in rings.items() if name == bus or name.startswith(bus + " col ")]
        if rings and not own:
            raise Unusable(
                f'{options.model}: no ring of bus "{bus}"; fit the spectra without --inputs and --layer')
        mine = [s for s in sweeps if s.bus == bus and (not chosen or not s.heater or s.heater in chosen)]
        coldest = min((s.temperature for s in mine if np.isfinite(s.temperature)), default=0)
        for n, sweep in enumerate(mine):
            colour, fitted = colour_of(n), modelled(sweep, own, coldest) if own else {}
            for port, values in sweep.ports.items():
                style = "-" if port == "through" or balanced else "--" if port == "drop" else "-."
                top.plot(sweep.wavelength, values, style, color=colour, lw=1.4)
                if port in fitted:
                    top.plot(sweep.wavelength, fitted[port], "-", color="black", lw=0.5)
                    bottom.plot(sweep.wavelength, values - fitted[port], style, color=colour, lw=0.7)
            top.plot([], [], "-", color=colour, label=sweep.label())
        for laser in np.unique(np.concatenate([sweep.lasers for sweep in mine] or [[]])):
            if window is None or window[0] <= laser <= window[1]:
                top.axvline(laser, color="grey", ls=":", lw=1, zorder=0)
        if any(sweep.lasers.size for sweep in mine):
            top.plot([], [], ":", color="grey", label="lasers of the channels")
        for port, style in () if balanced else (("through", "-"), ("drop", "--"), ("balanced", "-.")):
            if any(port in sweep.ports or (port == "balanced" and sweep.balanced) for sweep in mine):
                top.plot([], [], style, color="grey", label=port)
        if own:
            top.plot([], [], "-", color="black", label="model")
            widest = 12 * max(ring["fwhm_nm"] for ring in own)
            last = max((ring["eta_nm_per_mw"] * s.heat(ring) for ring in own for s in mine), default=0)
            places = [ring["resonance_nm"] for ring in own]
            bottom.set_xlim(min(places) - widest, max(places) + (last if np.isfinite(last) else 0) + widest)
        if window:
            bottom.set_xlim(*window)
        bottom.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5))
        top.set_title(bus, fontsize="medium")
        bottom.set_xlabel("wavelength (nm)")
        top.legend(fontsize="x-small", **BESIDE)  # the curves fill the width
    unit = "normalised" if balanced else "dB"
    kinds = list(dict.fromkeys(port for sweep in sweeps if sweep.bus in shown for port in sweep.ports))
    what = kinds[0].replace("-", " − ") if balanced and len(kinds) == 1 else "light"
    axes[0, 0].set_ylabel(f"{what} ({unit})")
    if rings:
        axes[1, 0].set_ylabel(f"residual ({unit})")
    return figure
