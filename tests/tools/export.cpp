// Trained controls go out to instruments: as the file has them, in other units, by channel, and never beyond
// bounds.
#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numbers>
#include <sstream>

#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/table.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::Shell;

namespace {

const std::string rings = "--inputs 4 --layer mrr:out=5,chip=2x3 --layer relu --layer mrr:out=3,chip=2x3 ";

/// Parameters of a network after a few steps: p.h5.
void prepare(Shell& s, const std::string& network, const std::string& training = "") {
  REQUIRE(s.run("pnn-data iris -q -o iris.h5 && pnn-fit --model nominal " + network + "-q -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method bp --epochs 1 -q -o p.h5 " + training) == 0);
}

/// The columns of a CSV without quoted cells.
std::map<std::string, std::vector<std::string>> columns_of(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> header = split(line, ',');
  std::map<std::string, std::vector<std::string>> columns;
  while (std::getline(lines, line)) {
    const std::vector<std::string> cells = split(line, ',');
    REQUIRE(cells.size() == header.size());
    for (std::size_t k = 0; k < cells.size(); ++k) columns[header[k]].push_back(cells[k]);
  }
  return columns;
}

std::vector<double> numbers(const std::vector<std::string>& texts) {
  std::vector<double> out;
  for (const std::string& text : texts) out.push_back(std::stod(text));
  return out;
}

std::vector<double> exported(Shell& s, const std::string& options) {
  INFO(options);
  REQUIRE(s.run("pnn-export p.h5 -q " + options) == 0);
  return numbers(columns_of(s.out())["control"]);
}

void refused(Shell& s, const std::string& options, const std::string& sentence) {
  INFO(options);
  CHECK(s.run("pnn-export p.h5 -o refused.csv " + options) == 2);
  CHECK_THAT(s.err(), Contains(sentence));
  const std::string said = s.err();
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  CHECK_FALSE(s.exists("refused.csv"));
}

}  // namespace

TEST_CASE("exported controls are those of the file, with the ring and the time slot of each") {
  Shell s;
  prepare(s, rings);
  REQUIRE(s.run("pnn-export p.h5 --only-layers mrr1") == 0);
  const std::string first = s.out();
  auto columns = columns_of(first);
  CHECK_THAT(first, StartsWith("layer,element,out,in,slot,control,unit\nmrr1,row 0 col 0,0,0,0,"));
  REQUIRE(s.run("pnn-info p.h5 --csv /controls/mrr1") == 0);
  auto known = columns_of(s.out());
  CHECK(columns["control"] == known["value"]);
  CHECK(columns["out"] == known["out"]);
  CHECK(columns["in"] == known["in"]);
  // a chip of 2 × 3 rings takes the 5 × 4 weights as 3 × 2 tiles, one after the other
  for (std::size_t k = 0; k < columns["out"].size(); ++k) {
    const int out = std::stoi(columns["out"][k]), in = std::stoi(columns["in"][k]);
    CHECK(columns["element"][k] == "row " + std::to_string(out % 2) + " col " + std::to_string(in % 3));
    CHECK(columns["slot"][k] == std::to_string(out / 2 * 2 + in / 3));
    CHECK(columns["unit"][k] == "mA");
  }
  REQUIRE(s.run("pnn-export p.h5 -o all.csv && pnn-export p.h5 -o - && cmp out.txt all.csv") == 0);
  CHECK(columns_of(s.read("all.csv"))["layer"].size() == 20 + 15);
  REQUIRE(s.run("pnn-export p.h5 -q -o all.json && pnn-export p.h5 --json >table.json") == 0);
  s.write("same.py",
          "import csv, json\n"
          "rows = list(csv.DictReader(open('all.csv')))\n"
          "for table in json.load(open('all.json')), json.load(open('table.json'))['table']:\n"
          "    assert [{k: str(v) for k, v in row.items()} for row in table] == rows\n");
  CHECK(s.run("/usr/bin/python3 same.py") == 0);
}

TEST_CASE("what goes out in volts, watts or amperes comes back as the same current") {
  Shell s;
  prepare(s, rings);
  const std::vector<double> current = exported(s, "");
  std::map<std::string, double (*)(double)> to_ma = {
      {"V", [](double v) { return 1e3 * v / 500; }},
      {"mW", [](double p) { return 1e3 * std::sqrt(1e-3 * p / 500); }},
      {"A", [](double i) { return 1e3 * i; }},
      {"uA", [](double i) { return 1e-3 * i; }},
      {"mA", [](double i) { return i; }}};
  for (const auto& [unit, back] : to_ma) {
    const std::vector<double> values = exported(s, "--unit " + unit);
    REQUIRE(values.size() == current.size());
    for (std::size_t k = 0; k < values.size(); ++k)
      CHECK(back(values[k]) == Approx(current[k]).epsilon(1e-6));
    // the way in: a table of curves in this unit
    std::string table = "element,control,response\n", first;
    for (std::size_t k = 0; k < values.size(); ++k)
      table += "a," + format_number(values[k]) + "," + (k % 2 == 0 ? "0.9\n" : "-0.9\n");
    s.write("table.csv", table);
    REQUIRE(s.run("pnn-characterize --import table.csv --unit control=" + unit + " -q -o back.h5") == 0);
    std::vector<double> returned = io::read_curves(s.path("back.h5")).value.curves.chips[0].control.data;
    std::vector<double> sorted = current;
    std::sort(returned.begin(), returned.end());
    std::sort(sorted.begin(), sorted.end());
    returned.erase(std::unique(returned.begin(), returned.end()), returned.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    REQUIRE(returned.size() == sorted.size());
    for (std::size_t k = 0; k < sorted.size(); ++k) CHECK(returned[k] == Approx(sorted[k]).epsilon(1e-6));
  }
  REQUIRE(s.run("pnn-export p.h5 --unit V") == 0);
  CHECK_THAT(s.err(), Contains("through mrr.resistance (500 ohm)"));
}

TEST_CASE("codes are the nearest of their step, and stay within the bounds of their control") {
  Shell s;
  prepare(s, rings, "--limits 0.4:3.1 --lr 0.3");
  const std::vector<double> current = exported(s, "");
  REQUIRE(*std::max_element(current.begin(), current.end()) == Approx(3.1).epsilon(1e-6));
  for (const double step : {0.00244, 0.3}) {
    const std::vector<double> codes = exported(s, "--unit code=" + format_number(step) + "mA");
    for (std::size_t k = 0; k < codes.size(); ++k) {
      CHECK(codes[k] == std::round(codes[k]));
      CHECK(std::abs(codes[k] * step - current[k]) <= step);
      CHECK(codes[k] * step <= 3.1);
      CHECK(codes[k] * step >= 0.4);
    }
  }
  refused(s, "--unit code", "state it, as code=0.00244mA");
  refused(s, "--unit code=mA", "expected the size of a step");
}

TEST_CASE("phases of a mesh are wrapped where it is asked for, and become currents of the nominal shifter") {
  Shell s;
  prepare(s, "--inputs 4 --layer mzi:modes=4,keep=3 ");
  const std::vector<double> phase = exported(s, "");
  REQUIRE(s.run("pnn-info p.h5 --csv /controls/mzi1") == 0);
  CHECK(phase == numbers(columns_of(s.out())["value"]));
  const std::vector<double> wrapped = exported(s, "--wrap"),
                            centred = exported(s, "--wrap --limits -3.15:3.15"),
                            power = exported(s, "--wrap --unit mW"),
                            current = exported(s, "--wrap --unit mA");
  const double turn = 2 * std::numbers::pi;
  const auto process = io::read_params(s.path("p.h5")).value.process;
  for (std::size_t k = 0; k < phase.size(); ++k) {
    CHECK(wrapped[k] >= 0);
    CHECK(wrapped[k] < turn);
    CHECK(std::abs(centred[k]) <= 3.15);
    for (const double other : {wrapped[k], centred[k]})
      CHECK(std::remainder(other - phase[k], turn) == Approx(0).margin(1e-5));
    CHECK(power[k] == Approx(power[0] * wrapped[k] / wrapped[0]).epsilon(1e-6));
    CHECK(1e-3 * current[k] * current[k] * 1e-3 * power[0] ==
          Approx(1e-3 * current[0] * current[0] * 1e-3 * power[k]).epsilon(1e-6));
  }
  REQUIRE(s.run("pnn-export p.h5 --wrap --unit V") == 0);
  CHECK_THAT(s.err(), Contains("through mzi.p.pi (") && Contains("mzi.resistance ("));
  CHECK_THAT(s.out(), StartsWith("layer,element,index,slot,control,unit\nmzi1,theta col 0 modes 0-1,0,0,"));
  const auto outside = [&](double v) { return v < 0 || v > 6.2; };
  if (std::any_of(phase.begin(), phase.end(), outside)) refused(s, "--limits 0:6.2", "--wrap moves phases");
  refused(s, "--wrap --limits 0:0.01", "outside --limits, 0 to 0.01 rad");
}

TEST_CASE("an export refuses what is outside of bounds, unfinished, or of no such unit") {
  Shell s;
  prepare(s, rings);
  refused(s, "--limits 0:0.01",
          "20 of the 20 controls of layer mrr1 cannot be sent: row 0 col 0 (control 0) is at");
  refused(s, "--limits mrr3=0:5", "no layer \"mrr3\"");
  refused(s, "--only-layers mrr7", "mrr7");
  refused(s, "--wrap", "--wrap: no exported layer has phases");
  for (const char* unit : {"dBm", "K", "rad", "1", "nonsense"})
    refused(s, std::string("--unit ") + unit, "controls of layer mrr1 are in mA and have no such value");
  refused(s, "--unit code=0.01", "a step of it (code=0.01mA)");
  CHECK(s.run("pnn-export p.h5 -o p.h5") == 2);
  // a file whose controls left the bounds that it keeps
  io::Read<train::Params> file = io::read_params(s.path("p.h5"));
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method bp --epochs 1 --limits 0.5:3 -q -o kept.h5") ==
          0);
  train::Params kept = io::read_params(s.path("kept.h5")).value;
  REQUIRE(kept.bounds.size() == 2);
  REQUIRE(s.run("pnn-export kept.h5") == 0);
  kept.controls[1].values.data[4] = 3.01F;
  io::write_params(s.path("p.h5"), kept, file.header);
  refused(s, "",
          "row 0 col 1 (control 4) is at 3.01 mA, outside the range in which it was trained, 0.5 to 3 mA");
  refused(s, "--limits 0:0.01", "15 of the 15 controls of layer mrr2 cannot be sent");
  CHECK(s.run("pnn-export p.h5 --only-layers mrr1") == 0);
  kept.controls[1].values.data[4] = 2;
  kept.optimizer.finished = false;
  io::write_params(s.path("p.h5"), kept, file.header);
  refused(s, "", "p.h5: an unfinished training; finish it with pnn-train --resume p.h5, or");
}

TEST_CASE("each element has the channel that the map gives it, and a map with gaps or doubles is refused") {
  Shell s;
  prepare(s, rings);
  const std::string whole = "channel,row,col\nA0,0,0\nA1,0,1\nA2,0,2\nB0,1,0\nB1,1,1\n";
  s.write("map.csv", whole + "\"B,2\",1,2\n");
  REQUIRE(s.run("pnn-export p.h5 --element-map map.csv --only-layers mrr2") == 0);
  CHECK_THAT(s.out(), StartsWith("layer,element,out,in,slot,control,unit,channel\nmrr2,row 0 col 0,0,0,0,"));
  CHECK_THAT(s.out(), Contains("mA,A0\n") && Contains("mA,B1\n") && Contains(",\"B,2\"\n"));
  for (const auto& [row, sentence] :
       {std::pair("", "1 element has no channel, the first is mrr1 row 1 col 2"),
        std::pair("A0,1,2\n", "line 7: the channel A0 is that of line 2 too"),
        std::pair("B2,1,2\nB3,1,2\n", "line 8: a second channel of"),
        std::pair("B2,1,2\nB3,2,2\n",
                  "line 8: the network has no element \"row 2 col 2\"; its names are as \"row 0 col 0\"")}) {
    s.write("map.csv", whole + row);
    refused(s, "--element-map map.csv", sentence);
  }
  s.write("map.csv", "element,row,col\na,0,0\n");
  refused(s, "--element-map map.csv", "map.csv: expected a column channel");
}

TEST_CASE("transmissions, levels and phases of masks go out in their own unit, and in no other quantity") {
  const std::string own[] = {"freespace:out=3,signed=halves", "pcm:out=3", "d2nn:out=3,pixels=24,gap=0"};
  for (const std::string& layer : own) {
    INFO(layer);
    Shell s;
    prepare(s, "--inputs 4 --layer " + layer + " ");
    const std::vector<double> plain = exported(s, "");
    const train::Tensor controls = io::read_params(s.path("p.h5")).value.controls[0];
    CHECK(plain.size() == controls.values.size());
    for (std::size_t k = 0; k < plain.size(); ++k) CHECK(float(plain[k]) == controls.values.data[k]);
    const bool phases = controls.unit == "rad";
    CHECK(exported(s, std::string("--unit ") + (phases ? "rad" : "1")) == plain);
    const std::vector<double> codes = exported(s, phases ? "--wrap --unit code=0.01rad" : "--unit code=0.01");
    for (std::size_t k = 0; k < plain.size(); ++k) {
      const double off = 0.01 * codes[k] - plain[k];
      CHECK(std::abs(phases ? std::remainder(off, 2 * std::numbers::pi) : off) <= 0.01);
    }
    if (!phases) {
      const std::vector<double> percent = exported(s, "--unit %");
      for (std::size_t k = 0; k < plain.size(); ++k) CHECK(percent[k] == Approx(100 * plain[k]).margin(1e-9));
    }
    refused(s, "--unit V", "have no such value");
  }
}

TEST_CASE("a reader that closes the pipe of an export hears nothing") {
  Shell s;
  prepare(s, "--inputs 4 --layer mrr:out=3 ");
  for (const char* output : {"", "-o -"}) {
    REQUIRE(s.run(std::string("(sleep 0.2; pnn-export p.h5 -q ") + output + "; echo $? >&2) | true") == 0);
    CHECK(s.err() == "0\n");
  }
  CHECK(s.run("pnn-export p.h5 >/dev/full") == 1);
  CHECK_THAT(s.err(), Contains("standard output"));
}

TEST_CASE("controls for NumPy and MATLAB are those of the table") {
  Shell s;
  prepare(s, rings);
  const std::vector<double> volts = exported(s, "--unit V");
  REQUIRE(s.run("pnn-export p.h5 --unit V -o p.npz && pnn-export p.h5 --unit V -o p.mat") == 0);
  for (const char* file : {"p.npz", "p.mat"}) {
    const io::Table table = io::read_table(s.path(file));
    CHECK(table.numbers("control") == volts);
    CHECK(table.texts("element")[7] == "row 1 col 0");
  }
}

TEST_CASE("a result is a tidy table: a row for each method, condition, device and repeat, by name") {
  Shell s;
  const std::string network = "--inputs 4 --layer mrr:out=3 ";
  prepare(s, network, "--label first");
  REQUIRE(s.run("pnn-train model.h5 --data iris.h5 --method noise --epochs 1 -q -o n.h5 && pnn-fabricate " +
                network +
                "--count 2 -q -o chips.h5 && pnn-perturb p.h5 n.h5 --data iris.h5 --devices chips.h5 --vary "
                "drift=-1:1:1 --repeat 2 -q -o sweep.h5") == 0);
  REQUIRE(s.run("pnn-export sweep.h5 -o sweep.csv && pnn-info sweep.h5 --csv /loss") == 0);
  std::map<std::string, std::vector<std::string>> known = columns_of(s.out()), tidy;
  REQUIRE(s.run("cat sweep.csv") == 0);
  tidy = columns_of(s.out());
  CHECK(tidy["loss"] == known["value"]);
  CHECK(tidy["loss"].size() == 2 * 3 * 2 * 2);
  CHECK(tidy["repeat"] == known["repeat"]);
  CHECK(tidy["accuracy"].size() == tidy["loss"].size());
  for (std::size_t k = 0; k < tidy["loss"].size(); ++k) {
    CHECK(tidy["method"][k] == (known["method"][k] == "0" ? "first" : "noise"));
    CHECK(std::stod(tidy["drift (K)"][k]) == std::stod(known["drift"][k]) - 1);
  }
  REQUIRE(s.run("pnn-export p.h5 --table history") == 0);
  auto history = columns_of(s.out());
  CHECK(history["epoch"] == std::vector<std::string>{"1"});
  CHECK(history.contains("test_accuracy"));
  REQUIRE(s.run("pnn-export sweep.h5 --table confusion") == 0);
  CHECK_THAT(s.out(), StartsWith("method,true,predicted,confusion\nfirst,setosa,setosa,"));
  REQUIRE(s.run("pnn-export sweep.h5 --json -q") == 0);
  CHECK_THAT(s.out(), Contains("{\"method\":\"first\",\"drift (K)\":-1,\"device\":\""));
  CHECK(s.run("pnn-export sweep.h5 --unit V") == 2);
  CHECK_THAT(s.err(), Contains("acts on the controls of params alone"));
  CHECK(s.run("pnn-export chips.h5") == 2);
  CHECK_THAT(s.err(), Contains("name a dataset with --table"));
  CHECK(s.run("pnn-export chips.h5 --table /truth/mrr1/delta") == 2);
  CHECK_THAT(s.err(), Contains("hidden truth"));
  CHECK(s.run("pnn-export sweep.h5 --table los") == 2);
  CHECK_THAT(s.err(), Contains("did you mean \"/loss\"?"));
}

TEST_CASE("curves as a tidy table come back as the same curves") {
  Shell s;
  REQUIRE(s.run("pnn-fabricate " + rings +
                "-q -o chip.h5 && pnn-characterize chip.h5 --points 9 --direction both -q "
                "-o curves.h5") == 0);
  REQUIRE(s.run("pnn-export curves.h5 -q -o table.mat && pnn-characterize --import table.mat " + rings +
                "-q -o again.h5") == 0);
  const auto curves = [&](const char* file) { return io::read_curves(s.path(file)).value.curves.chips[0]; };
  CHECK(curves("again.h5").control.data == curves("curves.h5").control.data);
  CHECK(curves("again.h5").response.data == curves("curves.h5").response.data);
  CHECK(curves("again.h5").elements == curves("curves.h5").elements);
  REQUIRE(s.run("pnn-fit curves.h5 --model lorentzian -q -o model.h5") == 0);
  REQUIRE(s.run("pnn-export model.h5") == 0);
  CHECK_THAT(s.out(), StartsWith("layer,device,element,parameter,unit,value,standard error,rms_residual,") &&
                          Contains("\nmrr1,0,row 0 col 0,p_res_mw,mW,"));
  REQUIRE(s.run("pnn-export model.h5 -q -o model.csv") == 0);
  const io::Table table = io::read_table(s.path("model.csv"));
  const auto model = io::read_model(s.path("model.h5")).value.model.chips.at(0);
  const std::size_t parameters = model.parameters.size();
  REQUIRE(table.rows() == model.elements.size() * parameters);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double variance = model.covariance.data[row * parameters + row % parameters];
    const auto error = table.reading(table.column("standard error"), row);
    REQUIRE(error.has_value() == (variance > 0));
    if (error) CHECK(*error == Approx(std::sqrt(variance)));
  }
  for (const char* ending : {"npy", "xlsx", "h5", "cvs"}) {
    CHECK(s.run(std::string("pnn-export model.h5 -o table.") + ending) == 2);
    CHECK_THAT(s.err(), Contains("take an ending of .csv, .json, .npz"));
  }
  REQUIRE(s.run("pnn-export curves.h5 -q -o curves.json") == 0);
  CHECK_THAT(s.read("curves.json"), Contains("\"control (mA)\": "));  // as in CSV
}

namespace {

/// The levels of a PNG file, [row][column], read by libpng.
std::vector<std::vector<unsigned>> levels_of(const std::string& path, const std::string& format) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&image, path.c_str()) != 0);
  const bool wide = format == "grey10", colour = format == "rgb334";
  CHECK((image.format & PNG_FORMAT_FLAG_COLOR) == (colour ? PNG_FORMAT_FLAG_COLOR : 0U));
  CHECK((image.format & PNG_FORMAT_FLAG_LINEAR) == (wide ? PNG_FORMAT_FLAG_LINEAR : 0U));
  image.format = wide ? PNG_FORMAT_LINEAR_Y : colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  std::vector<unsigned char> bytes(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, bytes.data(), 0, nullptr) != 0);
  std::vector<std::vector<unsigned>> levels(image.height, std::vector<unsigned>(image.width));
  for (std::size_t k = 0; k < std::size_t(image.width) * image.height; ++k) {
    const unsigned char* const at = bytes.data() + k * (wide ? 2 : colour ? 3 : 1);
    std::uint16_t number = *at;
    if (wide) std::memcpy(&number, at, 2);
    levels[k / image.width][k % image.width] =
        colour ? unsigned(at[0] >> 5) << 7 | unsigned(at[1] >> 5) << 4 | unsigned(at[2] >> 4) : number;
  }
  return levels;
}

}  // namespace

TEST_CASE("the pictures of a modulator have the transmission of every control at its pixels") {
  Shell s;
  prepare(s, "--inputs 4 --layer freespace:out=3,grid=2x1,image=2x2,block=2x3,guard=1x0,signed=exposures ");
  const std::vector<double> controls = exported(s, "");
  for (const std::string format : {"grey8", "grey10", "rgb334"}) {
    INFO(format);
    const double highest = format == "grey8" ? 255 : 1023;
    REQUIRE(s.run("pnn-export p.h5 --frames f --frame-format " + format) == 0);
    for (std::size_t picture = 0; picture < 2; ++picture)
      for (std::size_t polarity = 0; polarity < 2; ++polarity) {
        const auto levels = levels_of(s.path("f/freespace1-picture" + std::to_string(picture) +
                                             (polarity == 0 ? ".png" : "-negative.png")),
                                      format);
        REQUIRE(levels.size() == 16);  // two cells of 2 × 2 elements of 2 × 3 px between dark rows of 2 px
        for (std::size_t y = 0; y < 16; ++y)
          for (std::size_t x = 0; x < 6; ++x) {
            const std::size_t output = 2 * picture + y / 8, row = y % 8 / 2, site = (row - 1) * 2 + x / 3;
            const bool lit = row >= 1 && row <= 2 && output < 3;
            CHECK(levels[y][x] ==
                  (lit ? std::round(highest * controls[(polarity * 3 + output) * 4 + site]) : 0));
          }
      }
  }
  // a measured table: falls, in microwatts, and leaves the darkest level at the contrast
  s.write("gamma.csv", "level,power (uW)\n10,20\n110,15\n250,1\n");
  REQUIRE(s.run("pnn-export p.h5 --frames f --gamma-table gamma.csv --panel 20x20") == 0);
  const auto levels = levels_of(s.path("f/freespace1-picture0.png"), "grey8");
  CHECK(levels[0][0] == 250);
  const double power = 1 + 19 * controls[0];
  CHECK(levels[2 + 2][7] ==
        std::lround(power > 15 ? 10 + 100 * (20 - power) / 5 : 110 + 140 * (15 - power) / 14));
}

TEST_CASE("every pixel of a mask, cell and display is exported under the name of what it is part of") {
  const std::pair<const char*, std::string (*)(std::map<std::string, std::vector<std::string>>&, std::size_t)>
      layers[] = {
          {"d2nn:out=3,masks=3,pixels=16x24,gap=0",
           [](auto& c, std::size_t k) { return "mask " + std::to_string(std::stoi(c["mask"][k]) + 1); }},
          {"pcm:out=3,signed=differential",
           [](auto& c, std::size_t k) {
             return "output " + c["out"][k] + " input " + c["in"][k] +
                    (c["polarity"][k] == "0" ? " plus" : " minus");
           }},
          {"freespace:out=3", [](auto&, std::size_t) { return std::string("display"); }}};
  for (const auto& [layer, name] : layers) {
    INFO(layer);
    Shell s;
    prepare(s, std::string("--inputs 4 --layer ") + layer + " ");
    REQUIRE(s.run("pnn-export p.h5 -q") == 0);
    auto columns = columns_of(s.out());
    for (std::size_t k = 0; k < columns["element"].size(); ++k)
      REQUIRE(columns["element"][k] == name(columns, k));
  }
}

TEST_CASE("a table of levels is read by its names, and one of phases is none of transmissions") {
  Shell s;
  prepare(s, "--inputs 4 --layer freespace:out=3,grid=2x1,image=2x2 ");
  const auto refusal = [&](const std::string& table) {
    s.write("t.csv", table);
    CHECK(s.run("pnn-export p.h5 --frames none --gamma-table t.csv") == 2);
    CHECK_FALSE(s.exists("none"));
    return s.err();
  };
  for (const char* name : {"phase (pi)", "Phase", "x (rad)", "x [deg]"})
    CHECK_THAT(refusal(std::string("level,") + name + "\n0,0\n255,2\n"),
               Contains("is of phases, and the controls to be shown are transmissions"));
  CHECK_THAT(refusal("a,b\n0,0\n255,2\n"), Contains("expected two columns, level and transmission"));
  CHECK_THAT(refusal("0,0\n255,2\n"), Contains("expected two columns, level and transmission"));
  s.write("t.csv", "level,power (uW)\n10,20\n110,15\n250,1\n");
  s.write("turned.csv", "power (uW),Grey level\n20,10\n15,110\n1,250\n");
  REQUIRE(
      s.run("pnn-export p.h5 --frames a --gamma-table t.csv -q && pnn-export p.h5 --frames b --gamma-table "
            "turned.csv -q && cmp a/freespace1-picture0.png b/freespace1-picture0.png") == 0);
}

TEST_CASE("the pictures of phase masks are wrapped into the range that was measured, or refused") {
  Shell s;
  prepare(s, "--inputs 4 --layer d2nn:out=3,pixels=16x24,gap=0 ", "--lr 0.5");
  const std::vector<double> phase = exported(s, "");
  const double turn = 2 * std::numbers::pi;
  const auto off = [&](const std::vector<std::vector<unsigned>>& levels, auto phase_of) {
    double most = 0;
    for (std::size_t k = 0; k < 16 * 24; ++k)
      most = std::max(most, std::abs(std::remainder(phase_of(levels[k / 24][k % 24]) - phase[k], turn)));
    return most;
  };
  REQUIRE(s.run("pnn-export p.h5 --frames f --frame-format rgb334") == 0);
  CHECK(off(levels_of(s.path("f/d2nn1-mask0.png"), "rgb334"), [&](double g) { return turn * g / 1024; }) <
        0.501 * turn / 1024);
  s.write("whole.csv", "level,phase (pi)\n5,-1\n100,0.25\n250,0.995\n");
  REQUIRE(s.run("pnn-export p.h5 --frames f --gamma-table whole.csv") == 0);
  CHECK(off(levels_of(s.path("f/d2nn1-mask0.png"), "grey8"), [&](double g) {
          return std::numbers::pi * (g < 100 ? -1 + 1.25 * (g - 5) / 95 : 0.25 + 0.745 * (g - 100) / 150);
        }) < 1.25 / 95 * std::numbers::pi);
  const auto refusal = [&](const std::string& options) {
    CHECK(s.run("pnn-export p.h5 --frames none " + options) == 2);
    CHECK_FALSE(s.exists("none"));
    return s.err();
  };
  s.write("short.csv", "level,phase (deg)\n0,0\n255,300\n");
  CHECK_THAT(refusal("--gamma-table short.csv"),
             Contains("the table covers 0.833 of a turn; train within it"));
  s.write("turns.csv", "level,phase (rad)\n0,0\n100,3\n200,2.9\n255,6\n");
  CHECK_THAT(refusal("--gamma-table turns.csv"),
             Contains("not monotone") && Contains("from level 100 to 200"));
  s.write("wide.csv", "level,phase (rad)\n0,0\n1023,6.2\n");
  CHECK_THAT(refusal("--gamma-table wide.csv"),
             Contains("level 1023: expected a whole number from 0 to 255"));
  s.write("bare.csv", "level,phase\n0,0\n255,6.2\n");
  CHECK_THAT(refusal("--gamma-table bare.csv"), Contains("must say its unit"));
  CHECK_THAT(refusal("--panel 20x20"), Contains("needs 24x16 px"));
  CHECK_THAT(refusal("--unit rad"), Contains("acts on tables"));
  prepare(s, "--inputs 4 --layer mrr:out=3 ");
  CHECK_THAT(refusal(""), Contains("layer mrr1 has no controls that are pixels"));
}
