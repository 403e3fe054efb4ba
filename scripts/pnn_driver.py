"""What every driver of a bench needs: the driver protocol, and connections to instruments, over SCPI and on serial lines.

A driver is a class with the names of Bench below, and ends with `pnn_driver.main(MyBench)`. It then answers the tools on
standard output (print to standard error only), and tries itself with --self-test. Put this file beside the driver.
lib/pnn/device/protocol.hpp describes the protocol.
"""

import base64
import json
import math
import os
import select
import signal
import socket
import struct
import sys
import time


class Bench:
    """What a driver says of its hardware, and does with it. Temperatures are read where there is a `temperature()` (°C)."""

    name = "driver 1.0"  # program and version
    instruments = []     # as they identify themselves, with serial numbers
    layers = []          # one a physical layer: name, unit, inputs, outputs, controls, lower, upper, safe
    network = None       # {"inputs": "4", "layers": ["mrr:out=3"]}; None: a model file describes it
    process = {}         # design values that differ from the defaults

    def set(self, layer, controls):
        """Sets all controls of a layer, each within its range."""
        raise NotImplementedError

    def run(self, layer, rows):
        """Rows of inputs to rows of outputs. Of complex amplitudes a row has all real parts, then all imaginary parts."""
        raise NotImplementedError

    def safe(self):
        """Brings every control to its safe value."""
        for number, layer in enumerate(self.layers):
            self.set(number, [layer["safe"]] * layer["controls"])


class Instrument:
    """A connection, at `where`, that answers a question with a line: whoever makes one gives `send` (bytes → how many were
    sent), `receive` (how many at most → bytes) and `file`, which select waits for."""

    end = "\n"

    def __init__(self, where, timeout_s):
        self.where, self.timeout_s, self.rest, self.waiting = where, timeout_s, b"", False

    def send_line(self, command):
        line = (command + self.end).encode("ascii")
        while line:
            line = line[self.send(line):]

    def receive_line(self, timeout_s):
        latest = time.monotonic() + timeout_s
        while b"\n" not in self.rest:
            if not select.select([self.file], [], [], max(0.0, latest - time.monotonic()))[0]:
                raise TimeoutError("no answer")
            if not (more := self.receive(4096)):
                raise OSError("the connection was closed")
            self.rest += more
        told, _, self.rest = self.rest.partition(b"\n")
        return told.decode("ascii", "replace").strip()

    def write(self, command):
        """Sends a command that has no answer. Raises ConnectionError."""
        try:
            self.send_line(command)
        except Exception as error:  # pyvisa has many kinds
            raise ConnectionError(f"{self.where}: {command}: {error}") from error

    def query(self, command):
        """The answer to a question. Raises ConnectionError where there is none; nothing more must be asked then, since a
        late answer would be taken for the next. If SIGTERM ended an earlier question, its answer is passed over."""
        if self.waiting:
            try:
                self.receive_line(min(1, self.timeout_s))
            except Exception:
                pass  # it was never asked, then
        self.waiting = True
        self.write(command)
        try:
            told = self.receive_line(self.timeout_s)
        except Exception as error:
            raise ConnectionError(f"{self.where}: {command}: {error}") from error
        self.waiting = False
        return told

    def number(self, command):
        """A reading. Raises RuntimeError where it is none, as SCPI's 9.91E37 and 9.9E37 (overload)."""
        text = self.query(command)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value) < 1e30:
            raise RuntimeError(f"{self.where}: {command}: no reading: {text}")
        return value


class Scpi(Instrument):
    """A connection to an instrument by its VISA address. TCPIP::HOST::PORT::SOCKET is a plain socket (most instruments
    listen on port 5025); any other address, or with PNN_VISA (a VISA library, as @py) in the environment this one too, is
    opened by pyvisa."""

    def __init__(self, address, timeout_s=5):
        super().__init__(address, timeout_s)
        words, library = address.split("::"), os.environ.get("PNN_VISA", "")
        if len(words) == 4 and words[0].upper() in ("TCPIP", "TCPIP0") and words[3].upper() == "SOCKET" and not library:
            try:
                self.file = socket.create_connection((words[1], int(words[2])), timeout_s)
                self.file.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms a command
            except (OSError, ValueError, OverflowError) as error:
                sys.exit(f"{address}: {error}")
            self.send, self.receive = self.file.send, self.file.recv
            return
        try:
            import pyvisa
            visa = pyvisa.ResourceManager(library).open_resource(
                address, read_termination="\n", write_termination="\n", timeout=1000 * timeout_s)
        except ImportError:
            sys.exit(f"{address}: without pyvisa only TCPIP::HOST::PORT::SOCKET can be opened")
        except Exception as error:
            sys.exit(f"{address}: {error}")
        self.send_line, self.receive_line = visa.write, lambda timeout_s: visa.read().strip()

    def check(self):
        """Raises RuntimeError with what the instrument complains of; empties its queue."""
        complaints = []
        while not (told := self.query("SYST:ERR?")).lstrip("+").startswith("0") and len(complaints) < 20:
            complaints.append(told)
        if complaints:
            raise RuntimeError(f"{self.where}: {'; '.join(complaints)}")


class SerialLine(Instrument):
    """A board on a serial port that answers every line with a line. The port is set up by the operating system's own means
    (termios): 8 bits, no parity, 1 stop bit, no flow control."""

    def __init__(self, port, baud=115200, timeout_s=5):
        import termios  # not on Windows
        import tty

        super().__init__(port, timeout_s)
        try:
            self.file = os.open(port, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.file)
            settings = termios.tcgetattr(self.file)
            settings[4] = settings[5] = getattr(termios, f"B{baud}")
            settings[2] |= termios.CLOCAL | termios.CREAD
            termios.tcsetattr(self.file, termios.TCSANOW, settings)
            termios.tcflush(self.file, termios.TCIOFLUSH)  # an answer to a question of another program
        except (OSError, termios.error, AttributeError) as error:
            sys.exit(f"{port}: {error}")
        self.send = lambda line: os.write(self.file, line)
        self.receive = lambda most: os.read(self.file, most)


def unpack(array):
    """Shape and numbers of an array of the protocol."""
    data = base64.b64decode(array["base64"])
    return array["shape"], struct.unpack(f"<{len(data) // 4}f", data)


def pack(rows, width):
    """Rows of `width` numbers as an array of the protocol."""
    if not all(len(row) == width for row in rows):
        raise RuntimeError(f"the bench gave rows that have not {width} outputs")
    flat = [value for row in rows for value in row]
    if not all(math.isfinite(value) for value in flat):
        raise RuntimeError("the bench gave no number")
    return {"shape": [len(rows), width], "base64": base64.b64encode(struct.pack(f"<{len(flat)}f", *flat)).decode()}


def answer(bench, question):
    verb = question["do"]
    if verb == "hello":
        low, high = question["versions"]
        if not low <= 1 <= high:
            # "error" is a text for people, as "kind" is, which is "usage" where asking again is no use, else left out
            return {"error": f"this driver speaks version 1, not {low} to {high}", "kind": "usage"}
        bench.safe()
        offer = {"version": 1, "arrays": "base64", "name": bench.name, "instruments": bench.instruments,
                 "layers": bench.layers, "sensors": ["temperature"] if hasattr(bench, "temperature") else [],
                 "process": bench.process}
        return {**offer, "network": bench.network} if bench.network else offer
    if verb == "set":
        number, (_, controls) = question["layer"], unpack(question["array"])
        layer = bench.layers[number]
        # a second lock beside the tools' own; max and min would let a NaN pass
        if not all(math.isfinite(value) for value in controls) or len(controls) != layer["controls"]:
            return {"error": f"layer {layer['name']}: not {layer['controls']} controls", "kind": "usage"}
        bench.set(number, [min(max(value, layer["lower"]), layer["upper"]) for value in controls])
    elif verb == "run":
        number, ((batch, width), values) = question["layer"], unpack(question["array"])
        rows = [values[k * width:(k + 1) * width] for k in range(batch)]
        return {"array": pack(bench.run(number, rows), bench.layers[number]["outputs"])}
    elif verb == "read" and hasattr(bench, "temperature"):
        return {"value": bench.temperature()}
    elif verb in ("safe", "bye"):
        bench.safe()
    else:
        return {"error": f"this bench cannot {verb}", "kind": "usage"}
    return {}


def serve(make_bench, lines, out):
    """Answers questions until bye or the end of the input, then brings the bench to its safe state."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, which passes `finally`
    try:
        bench = make_bench()
    except ConnectionError as error:
        sys.exit(f"{make_bench.name}: {error}")
    try:
        for line in lines:
            try:
                question = json.loads(line)
                number, verb = question["id"], question["do"]
            except (ValueError, KeyError, TypeError):
                sys.exit(f"{bench.name}: expected a question of the tools, found {line.strip()[:60]!r}; try --self-test")
            try:
                reply = answer(bench, question)
            except ConnectionError as error:  # the tools start another driver, which connects anew
                sys.exit(f"{bench.name}: {error}")
            except Exception as error:  # the tools ask again, or end: they need to hear of it
                reply = {"error": f"{type(error).__name__}: {error}"}
            reply["id"] = number
            print(json.dumps(reply), file=out, flush=True)
            if verb == "bye":
                break
    finally:  # at bye, at the end of the input, after an error, on SIGTERM and Ctrl-C
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # SIGTERM may come while this is under way, and changes nothing
        try:
            bench.safe()
        except Exception as error:
            sys.exit(f"{bench.name}: THE CONTROLS MAY NOT BE SAFE: {error}")


def self_test(make_bench):
    """Four questions, four answers: every control goes a fifth of its range up from safe, and back."""
    layer = make_bench.layers[0]
    warm = pack([[layer["safe"] + 0.2 * (layer["upper"] - layer["safe"])] * layer["controls"]], layer["controls"])
    warm["shape"] = [layer["controls"]]
    questions = [{"id": 1, "do": "hello", "versions": [1, 1]}, {"id": 2, "do": "set", "layer": 0, "array": warm},
                 {"id": 3, "do": "run", "layer": 0, "array": pack([[1.0] * layer["inputs"]], layer["inputs"])},
                 {"id": 4, "do": "bye"}]
    serve(make_bench, (json.dumps(question) for question in questions), sys.stdout)


def arguments(count):
    """The words behind the driver's name, of which there have to be `count`; ends the driver with status 2 otherwise."""
    words = sys.argv[1:]
    if len(words) != count:
        print(f"{os.path.basename(sys.argv[0])}: arguments: expected {count}, found {len(words)}; see --help", file=sys.stderr)
        sys.exit(2)
    return words


def main(make_bench):
    """The command line of a driver: -h, --self-test, or none of these to serve a tool."""
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        print(sys.modules["__main__"].__doc__.strip())
    elif "--self-test" in words:
        words.remove("--self-test")
        sys.argv[1:] = words
        self_test(make_bench)
    else:
        serve(make_bench, sys.stdin, sys.stdout)
