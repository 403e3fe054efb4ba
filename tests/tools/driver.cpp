// Devices behind a driver, as processes: same bytes as from the file, faults, safety, and nothing lost.
#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

const std::string driver = "'exec:pnn-device chips.h5' ";

/// iris.h5, chips.h5 (two devices), model.h5, p.h5 of a short training.
void prepare(Shell& s, const std::string& layers) {
  REQUIRE(s.run("pnn-data iris -o iris.h5 && pnn-fabricate --inputs 4 " + layers +
                " --count 2 -o chips.h5 && pnn-fit chips.h5 --model nominal -o model.h5 && pnn-train "
                "model.h5 --data "
                "iris.h5 --steps 30 --batch 16 -o p.h5") == 0);
}
const std::string rings = "--layer mrr:out=9 --layer batchnorm --layer relu --layer mrr:out=3";
const std::string optics = "--layer freespace:out=3,signed=halves";
const std::string meshes = "--layer mzi:modes=4,detect=modulus --layer mzi:modes=4,keep=3";

/// exec: a relay that notes what passes in `log`, and answers runs from the `first` on wrongly.
std::string relay(const std::string& log, const std::string& fault = "none", int first = 0, int times = 1) {
  return "'exec:driver-relay " + log + " " + fault + " " + std::to_string(first) + " " +
         std::to_string(times) + " \"pnn-device chips.h5\"' ";
}

bool same(const Shell& s, const std::string& a, const std::string& b) {
  return s.exists(a) && s.exists(b) && s.read(a) == s.read(b);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Smallest and largest control that a log tells of.
std::pair<double, double> range_sent(const std::string& log) {
  double least = 1e300, most = -1e300;
  for (const std::string& line : lines_of(log)) {
    std::istringstream words(line);
    std::string verb;
    double layer = 0, low = 0, high = 0;
    if (!(words >> verb >> layer >> low >> high) || verb != "set") continue;
    // nine digits stand for one float, and are not quite it
    least = std::min(least, double(float(low))), most = std::max(most, double(float(high)));
  }
  return {least, most};
}

}  // namespace

TEST_CASE("behind a driver the whole chain gives the bytes that it gives on the file", "[slow]") {
  for (const std::string& layers : {rings, meshes, optics}) {
    Shell s;
    prepare(s, layers);
    const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 3 --batch 16 ";
    const bool drifts = layers != optics;
    const std::vector<std::string> commands{
        "pnn-characterize --averages 2 --points 12 --settle 0.3 --index 1 --device ",
        "pnn-characterize --all --points 9 --temperatures 22 --device ",
        train + "--method pat --index 1 --device ",
        train + "--method dat --device ",
        train + "--method spsa --device ",
        train + "--method sat --in-situ --rho 0.02 --device ",
        "pnn-eval p.h5 --data iris.h5 --set dac-bits=8 --device ",
        std::string("pnn-transfer p.h5 --data iris.h5 --trim ") + (drifts ? "temperature" : "none") +
            " --device ",
        "pnn-transfer p.h5 --data iris.h5 --models model.h5 --finetune-steps 5 --batch 16 --method pat "
        "--device ",
        std::string("pnn-perturb p.h5 --data iris.h5 --vary ") + (drifts ? "drift" : "rotation") +
            "=-1:1:0.5 --vary control-noise=0,0.01 --repeat 2 "
            "--environment free --device "};
    for (const std::string& command : commands) {
      INFO(command);
      REQUIRE(s.run(command + "chips.h5 -o file.h5") == 0);
      const std::string table = s.out();
      REQUIRE(s.run(command + driver + "-o driver.h5") == 0);
      CHECK(same(s, "file.h5", "driver.h5"));
      CHECK(s.out() == table);
    }
  }
}

TEST_CASE("a driver of one device is that device") {
  Shell s;
  prepare(s, rings);
  REQUIRE(
      s.run(
          "pnn-characterize --points 9 --index 1 chips.h5 -o file.h5 && pnn-fit file.h5 -o file-model.h5") ==
      0);
  REQUIRE(
      s.run("pnn-characterize --points 9 --index 1 --device 'exec:pnn-device chips.h5 --index 1' -o a.h5") ==
      0);
  CHECK(same(s, "file.h5", "a.h5"));
  CHECK(
      s.run("pnn-characterize --points 9 --index 0 --device 'exec:pnn-device chips.h5 --index 1' -o b.h5") ==
      0);
  CHECK(s.run("pnn-eval p.h5 --data iris.h5 --index 5 --on " + driver) == 2);
  CHECK(s.run("pnn-device chips.h5 --index 2") == 2);
}

TEST_CASE(
    "a driver that fails is asked again, or started anew, and the bytes are those of a run without faults",
    "[slow]") {
  Shell s;
  prepare(s, rings);
  const std::string train = "pnn-train model.h5 --data iris.h5 --method dat --epochs 6 --batch 16 --device ",
                    retries = " --device-retries 1 ", soon = "--device-timeout 3 ";
  REQUIRE(s.run(train + "chips.h5 -o whole.h5") == 0);
  REQUIRE(s.run("pnn-characterize chips.h5 --points 9 --settle 0.4 -o curves.h5") == 0);
  const std::map<std::string, std::string> told{
      {"die", "exit status 3"},           {"hang", "no answer within 3 s"}, {"late", "no answer within"},
      {"order", "an answer to question"}, {"shape", "an array of shape"},   {"nan", "not finite"},
      {"garbage", "no JSON object"},      {"half", "ended within a line"},  {"error", "the laser is off"}};
  for (const auto& [fault, words] : told) {
    INFO(fault);
    // a short time for an answer only where none comes: a busy machine is slow to start a driver
    const std::string bounds = retries + (fault == "hang" || fault == "late" ? soon : "");
    CHECK(s.run(train + relay(fault + ".log", fault, 17) + bounds + "-o once.h5") == 0);
    CHECK(s.err().find(words) != std::string::npos);
    CHECK(s.err().find("1 questions asked again") != std::string::npos);
    CHECK(same(s, "whole.h5", "once.h5"));
    CHECK(s.run("pnn-characterize --points 9 --settle 0.4 " + relay(fault + "-c.log", fault, 30) + bounds +
                "-o once.h5") == 0);
    CHECK(same(s, "curves.h5", "once.h5"));

    // fails for good: at a training step, or in the evaluation that ends the second epoch
    for (const std::string first : {"18", "30"}) {
      if (first == "30" && fault != "die" && fault != "nan") continue;
      INFO(first);
      s.run("rm -f part.h5*");
      CHECK(s.run(train + relay("for-good-" + fault + first + ".log", fault, std::stoi(first), 1000) +
                  bounds + "-o part.h5") == 1);
      CHECK(s.err().find(words) != std::string::npos);
      CHECK(s.err().find("2 attempts") != std::string::npos);
      CHECK(s.err().find("run again with --resume") != std::string::npos);
      const int resumed = s.run(train + "chips.h5 --resume part.h5 -o part.h5");
      INFO(s.err());
      REQUIRE(resumed == 0);
      CHECK(same(s, "whole.h5", "part.h5"));
    }
  }
}

TEST_CASE("a measurement or a sweep whose driver fails for good keeps what is done, and goes on from there") {
  Shell s;
  prepare(s, rings);
  REQUIRE(s.run("pnn-data iris -o iris.h5") == 0);
  const std::vector<std::string> commands{
      "pnn-characterize --all --points 9 --settle 0.4 --environment free --device ",
      "pnn-perturb p.h5 --data iris.h5 --vary drift=-1:1:0.5 --repeat 2 --device ",
      "pnn-transfer p.h5 --data iris.h5 --repeat 5 --trim gain --device "};
  for (const std::string& command : commands) {
    INFO(command);
    REQUIRE(s.run(command + "chips.h5 -o whole.h5") == 0);
    s.run("rm -f *.log part.h5");
    CHECK(s.run(command + relay("a.log", "die", 15, 1000) + "--device-retries 0 -o part.h5") == 1);
    CHECK(s.err().find("run again with --resume part.h5") != std::string::npos);
    CHECK_FALSE(s.exists("part.h5"));
    REQUIRE(s.run("pnn-info --validate part.h5.partial") == 0);
    REQUIRE(s.run(command + relay("b.log") + "--resume part.h5 -o part.h5") == 0);
    CHECK(same(s, "whole.h5", "part.h5"));
    // nothing is measured again: the fault took the one run that it spoiled
    REQUIRE(s.run(command + relay("c.log") + "-o again.h5") == 0);
    const auto runs = [&](const std::string& log) {
      const auto lines = lines_of(s.read(log));
      return std::count(lines.begin(), lines.end(), "run");
    };
    CHECK(runs("b.log") < runs("c.log"));
    if (command.starts_with("pnn-characterize")) {
      CHECK(runs("a.log") + runs("b.log") == runs("c.log") + 1);
    }
  }
  CHECK(s.run("pnn-characterize chips.h5 --points 9 --resume whole.h5 -o x.h5") == 2);
}

TEST_CASE("a measurement that is interrupted and resumed, again and again, ends in the same bytes") {
  Shell s;
  prepare(s, meshes);
  for (const std::string& command :
       {std::string(
            "pnn-characterize chips.h5 --all --points 41 --averages 3 --settle 0.3 --environment free "),
        "pnn-characterize --all --points 12 --averages 2 --settle 0.3 --device " + driver}) {
    INFO(command);
    s.run("rm -f part.h5*");
    REQUIRE(s.run(command + "-o whole.h5") == 0);
    int attempts = 0, status = 75;
    for (double limit = 0.002; status == 75; limit *= 1.5, ++attempts)
      status = s.run(command + "--resume part.h5 -o part.h5 --time-limit " + std::to_string(limit));
    CHECK(status == 0);
    CHECK(attempts > 1);
    REQUIRE(s.run(command + "--resume part.h5 -o again.h5") == 0);
    CHECK(s.err().find("finished already") != std::string::npos);
    CHECK(same(s, "whole.h5", "part.h5"));
    CHECK(same(s, "whole.h5", "again.h5"));
  }
  s.run("rm -f part.h5*");
  REQUIRE(s.interrupt("pnn-characterize chips.h5 --all --points 1001 -o part.h5", "0.05", "part.h5"));
  CHECK(s.run("pnn-fit part.h5.partial -o model2.h5") == 2);
  CHECK(s.err() ==
        "pnn-fit: part.h5.partial: a measurement that ended early; finish it with pnn-characterize "
        "--resume part.h5\n");
  CHECK(s.run("pnn-characterize chips.h5 --all --points 42 --resume part.h5 -o other.h5") == 2);
  CHECK(s.err().find("--points 1001 (now 42)") != std::string::npos);
}

TEST_CASE("no method sends a control out of the range of the device, or of its owner", "[slow]") {
  for (const auto& [layers, limits, lower, upper] :
       {std::tuple{rings, std::string("1.5:4.25"), 1.5, 4.25}, std::tuple{rings, std::string(), 0.0, 5.2},
        std::tuple{meshes, std::string("0.5:5"), 0.5, 5.0},
        std::tuple{meshes, std::string(), 0.0, 6.2831855}}) {
    Shell s;
    prepare(s, layers);
    const std::string bounds = limits.empty() ? "" : " --limits " + limits;
    const std::string train = "pnn-train model.h5 --data iris.h5 --steps 12 --batch 16 --lr 0.3 ";
    std::vector<std::string> commands{
        train + "--method pat",
        train + "--method pat --pat-output",
        train + "--method dat",
        train + "--method spsa --probe 0.5",
        "pnn-train model.h5 --data iris.h5 --steps 2 --batch 16 --lr 0.3 --method differences --probe 0.5",
        train + "--method bp --in-situ",
        train + "--method noise --in-situ --sigma 0.5",
        train + "--method sat --in-situ --rho 2 --ascent-steps 2 --random-start 0.5",
        train + "--method sat --in-situ --dat --rho 2 --scale adaptive",
        "pnn-transfer p.h5 --data iris.h5 --models model.h5 --finetune-steps 6 --batch 16 --method sat "
        "--in-situ "
        "--rho 2 --lr 0.3",
        "pnn-perturb p.h5 --data iris.h5 --vary control-noise=0,0.5",
        "pnn-eval p.h5 --data iris.h5"};
    if (layers == rings) commands.emplace_back("pnn-characterize --points 9 --crosstalk");
    if (layers == meshes && limits.empty()) commands.emplace_back("pnn-characterize --points 9");
    std::size_t number = 0;
    double least = 1e300, most = -1e300;
    for (const std::string& command : commands) {
      INFO(command << bounds);
      const std::string log = "log" + std::to_string(number++);
      REQUIRE(s.run(command + bounds + " -o o.h5 --device " + relay(log)) == 0);
      const auto [low, high] = range_sent(s.read(log));
      CHECK(low >= lower);
      CHECK(high <= float(upper));
      least = std::min(least, low), most = std::max(most, high);
      // and at the end all is safe
      const auto lines = lines_of(s.read(log));
      CHECK(lines.at(lines.size() - 1) == "eof");
      CHECK(lines.at(lines.size() - 2) == "bye");
    }
    // the ends were reached (a free phase may stop short of a turn): what is checked above is at work
    CHECK(least == Approx(lower).margin(0.01));
    CHECK(most == Approx(upper).margin(0.01));
    if (limits.empty()) continue;
    // what training leaves behind is inside as well
    REQUIRE(s.run(train + "--method sat --in-situ --rho 2 --limits " + limits +
                  " -o in.h5 --device chips.h5") == 0);
    REQUIRE(s.run("pnn-eval in.h5 --data iris.h5 --limits " + limits + " --on chips.h5") == 0);
    CHECK(s.err().find("were held") == std::string::npos);
  }
  Shell s;
  prepare(s, meshes);
  CHECK(s.run("pnn-characterize chips.h5 --limits 0:3 -o c.h5") == 2);
  CHECK(s.err().find("a range of at least 5 rad of every control") != std::string::npos);
}

TEST_CASE("a device is made safe however a run ends") {
  Shell s;
  prepare(s, rings);
  const std::string train =
      "pnn-train model.h5 --data iris.h5 --method pat --epochs 100000 --batch 16 -o t.h5 --device ";
  for (const std::string signal : {"INT", "TERM", "USR1", "KILL"}) {
    INFO(signal);
    const std::string log = signal + ".log";
    const int status =
        s.run("set -m; " + train + relay(log) + "& pid=$!; until [ -e " + log + " ] && [ $(wc -l <" + log +
              ") -gt 20 ]; do sleep 0.01; done; kill -" + signal + " $pid; wait $pid");
    CHECK(status == (signal == "KILL" ? 128 + 9 : 75));
    // the relay's driver outlives a killed tool by a moment
    s.run("for k in $(seq 1000); do tail -n 1 " + log + " | grep -q eof && break; sleep 0.02; done");
    const auto lines = lines_of(s.read(log));
    CHECK(lines.back() == "eof");
    if (signal != "KILL") {
      CHECK(lines.at(lines.size() - 2) == "bye");
    }
  }
  CHECK(s.run(train + relay("fault.log", "error", 5, 1000)) == 1);
  const auto lines = lines_of(s.read("fault.log"));
  CHECK(lines.at(lines.size() - 2) == "bye");
  // hung, and killed: started once more, since hello makes the device safe
  CHECK(s.run(train + relay("hang.log", "hang", 5, 1000) + "--device-timeout 3 --device-retries 0") == 1);
  CHECK(lines_of(s.read("hang.log")).at(lines_of(s.read("hang.log")).size() - 2) == "bye");
}

TEST_CASE("a driver of other hardware, or none at all, is refused before anything is done") {
  Shell s;
  prepare(s, rings);
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=8 --layer mrr:out=3 -o other.h5") == 0);
  const std::string train = "pnn-train model.h5 --data iris.h5 --method pat -o t.h5 --device ";
  CHECK(s.run(train + "'exec:pnn-device other.h5'") == 2);
  CHECK(s.err().find("made for another network") != std::string::npos);
  CHECK(s.run(train + "exec:no-such-driver") == 2);
  CHECK(s.err().find("cannot be started") != std::string::npos);
  for (const std::string other : {"pnn-device missing.h5", "true", "echo hi", "yes", "sleep 100", "", " "}) {
    INFO(other);
    CHECK(s.run(train + "'exec:" + other + "' --device-timeout 1 --device-retries 0") == 2);
  }
  CHECK(s.run("pnn-eval p.h5 --data iris.h5 --limits 7:8 --on chips.h5") == 2);
  CHECK(s.run("pnn-eval p.h5 --data iris.h5 --limits mrr3=0:8 --on chips.h5") == 2);
  CHECK(s.run("pnn-perturb p.h5 --data iris.h5 --vary mrr.delta.sigma=0,0.1 -o r.h5 --devices " + driver) ==
        2);
  CHECK_FALSE(s.exists("t.h5"));
}

namespace {

/// exec: a driver in Python that notes all it is sent in `folder`, and shows a fault from question `first`
/// on.
std::string recording(const std::string& folder, const std::string& fault, int first, int often,
                      double upper = 4.8) {
  return "\"exec:" PNN_SOURCE_DIR "/tests/drivers/recording-driver " + folder + " '{\\\"fault\\\": \\\"" +
         fault + "\\\", \\\"first\\\": " + std::to_string(first) +
         ", \\\"often\\\": " + std::to_string(often) +
         ", \\\"seed\\\": 1, \\\"lower\\\": 0, \\\"safe\\\": 0, \\\"upper\\\": " + std::to_string(upper) +
         "}'\" ";
}

/// A model and parameters of what recording-driver drives; false where there is no Python.
bool prepare_recording(Shell& s) {
  if (s.run("python3 -c 'import json'") != 0) return false;
  REQUIRE(s.run("mkdir log; pnn-data iris -o iris.h5 && pnn-fit --model nominal --inputs 4 --layer mrr:out=5 "
                "--layer "
                "batchnorm --layer relu --layer mrr:out=3 -o model.h5 && pnn-train model.h5 --data iris.h5 "
                "--epochs 3 --batch 16 -o p.h5") == 0);
  return true;
}

/// Largest number under a key of a log.
double largest(const std::string& log, const std::string& key) {
  double most = -1;
  for (const std::string& line : lines_of(log)) {
    const std::size_t at = line.find("\"" + key + "\": \"");
    if (at != std::string::npos) most = std::max(most, std::stod(line.substr(at + key.size() + 5)));
  }
  return most;
}

}  // namespace

TEST_CASE("a driver that was started anew goes back to its controls in steps of the slew, and down as well") {
  Shell s;
  if (!prepare_recording(s)) return;
  REQUIRE(
      s.run(
          "pnn-train model.h5 --data iris.h5 --method pat --steps 3 --batch 8 --slew 0.5 -o t.h5 --device " +
          recording("log", "dies", 25, 1)) == 0);
  CHECK(s.err().find("1 questions asked again") != std::string::npos);
  const std::string log = s.read("log/log");
  CHECK(largest(log, "step") <= 0.5);
  CHECK(largest(log, "most") > 3);
  CHECK(largest(log, "most") <= 4.8);
  // at `safe` and `bye` the heaters are there already
  CHECK(log.find("\"why\": \"safe\", \"furthest\": 0.0}") != std::string::npos);
}

TEST_CASE("a run that is asked to stop while a bench settles ends soon and keeps what it read") {
  Shell s;
  if (!prepare_recording(s)) return;
  const std::string sweep = "pnn-characterize --points 9 --averages 1 --device ",
                    bench = recording("log", "none", 0, 0);
  CHECK(s.run("set -m; " + sweep + bench +
              "--settle 100 -o part.h5 & pid=$!; until grep -qs '\"set\"' log/log; do sleep 0.02; "
              "done; sleep 0.2; start=$SECONDS; kill -TERM $pid; wait $pid; status=$?; "
              "[ $((SECONDS - start)) -lt 20 ] || status=99; exit $status") == 75);
  CHECK(s.err().find("asked to stop while the device settled") != std::string::npos);
  CHECK(s.err().find("nothing was done before, run again") != std::string::npos);
  CHECK_FALSE(s.exists("part.h5"));
  // what was read before the last wait is kept
  CHECK(s.run(sweep + bench + "--settle 0.2 --time-limit 1 -o part.h5") == 75);
  CHECK(s.run("pnn-info --validate part.h5.partial") == 0);
}

TEST_CASE("no driver is started before all of the one before has gone, and none outlives the tool",
          "[slow]") {
  for (const std::string fault :
       {"ramps down slowly", "ignores SIGTERM", "leaves a process", "leaves a process in another session",
        "stays after bye", "starts more at bye"}) {
    INFO(fault);
    Shell s;
    if (!prepare_recording(s)) return;
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method pat --steps 3 --batch 8 --device-timeout 3 "
                  "--device-grace 2 -o t.h5 --device " +
                  recording("log", fault, 8, 1)) == 0);
    CHECK(s.read("log/log").find("overlap") == std::string::npos);
    CHECK(s.run("flock --nonblock log/lock true") == 0);  // which any of them would hold
  }
}

TEST_CASE("a fault of a driver's words or numbers costs a question, and neither the run nor its state") {
  for (const auto& [fault, words] : {std::pair<std::string, std::string>{"an error of kind 5", "boom"},
                                     {"an overload", "no reading but an overload"},
                                     {"deep brackets", "a line of more than"},
                                     {"deep and balanced", "nests too deep"},
                                     {"an error that is an object", "{\"a\":[1]}"}}) {
    INFO(fault);
    Shell s;
    if (!prepare_recording(s)) return;
    REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method pat --steps 3 --batch 8 -o t.h5 --device " +
                  recording("log", fault, 9, 1)) == 0);
    CHECK(s.err().find(words) != std::string::npos);
    CHECK(s.err().find("1 questions asked again") != std::string::npos);
  }
  // what overflows behind a reading of 5e29 is not sent; the state before is whole
  Shell s;
  if (!prepare_recording(s)) return;
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --method pat --epochs 3 --batch 8 -o t.h5 --device " +
              recording("log", "5e29", 30, 100000)) == 1);
  CHECK(s.err().find("the training diverged") != std::string::npos);
  CHECK(s.run("pnn-info --validate t.h5.partial") == 0);
  CHECK(s.read("log/log").find("\"finite\": false") == std::string::npos);
}

TEST_CASE("a network whose signals overflow is right about nothing, and does not end a sweep of others") {
  Shell s;
  prepare(s, rings);
  auto params = pnn::io::read_params(s.path("p.h5"));
  for (auto& tensor : params.value.digital)
    if (tensor.name == "batchnorm1/scale")
      for (float& scale : tensor.values.data) scale = 3e38F;
  params.value.label = "mad";
  pnn::io::write_params(s.path("mad.h5"), params.value, {});
  CHECK(s.run("pnn-eval mad.h5 --data iris.h5 --on chips.h5 -o r.h5") == 1);
  CHECK(s.err().find("no evaluation gave finite numbers") != std::string::npos);
  CHECK_FALSE(s.exists("r.h5"));
  REQUIRE(
      s.run("pnn-perturb p.h5 mad.h5 --data iris.h5 --devices chips.h5 --vary drift=0,1 -o r.h5 --json") ==
      0);
  CHECK(s.err().find("4 of 8 evaluations gave no finite numbers") != std::string::npos);
  CHECK(s.out().find("\"overflowed\": 4") != std::string::npos);
  CHECK(s.run("pnn-info --validate r.h5") == 0);
  REQUIRE(s.run("pnn-info r.h5") == 0);
  CHECK(s.out().find("4 evaluations, which have no numbers") != std::string::npos);
  CHECK(s.run("pnn-train model.h5 --data iris.h5 --init mad.h5 --steps 5 --batch 16 -o t.h5") == 1);
  CHECK(s.err().find("the training diverged") != std::string::npos);
}

TEST_CASE("controls stay within a range whose ends are no floats") {
  Shell s;
  if (!prepare_recording(s)) return;
  REQUIRE(s.run("pnn-characterize --points 9 --averages 1 -o c.h5 --device " +
                recording("log", "none", 0, 0)) == 0);
  CHECK(largest(s.read("log/log"), "most") <= 4.8);
  CHECK(largest(s.read("log/log"), "most") > 4.79999);
}

TEST_CASE("the driver template measures, trains and evaluates on its simulated bench") {
  Shell s;
  if (s.run("python3 -c 'import json'") != 0) return;  // no Python, no template
  const std::string bench = "'exec:" PNN_SOURCE_DIR "/scripts/driver-template' ";
  REQUIRE(s.run(PNN_SOURCE_DIR "/scripts/driver-template --self-test") == 0);
  REQUIRE(s.run("pnn-characterize --averages 2 --points 41 --limits 0:4.9 -o curves.h5 --device " + bench) ==
          0);
  REQUIRE(s.run("pnn-info curves.h5") == 0);
  CHECK(s.out().find("driver-template 1.0: instruments pnntools,simulated bench") != std::string::npos);
  REQUIRE(s.run("pnn-fit curves.h5 --model lorentzian -o lorentzian.h5 --json") == 0);
  // it resonates where 0.0312 nm/mA² moves it by 0.55 to 0.66 nm: at 0.605/0.0312 · 500 Ω = 9.7 mW in the
  // middle
  const std::string json = s.out();
  CHECK(json.find("\"p_res_mw\"") != std::string::npos);
  // digital layers are ours: the bench is the hardware of any network with its rings
  REQUIRE(
      s.run(
          "pnn-data iris -o iris.h5 && pnn-fit --model nominal --inputs 4 --layer mrr:out=3,chip=3x4 --layer "
          "batchnorm --set mrr.current.max=5 -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method pat --steps 4 --batch 16 -o p.h5 --device " +
                bench) == 0);
  REQUIRE(s.run("pnn-eval p.h5 --data iris.h5 --on " + bench) == 0);
  CHECK(s.run("pnn-eval p.h5 --data iris.h5 --set drift=1 --on " + bench) == 2);
  CHECK(s.err().find("cannot impose drift_k") != std::string::npos);
  CHECK(s.run("pnn-eval p.h5 --data iris.h5 --set temperature=23 --on " + bench) == 2);
}

TEST_CASE("a disk that fills ends a run with status 1, and what was written before stays whole") {
  Shell s;
  prepare(s, rings);
  const std::vector<std::string> commands{
      "pnn-train model.h5 --data iris.h5 --method sat --epochs 20000 --batch 16 --evaluate-every 20000 ",
      "pnn-characterize chips.h5 --all --points 1001 --save-every 0.001 ",
      "pnn-perturb p.h5 --data iris.h5 --devices chips.h5 --vary drift=-1:1:0.1 --repeat 4000 --save-every "
      "0.001 "};
  for (const std::string& command : commands) {
    INFO(command);
    s.run("rm -f part.h5*");
    // 8 KiB hold no checkpoint; the limit stands for the disk, since a write beyond it fails as on a full one
    CHECK(s.run("trap '' XFSZ; ulimit -f 8; " + command + "-o part.h5") == 1);
    CHECK(s.err().find("part.h5.partial: the file may not grow any further") != std::string::npos);
    CHECK(s.err().find("HDF5-DIAG") == std::string::npos);
    CHECK_FALSE(s.exists("part.h5.partial"));
    // an earlier state is kept
    REQUIRE(s.interrupt(command + "-o part.h5", "0.15", "part.h5"));
    const std::string before = s.read("part.h5.partial");
    CHECK(s.run("trap '' XFSZ; ulimit -f 8; " + command + "--resume part.h5 -o part.h5") == 1);
    CHECK(s.read("part.h5.partial") == before);
    CHECK(s.run("ls -A | grep -c tmp") == 1);
  }
}

TEST_CASE("a scheduler's SIGTERM is answered within its grace time, though the driver hangs") {
  Shell s;
  prepare(s, rings);
  const std::string train = "pnn-train model.h5 --data iris.h5 --method pat --epochs 12 --batch 16 ";
  REQUIRE(s.run(train + "--device chips.h5 -o whole.h5") == 0);
  // the driver hangs for good at its 60th run, with a minute for an answer; the signal goes to all of them
  CHECK(s.run("set -m; " + train + "-o part.h5 --device-timeout 60 --device " +
              relay("hang.log", "hang", 60, 1000) +
              "& pid=$!; until [ -e hang.log ] && [ $(grep -c '^run' hang.log) -ge 60 ]; do sleep 0.02; "
              "done; sleep 0.2; "
              "start=$SECONDS; kill -TERM -$pid; wait $pid; status=$?; [ $((SECONDS - start)) -lt 20 ] || "
              "status=99; "
              "exit $status") == 75);
  CHECK(s.err().find("asked to stop") != std::string::npos);
  REQUIRE(s.run(train + "--device chips.h5 --resume part.h5 -o part.h5") == 0);
  CHECK(same(s, "whole.h5", "part.h5"));
}

TEST_CASE("two runs that write one file leave the whole file of one of them") {
  Shell s;
  prepare(s, rings);
  const std::string train = "pnn-train model.h5 --data iris.h5 --epochs 60 --batch 16 --evaluate-every 30 ";
  REQUIRE(s.run(train + "--seed 1 -o one.h5 && " + train + "--seed 2 -o two.h5") == 0);
  for (int k = 0; k < 4; ++k) {
    REQUIRE(s.run(train + "--seed 1 -o both.h5 & first=$!; " + train +
                  "--seed 2 -o both.h5; status=$?; wait $first && "
                  "exit $status") == 0);
    CHECK((same(s, "both.h5", "one.h5") || same(s, "both.h5", "two.h5")));
  }
}

TEST_CASE(
    "an input that is replaced or removed while a run goes on changes nothing, and is noticed by --resume",
    "[slow]") {
  Shell s;
  prepare(s, rings);
  const std::string train =
      "pnn-train model.h5 --data iris.h5 --method pat --device chips.h5 --epochs 800 --batch 16 "
      "--evaluate-every 200 ";
  REQUIRE(s.run(train + "-o whole.h5 && cp iris.h5 kept.h5 && cp chips.h5 kept-chips.h5") == 0);
  // all of an input is in memory before the first checkpoint
  REQUIRE(s.run(train + "-o part.h5 & pid=$!; until [ -e part.h5.partial ]; do sleep 0.002; done; rm "
                        "iris.h5; pnn-data iris "
                        "--pool 1 --seed 9 -q -o chips.h5; wait $pid") == 0);
  CHECK(same(s, "whole.h5", "part.h5"));
  REQUIRE(s.run("cp kept.h5 iris.h5; cp kept-chips.h5 chips.h5") == 0);
  CHECK(s.run(train + "--time-limit 0.1 -o part.h5") == 75);
  REQUIRE(s.run("pnn-data iris --seed 9 -o iris.h5") == 0);
  CHECK(s.run(train + "--resume part.h5 -o part.h5") == 2);
  CHECK(s.err().find("another file of role \"data\"") != std::string::npos);
  REQUIRE(s.run("rm iris.h5") == 0);
  CHECK(s.run(train + "--resume part.h5 -o part.h5") == 2);
}
