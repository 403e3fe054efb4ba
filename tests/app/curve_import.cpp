#include "pnn/app/curve_import.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "pnn/app/measurement.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/fit.hpp"
#include "tests/app/context.hpp"
#include "tests/app/small_chain.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// One reading, as the tables of the tests have it.
struct Reading {
  std::string element;
  double control_ma, response;
};

/// All readings of a chip, in an order that has nothing to do with that of its elements.
std::vector<Reading> readings_of(const model::ChipCurves& chip, std::uint32_t order) {
  std::vector<Reading> all;
  const std::size_t points = chip.response.dim(3);
  for (std::size_t k = 0; k < chip.response.size(); ++k)
    if (std::isfinite(chip.response.data[k]))
      all.push_back({chip.elements[k / points], chip.control.data[k], chip.response.data[k]});
  for (std::size_t k = all.size(); k > 1; --k)
    std::swap(all[k - 1], all[below({1, Purpose::test, 9, 0, order}, std::uint32_t(k), std::uint32_t(k))]);
  return all;
}

/// A table of readings: the header, and a row of each.
std::string table_of(const std::vector<Reading>& readings, const std::string& header,
                     const std::function<std::string(const Reading&)>& row) {
  std::string text = header + "\n";
  for (const Reading& reading : readings) text += row(reading) + "\n";
  return text;
}

/// The numbers of "row 3 col 12".
std::pair<std::string, std::string> place_of(const std::string& element) {
  const std::vector<std::string> words = split(element, ' ');
  return {words.at(1), words.at(3)};
}

/// A ring's curve at 22 °C with its resonance at about `resonance_ma`; it begins near −1.
double weight_at(double current_ma, double resonance_ma = 4.15) {
  const double detuning = 0.0625 * 0.5 * (resonance_ma * resonance_ma - current_ma * current_ma);
  const double half = 0.15;
  return -0.98 + 1.95 / (1 + detuning * detuning / (half * half));
}

/// A table of two rings, "a" and "b", with 40 currents; `control` and `response` of each in some unit.
std::string two_rings(const std::string& header, const std::function<double(double)>& control,
                      const std::function<double(double)>& response) {
  std::string text = header + "\n";
  for (const char* name : {"a", "b"}) {
    for (int k = 0; k < 40; ++k) {
      const double current = 5.2 * k / 39;
      text += std::string(name) + "," + format_number(control(current)) + "," +
              format_number(response(weight_at(current, *name == 'a' ? 4.15 : 4.2))) + "\n";
    }
  }
  return text;
}

const auto same = [](double value) { return value; };

struct Importer {
  test::SmallChain chain;
  test::FakeContext context;
  app::ImportSettings settings;

  io::CurvesFile curves(const std::string& text, bool with_network = false) {
    chain.folder.write("t.csv", text);
    return files({chain.folder / "t.csv"}, with_network);
  }
  io::CurvesFile files(const std::vector<std::string>& paths, bool with_network) {
    settings.tables = paths;
    io::CurvesFile file;
    if (with_network) file.network = chain.net.spec;
    return app::import_curves(settings, std::move(file), context);
  }
  std::string refusal(const std::string& text, bool with_network = false) {
    return test::message_of<Error>([&] { curves(text, with_network); });
  }
};

model::Model fitted(const io::CurvesFile& file, const network::Resolved& net,
                    const std::string& kind = "airy") {
  Progress quiet;
  study::FitSettings settings;
  settings.kind = kind;
  return study::fit(file.curves, file.process, net.plans(), settings, quiet);
}

}  // namespace

TEST_CASE(
    "a chip exported as a table in several forms and units, shuffled, is the model of its curves file") {
  Importer lab;
  study::CharacterizeSettings sweeps;
  sweeps.points = 31;
  const app::DeviceSource source(lab.chain.chips, {}, "device", {}, {}, lab.context);
  app::UnfinishedFile unfinished({}, "", lab.context);
  const io::CurvesFile measured = app::measure({source, {1}, sweeps, ""}, unfinished, lab.context);
  const model::Model expected = fitted(measured, lab.chain.net);
  const auto number = [](double value) { return format_number(value); };
  const auto comma = [](double value) {
    std::string text = format_number(value);
    std::replace(text.begin(), text.end(), '.', ',');
    return text;
  };
  const double ohm = 500;
  struct Form {
    std::string header;
    std::function<std::string(const Reading&)> row;
  };
  const Form forms[] = {
      {"element,control,response",
       [&](const Reading& r) { return r.element + "," + number(r.control_ma) + "," + number(r.response); }},
      {"Row\tCol\tI (A)\tweight",
       [&](const Reading& r) {
         const auto [row, col] = place_of(r.element);
         return row + "\t" + col + "\t" + number(r.control_ma * 1e-3) + "\t" + number(r.response);
       }},
      {"Spannung (V);response (%);ring",
       [&](const Reading& r) {
         const auto [row, col] = place_of(r.element);
         return comma(r.control_ma * 1e-3 * ohm) + ";" + comma(100 * r.response) + ";R0" + row + "C" + col;
       }},
      {"element,heater power (mW),response,",
       [&](const Reading& r) {
         return r.element + "," + number(1e-3 * ohm * r.control_ma * r.control_ma) + "," +
                number(r.response) + ",";
       }},
      {"# element control_uA photocurrent(uA)", [&](const Reading& r) {
         const auto [row, col] = place_of(r.element);
         return "row" + row + "_col" + col + " " + number(-1e3 * r.control_ma) + " " +
                number(40 * r.response);
       }}};
  std::uint32_t order = 0;
  for (const Form& form : forms) {
    INFO(form.header);
    lab.settings = {};
    if (form.header.starts_with("Spannung")) lab.settings.columns = "control=1";
    if (form.header.starts_with("#")) lab.settings.full_scale = 40;
    const std::vector<Reading> readings = readings_of(measured.curves.chips.at(0), ++order);
    const io::CurvesFile file = lab.curves(table_of(readings, form.header, form.row), true);
    const model::ChipCurves &chip = file.curves.chips.at(0), &from = measured.curves.chips.at(0);
    CHECK(chip.key == from.key);
    CHECK(chip.elements == from.elements);
    const model::Model model = fitted(file, lab.chain.net);
    const model::ChipModel &got = model.chips.at(0), &want = expected.chips.at(0);
    REQUIRE(got.values.shape == want.values.shape);
    const std::size_t count = got.parameters.size();
    for (std::size_t k = 0; k < got.values.size(); ++k) {
      const double error =
          std::sqrt(want.covariance.data[(k / count * count + k % count) * count + k % count]);
      CHECK(got.values.data[k] == Approx(want.values.data[k]).margin(1e-9 + 0.05 * error));
    }
  }
}

TEST_CASE("one file an element and a column an element are the same curves") {
  Importer lab;
  const std::string both = two_rings("element,control (mA),response", same, same);
  const io::CurvesFile expected = lab.curves(both);
  std::string wide = "control (mA),a,b\n", a = "I (mA)\tP\n", b = a;
  for (int k = 39; k >= 0; --k) {
    const double current = 5.2 * k / 39;
    const std::string x = format_number(current), ya = format_number(weight_at(current)),
                      yb = format_number(weight_at(current, 4.2));
    wide += x + "," + ya + "," + yb + "\n";
    a += x + "\t" + ya + "\n", b += x + "\t" + yb + "\n";
  }
  CHECK(lab.curves(wide).curves.chips[0].response.data == expected.curves.chips[0].response.data);
  lab.chain.folder.write("b.tsv", b);
  lab.chain.folder.write("a.tsv", a);
  lab.settings.element_from_name = true;
  const io::CurvesFile files = lab.files({lab.chain.folder / "b.tsv", lab.chain.folder / "a.tsv"}, false);
  CHECK(files.curves.chips[0].elements == std::vector<std::string>{"a", "b"});
  CHECK(files.curves.chips[0].response.data == expected.curves.chips[0].response.data);
  CHECK_THAT(test::message_of<InputError>([&] {
               lab.files({lab.chain.folder / "a.tsv", lab.chain.folder / "a.tsv"}, false);
             }),
             Contains("the same element \"a\""));
}

TEST_CASE("texts in a folder of tables are passed over aloud, and files of these tools are named") {
  Importer lab;
  const auto put = [&](const std::string& name, const std::string& text) {
    lab.chain.folder.write(name, text);
  };
  std::filesystem::create_directory(lab.chain.folder / "sweeps");
  put("sweeps/a.csv", two_rings("element,control (mA),response", same, same));
  const std::vector<double> expected =
      lab.files({lab.chain.folder / "sweeps"}, false).curves.chips[0].response.data;
  put("sweeps/readme.txt", "Taken on 3 May at 22 C by two people, laser at 1550 nm.\nRings a and b.\n");
  lab.context.warnings.clear();
  CHECK(lab.files({lab.chain.folder / "sweeps"}, false).curves.chips[0].response.data == expected);
  REQUIRE(lab.context.warnings.size() == 1);
  CHECK_THAT(lab.context.warnings[0],
             Contains("1 file holds no readings and was passed over") && Contains("readme.txt"));
  // one that was named is read, and a table that is damaged is no text
  CHECK_THAT(
      test::message_of<InputError>([&] { lab.files({lab.chain.folder / "sweeps/readme.txt"}, false); }),
      Contains("readme.txt"));
  put("sweeps/b.txt", "element,control (mA),response\nc,0,0.5\nc,1\n");
  CHECK_THAT(test::message_of<InputError>([&] { lab.files({lab.chain.folder / "sweeps"}, false); }),
             Contains("b.txt:3"));
  std::filesystem::remove(lab.chain.folder / "sweeps/b.txt");
  std::filesystem::remove(lab.chain.folder / "sweeps/a.csv");
  CHECK_THAT(test::message_of<InputError>([&] { lab.files({lab.chain.folder / "sweeps"}, false); }),
             Contains("a folder without tables"));

  io::CurvesFile file = lab.curves(two_rings("element,control (mA),response", same, same));
  io::write_curves(lab.chain.folder / "curves.h5", file, {});
  CHECK_THAT(test::message_of<InputError>([&] { lab.files({lab.chain.folder / "curves.h5"}, false); }),
             Contains("a file of type curves of these tools, which needs no import") &&
                 Contains("fit its curves with pnn-fit " + (lab.chain.folder / "curves.h5")));
}

TEST_CASE("tables that name no element are put together, and told how each could be one") {
  Importer lab;
  std::string plain = "control (mA),response\n";
  for (int k = 0; k < 40; ++k)
    plain += format_number(5.2 * k / 39) + "," + format_number(weight_at(5.2 * k / 39)) + "\n";
  lab.chain.folder.write("a.csv", plain), lab.chain.folder.write("b.csv", plain);
  const std::vector<std::string> paths = {lab.chain.folder / "a.csv", lab.chain.folder / "b.csv"};
  CHECK(lab.files(paths, false).curves.chips[0].elements.size() == 1);
  CHECK_THAT(join(lab.context.warnings, "\n"),
             Contains("if each table is of one element, say --element-from-name"));
  lab.settings.element_from_name = true;
  lab.context.warnings.clear();
  CHECK(lab.files(paths, false).curves.chips[0].elements.size() == 2);
  CHECK(lab.context.warnings.empty());
}

TEST_CASE("controls in another unit are converted where it is said, and refused where they can be no mA") {
  Importer lab;
  const std::string plain = "element,control,response";
  const std::vector<double> expected = lab.curves(two_rings(plain, same, same)).curves.chips[0].control.data;
  const auto volts = [](double ma) { return 0.5 * ma; };
  const auto milliwatts = [](double ma) { return 0.5 * ma * ma; };
  const auto amperes = [](double ma) { return 1e-3 * ma; };
  const auto codes = [](double ma) { return std::round(ma / 5.2 * 2130); };
  const auto check = [&](const std::string& text, double margin) {
    const std::vector<double> control = lab.curves(text).curves.chips[0].control.data;
    for (std::size_t k = 0; k < control.size(); ++k)
      CHECK(control[k] == Approx(expected[k]).epsilon(1e-9).margin(margin));
  };
  check(two_rings("element,control (V),response", volts, same), 0);
  check(two_rings("element,heater power [mW],response", milliwatts, same), 0);
  check(two_rings("element,current_A,response", amperes, same), 0);
  CHECK_THAT(lab.refusal(two_rings(plain, volts, same)),
             Contains("say --unit control=V, or --unit control=mA"));
  CHECK_THAT(lab.refusal(two_rings(plain, milliwatts, same)), Contains("say --unit control=mW, or"));
  CHECK_THAT(lab.refusal(two_rings(plain, amperes, same)), Contains("say --unit control=A, which would fit"));
  CHECK_THAT(lab.refusal(two_rings(plain, codes, same)),
             Contains("state the step, as --unit control=0.00244mA"));
  CHECK_THAT(lab.refusal(two_rings("element,control (DAC),response", codes, same)), Contains("is of codes"));
  CHECK_THAT(lab.refusal(two_rings("element,control (K),response", same, same)),
             Contains("is no mA of rings"));
  lab.settings.units = "control=" + format_number(5.2 / 2130) + "mA";
  check(two_rings(plain, codes, same), 2e-3);
}

TEST_CASE("a negative current heats as its positive one") {
  Importer lab;
  const auto turned = [](double ma) { return ma > 2 ? -ma : ma; };
  CHECK(lab.curves(two_rings("element,control,response", turned, same)).curves.chips[0].control.data ==
        lab.curves(two_rings("element,control,response", same, same)).curves.chips[0].control.data);
  const std::string up = two_rings("element,control (mA),response", same, same);
  std::string both = up;
  const auto down = [](double ma) { return ma - 5.2; };
  for (const std::string& line :
       split(two_rings("", down, [](double) { return 0.0; }), '\n'))  // of both signs, with 0 twice
    if (line.size() > 1 && line != ",") both += line.substr(0, line.rfind(',') + 1) + "-0.9\n";
  lab.context.warnings.clear();
  lab.curves(both);
  CHECK(lab.context.warnings.empty());
  lab.curves(up + up.substr(up.find('\n') + 1));
  CHECK_THAT(join(lab.context.warnings, "\n"), Contains("80 readings are of an element"));
}

TEST_CASE("a response that is no weight is scaled, by the process or by what is stated") {
  Importer lab;
  const auto small = [](double weight) { return 1e-4 * weight; };
  const std::string plain = two_rings("element,control,response", same, small);
  CHECK_THAT(lab.refusal(plain), Contains("--unit response=A, V or W") && Contains("--full-scale"));
  lab.settings.full_scale = 1e-4;
  const std::vector<double> expected =
      lab.curves(two_rings("element,control,response (1)", same, [](double w) { return 1e-4 * w; }))
          .curves.chips[0]
          .response.data;
  CHECK(expected[0] == Approx(weight_at(0)).epsilon(1e-9));
  lab.settings.full_scale.reset();
  const std::vector<double> scaled =
      lab.curves(two_rings("element,control,photocurrent (A)", same, small)).curves.chips[0].response.data;
  for (std::size_t k = 0; k < scaled.size(); ++k) CHECK(scaled[k] == Approx(expected[k]).epsilon(0.05));
  const auto decibels = [](double weight) { return 10 * std::log10(1.0 + weight); };
  const std::vector<double> drop =
      lab.curves(two_rings("element,control,power (dBm)", same, decibels)).curves.chips[0].response.data;
  CHECK(drop[5] / drop[39] == Approx((1 + weight_at(5.2 * 5 / 39)) / (1 + weight_at(5.2))).epsilon(1e-9));
}

TEST_CASE("two ports of a ring are its weight, with the sign that is stated") {
  Importer lab;
  const auto text = [&](const std::string& unit, double scale) {
    std::string out = "element,control (mA),drop (" + unit + "),through (" + unit + ")\n";
    for (int k = 0; k < 40; ++k) {
      const double current = 5.2 * k / 39, weight = weight_at(current, 4.1);
      out += "a," + format_number(current) + "," + format_number(scale * (1 + weight) / 2) + "," +
             format_number(scale * (1 - weight) / 2) + "\n";
    }
    return out;
  };
  std::string whole = "element,control (mA),response (uW)\n";
  for (int k = 0; k < 40; ++k)
    whole +=
        "a," + format_number(5.2 * k / 39) + "," + format_number(30 * weight_at(5.2 * k / 39, 4.1)) + "\n";
  const std::vector<double> expected = lab.curves(whole).curves.chips[0].response.data;
  const auto matches = [&](const io::CurvesFile& file, double sign) {
    const std::vector<double>& data = file.curves.chips[0].response.data;
    REQUIRE(data.size() == expected.size());
    for (std::size_t k = 0; k < data.size(); ++k) CHECK(data[k] == Approx(sign * expected[k]).margin(1e-9));
  };
  const io::CurvesFile file = lab.curves(text("uW", 30));
  matches(file, 1);
  CHECK_THAT(join(file.notes, "\n"), Contains("\"drop (uW)\" less \"through (uW)\""));
  lab.settings.polarity = "drop-thru";
  matches(lab.curves(text("mW", 2)), 1);
  lab.settings.polarity = "thru-drop";
  const io::CurvesFile turned = lab.curves(text("mW", 2));
  matches(turned, -1);
  CHECK_THAT(join(turned.notes, "\n"), Contains("through port less the drop port"));
}

TEST_CASE("statements about columns and units that cannot be are refused or told") {
  Importer lab;
  const std::string text = two_rings("element,control (mA),response", same, same);
  lab.settings.columns = "sigma=-";
  CHECK_THAT(lab.refusal(text),
             Contains("--columns sigma=-: acts on nothing here; no column would be the sigma"));
  lab.settings.columns.clear();
  const auto positive = [](double weight) { return 0.5 + 0.47 * weight; };
  const std::string linear = two_rings("element,control (mA),response", same, positive);
  lab.settings.units = "response=dBm";
  lab.context.warnings.clear();
  lab.curves(linear);
  CHECK_THAT(join(lab.context.warnings, "\n"),
             Contains("is in dBm and spans 0.85 dB alone") && Contains("--unit response=1"));
  const auto real = [&](double weight) { return 10 * std::log10(1e-2 * positive(weight)); };
  lab.context.warnings.clear();
  lab.curves(two_rings("element,control (mA),response", same, real));
  CHECK_THAT(join(lab.context.warnings, "\n"), !Contains("spans"));
}

TEST_CASE("responses that look like no weights are scaled or told, and a few wrong readings refuse none") {
  Importer lab;
  const std::string header = "element,control (mA),";
  const auto warned = [&](const std::string& sentence) {
    return std::any_of(lab.context.warnings.begin(), lab.context.warnings.end(),
                       [&](const std::string& w) { return w.find(sentence) != std::string::npos; });
  };
  const auto lost = [](double weight) { return 10 * std::log10(0.03 * (1.001 + weight) / 2); };
  const std::vector<double> drop =
      lab.curves(two_rings(header + "transmission (dB)", same, lost)).curves.chips[0].response.data;
  CHECK(*std::max_element(drop.begin(), drop.end()) == Approx(0.996).epsilon(0.01));
  CHECK(warned("has one sign"));
  lab.context.warnings.clear();
  lab.curves(two_rings(header + "weight", same, [](double weight) { return 0.1 * weight; }));
  CHECK(warned("reaches 0.09"));
  lab.context.warnings.clear();
  std::string three = two_rings(header + "photocurrent (uA)", same, [](double w) { return 40 * w; });
  for (int k = 0; k < 40; ++k)
    three += "c," + format_number(5.2 * k / 39) + "," +
             format_number(k == 7 ? 400 : 40 * weight_at(5.2 * k / 39)) + "\n";
  lab.curves(three);
  CHECK(warned("times as much at element c"));
  lab.context.warnings.clear();
  int reading = 0;
  lab.curves(two_rings(header + "weight", same, [&](double w) { return ++reading == 9 ? 2.5 : w; }));
  CHECK(warned("reaches 2.5"));
  lab.context.warnings.clear();
  lab.curves(two_rings(header + "weight", same, same));
  CHECK(lab.context.warnings.empty());
}

TEST_CASE("curves without a temperature say which they are taken for, and options about it are refused") {
  Importer lab;
  const io::CurvesFile file = lab.curves(two_rings("element,control (mA),weight", same, same));
  CHECK_THAT(join(file.notes, "\n"), Contains("all curves are taken as of 22 °C"));
  lab.settings.units = "temperature=K";
  CHECK_THAT(lab.refusal(two_rings("element,control (mA),weight", same, same)),
             Contains("--unit temperature=K: no column is the temperature"));
  lab.settings.units.clear();
  lab.context.wanted = {"temperature-tolerance"};
  CHECK_THAT(lab.refusal(two_rings("element,control (mA),weight", same, same)),
             Contains("--temperature-tolerance 0.05: acts on nothing here"));
}

TEST_CASE("the sign of curves that the process does not have is told") {
  Importer lab;
  const auto negative = [](double weight) { return -weight; };
  const std::string text = two_rings("element,control (mA),weight", same, negative);
  CHECK_THAT(join(lab.curves(text).notes, "\n"), Contains("mrr.polarity was changed"));
  lab.settings.polarity = "thru-drop";
  CHECK_THAT(join(lab.curves(text).notes, "\n"), !Contains("mrr.polarity"));
}

TEST_CASE("which rings are bad does not depend on the unit of the response") {
  Importer lab;
  const auto saw = [](double ma) { return std::abs(std::fmod(ma, 1.0) - 0.5) * 4 - 1; };
  std::string text = "element,control (mA),response\n", amperes = "element,control (mA),response (A)\n";
  for (int k = 0; k < 40; ++k) {
    const double current = 5.2 * k / 39;
    const std::string begin = "a," + format_number(current) + ",";
    text += begin + format_number(saw(current)) + "\n";
    amperes += begin + format_number(1e-4 * saw(current)) + "\n";
  }
  lab.settings.polarity = "drop-thru";
  for (const std::string& table : {text, amperes}) {
    const model::Model model = fitted(lab.curves(table), {});
    CHECK_THAT(model.chips.at(0).remarks.at(0), Contains("rms"));
  }
}

TEST_CASE("a noisy ring is not called another shape, and neither is a saw called noise") {
  Importer lab;
  lab.settings.polarity = "drop-thru";
  const auto remark = [&](const std::function<double(int, double)>& response) {
    std::string text = "element,control (mA),response\n";
    for (int k = 0; k < 60; ++k)
      text += "a," + format_number(5.2 * k / 59) + "," + format_number(response(k, 5.2 * k / 59)) + "\n";
    return fitted(lab.curves(text), {}).chips.at(0).remarks.at(0);
  };
  const auto noise = [](int k) { return normal({3, Purpose::test, 9, 0, 7}, std::uint32_t(k)); };
  CHECK_THAT(remark([&](int k, double ma) { return weight_at(ma) + 0.08 * noise(k); }),
             Contains("as much as neighbouring readings scatter"));
  CHECK_THAT(remark([](int, double ma) { return std::abs(std::fmod(ma, 1.0) - 0.5) * 4 - 1; }),
             !Contains("scatter") && Contains("dips in the range"));
}

TEST_CASE("elements of a network are found by name, and those that are missing, unknown or double are told") {
  Importer lab;  // 6 inputs and 3 outputs: 18 rings of a chip of 16x8
  const auto table = [](const std::function<std::string(int, int)>& name) {
    std::string text = "element,control (mA),response\n";
    for (int row = 0; row < 3; ++row) {
      for (int col = 0; col < 6; ++col) {
        const std::string element = name(row, col);
        if (element.empty()) continue;
        for (int k = 0; k < 30; ++k) {
          const double current = 5.2 * k / 29;
          text += element + "," + format_number(current) + "," +
                  format_number(weight_at(current, 4.05 + 0.02 * row + 0.01 * col)) + "\n";
        }
      }
    }
    return text;
  };
  const auto own = [](int row, int col) {
    return "row " + std::to_string(row) + " col " + std::to_string(col);
  };
  CHECK(lab.curves(table(own), true).curves.chips.at(0).elements.size() == 128);
  const std::string missing =
      table([&](int row, int col) { return row == 1 && col > 3 ? std::string() : own(row, col); });
  CHECK_THAT(
      lab.refusal(missing, true),
      Contains("2 of the 18 elements that the network needs have no curve (row 1 col 4, row 1 col 5)") &&
          Contains("--missing design"));
  const std::string foreign = table([&](int row, int col) { return "r" + std::to_string(6 * row + col); });
  CHECK_THAT(lab.refusal(foreign, true), Contains("18 of 18 measured elements are none of the network") &&
                                             Contains("--element-map") && Contains("--repeat-elements"));
  const std::string doubled =
      table([&](int row, int col) { return row == 2 && col == 5 ? std::string("R1C1") : own(row, col); });
  CHECK_THAT(lab.refusal(doubled, true), Contains("R1C1 and row 1 col 1 are both row 1 col 1"));

  lab.settings.placement.missing = study::Missing::mean;
  const io::CurvesFile some = lab.curves(missing, true);
  REQUIRE(lab.context.warnings.size() == 1);
  CHECK_THAT(lab.context.warnings.back(), Contains("2 of the 18") && Contains("--missing mean"));
  CHECK_THAT(test::message_of<InputError>([&] { fitted(some, lab.chain.net); }), Contains("--missing mean"));
  Progress quiet;
  for (const study::Missing take : {study::Missing::mean, study::Missing::design}) {
    study::FitSettings settings;
    settings.kind = "airy";
    settings.placement.missing = take;
    const model::Model model = study::fit(some.curves, some.process, lab.chain.net.plans(), settings, quiet);
    const model::ChipModel& chip = model.chips.at(0);
    const std::size_t count = chip.parameters.size(), element = 8 + 4;
    const double delta = chip.values.data[element * count];
    CHECK_THAT(chip.remarks.at(element), Contains("it has no curve"));
    if (take == study::Missing::mean) {
      double sum = 0;
      for (std::size_t k = 0; k < 18; ++k)
        if (k != 10 && k != 11) sum += chip.values.data[(k / 6 * 8 + k % 6) * count];
      CHECK(delta == Approx(sum / 16));
      CHECK(chip.covariance.data[element * count * count] > 0);
    } else {
      CHECK(delta == Approx(0.575));
    }
  }

  lab.settings.placement.missing = study::Missing::refuse;
  std::string map = "element,layer,row,col,channel\n";
  for (int k = 0; k < 18; ++k)
    map += "r" + std::to_string(k) + ",mrr1," + std::to_string(k / 6) + "," + std::to_string(k % 6) + ",ch" +
           std::to_string(40 - k) + "\n";
  lab.chain.folder.write("map.csv", map);
  lab.settings.element_map = lab.chain.folder / "map.csv";
  const std::vector<double> expected = lab.curves(table(own), true).curves.chips[0].response.data;
  const std::vector<double> mapped = lab.curves(foreign, true).curves.chips[0].response.data;
  for (std::size_t k = 0; k < expected.size(); ++k)
    CHECK((mapped[k] == expected[k] || (std::isnan(mapped[k]) && std::isnan(expected[k]))));
  const std::string channels =
      table([&](int row, int col) { return "ch" + std::to_string(40 - 6 * row - col); });
  CHECK(lab.curves(channels, true).curves.chips[0].response.data[3] == expected[3]);

  lab.settings.element_map.clear();
  lab.settings.placement.repeat = true;
  CHECK(lab.curves(foreign, true).curves.chips.at(0).key == "import");
  CHECK_THAT(lab.context.warnings.back(), Contains("18 measured elements stand in turn"));
  CHECK_THAT(lab.refusal(foreign), Contains("--repeat-elements: is for imported curves and a network"));
}

TEST_CASE(
    "names that any laboratory would understand are those of the network, and what they were taken for is "
    "told") {
  Importer lab;
  const auto table = [](const std::function<std::string(int, int)>& name) {
    std::string text = "element;control (mA);response\n";
    for (int row = 0; row < 3; ++row)
      for (int col = 0; col < 6; ++col)
        for (int k = 0; k < 12; ++k)
          text += name(row, col) + ";" + format_number(5.2 * k / 11) + ";" +
                  format_number(weight_at(5.2 * k / 11, 4.05 + 0.02 * row + 0.01 * col)) + "\n";
    return text;
  };
  const auto form = [&](std::string text) {
    return table([text](int row, int col) {
      std::string name = text;
      name.replace(name.find('#'), 1, std::to_string(row));
      return name.replace(name.find('@'), 1, std::to_string(col));
    });
  };
  const std::vector<double> expected = lab.curves(form("row # col @"), true).curves.chips.at(0).response.data;
  const auto same_as_expected = [&](const std::vector<double>& data) {
    return std::equal(data.begin(), data.end(), expected.begin(), expected.end(),
                      [](double l, double r) { return l == r || (std::isnan(l) && std::isnan(r)); });
  };
  const auto understood = [&](const std::string& name, const std::string& told) {
    INFO(name);
    lab.context.warnings.clear();
    CHECK(same_as_expected(lab.curves(form(name), true).curves.chips.at(0).response.data));
    const std::string warnings = join(lab.context.warnings, "\n");
    if (told.empty()) CHECK(warnings.find("was taken as") == std::string::npos);
    if (!told.empty()) CHECK_THAT(warnings, Contains("\"" + told + "\" was taken as row 0 col 0"));
  };
  for (const char* plain : {"r#c@", "mrr1 r#c@", "Row #, Column @"}) understood(plain, "");
  understood("ring_r#_c@", "ring_r0_c0");
  understood("ring_#_@", "ring_0_0");
  understood("(#,@)", "(0,0)");
  understood("#,@", "0,0");
  understood("mrr1[#,@]", "mrr1[0,0]");
  understood("mrr1 ring #/@", "mrr1 ring 0/0");
  // words among the numbers say what they count, and no other order of row and column is guessed
  for (const char* strange : {"x@ y#", "c@ r#", "ring#.@ of 9", "w# s@", "@"}) {
    INFO(strange);
    const std::string text = strange == std::string("@")
                                 ? table([](int row, int col) { return std::to_string(6 * row + col); })
                                 : form(strange);
    CHECK_THAT(lab.refusal(text, true), Contains("18 of 18 measured elements are none of the network"));
  }

  // shifters of a mesh by the first letter of their phase
  const network::Resolved mesh = network::resolve({"4", {"mzi:modes=4"}}, {});
  std::string fringes = "element;heater voltage (V);response\n";
  for (const std::string& name : mesh.plans().front()->element_names()) {
    std::string brief = name;  // "theta col 0 modes 0-1", "psi mode 3"
    for (const auto& [word, letter] :
         {std::pair{"theta col ", "T_"}, {"phi col ", "Ph_"}, {"psi mode ", "Psi_"}, {" modes ", "_"}})
      if (const std::size_t at = brief.find(word); at != std::string::npos)
        brief.replace(at, std::string(word).size(), letter);
    for (int k = 0; k < 12; ++k)
      fringes +=
          brief + ";" + format_number(0.27 * k) + ";" + format_number(0.5 + 0.4 * std::cos(0.5 * k)) + "\n";
  }
  lab.chain.folder.write("t.csv", fringes);
  lab.settings.platform = "mzi";
  lab.context.warnings.clear();
  lab.settings.tables = {lab.chain.folder / "t.csv"};
  io::CurvesFile file;
  file.network = mesh.spec;
  CHECK(app::import_curves(lab.settings, file, lab.context).curves.chips.at(0).elements.size() ==
        mesh.plans().front()->element_names().size());
  CHECK_THAT(join(lab.context.warnings, "\n"), Contains("\"Ph_0_0-1\" was taken as phi col 0 modes 0-1"));

  // on two chips the layer has to be said
  file.network = network::resolve({"4", {"mzi:modes=4", "relu", "mzi:modes=4"}}, {}).spec;
  CHECK_THAT(test::message_of<InputError>([&] { app::import_curves(lab.settings, file, lab.context); }),
             Contains("put the layer before the name"));
}

TEST_CASE("readings of the temperature at every point are sweeps at their means") {
  Importer lab;
  std::string text = "element,control (mA),response,Temperature (degC)\n";
  for (const double temperature : {21.0, 23.0})
    for (int k = 0; k < 40; ++k)
      text += "a," + format_number(5.2 * k / 39) + "," + format_number(weight_at(5.2 * k / 39)) + "," +
              format_number(temperature + 0.01 * (k % 4)) + "\n";
  const model::ChipCurves chip = lab.curves(text).curves.chips.at(0);
  REQUIRE(chip.temperature_c.size() == 2);
  CHECK(chip.temperature_c[0] == Approx(21.015));
  CHECK(chip.response.dim(3) == 40);
}

TEST_CASE("fringes of two meshes come through a table to the shifters and ways of the network") {
  Importer lab;
  const network::Resolved net = network::resolve({"4", {"mzi:modes=4", "relu", "mzi:modes=4"}}, {});
  const std::string chips = lab.chain.folder / "meshes.h5";
  io::write_device(chips, {net.spec, device::fabricate(net.plans(), {}, 1, 7)}, {});
  study::CharacterizeSettings sweeps;
  sweeps.points = 21;
  const app::DeviceSource source(chips, {}, "device", {}, {}, lab.context);
  app::UnfinishedFile unfinished({}, "", lab.context);
  const io::CurvesFile measured = app::measure({source, {0}, sweeps, ""}, unfinished, lab.context);
  const model::Model expected = fitted(measured, net, "fringe");
  std::vector<std::string> rows;
  for (const model::ChipCurves& chip : measured.curves.chips) {
    const std::size_t points = chip.response.dim(3);
    for (std::size_t k = 0; k < chip.response.size(); ++k) {
      if (!std::isfinite(chip.response.data[k])) continue;
      std::string name = chip.elements[k / points];
      if (const std::size_t at = name.find("theta"); at != std::string::npos) name.replace(at, 5, "\xce\xb8");
      rows.push_back(chip.layers.front() + "," + name + "," + format_number(0.5 * chip.control.data[k]) +
                     "," + format_number(chip.response.data[k]) + "," + format_number(chip.sigma.data[k]) +
                     "," + format_number(chip.temperature_c[0] + 273.15));
    }
  }
  std::string text = "layer,phase shifter,heater voltage (V),output power,std,temperature (K)\n";
  for (std::size_t k = 0; k < rows.size(); ++k)
    text += rows[k * 1009 % rows.size()] + "\n";  // 1009 is a prime
  lab.chain.folder.write("t.csv", text);
  lab.settings.tables = {lab.chain.folder / "t.csv"};
  lab.settings.platform = "mzi";
  io::CurvesFile file;
  file.network = net.spec;
  const model::Model model =
      fitted(app::import_curves(lab.settings, std::move(file), lab.context), net, "fringe");
  REQUIRE(model.chips.size() == expected.chips.size());
  for (std::size_t chip = 0; chip < model.chips.size(); ++chip) {
    CHECK(model.chips[chip].key == expected.chips[chip].key);
    CHECK(model.chips[chip].remarks == expected.chips[chip].remarks);
    // readings of the temperature 0.01 K apart are one sweep, which is 1e-4 rad of phase
    const model::ChipModel &got = model.chips[chip], &want = expected.chips[chip];
    const std::size_t count = got.parameters.size();
    for (std::size_t k = 0; k < got.values.size(); ++k) {
      const double variance = want.covariance.data[(k / count * count + k % count) * count + k % count];
      CHECK(got.values.data[k] == Approx(want.values.data[k]).margin(1e-6 + 0.1 * std::sqrt(variance)));
    }
  }
}
