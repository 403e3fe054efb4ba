// Targets of a regression: from tables and arrays, through their scale, into files and back.
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/io/numpy_files.hpp"
#include "tests/io/samples.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using namespace pnn::test::numpy;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;
using Texts = std::vector<std::string>;

/// Forty rings of two features, a wavelength in nm that moves by picometres, and a width.
std::string rings(const std::string& of_row_3 = "") {
  std::string text = "through,drop,wavelength (nm),width (pm)\n";
  for (int k = 0; k < 40; ++k)
    text += std::to_string(0.5 + 0.25 * std::sin(k)) + "," + std::to_string(0.25 * std::cos(2.0 * k)) + "," +
            (k == 3 && !of_row_3.empty() ? of_row_3 : "1550." + std::to_string(100000 + 37 * k)) + "," +
            std::to_string(20 + k % 7) + "\n";
  return text;
}

io::TableSettings of_targets(const Texts& targets) {
  io::TableSettings s;
  s.regression = true;
  s.targets = targets;
  return s;
}

io::RawData read(const std::string& text, const io::TableSettings& settings) {
  return io::import_csv(io::parse_table(text, "t.csv"), settings, "t");
}
std::string refusal(const std::string& text, const io::TableSettings& settings) {
  return test::message_of<InputError>([&] { read(text, settings); });
}

double own(const network::Dataset& data, const network::Split& split, Index n, std::size_t k) {
  return data.targets[k].mean + data.targets[k].scale * double(split.targets(n, Index(k)));
}

}  // namespace

TEST_CASE("targets have mean 0 and deviation 1 in training, and come back in their own units to the digit") {
  io::ImportSettings settings;
  settings.normalize = io::Normalization::none;
  const network::Dataset data =
      io::make_dataset(read(rings(), of_targets({"wave*", "width (pm)"})), settings, 1);
  REQUIRE(data.targets.size() == 2);
  CHECK(data.targets[0].name == "wavelength (nm)");
  CHECK(data.classes.empty());
  CHECK(data.shape.size() == 2);
  CHECK(network::check_dataset(data).empty());
  for (Index k = 0; k < 2; ++k) {
    double mean = 0, square = 0;
    for (Index n = 0; n < data.train.size(); ++n) {
      mean += double(data.train.targets(n, k)) / double(data.train.size());
      square += std::pow(double(data.train.targets(n, k)), 2) / double(data.train.size());
    }
    CHECK(std::abs(mean) < 1e-6);
    CHECK(square == Approx(1).epsilon(1e-5));
  }
  // sample n is the row with its features; its wavelength is right to a part of a femtometre
  for (const network::Split* split : {&data.train, &data.validation, &data.test})
    for (Index n = 0; n < split->size(); ++n)
      for (int k = 0; k < 40; ++k)
        if (std::abs(double(split->x(n, 0)) - (0.5 + 0.25 * std::sin(k))) < 1e-5) {
          CHECK(std::abs(own(data, *split, n, 0) - (1550.1 + 37e-6 * k)) < 1e-9);
          CHECK(own(data, *split, n, 1) == Approx(20 + k % 7));
        }
  io::RawData raw = read(rings(), of_targets({"width (pm)"}));
  raw.target_scale = io::TargetScale::none;
  const network::Dataset kept = io::make_dataset(std::move(raw), settings, 1);
  CHECK(kept.targets == std::vector<network::Target>{{"width (pm)", 0, 1}});
  CHECK(kept.train.targets.minCoeff() == 20);
  CHECK(kept.shape.size() == 3);  // a wavelength is a feature now
}

TEST_CASE("the label column is the target where none is named, and a test table has the scale of training") {
  io::TableSettings settings;
  settings.regression = true;
  settings.label_column = "width (pm)";
  const io::Table training = io::parse_table(rings(), "t.csv");
  const io::Table test =
      io::parse_table("width (pm),drop,through,wavelength (nm)\n26,0.1,0.2,1550\n20,0.2,0.1,1550\n", "u.csv");
  const network::Dataset data = io::make_dataset(io::import_csv(training, settings, "t", &test), {}, 1);
  REQUIRE(data.test.size() == 2);
  CHECK(own(data, data.test, 0, 0) == Approx(26));
  CHECK(own(data, data.test, 1, 0) == Approx(20));
  CHECK(data.train.size() + data.validation.size() == 40);
}

TEST_CASE("what is no target is refused, and one that is missing may be dropped") {
  CHECK_THAT(refusal(rings("slow"), of_targets({"wave*"})),
             Contains("t.csv:5") && Contains("expected a number, found \"slow\""));
  CHECK_THAT(refusal(rings("NaN"), of_targets({"wave*"})),
             Contains("t.csv:5: no target in 1 of 40 rows") && Contains("--missing drop"));
  io::TableSettings dropping = of_targets({"wave*"});
  dropping.missing = io::Missing::drop;
  CHECK(read(rings("NaN"), dropping).train.targets.rows() == 39);
  CHECK_THAT(refusal(rings(), of_targets({"length"})), Contains("--targets length: no such column"));
  io::TableSettings both = of_targets({"wave*"});
  both.columns.features = {"wavelength (nm)"};
  CHECK_THAT(refusal(rings(), both), Contains("this is the column of the targets"));
  std::string twice = rings();
  for (std::size_t at = 0, line = 0; (at = twice.find('\n', at)) != std::string::npos; ++line) {
    const std::size_t cut = twice.rfind(',', at);
    const std::string more = line == 0 ? ",copy" : twice.substr(cut, at - cut);
    twice.insert(at, more);
    at += more.size() + 1;
  }
  CHECK_THAT(refusal(twice, of_targets({"width (pm)"})),
             Contains("\"copy\" holds the numbers of the target \"width (pm)\"") && Contains("--ignore"));
  const std::string constant = "a,b\n1,5\n2,5\n3.5,5\n4,5\n";
  io::TableSettings of_b = of_targets({"b"});
  CHECK_THAT(test::message_of<InputError>([&] { io::make_dataset(read(constant, of_b), {}, 1); }),
             Contains("the target \"b\" has the same value in all training samples"));
}

TEST_CASE("a quantity as a label says that it can be learned") {
  io::TableSettings settings;
  settings.label_column = "wavelength (nm)";
  CHECK_THAT(refusal(rings(), settings),
             Contains("no classes but values of a quantity") && Contains("--regression"));
}

TEST_CASE("arrays of numbers are targets, one or several a sample") {
  const TemporaryFolder folder;
  std::vector<double> x, y;
  for (int k = 0; k < 20; ++k) {
    x.insert(x.end(), {0.1 * k, std::sin(k)});
    y.insert(y.end(), {1550 + 1e-5 * k, double(k % 3)});
  }
  folder.write("a.npz", archive({{"x", array("'<f8'", "(20, 2)", doubles(x))},
                                 {"y", array("'<f8'", "(20, 2)", doubles(y))}},
                                true));
  io::ArraySettings settings;
  settings.regression = true;
  const io::RawData raw = io::import_npz(folder / "a.npz", "a", settings);
  REQUIRE(raw.targets.size() == 2);
  CHECK(raw.targets[1].name == "target 1");
  CHECK(raw.targets[0].mean + double(raw.train.targets(7, 0)) == Approx(1550.00007).epsilon(1e-12));
  CHECK(raw.train.y.empty());
  folder.write("b.npz", archive({{"x", array("'<f8'", "(20, 2)", doubles(x))},
                                 {"y", array("'<f8'", "(40,)", doubles(y))}},
                                true));
  CHECK_THAT(test::message_of<InputError>([&] { io::import_npz(folder / "b.npz", "b", settings); }),
             Contains("expected numbers [20] or [20, targets]") && Contains("found [40]"));
}

TEST_CASE("data sets and parameters keep their targets, and files with wrong ones are refused") {
  const TemporaryFolder folder;
  const network::Dataset data = io::make_dataset(read(rings(), of_targets({"wave*", "width (pm)"})), {}, 1);
  io::write_dataset(folder / "d.h5", data, samples::header());
  const network::Dataset after = io::read_dataset(folder / "d.h5").value;
  CHECK(after.targets == data.targets);
  CHECK(after.train.targets == data.train.targets);
  CHECK(after.test.targets == data.test.targets);
  CHECK(after.train.y.empty());
  train::Params params = samples::params();
  params.task = network::Task::regress;
  params.targets = data.targets;
  params.history.test_score = {0.25, 0.5};
  io::write_params(folder / "p.h5", params, samples::header());
  const train::Params again = io::read_params(folder / "p.h5").value;
  CHECK(again.targets == data.targets);
  CHECK(again.history.test_score == params.history.test_score);
  network::Dataset wrong = data;
  wrong.targets.pop_back();
  CHECK_THAT(network::check_dataset(wrong).at(0), Contains("/train/targets: expected 1"));
  wrong = data;
  wrong.targets[0].scale = 0;
  CHECK_THAT(network::check_dataset(wrong).at(0), Contains("/target_scale"));
}
