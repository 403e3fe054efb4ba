// A regression from a table to chips: detuning and width of rings, read from the powers at eight wavelengths.
#include <cmath>

#include "pnn/core/random.hpp"
#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

/// A drop port T = A/(1 + (2 (λ − δ)/w)²) at eight wavelengths within ±80 pm: detuning δ within ±60 pm, width
/// w of 20 to 50 pm, power A of 0.5 to 1, noise of 0.01.
std::string spectra(int rows, std::uint16_t stream) {
  std::vector<double> drawn(std::size_t(3 * rows)), noise(std::size_t(8 * rows));
  fill_symmetric({3, Purpose::test, stream}, drawn);
  fill_normal({4, Purpose::test, stream}, noise);
  std::string text;
  for (int l = 0; l < 8; ++l) text += "drop_" + std::to_string(l) + ",";
  text += "detuning (pm),width (pm)\n";
  for (std::size_t n = 0; n < std::size_t(rows); ++n) {
    const double detuning = 60 * drawn[3 * n], width = 35 + 15 * drawn[3 * n + 1];
    for (std::size_t l = 0; l < 8; ++l) {
      const double away = 2 * (-80 + 160.0 * double(l) / 7 - detuning) / width;
      text += std::to_string(std::max(
                  0.0, (0.75 + 0.25 * drawn[3 * n + 2]) / (1 + away * away) + 0.01 * noise[8 * n + l])) +
              ",";
    }
    text += std::to_string(detuning) + "," + std::to_string(width) + "\n";
  }
  return text;
}

const std::string layers =
    " --inputs 8 --layer mrr:out=16 --layer batchnorm --layer tanh --layer mrr:out=2 --layer batchnorm ";
const std::string as_targets = " --regression --targets '*pm)' ";

/// spectra.h5 with a test table of its own, m.h5, c.h5 with two chips, and p.h5, trained for 12 epochs.
void prepare(Shell& s) {
  s.write("spectra.csv", spectra(600, 1));
  s.write("others.csv", spectra(200, 2));
  REQUIRE(s.run("pnn-data csv spectra.csv --test others.csv" + as_targets + "-q -o spectra.h5") == 0);
  REQUIRE(s.run("pnn-fit --model nominal" + layers + "-q -o m.h5") == 0);
  REQUIRE(s.run("pnn-fabricate --count 2" + layers + "-q -o c.h5") == 0);
  REQUIRE(s.run("pnn-train m.h5 --data spectra.h5 --epochs 12 --batch 50 --lr 2e-2 --json -o p.h5") == 0);
}

double told(const Shell& s, const std::string& name) {
  const std::size_t at = s.out().find("\"" + name + "\": ");
  REQUIRE(at != std::string::npos);
  return std::stod(s.out().substr(s.out().find_first_of("-0123456789", at + name.size() + 3)));
}

}  // namespace

TEST_CASE("a table of targets is learned, evaluated and told in its own units") {
  Shell s;
  prepare(s);
  CHECK_THAT(s.err(), Contains("R² "));
  CHECK(told(s, "test") > 0.8);
  const double test = told(s, "test");
  REQUIRE(s.run("pnn-info spectra.h5") == 0);
  CHECK_THAT(s.out(), Contains("detuning (pm) = "));
  REQUIRE(s.run("pnn-info p.h5") == 0);
  CHECK_THAT(s.out(), Contains(" task=regress ") && Contains("test R²") && Contains("width (pm) = "));
  REQUIRE(
      s.run(
          "pnn-train m.h5 --data spectra.h5 --epochs 12 --batch 50 --lr 2e-2 --task regress -q -o said.h5 && "
          "cmp p.h5 said.h5") == 0);
  const std::string lengthy = "pnn-train m.h5 --data spectra.h5 --steps 4000 --batch 50 -q -o ";
  REQUIRE(s.run(lengthy + "long.h5") == 0);
  REQUIRE(s.interrupt(lengthy + "half.h5", "0.1", "half.h5"));
  REQUIRE(s.run(lengthy + "half.h5 --resume half.h5 && cmp half.h5 long.h5") == 0);
  REQUIRE(s.run("pnn-eval p.h5 --data spectra.h5 --on m.h5") == 0);
  CHECK_THAT(s.out(), Contains("R² and rms error") && Contains("bp, rms error of detuning (pm)"));
  REQUIRE(s.run("pnn-eval p.h5 --data spectra.h5 --on m.h5 --outputs 200 --json -o r.h5") == 0);
  CHECK(told(s, "r_squared_mean") == Approx(test).epsilon(1e-6));
  const study::Result r = io::read_result(s.path("r.h5")).value;
  REQUIRE(r.targets == std::vector<std::string>{"detuning (pm)", "width (pm)"});
  REQUIRE(r.wanted.shape == std::vector<std::size_t>{200, 2});
  // what is told follows from outputs and targets in the file, which are in pm
  const network::Dataset data = io::read_dataset(s.path("spectra.h5")).value;
  double unexplained = 0, variance = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    double square = 0, mean = 0, about = 0;
    for (std::size_t n = 0; n < 200; ++n) {
      square += std::pow(double(r.outputs.data[2 * n + k]) - double(r.wanted.data[2 * n + k]), 2) / 200;
      mean += double(r.wanted.data[2 * n + k]) / 200;
    }
    for (std::size_t n = 0; n < 200; ++n) about += std::pow(double(r.wanted.data[2 * n + k]) - mean, 2) / 200;
    CHECK(r.rms_error.data[k] == Approx(std::sqrt(square)).epsilon(1e-4));
    CHECK(told(s, "rms_error_" + std::to_string(k) + "_mean") == Approx(r.rms_error.data[k]));
    unexplained += square / std::pow(data.targets[k].scale, 2);
    variance += about / std::pow(data.targets[k].scale, 2);
  }
  CHECK(told(s, "r_squared_mean") == Approx(1 - unexplained / variance).epsilon(1e-4));
  CHECK(std::abs(double(r.wanted.data[0])) < 60);
  REQUIRE(s.run("pnn-export r.h5 -o r.csv && head -1 r.csv") == 0);
  CHECK_THAT(s.out(), Contains("r_squared"));
  REQUIRE(s.run("pnn-export r.h5 --table rms_error -o e.csv && cat e.csv") == 0);
  CHECK_THAT(s.out(), Contains("width (pm)"));
  for (const std::string file : {"spectra.h5", "p.h5", "r.h5"})
    REQUIRE(s.run("pnn-info --validate " + file) == 0);
}

TEST_CASE(
    "a regression goes over chips, drifts and shards, into landscapes and onto a device, on any threads") {
  Shell s;
  prepare(s);
  REQUIRE(
      s.run("pnn-train m.h5 --data spectra.h5 --epochs 12 --batch 50 --lr 2e-2 --threads 2 -q -o two.h5 && "
            "cmp p.h5 two.h5") == 0);
  const std::string sweep =
      "pnn-transfer p.h5 --data spectra.h5 --devices c.h5 --vary drift=-0.5:0.5:0.5 -q ";
  REQUIRE(s.run(sweep + "--threads 1 -o whole.h5 && " + sweep +
                "--threads 2 -o same.h5 && cmp whole.h5 same.h5") == 0);
  REQUIRE(s.run(sweep + "--shard 0/2 -o 0.h5 && " + sweep +
                "--shard 1/2 -o 1.h5 && pnn-merge 0.h5 1.h5 -o all.h5") == 0);
  const study::Result whole = io::read_result(s.path("whole.h5")).value,
                      all = io::read_result(s.path("all.h5")).value;
  CHECK(whole.rms_error.shape == std::vector<std::size_t>{1, 3, 2, 1, 2});
  CHECK(all.rms_error.data == whole.rms_error.data);
  CHECK(all.score.data == whole.score.data);
  REQUIRE(s.run("pnn-perturb p.h5 --data spectra.h5 --devices m.h5 --vary drift=-0.5:0.5:0.5 -o d.h5") == 0);
  CHECK_THAT(s.out(), Contains("R² and rms error"));
  const study::Result drifted = io::read_result(s.path("d.h5")).value;
  for (const std::size_t end : {std::size_t(0), std::size_t(2)}) {
    CHECK(drifted.score.data[1] > drifted.score.data[end]);
    CHECK(drifted.rms_error.data[2] < drifted.rms_error.data[2 * end]);
  }
  REQUIRE(s.run("pnn-landscape p.h5 --data spectra.h5 --on m.h5 --slice 1d --points 3 --json -o l.h5") == 0);
  CHECK_THAT(s.out(), Contains("\"r_squared\": ["));
  REQUIRE(
      s.run("pnn-train m.h5 --data spectra.h5 --method pat --device c.h5 --init p.h5 --epochs 1 --lr 1e-3 "
            "--json -o pat.h5") == 0);
  CHECK(told(s, "test") > whole.score.data[2]);
  REQUIRE(
      s.run("pnn-transfer p.h5 --data spectra.h5 --devices c.h5 --models m.h5 --finetune-steps 20 --method "
            "pat --lr 1e-3 --json -o t.h5") == 0);
  CHECK(told(s, "r_squared_mean") > (whole.score.data[2] + whole.score.data[3]) / 2);
}

TEST_CASE("what does not fit a regression is refused, and says what does") {
  Shell s;
  prepare(s);
  const auto refused = [&](const std::string& command, const std::string& sentence) {
    INFO(command);
    CHECK(s.run(command) == 2);
    CHECK_THAT(s.err(), Contains(sentence));
  };
  const std::string train = "pnn-train m.h5 --epochs 1 -o x.h5 --data ";
  refused(train + "spectra.h5 --task classify", "has targets and no classes; take --task regress");
  REQUIRE(s.run("pnn-data iris -q -o iris.h5") == 0);
  refused(
      "pnn-fit --model nominal --inputs 4 --layer mrr:out=3 -q -o i.h5 && pnn-train i.h5 --data iris.h5 "
      "--task regress -o x.h5",
      "has classes and no targets; pnn-data --regression");
  refused("pnn-data csv spectra.csv --targets '*pm)' -o x.h5",
          "--targets: acts on nothing here; it is about --regression");
  refused("pnn-data csv spectra.csv --scale-targets none --label-column 'width (pm)' -o x.h5",
          "it is about --regression");
  refused("pnn-data csv spectra.csv --label-column drop_0 -o x.h5" + as_targets,
          "--label-column: acts on nothing");
  refused("pnn-data csv spectra.csv --label-column 'width (pm)' -o x.h5", "--regression");
  refused("pnn-data iris --regression -o x.h5", "--regression: acts on nothing here");
  // the same columns with another scale: outputs would be read in wrong units
  REQUIRE(s.run("pnn-data csv others.csv" + as_targets + "-q -o others.h5") == 0);
  refused("pnn-eval p.h5 --data others.h5 --on m.h5", "trained on the targets detuning (pm) (");
  refused("pnn-eval p.h5 --data iris.h5 --on m.h5", "has classes and no targets");
  refused("pnn-landscape p.h5 --data others.h5 --on m.h5 --hessian 1 -o x.h5", "those of others.h5 are");
  refused("pnn-eval p.h5 --data spectra.h5 --on m.h5 --images 1", "1 sample, of which R² says nothing");
  refused(train + "spectra.h5 --task reconstruct", "a reconstruction has 8 outputs");
}
