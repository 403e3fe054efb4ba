#!/usr/bin/env python3
"""How long does a step take that ranks share? Trainings by one program on one thread and on two, and by ranks, in turn.

usage: ranks.py FOLDER-WITH-THE-TOOLS [--rounds N] [--ranks N] [--costs]

Prints for each network the parameters, and for 1 thread, N threads and N ranks the milliseconds of a step by the clock: the
difference between a training and one twice as long, the least of the rounds, ahead of all programs of usual
priority where that is allowed. Then what remains above the Nth part of one thread's step, and the megabytes that a rank sends.
With --costs instead what the step of one thread is made of, in processor time: a step itself, each part of its batch, each sample.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import h5py

import runs

parser = argparse.ArgumentParser(add_help=False, usage=__doc__)
parser.add_argument("tools")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--ranks", type=int, default=2)
parser.add_argument("--costs", action="store_true")
options = parser.parse_args()
os.environ["PATH"] = os.path.abspath(options.tools) + ":" + os.environ["PATH"]
NETWORKS = {  # name: network, steps
    "rings 784-64-10": ("784 --layer mrr:out=64 --layer relu --layer mrr:out=10", 1500),
    "LeNet-5 of rings": ("preset", 200),
    "mesh of 64 modes, 10 classes": ("64 --layer mzi:modes=64 --layer relu --layer dense:out=10", 1500),
    "10^6 rings": ("784 --layer mrr:out=1024 --layer relu --layer mrr:out=256 --layer relu --layer dense:out=10",
                   30),
}
ahead = runs.AHEAD if subprocess.run([*runs.AHEAD, "true"], capture_output=True).returncode == 0 else []


def need(words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"ranks.py: {' '.join(words)}: {done.stderr}")
    return done.stdout


def step_ms(before, count, words, steps, clock="seconds"):
    seconds = [json.loads(need([*ahead, *before, "--threads", str(count), *words, "--steps", str(n), "-q", "--json", "-o", "p.h5"]))
               [clock] for n in (steps, 2 * steps)]
    return 1000 * (seconds[1] - seconds[0]) / steps


os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
ranks = options.ranks
here = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)  # no disk has a part in this
os.chdir(here.name)
if options.costs:
    print("| network | a step | a part | a sample |\n|---|---|---|---|")
else:
    print(f"| network | parameters | a step: 1 thread | {ranks} threads | {ranks} ranks | above 1/{ranks} of one thread | sent |")
    print("|---|---|---|---|---|---|---|")
for name, (network, steps) in NETWORKS.items():
    shape = ["--preset", "mrr-lenet5"] if network == "preset" else ["--inputs", *network.split()]
    features = 784 if network == "preset" else int(network.split()[0])
    pathlib.Path("make.py").write_text(runs.DIGITS.replace("10000", "100").replace("784", str(features)))
    need([sys.executable, "make.py"])
    need(["pnn-data", "npy", "digits.npz", "-q", *(["--shape", "1x28x28"] if network == "preset" else []), "-o", "digits.h5"])
    need(["pnn-fabricate", *shape, "-q", "-o", "chips.h5"])
    need(["pnn-fit", "chips.h5", "--model", "nominal", "-q", "-o", "model.h5"])
    training = ["model.h5", "--data", "digits.h5", "--method", "process", "--evaluate-every", "100000", "--checkpoint-every", "100000"]
    if options.costs:
        few, cut, large = (min(step_ms(["pnn-train"], 1, [*training, "--batch", batch, "--draws", draws], max(steps // 4, 4), "processor_seconds")
                               for _ in range(options.rounds)) for batch, draws in (("64", "2"), ("64", "16"), ("256", "2")))
        part, sample = (cut - few) / 14, (large - few) / 192
        print(f"| {name} | {few - 2 * part - 64 * sample:.2g} ms | {part:.2g} ms | {sample:.2g} ms |", flush=True)
        continue
    words = [*training, "--batch", "64", "--draws", str(ranks)]
    manners = {"one": (["pnn-train"], 1), "threads": (["pnn-train"], ranks),
               "ranks": (["mpirun", "-q", "-n", str(ranks), "pnn-train-mpi"], 1)}
    least = {manner: float("inf") for manner in manners}
    for _ in range(options.rounds):
        for manner, (before, count) in manners.items():
            least[manner] = min(least[manner], step_ms(before, count, words, steps))
    with h5py.File("p.h5") as file:
        numbers = []
        for group in ("controls", "digital"):
            if group in file:
                file[group].visititems(lambda _, item: numbers.append(item.size) if isinstance(item, h5py.Dataset) else None)
    rest = least["ranks"] - least["one"] / ranks
    sent = 8e-6 * sum(numbers) * (ranks - 1) / ranks  # one part a rank: a slice to each of the others, and its sum
    print(f"| {name} | {sum(numbers)} | {least['one']:.3g} ms | {least['threads']:.3g} ms | {least['ranks']:.3g} ms | {rest:.2g} ms | {sent:.2g} MB |",
          flush=True)
