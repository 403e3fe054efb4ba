// Files of earlier formats, kept in tests/io/formats as the tools of that time wrote them, are still read,
// and mean what they meant. `told.txt` beside them is what those tools said of their own files.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pnn/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

const std::string formats = PNN_SOURCE_DIR "/tests/io/formats/";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> files_of(const std::string& version) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(formats + version))
    if (entry.path().extension() == ".h5") names.push_back(entry.path().filename().string());
  return names;
}

/// A number behind `key` in one line of JSON.
double number_behind(const std::string& json, const std::string& key) {
  const std::size_t at = json.find(key);
  REQUIRE(at != std::string::npos);
  return std::stod(json.substr(at + key.size()));
}

/// The last column of what pnn-info --csv prints.
std::vector<double> values_of(const std::string& csv) {
  std::vector<double> values;
  const std::vector<std::string> lines = pnn::split(csv, '\n');
  for (std::size_t k = 1; k < lines.size(); ++k)
    if (!lines[k].empty()) values.push_back(std::stod(lines[k].substr(lines[k].rfind(',') + 1)));
  return values;
}

/// A folder with copies of the files of a version.
struct Old : Shell {
  explicit Old(const std::string& version) { REQUIRE(run("cp '" + formats + version + "'/*.h5 .") == 0); }
};

}  // namespace

TEST_CASE("files of earlier formats are whole, and every number that was noted of them stands in them") {
  for (const std::string version : {"1.0", "1.1", "1.2"}) {
    INFO(version);
    Old s(version);
    const std::vector<std::string> files = files_of(version);
    CHECK(files.size() == (version == "1.0" ? 6U : version == "1.1" ? 16U : 13U));
    for (const std::string& file : files) {
      INFO(file);
      CHECK(s.run("pnn-info --validate " + file) == 0);
      REQUIRE(s.run("pnn-info --json " + file) == 0);
      CHECK(s.out().find("\"format_version\":[1," + version.substr(2) + "]") != std::string::npos);
    }
    std::istringstream told(text_of(formats + version + "/told.txt"));
    int compared = 0;
    for (std::string line; std::getline(told, line);) {
      if (!line.starts_with("> ")) continue;
      std::string before;
      for (std::string row; std::getline(told, row) && !row.empty();) before += row + "\n";
      INFO(line);
      REQUIRE(s.run(line.substr(2)) == 0);
      CHECK(s.out() == before);
      ++compared;
    }
    CHECK(compared == (version == "1.0" ? 16 : version == "1.1" ? 24 : 19));
  }
}

TEST_CASE("trained parameters of earlier formats lose what they lost on the devices of their time") {
  for (const std::string version : {"1.0", "1.1", "1.2"}) {
    Old s(version);
    std::istringstream told(text_of(formats + version + "/told.txt"));
    int compared = 0;
    for (std::string line; std::getline(told, line);) {
      if (!line.starts_with("loss ")) continue;
      INFO(version + ": " + line);
      const std::vector<std::string> words = pnn::split(line, ' ');
      REQUIRE(words.size() == 5);
      REQUIRE(s.run("pnn-eval " + words[1] + " --data dataset.h5 --on " + words[2] + " --index " + words[3] +
                    " --split validation --environment exact --json") == 0);
      // Since then sums have a fixed order (CHANGELOG). Losses are of order 1 and made of outputs in float,
      // each of some ten operations that round to 2^-24; a wrong constant, unit or order shows in the first
      // digits.
      CHECK(number_behind(s.out(), "\"loss\": [") == Approx(std::stod(words[4])).epsilon(0).margin(1e-6));
      ++compared;
    }
    CHECK(compared == (version == "1.0" ? 2 : version == "1.1" ? 8 : 4));
  }
}

TEST_CASE("the chain goes on from files of earlier formats, and gives what it gave") {
  for (const std::string version : {"1.0", "1.1", "1.2"}) {
    INFO(version);
    Old s(version);
    // the sweep of that time, made again
    REQUIRE(s.run("pnn-perturb params.h5 --data dataset.h5 --devices device.h5 --vary drift=-1:1:1 "
                  "--environment exact "
                  "-o again.h5") == 0);
    REQUIRE(s.run("pnn-info --csv /accuracy again.h5") == 0);
    const std::string again = s.out();
    REQUIRE(s.run("pnn-info --csv /accuracy result.h5") == 0);
    CHECK(again == s.out());
    // the fit, made again of the curves: both converged, to a thousandth of each parameter's size at least
    REQUIRE(s.run("pnn-fit curves.h5 --model airy -o fitted.h5") == 0);
    REQUIRE(s.run("pnn-info --csv /model/mrr1/values fitted.h5") == 0);
    const std::vector<double> fitted = values_of(s.out());
    REQUIRE(s.run("pnn-info --csv /model/mrr1/values model.h5") == 0);
    const std::vector<double> kept = values_of(s.out());
    REQUIRE(fitted.size() == kept.size());
    REQUIRE(fitted.size() == 80);
    for (std::size_t k = 0; k < kept.size(); ++k)
      CHECK(fitted[k] == Approx(kept[k]).epsilon(1e-3).margin(1e-4));
    // trainings that start there, on the model and on the device
    CHECK(s.run("pnn-train model.h5 --data dataset.h5 --init params.h5 --epochs 1 -o more.h5") == 0);
    // the other platforms are since 1.1, and a fifth since 1.2
    const std::vector<std::string> platforms = version == "1.0" ? std::vector<std::string>{}
                                               : version == "1.1"
                                                   ? std::vector<std::string>{"mesh-", "display-", "mask-"}
                                                   : std::vector<std::string>{"cell-"};
    for (const std::string& platform : platforms) {
      CHECK(s.run("pnn-train " + platform + "model.h5 --data dataset.h5 --init " + platform +
                  "params.h5 --method pat --device " + platform + "device.h5 --epochs 1 -o " + platform +
                  "more.h5") == 0);
    }
    CHECK(s.run("pnn-transfer params.h5 more.h5 --data dataset.h5 --devices device.h5 -o transfer.h5") == 0);
  }
}

TEST_CASE(
    "a training that format 1.2 left unfinished is finished, and refused where its state tells nothing "
    "here") {
  Old s("1.2");
  const std::string train =
      "pnn-train model.h5 --data dataset.h5 --epochs 1500 --batch 16 --lr 0.02 --evaluate-every 1500 ";
  REQUIRE(s.run(train + "-o whole.h5") == 0);
  REQUIRE(s.run(train + "--resume unfinished.h5 -o resumed.h5") == 0);
  CHECK(s.read("whole.h5") == s.read("resumed.h5"));
  CHECK(s.run(train + "--method sat --perturb temperature=1 --resume moved.h5 -o refused.h5") == 2);
  CHECK(
      s.err().find("an earlier version began this training and perturbed system parameters in it; finish it "
                   "with that version") != std::string::npos);
  CHECK_FALSE(s.exists("refused.h5"));
}

TEST_CASE("imported curves of format 1.2, which do not say their platform, are fitted by the kind of model") {
  Old s("1.2");
  CHECK(s.run("pnn-fit import-curves.h5 --model fringe -o fitted.h5") == 0);
  REQUIRE(s.run("pnn-info --csv /model/import/values fitted.h5") == 0);
  // the table was 0.5 + 0.48 cos(pi I^2 / 40 + phase) with phases of 0.3 and -0.6 rad
  const std::vector<double> values = values_of(s.out());
  CHECK(std::abs(values.at(0)) == Approx(0.3).margin(1e-4));
  CHECK(std::abs(values.at(4)) == Approx(0.6).margin(1e-4));
  CHECK(s.run("pnn-info --validate fitted.h5") == 0);
}

TEST_CASE("results of different formats are not merged") {
  Old s("1.2");
  REQUIRE(s.run("pnn-perturb params.h5 --data dataset.h5 --devices device.h5 --vary drift=-1:1:1 "
                "--environment exact "
                "-o again.h5") == 0);
  CHECK(s.run("pnn-merge again.h5 result.h5 -o merged.h5") == 2);
  CHECK(s.err().find(
            "result.h5: is of format 1.2 and again.h5 of 1.3; shards of one run are written by one version "
            "of the tools, so run the older ones again") != std::string::npos);
}

TEST_CASE("the page of file formats is what pnn-info prints") {
  Shell s;
  REQUIRE(s.run("pnn-info --formats") == 0);
  INFO("pnn-info --formats > lib/pnn/io/FORMATS.md");
  const bool current = s.run("pnn-info --formats | cmp - " PNN_SOURCE_DIR "/lib/pnn/io/FORMATS.md") == 0;
  CHECK(current);
}
