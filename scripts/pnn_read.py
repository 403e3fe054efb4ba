#!/usr/bin/env python3
"""Reads pnntools' HDF5 files into NumPy, and into pandas where it is installed, with names in place of indices.

  pnn_read.py FILE              the file's table as CSV on standard output, a header line first
  pnn_read.py FILE /DATASET     any one dataset so, as /history/loss or /model/mrr1/covariance
  pnn_read.py FILE --list       path, axes and unit of every dataset

What the table of a file is: of a result a row for each method, value of each axis, device and repeat, with accuracy
and loss; of curves and spectra one for each reading; of a model for each parameter of each element; of params for each control;
of a dataset for each sample; of a device for each value of its process. A unit other than 1 stands in brackets behind
a column's name, or in a column of its own where rows differ. An empty cell says that there is no number.

As a module (put this file beside your own):

  import pnn_read
  table = pnn_read.table("sweep.h5")   # a dictionary: column name → NumPy array; table.units: column name → unit
  frame = pnn_read.frame("sweep.h5")   # the same as a pandas.DataFrame, units in frame.attrs["units"]
  whole = pnn_read.read("sweep.h5")    # every dataset: path → array, text or list of texts; whole.units, whole.axes

What virtual devices hide (/truth) is left out unless read(…, truth=True) asks for it.
"""

import os
import sys

try:
    import h5py
    import numpy as np
except ImportError as error:
    # the first python3 of the search path may be another than Debian's, which has the packages
    if __name__ != "__main__":
        raise
    if os.path.exists("/usr/bin/python3") and sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit(f"pnn_read.py: {error}; on Debian: scripts/install-packages pictures")


class Unusable(Exception):
    """A file or a name that cannot be read; the message is one line for the user."""


class Contents(dict):
    """Datasets of a file by path: arrays, texts and lists of texts. `filetype` and `attributes` are those of the file,
    `units` and `axes` (a tuple of names) have the same keys as the dictionary."""

    def __init__(self, filetype, attributes):
        super().__init__()
        self.filetype, self.attributes, self.units, self.axes = filetype, attributes, {}, {}


class Table(dict):
    """Columns of equal length by name; `units` has those that have a unit other than 1."""

    units: dict


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def opened(path):
    """The file as h5py has it, for reading. Raises Unusable."""
    if not os.path.exists(path):
        raise Unusable(f"{path}: no such file")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        what = "is a folder; name a file in it" if os.path.isdir(path) else "no HDF5 file, or a truncated one; copy it again"
        raise Unusable(f"{path}: {what}") from error


def read(path, truth=False):
    """Everything in the file, as Contents. Raises Unusable."""
    with opened(path) as file:
        if "filetype" not in file.attrs:
            raise Unusable(f"{path}: not a file of pnntools (it has no filetype)")
        attributes = {name: text(value) for name, value in file.attrs.items()}
        contents = Contents(attributes["filetype"], attributes)

        def walk(group, prefix):  # layers on one chip are links to one group, which visititems would show once
            for name in group:
                item, path = group[name], prefix + name
                if isinstance(item, h5py.Group):
                    if truth or path != "/truth":
                        walk(item, path + "/")
                    continue
                value = item[()]
                if item.dtype.kind in "SO":
                    value = np.char.decode(value.astype("S"), "utf-8").tolist() if item.shape else text(value)
                elif not item.shape:
                    value = value.item()
                contents[path] = value
                contents.units[path] = text(item.attrs.get("units", "1"))
                axes = text(item.attrs.get("axes", ""))
                contents.axes[path] = tuple(axes.split(",")) if axes and axes != "scalar" else ()

        walk(file, "/")
    return contents


# --- tables -------------------------------------------------------------------------------------------------

# the dataset that names the places along an axis: of the whole file, or beside the dataset
NAMES = {"method": "/methods", "device": "/devices", "true": "/classes", "predicted": "/classes", "element": "elements",
         "parameter": "parameters", "temperature": "temperature", "direction": "direction", "epoch": "epoch",
         "port": "ports", "wavelength": "wavelength"}


def _along(whole, path, axis):
    """Names or values of the places along an axis of a dataset, None where they only have numbers; and their unit."""
    beside = path.rsplit("/", 1)[0] + "/"
    for name in ("/axes/" + axis, NAMES.get(axis, "/")):
        name = name if name.startswith("/") else beside + name
        if name in whole and name != path and len(whole.axes[name]) == 1:
            return np.asarray(whole[name]), whole.units[name]
    return None, "1"


def _columns(whole, path):
    """Columns for the axes of a dataset, each as long as the dataset has values, and their units."""
    shape, columns, units = np.shape(whole[path]), {}, {}
    grid = np.indices(shape).reshape(len(shape), -1)
    for axis, place in zip(whole.axes[path], grid):
        labels, unit = _along(whole, path, axis)
        while axis in columns:  # a covariance has an axis twice
            axis += " 2"
        columns[axis] = place if labels is None else labels[place]
        units[axis] = unit
    return columns, units


def _joined(blocks):
    """One table of blocks (columns, units), one below the other. A column that a block lacks is empty there."""
    table, units = Table(), {}
    lengths = [len(next(iter(columns.values()))) for columns, _ in blocks]
    for name in dict.fromkeys(name for columns, _ in blocks for name in columns):
        parts = [np.asarray(columns[name]) if name in columns else np.full(n, "") for (columns, _), n in zip(blocks, lengths)]
        if len({part.dtype.kind in "US" for part in parts}) > 1:
            parts = [part.astype(object) for part in parts]
        table[name] = np.concatenate(parts)
        said = [u.get(name, "1") for (columns, u) in blocks if name in columns]
        if len(set(said)) == 1:
            units[name] = said[0]
        else:
            table[name + " unit"] = np.repeat([u.get(name, "") for _, u in blocks], lengths)
    table.units = {name: unit for name, unit in units.items() if unit not in ("1", "")}
    return table


def _one(whole, path):
    columns, units = _columns(whole, path)
    name = path.rsplit("/", 1)[1]
    name = name if name not in columns else "value"
    columns[name], units[name] = np.ravel(whole[path]), whole.units[path]
    return columns, units


def _layers(whole, folder):
    """Layers below a folder; of those that share a chip, and so the same data, the first."""
    seen = {}
    for path in whole:
        if path.startswith(folder + "/"):
            layer = path[len(folder) + 1:].split("/")[0]
            seen.setdefault(whole.get(f"{folder}/{layer}/key", layer), layer)
    return seen.values()


def _result(whole):
    axes = whole.axes["/loss"]
    columns, units = _columns(whole, "/loss")
    for path in ["/accuracy", "/r_squared", "/loss", *whole]:
        if path in whole and whole.axes[path] == axes:
            columns[path[1:]], units[path[1:]] = np.ravel(whole[path]), whole.units[path]
    return [(columns, units)]


def _curves(whole):
    blocks = []
    for layer in _layers(whole, "/curves"):
        beside = f"/curves/{layer}/"
        columns, units = _columns(whole, beside + "control")
        columns = {"layer": np.full(len(columns["point"]), layer), **columns}
        if beside + "direction" in whole:
            columns["direction"] = np.asarray(whole[beside + "direction"])[columns["point"]]
        for name in ("control", "response", "sigma"):
            columns[name], units[name] = np.ravel(whole[beside + name]), whole.units[beside + name]
        there = ~np.isnan(columns["response"])  # NaN pads shorter curves
        blocks.append(({name: values[there] for name, values in columns.items()}, units))
    numbers = {path.split("/")[2] for path in whole if path.startswith("/spectra/")}
    for number in sorted(numbers, key=int):
        beside = f"/spectra/{number}/"
        light, units = _columns(whole, beside + "power")
        columns = {"sweep": int(number), "bus": whole[beside + "bus"], "heater": whole.get(beside + "heater", "")}
        for name, unit in (("current", "mA"), ("voltage", "V"), ("heater_power", "mW"), ("temperature", "degC")):
            columns[name], units[name] = whole.get(beside + name, np.nan), unit
        columns = {name: np.full(len(light["port"]), value) for name, value in columns.items()}
        units["power"] = whole.units[beside + "power"]
        blocks.append(({**columns, **light, "power": np.ravel(whole[beside + "power"])}, units))
    return blocks


def _model(whole):
    blocks = []
    for layer in _layers(whole, "/model"):
        beside = f"/model/{layer}/"
        columns, units = _columns(whole, beside + "values")
        place = np.indices(np.shape(whole[beside + "values"])).reshape(3, -1)
        variance = np.diagonal(whole[beside + "covariance"], axis1=2, axis2=3).ravel()
        columns = {"layer": np.full(len(variance), layer), **columns, "value": np.ravel(whole[beside + "values"]),
                   "standard error": np.where(variance > 0, np.sqrt(np.abs(variance)), np.nan),  # 0: was not fitted
                   "unit": np.asarray(whole[beside + "units"])[place[2]]}
        if beside + "remarks" in whole:
            columns["remark"] = np.asarray(whole[beside + "remarks"])[place[1]]
        blocks.append((columns, units))
    return blocks


def _params(whole):
    blocks = []
    for layer in (path[len("/controls/"):] for path in whole if path.startswith("/controls/")):
        path = "/controls/" + layer
        columns, _ = _columns(whole, path)
        if list(columns) == ["out", "in"]:
            columns = {"row": columns["out"], "column": columns["in"]}
        controls = np.ravel(whole[path])
        if "control" in columns:  # of layers whose controls are counted through
            columns = {"number" if name == "control" else name: values for name, values in columns.items()}
        columns = {"layer": np.full(len(controls), layer), **columns, "control": controls,
                   "unit": np.full(len(controls), whole.units[path])}
        if whole.axes.get("/weights/" + layer) == whole.axes[path] == ("out", "in"):
            columns["weight"] = np.ravel(whole["/weights/" + layer])
        blocks.append((columns, {}))
    return blocks


def _dataset(whole):
    blocks = []
    for split in ("train", "validation", "test"):
        if f"/{split}/x" not in whole:
            continue
        x = np.asarray(whole[f"/{split}/x"])
        columns = {"split": np.full(len(x), split), "sample": np.arange(len(x))}
        if "/targets" in whole:  # in their own units
            values = whole["/target_mean"] + whole["/target_scale"] * np.asarray(whole[f"/{split}/targets"], dtype=float)
            columns.update(zip(whole["/targets"], values.T))
        else:
            labels, classes = np.asarray(whole[f"/{split}/y"]), np.asarray(whole["/classes"])
            columns["class"] = classes[labels] if len(classes) else labels
        flat = x.reshape(len(x), -1)
        columns.update({f"x{k}": flat[:, k] for k in range(flat.shape[1])})
        blocks.append((columns, {}))
    return blocks


def _device(whole):
    paths = [path for path in whole if path.startswith("/process/")]
    return [({"name": np.array([path[len("/process/"):] for path in paths]),
              "value": np.array([whole[path] for path in paths], dtype=object),
              "unit": np.array([whole.units[path] for path in paths])}, {})]


TABLES = {"result": _result, "curves": _curves, "model": _model, "params": _params, "dataset": _dataset, "device": _device}


def table(path, dataset=None):
    """The file's table, or that of one dataset, as a Table: a row a value. Raises Unusable."""
    whole = read(path, truth=bool(dataset) and dataset.startswith("/truth/"))
    if dataset:
        if dataset not in whole:
            raise Unusable(f'{path}: no dataset "{dataset}"; --list tells which there are')
        if not whole.axes[dataset]:
            name = dataset.rsplit("/", 1)[1]
            return _joined([({name: np.array([whole[dataset]])}, {name: whole.units[dataset]})])
        return _joined([_one(whole, dataset)])
    if whole.filetype not in TABLES:
        raise Unusable(f'{path}: no table is known for filetype "{whole.filetype}"; name a dataset')
    try:
        blocks = TABLES[whole.filetype](whole)
    except KeyError as error:
        raise Unusable(f"{path}: no dataset {error}; pnn-info --validate tells what is wrong") from error
    if not blocks:
        raise Unusable(f"{path}: holds nothing for a table; --list tells what there is")
    return _joined(blocks)


def frame(path, dataset=None):
    """table() as a pandas.DataFrame; the units are in its attrs["units"]."""
    import pandas  # not needed for anything else

    columns = table(path, dataset)
    result = pandas.DataFrame(dict(columns))
    result.attrs["units"] = columns.units
    return result


# --- command ------------------------------------------------------------------------------------------------


def _cells(values):
    """Texts of a column: the shortest decimals that give the same number again, empty for NaN."""
    if values.dtype.kind == "f":
        return np.where(np.isnan(values), "", values.astype(str))
    return values.astype(str)


def write_csv(columns, out):
    """Writes a Table as CSV with a header line."""
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(f"{name} ({columns.units[name]})" if name in columns.units else name for name in columns)
    writer.writerows(zip(*(_cells(values) for values in columns.values())))


def main(words):
    asks = bool(words) and words[0] in ("-h", "--help")
    if not asks and (not 1 <= len(words) <= 2 or words[0].startswith("-")):
        print("pnn_read.py: usage: pnn_read.py FILE [/DATASET | --list]", file=sys.stderr)
        return 2
    if sys.stdout is None:
        print("pnn_read.py: standard output is closed", file=sys.stderr)
        return 1
    try:
        if asks:
            print(__doc__.strip())
        elif words[1:] == ["--list"]:
            whole = read(words[0])
            for path in whole:
                print(path, f"[{', '.join(whole.axes[path])}]", whole.units[path], sep="\t")
        else:
            write_csv(table(*words), sys.stdout)
        sys.stdout.flush()
    except Unusable as error:
        print(f"pnn_read.py: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # as `head` does it: nobody reads on, which is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"pnn_read.py: standard output: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
