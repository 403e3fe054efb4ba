"""Runs benchmarks, tools and peers one at a time, and tells what they took: used by scripts/bench.

Times are processor time and time by the clock of one repetition. Memory is the largest that the process had, and
never less than what this process had when it started the other, some 16 MB. Whatever goes wrong raises Failed
with one sentence.
"""
import collections
import contextlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CHIPS = "pnn-fabricate --inputs 784 --layer mrr:out=64 --layer relu --layer mrr:out=10 --count {} -q -o chips-{}.h5"
PARAMETERS = ["pnn-data npy digits.npz -q -o digits.h5", "pnn-fit chips-100.h5 --model nominal -q -o model.h5",
              "pnn-train model.h5 --data digits.h5 --steps 20 --batch 128 -q -o p.h5"]
DIGITS = """import numpy as np
random = np.random.default_rng(1)
np.savez("digits.npz", x_train=random.random((512, 784), "f4"), y_train=np.arange(512) % 10,
         x_test=random.random((10000, 784), "f4"), y_test=np.arange(10000) % 10)"""
SPIN = """import time
wall, used = time.perf_counter(), time.process_time()
while time.perf_counter() < wall + 0.3: pass
print((time.process_time() - used) / (time.perf_counter() - wall))"""

AHEAD = ["chrt", "--fifo", "1"]  # before all programs of usual priority

Taken = collections.namedtuple("Taken", "seconds wall memory")  # s, s, bytes


class Failed(Exception):
    """One sentence about what went wrong."""


def processor_flags():
    return pathlib.Path("/proc/cpuinfo").read_text().split() if os.path.exists("/proc/cpuinfo") else []


def last_line(text):
    return (text.strip().splitlines() or ["nothing was printed"])[-1]


class Runs:
    def __init__(self, build, folder, avx2=False):
        self.build, self.folder, self.lists, self.before = build, pathlib.Path(folder), {}, []
        narrow = avx2 or "avx512f" not in processor_flags()
        self.environment = dict(
            os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
            # memory that was freed stays with the process; PyTorch spends half of its time on page faults otherwise
            MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_=str(1 << 40), MALLOC_TOP_PAD_=str(1 << 26))
        self.environment["PATH"] = f"{build}/bin:{self.environment['PATH']}"
        # OpenBLAS of Debian does not know newer processors, and is several times slower then
        self.environment.setdefault("OPENBLAS_CORETYPE", "HASWELL" if narrow else "SKYLAKEX")
        if avx2:
            self.environment.update(OPENBLAS_CORETYPE="HASWELL", ATEN_CPU_CAPABILITY="avx2", DNNL_MAX_CPU_ISA="AVX2",
                                    ONEDNN_MAX_CPU_ISA="AVX2")

    @contextlib.contextmanager
    def ahead(self):
        """Within it, runs go ahead of other programs, where that is allowed: times by the clock are then their own."""
        try:
            allowed = subprocess.run([*AHEAD, "true"], capture_output=True).returncode == 0
        except OSError:
            allowed = False
        self.before = AHEAD if allowed else []
        try:
            yield
        finally:
            self.before = []

    def run(self, command):
        """What a process took, and what it printed. Processor time is that of the whole process."""
        try:
            wall = time.perf_counter()
            with open(self.folder / "errors", "w+") as errors:
                process = subprocess.Popen(self.before + [str(word) for word in command], cwd=self.folder, env=self.environment,
                                           stdout=subprocess.PIPE, stderr=errors, text=True)
                out = process.stdout.read()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                errors.seek(0)
                if process.returncode != 0:
                    raise Failed(f"{' '.join(map(str, command))} ended with {process.returncode}: "
                                 f"{last_line(errors.read())}")
        except OSError as error:
            raise Failed(f"{command[0]} does not start: {error.strerror}") from None
        return Taken(usage.ru_utime + usage.ru_stime, time.perf_counter() - wall, 1024 * usage.ru_maxrss), out

    def tool(self, command):
        return self.run(command.split())[0]

    def names(self, binary):
        """The benchmarks of a program, without what Google Benchmark adds to a name for the kind of its clock."""
        if binary not in self.lists:
            _, out = self.run([f"{self.build}/bin/bench-{binary}", "--benchmark_list_tests"])
            self.lists[binary] = {line.removesuffix("/real_time").removesuffix("/process_time"): line
                                  for line in out.split()}
        return self.lists[binary]

    def check(self, what):
        """Raises Failed if there is no such benchmark."""
        binary, name = what.split(" ", 1)
        if binary != "transfer" and name not in self.names(binary):
            raise Failed(f"bench-{binary} has no benchmark {name}; it has " + ", ".join(self.names(binary)))

    def benchmark(self, binary, name):
        self.check(f"{binary} {name}")
        whole, out = self.run([f"{self.build}/bin/bench-{binary}", "--benchmark_format=json", "--benchmark_min_time=0.3",
                               f"--benchmark_filter=^{self.names(binary)[name]}$"])
        try:
            row, = json.loads(out)["benchmarks"]
            unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[row["time_unit"]]
            return Taken(unit * row["cpu_time"], unit * row["real_time"], whole.memory)
        except (ValueError, KeyError):
            raise Failed(f"benchmark {name} of bench-{binary} gave no time, but: {last_line(out)}") from None

    def transfer(self, devices, images, threads):
        """pnn-transfer of so many devices and samples."""
        if not (self.folder / f"chips-{devices}.h5").exists():
            self.tool(CHIPS.format(devices, devices))
        if not (self.folder / "p.h5").exists():
            self.run([sys.executable, "-c", DIGITS])
            for command in ([] if devices == "100" else [CHIPS.format(100, 100)]) + PARAMETERS:
                self.tool(command)
        (self.folder / "result.h5").unlink(missing_ok=True)
        return self.tool(f"pnn-transfer p.h5 --data digits.h5 --devices chips-{devices}.h5 --images {images} "
                         f"--threads {threads} -q -o result.h5")

    def ours(self, what):
        """What a repetition took: of "transfer DEVICES IMAGES THREADS", or of "BINARY BENCHMARK"."""
        first, rest = what.split(" ", 1)
        return self.transfer(*rest.split()) if first == "transfer" else self.benchmark(first, rest)

    def peer(self, case):
        """Processor seconds of a repetition."""
        _, out = self.run([sys.executable, HERE / "peers.py", case])
        return json.loads(out)["seconds"]

    @staticmethod
    def has_torch():
        return importlib.util.find_spec("torch") is not None

    def idle_share(self):
        """The share of a processor that each of two processes gets: near 1 where two are free."""
        spins = [subprocess.Popen([*self.before, sys.executable, "-c", SPIN], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        return min(float(spin.communicate()[0]) for spin in spins)
