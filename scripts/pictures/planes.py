"""What do a display, a modulator or phase masks show? (free space, d2nn)"""

import numpy as np

from . import argument, picture, whole_number
from .files import File, Unusable, choose
from .styles import grid_of


def keys_of(layer):
    """"freespace:out=10,grid=3x4" as its kind and its keys."""
    kind, _, rest = layer.partition(":")
    return kind, dict(part.split("=", 1) for part in rest.split(",") if "=" in part)


def pair_of(value):
    return tuple(int(n) for n in value.split("x"))


def laid_out(images, grid, block, guard):
    """Images [cell, row, column] on a plane: elements as blocks of pixels, dark guards, cells row by row."""
    cells = np.kron(images, np.ones((1, *block)))
    high, wide = guard[0] * block[0], guard[1] * block[1]
    cells = np.pad(cells, ((0, 0), (high, high), (wide, wide)))
    rows = [np.concatenate(list(cells[k * grid[1] : (k + 1) * grid[1]]), axis=1) for k in range(grid[0])]
    return np.concatenate(rows)


def freespace_planes(controls, keys, shape, chosen, shown):
    """Titled planes of a layer's chosen picture: the input on the display, and the signs on the modulator."""
    grid = pair_of(keys["grid"]) if "grid" in keys else (controls.shape[1], 1)
    block, guard = pair_of(keys.get("block", "1x1")), pair_of(keys.get("guard", "0x0"))
    per_pixel = keys.get("per") == "pixel"
    elements = controls.shape[2] // (block[0] * block[1] if per_pixel else 1)
    image = shape if "grid" in keys and shape else (1, elements)
    image = pair_of(keys["image"]) if "image" in keys else image
    if per_pixel:
        image, guard = (tuple(n * m for n, m in zip(pair, block)) for pair in (image, guard))
        block = (1, 1)
    cells = grid[0] * grid[1]
    first = np.zeros((controls.shape[0], cells, *image))
    some = controls[:, chosen * cells : (chosen + 1) * cells]
    if some.shape[1] == 0:
        raise Unusable(f"--picture {chosen}: there are {-(-controls.shape[1] // cells)}, counted from 0")
    first[:, : some.shape[1]] = some.reshape(*some.shape[:2], *image)
    planes = []
    if shown is not None:
        shown = np.broadcast_to(shown, (cells, *shown.shape))
        planes.append(("display", laid_out(shown, grid, block, guard)))
    signs = ["transmission", ""] if len(first) == 1 else ["positive weights", "negative weights"]
    planes += [(f"modulator, {sign}", laid_out(part, grid, block, guard)) for sign, part in zip(signs, first)]
    return planes


@picture("planes", "what a display, a modulator or phase masks show",
         argument("params", metavar="PARAMS"),
         argument("--layer", metavar="NAME",
                  help="layer that is shown; the first of free space if not given"),
         argument("--data", metavar="DATA", help="data set that the display shows a sample of"),
         argument("--sample", type=whole_number(0), default=0, metavar="K", help="test sample, from 0"),
         argument("--picture", type=whole_number(0), default=0, metavar="K", help="picture of the modulator, from 0"))
def plot_planes(options):
    file = File(options.params, "params")
    optical, counts = {}, {"freespace": 0, "d2nn": 0}
    for order, (kind, keys) in enumerate(keys_of(layer) for layer in file.texts("/network/layers")):
        if kind in counts:
            counts[kind] += 1
            optical[f"{kind}{counts[kind]}"] = (order, kind, keys)
    layer = choose("layer of free space", options.layer, list(optical), options.params)
    controls = file.numbers("/controls/" + layer)
    order, kind, keys = optical[layer]
    if kind == "d2nn":
        planes = [(f"mask {n + 1}, phase", mask) for n, mask in enumerate(np.mod(controls, 2 * np.pi))]
        style = {"cmap": "twilight", "vmin": 0, "vmax": 2 * np.pi}
    else:
        shape, shown = None, None  # channels of a picture below one another
        inputs = pair_of(file.texts("/network/inputs")[0])
        if order == 0 and len(inputs) == 3 and inputs[1] * inputs[2] > 1:
            shape = (inputs[0] * inputs[1], inputs[2])
        if options.data:
            data = File(options.data, "dataset").dataset("/test/x")
            if options.sample >= len(data):
                raise Unusable(
                    f"--sample {options.sample}: {options.data} has {len(data)} test samples, counted from 0")
            shown = np.asarray(data[options.sample], dtype=float).reshape(-1, data.shape[-1])
            if order > 0 or keys.get("per") == "pixel" or shown.shape != shape:
                raise Unusable("--data: the display shows the data in the first layer alone, of their size, "
                               "one element a number")
        planes = freespace_planes(controls, keys, shape, options.picture, shown)
        style = {"cmap": "gray", "vmin": 0, "vmax": 1}
    high, wide = planes[0][1].shape
    count = len(planes)
    columns, each = 1 if wide > 1.5 * high else count, (4.6, 0.6 + 4.6 * min(high / wide, 2))
    figure, panels = grid_of(count, columns, each, (1.2, 0.4), sharex=False, sharey=False)
    for panel, (title, plane) in zip(panels.flat, planes):
        drawn = panel.imshow(plane, interpolation="nearest", **style)
        panel.set(title=title, xlabel="px")
        panel.grid(False)
    bar = figure.colorbar(drawn, ax=panels, shrink=0.8)
    if kind == "d2nn":
        bar.set_ticks([0, np.pi, 2 * np.pi], labels=["0", "π", "2π"])
    else:
        bar.set_label("transmission, and brightness of the display" if count > 2 else "transmission")
    return figure
