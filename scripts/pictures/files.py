"""How is a file read? Its parts by their paths, their units in words, and choices among names."""

import numpy as np
from pnn_read import Unusable, opened, text


def unit_of(dataset):
    unit = text(dataset.attrs.get("units", "1"))
    return {"degC": "°C", "1": "", "ohm": "Ω"}.get(unit, unit)


def labelled(name, unit):
    return f"{name} ({unit})" if unit else name


def control_named(unit):
    return labelled("heater current" if unit == "mA" else "control", unit)


class File:
    """One of our files, opened for reading; its parts by path."""

    def __init__(self, path, filetype):
        self.path, self.h5 = path, opened(path)
        found = text(self.h5.attrs.get("filetype", ""))
        if found != filetype:
            raise Unusable(f'{path}: expected filetype "{filetype}", found "{found}"')

    def __contains__(self, name):
        return name in self.h5

    def dataset(self, name):
        if name not in self.h5:
            raise Unusable(f"{self.path}: no {name}")
        return self.h5[name]

    def numbers(self, name):
        return np.asarray(self.dataset(name)[()], dtype=float)

    def texts(self, name):
        return [str(text(value)) for value in np.atleast_1d(self.dataset(name)[()])]

    def names(self, group):
        return list(self.dataset(group))


def choose(what, wanted, known, path):
    """`wanted`, or the first of `known`."""
    if not known:
        raise Unusable(f"{path}: holds no {what}")
    if wanted is None:
        return known[0]
    if wanted not in known:
        some = ", ".join(known[:8]) + (f", ... ({len(known)})" if len(known) > 8 else "")
        raise Unusable(f'{path}: no {what} "{wanted}"; there are: {some}')
    return wanted
