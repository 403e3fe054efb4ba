// From spectra to a network that is trained on them.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pnn/io/records.hpp"
#include "pnn/io/spectrum_files.hpp"
#include "pnn/io/table.hpp"
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using test::Shell;

namespace {

const std::string swept = std::string(PNN_SOURCE_DIR) + "/data/spectra";
const std::string measured = std::string(PNN_SOURCE_DIR) + "/../shared/data/spectra/";

double value_of(const platform::ChipModel& chip, const std::string& parameter, std::size_t element = 0) {
  const auto at = std::find(chip.parameters.begin(), chip.parameters.end(), parameter);
  REQUIRE(at != chip.parameters.end());
  return chip.values.data[element * chip.parameters.size() + std::size_t(at - chip.parameters.begin())];
}

/// The mean distance of the two highest peaks of the drop port near 1550 nm, by the highest reading within
/// each 5 nm alone.
double plain_fsr(const std::vector<double>& wavelength, const std::vector<double>& power, double guess_nm) {
  const auto highest = [&](double low, double high) {
    std::size_t best = 0;
    double most = -1e9;
    for (std::size_t k = 0; k < wavelength.size(); ++k)
      if (wavelength[k] > low && wavelength[k] < high && power[k] > most) most = power[k], best = k;
    return wavelength[best];
  };
  const double first = highest(1535, 1535 + guess_nm),
               second = highest(first + guess_nm / 2, first + 1.5 * guess_nm);
  return second - first;
}

}  // namespace

TEST_CASE("from spectra to a model, a training and currents, by the names of the rings") {
  Shell s;
  REQUIRE(s.run("pnn-characterize --import-spectra " + swept + " -o spectra.h5") == 0);
  CHECK_THAT(s.err(), !Contains("found by their shape"));  // the channels have the names of ports
  REQUIRE(s.run("pnn-fit spectra.h5 --model spectrum --inputs 2 --layer mrr:out=2 -o model.h5") == 0);
  CHECK_THAT(s.out(), Contains("assumed") && Contains("mrr.kappa"));
  const auto model = io::read_model(s.path("model.h5")).value.model;
  const platform::ChipModel& chip = model.chips.at(0);
  // what the sweeps were made of, by row and column
  const double eta[] = {0.06064, 0.06229, 0.06232, 0.06405}, r1[] = {0.95500, 0.95247, 0.95956, 0.96077};
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t col = 0; col < 2; ++col) {
      const std::size_t element = row * 8 + col;
      REQUIRE(chip.elements[element] == "row " + std::to_string(row) + " col " + std::to_string(col));
      CHECK(value_of(chip, "eta_nm_per_mw", element) == Approx(eta[row * 2 + col]).epsilon(1e-3));
      CHECK(value_of(chip, "r1", element) == Approx(r1[row * 2 + col]).margin(1.5e-3));
      CHECK(value_of(chip, "resistance_ohm", element) == Approx(500).epsilon(0.03));
      CHECK(chip.measured.data[2 * element + 1] < 4.5);
    }
  }
  s.write("d.csv",
          "a,b,class\n0,1,x\n1,0,y\n0.1,0.9,x\n0.9,0.1,y\n0.2,1,x\n1,0.2,y\n0,0.8,x\n0.8,0,y\n0.1,1,x\n1,0.1,"
          "y\n");
  REQUIRE(s.run("pnn-data csv d.csv --label-column class -q -o d.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --data d.h5 --epochs 5 --batch 2 -q -o p.h5") == 0);
  for (const train::Tensor& t : io::read_params(s.path("p.h5")).value.controls)
    for (const float control : t.values.data) CHECK(control <= 4.5F);
  REQUIRE(s.run("pnn-export p.h5 -o currents.csv") == 0);
  REQUIRE(s.run("pnn-info spectra.h5") == 0);
  CHECK_THAT(s.out(), Contains("spectra: 16 sweeps, 1540 to 1562 nm"));
  CHECK(s.run("pnn-fit spectra.h5 --model airy -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("--model airy: is not fitted to spectra; take spectrum"));
  CHECK(s.run("pnn-fit spectra.h5 --model spectrum --inputs 3 --layer mrr:out=2 -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("2 of the 6 elements that the network needs have no curve"));
}

TEST_CASE("the order of files and their names do not matter to a model") {
  Shell s;
  REQUIRE(s.run("pnn-characterize --import-spectra " + swept + " -q -o a.h5") == 0);
  std::string reversed = "pnn-characterize -q -o b.h5";
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(swept)) files.push_back(entry.path().string());
  std::sort(files.rbegin(), files.rend());
  for (const std::string& file : files) reversed += " --import-spectra " + file;
  REQUIRE(s.run(reversed) == 0);
  for (const char* name : {"a", "b"})
    REQUIRE(s.run(std::string("pnn-fit ") + name + ".h5 --model spectrum -q -o m" + name + ".h5") == 0);
  const auto one = io::read_model(s.path("ma.h5")).value.model,
             other = io::read_model(s.path("mb.h5")).value.model;
  CHECK(one.chips[0].values.data == other.chips[0].values.data);
  CHECK(one.chips[0].elements == other.chips[0].elements);
}

TEST_CASE("sweeps go out as a table of every reading, with what they were taken at") {
  Shell s;
  REQUIRE(s.run("pnn-characterize --import-spectra " + swept +
                " -q -o a.h5 && pnn-export a.h5 -q -o a.csv") == 0);
  const auto spectra = io::read_curves(s.path("a.h5")).value.spectra;
  const io::Table table = io::read_table(s.path("a.csv"));
  CHECK(table.header == std::vector<std::string>{"sweep", "bus", "current (mA)", "voltage (V)",
                                                 "temperature (degC)", "port", "wavelength (nm)",
                                                 "power (dB)"});
  std::size_t row = 0;
  for (std::size_t k = 0; k < spectra.size(); ++k)
    for (const model::PortTrace& trace : spectra[k].ports)
      for (std::size_t i = 0; i < trace.power.size(); ++i, ++row) {
        REQUIRE(table.value(table.column("sweep"), row) == double(k));
        REQUIRE(table.cell(table.column("bus"), row) == spectra[k].bus);
        REQUIRE(table.cell(table.column("port"), row) == word_of(trace.port));
        REQUIRE(table.value(table.column("current (mA)"), row) == spectra[k].current_ma);
        REQUIRE(table.value(table.column("wavelength (nm)"), row) == spectra[k].wavelength_nm[i]);
        REQUIRE(table.value(table.column("power (dB)"), row) == trace.power[i]);
      }
  CHECK(row == table.rows());
  const std::string script = std::string(PNN_SOURCE_DIR) + "/scripts/pnn_read.py";
  if (s.run("/usr/bin/python3 -c 'import h5py'") != 0) return;
  REQUIRE(s.run("/usr/bin/python3 " + script + " a.h5 >read.csv") == 0);
  const io::Table read = io::read_table(s.path("read.csv"));
  REQUIRE(read.rows() == table.rows());
  for (const std::string& name : table.header) {
    const std::size_t here = table.column(name), there = read.column(name);
    for (std::size_t k = 0; k < table.rows(); k += 997)
      CHECK((table.numeric(here) ? read.value(there, k) == table.value(here, k)
                                 : read.cell(there, k) == table.cell(here, k)));
  }
}

TEST_CASE("files that are no sweeps, and settings that name what is not there, are refused") {
  Shell s;
  s.write("short.csv", "wavelength (nm),power (dBm)\n1550,-3\n1551,-3\n");
  CHECK(s.run("pnn-characterize --import-spectra short.csv -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("expected 50 wavelengths or more"));
  std::string table = "wavelength (nm),power (dBm)\n";
  for (int k = 0; k < 300; ++k) {
    const double u = (k - 150) / 6.0;
    table += std::to_string(1545 + 0.02 * k) + "," + std::to_string(10 * std::log10(1 - 0.95 / (1 + u * u))) +
             "\n";
  }
  s.write("one.csv", table);
  CHECK(s.run("pnn-characterize --import-spectra one.csv --channels drop=channel -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("has no channel \"channel\""));
  CHECK(s.run("pnn-characterize --import-spectra one.csv --condition two=power:1 -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("no file or channel is called \"two\""));
  CHECK(s.run("pnn-characterize --import-spectra one.csv --condition one=power:1mA -o x.h5") == 2);
  CHECK(s.run("pnn-characterize --import-spectra one.csv --import one.csv -o x.h5") == 2);
  CHECK(s.run("pnn-characterize --bus b --import one.csv -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("no spectra are imported"));
  REQUIRE(s.run("pnn-characterize --import-spectra one.csv --bus b --condition one=power:3mW -o x.h5") == 0);
  CHECK_THAT(s.err(), Contains("through=power"));
  REQUIRE(s.run("pnn-fit x.h5 --model spectrum -o m.h5") == 0);
  CHECK_THAT(s.out(), Contains("one resonance alone"));
  CHECK(s.run("pnn-fit x.h5 --model spectrum --predicted y.h5 -o m.h5") == 2);
  for (const char* option : {"--missing mean", "--repeat-elements", "--element-map map.csv"}) {
    s.write("map.csv", "element,row,col\nb,0,0\n");
    CHECK(s.run(std::string("pnn-fit x.h5 --model spectrum -o m.h5 ") + option) == 2);
    CHECK_THAT(s.err(), Contains("acts on nothing here; name the network"));
  }
}

TEST_CASE("two sweeps in one file are not taken for ports, nor a balanced detector for one port") {
  Shell s;
  std::string table = "Wavelength (nm),Start,End\n", dips = "Wavelength (nm),a,b\n";
  for (int k = 0; k < 480; ++k) {
    const auto light = [&](double place) { return 1 - 1.9 / (1 + std::pow((k - place) / 30, 2)); };
    table += std::to_string(1537 + 0.05 * k) + "," + std::to_string(light(120)) + "," +
             std::to_string(light(360)) + "\n";
    dips += std::to_string(1537 + 0.05 * k) + "," + std::to_string((1.9 + light(120)) / 2.9) + "," +
            std::to_string((1.9 + light(200)) / 2.9) + "\n";
  }
  s.write("two.csv", table);
  s.write("dips.csv", dips);
  for (const char* name : {"two.csv", "dips.csv"}) {
    CHECK(s.run(std::string("pnn-characterize --import-spectra ") + name + " -o x.h5") == 2);
    CHECK_THAT(s.err(), Contains("all look as light that stays on a bus") && Contains("--condition"));
  }
  CHECK(s.run("pnn-characterize --import-spectra two.csv --channels through=Start -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("is no through port") && Contains("--channels through-drop=Start"));
  REQUIRE(s.run("pnn-characterize --import-spectra two.csv --channels through-drop=Start -o x.h5") == 0);
  REQUIRE(s.run("pnn-characterize --import-spectra two.csv --condition Start=power:0mW --condition "
                "End=power:20mW -o y.h5") == 0);
  const auto spectra = io::read_curves(s.path("y.h5")).value.spectra;
  REQUIRE(spectra.size() == 2);
  for (const model::Spectrum& one : spectra) {
    CHECK(one.wavelength_nm.size() == 480);
    CHECK(one.ports.at(0).port == model::BusPort::through_drop);
  }
}

TEST_CASE("measured rings: the free spectral range of a plain peak search, and a fit within 1 dB") {
  if (!std::filesystem::exists(measured)) return;
  Shell s;
  struct Case {
    const char* file;
    double fsr_nm;
  };
  for (const Case& one : {Case{"RingDoubleTEr10g80.mat", 9.1}, Case{"RingDoubleTEr5g70.mat", 18.2},
                          Case{"RingDoubleTEr5g80.mat", 18.2}, Case{"RingDoubleTEr5g80_rows.csv", 18.2}}) {
    INFO(one.file);
    std::remove(s.path("s.h5").c_str());
    std::remove(s.path("m.h5").c_str());
    REQUIRE(s.run("pnn-characterize --import-spectra " + measured + one.file + " -o s.h5") == 0);
    CHECK_THAT(s.err(), Contains("through=channel_2, drop=channel_1"));
    CHECK_THAT(s.err(),
               Contains("channel_3, channel_4 were taken for scattered light or a detector's floor"));
    REQUIRE(s.run("pnn-fit s.h5 --model spectrum -o m.h5") == 0);
    const auto model = io::read_model(s.path("m.h5")).value.model;
    const platform::ChipModel& chip = model.chips.at(0);
    const io::SpectrumFile file = io::read_spectrum_file(measured + one.file);
    const auto drop = std::find_if(file.channels.begin(), file.channels.end(),
                                   [](const io::SpectrumChannel& c) { return c.name == "channel_1"; });
    REQUIRE(drop != file.channels.end());
    // a distance of two peaks is the range between them, and it grows with the square of the wavelength
    const double plain = plain_fsr(file.wavelength_nm, drop->values, one.fsr_nm);
    const double at = value_of(chip, "resonance_nm"), fsr = value_of(chip, "fsr_nm");
    const double between = fsr * std::pow((at + plain / 2) / at, 2);
    CHECK(between == Approx(plain).epsilon(0.005));
    CHECK(fsr == Approx(one.fsr_nm).epsilon(0.02));
    CHECK(chip.rms_residual.data[0] <= 1);
    CHECK(value_of(chip, "a") <= 1);
  }
}

TEST_CASE("currents in the lines before a sweep have the unit that they say, and two heaters are refused") {
  Shell s;
  std::string rows = "wavelength (nm),through (dBm)\n";
  for (int k = 0; k < 300; ++k) {
    const double u = (k - 150) / 6.0;
    rows += std::to_string(1545 + 0.02 * k) + "," + std::to_string(10 * std::log10(1 - 0.95 / (1 + u * u))) +
            "\n";
  }
  const auto current = [&](const std::string& lines) {
    s.write("one.csv", lines + rows);
    std::remove(s.path("x.h5").c_str());
    REQUIRE(s.run("pnn-characterize --import-spectra one.csv -q -o x.h5") == 0);
    return io::read_curves(s.path("x.h5")).value.spectra.at(0).current_ma;
  };
  CHECK(current("Current Ch 1: 0.002\n") == Approx(2));
  CHECK(current("Current Ch 1: 2 mA\n") == Approx(2));
  CHECK(current("Current Ch 1 (mA): 2\n") == Approx(2));
  CHECK(current("Current Ch 1: 0\nCurrent Ch 2: 0.003\n") == Approx(3));
  s.write("one.csv", "Current Ch 1: 0.001\nCurrent Ch 2: 0.003\n" + rows);
  CHECK(s.run("pnn-characterize --import-spectra one.csv -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("are of two heaters"));
  s.write("one.csv", "Current Ch 1: 2 V\n" + rows);
  CHECK(s.run("pnn-characterize --import-spectra one.csv -o y.h5") == 2);
}

TEST_CASE("a device's lasers give spectra that train like curves, the same through a driver and resumed") {
  Shell s;
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=3 -q -o chip.h5") == 0);
  REQUIRE(s.run("pnn-characterize chip.h5 --spectra --first-laser 1310 -o s.h5") == 0);
  REQUIRE(s.run("pnn-characterize 'exec:pnn-device chip.h5' --spectra --first-laser 1310 -q -o d.h5") == 0);
  const auto spectra = io::read_curves(s.path("s.h5")).value.spectra,
             driven = io::read_curves(s.path("d.h5")).value.spectra;
  REQUIRE(spectra.size() == 3 * (1 + 4 * 5));
  CHECK(spectra[0].bus == "row 0");
  CHECK(spectra[0].laser_nm == std::vector<double>{1310, 1311.2, 1312.4, 1313.6});
  CHECK(spectra[1].heater == "row 0 col 0");
  for (std::size_t k = 0; k < spectra.size(); ++k)
    CHECK(spectra[k].ports.at(0).power == driven[k].ports.at(0).power);
  REQUIRE(s.run("pnn-fit s.h5 --model spectrum -o m.h5") == 0);
  CHECK_THAT(s.out(), !Contains("mrr.delta") && Contains("mrr.a (1), for no through port"));
  CHECK_THAT(s.err(), Contains("at 1 ring's distance"));
  const auto model = io::read_model(s.path("m.h5")).value.model;
  CHECK(model.chips.at(0).elements.size() == 128);
  CHECK(model.chips.at(0).measured.data[1] == Approx(5.2));
  CHECK(s.run("pnn-characterize chip.h5 --spectra --crosstalk -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("lasers are swept"));
  CHECK(s.run("pnn-characterize chip.h5 --spectra --all -o x.h5") == 2);
  CHECK(s.run("pnn-characterize chip.h5 --laser-step 0.02 -o x.h5") == 2);
  CHECK(s.run("pnn-characterize --import-spectra x.csv --spectra -o x.h5") == 2);
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mzi:modes=4,keep=2 -q -o mesh.h5") == 0);
  CHECK(s.run("pnn-characterize mesh.h5 --spectra -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("no layer whose lasers could be swept"));
}

TEST_CASE("lasers that are stated tell how far each stands beyond its cold resonance") {
  Shell s;
  const auto delta = [&](const std::string& lasers) {
    std::remove(s.path("s.h5").c_str()), std::remove(s.path("m.h5").c_str());
    REQUIRE(s.run("pnn-characterize --import-spectra " + swept + lasers + " -q -o s.h5") == 0);
    REQUIRE(s.run("pnn-fit s.h5 --model spectrum -q -o m.h5") == 0);
    const auto model = io::read_model(s.path("m.h5")).value.model;
    return value_of(model.chips.at(0), "delta_nm");
  };
  CHECK(delta(" --lasers 1550.5") - delta(" --lasers 1550.25") == Approx(0.25));
  CHECK(s.run("pnn-characterize --import-spectra " + swept + " --lasers 1551,1550 -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("expected rising wavelengths"));
  REQUIRE(s.run("pnn-characterize --import-spectra " + swept + " --lasers 1550,1551 -q -o two.h5") == 0);
  REQUIRE(s.run("pnn-fit two.h5 --model spectrum -q -o n.h5") == 0);
  CHECK_THAT(s.err(), Contains("2 lasers, and 1 rings in its sweeps"));
}

TEST_CASE("losses, several units, frequencies and arrays are the light that they stand for") {
  Shell s;
  std::string table = "wavelength (nm),through (dBm),drop (dBm)\n",
              mixed = "wavelength (nm),through (dBm),drop (mW)\n",
              loss = "wavelength (nm),through insertion loss (dB)\n",
              waves = "frequency (THz),through (dBm),drop (dBm)\n";
  for (int k = 0; k < 1500; ++k) {
    const double wavelength = 1535 + 0.02 * k, sine = std::sin(M_PI * (wavelength - 1550) / 10),
                 peak = 1 / (1 + sine * sine / 0.0022), through = 10 * std::log10(1 - 0.98 * peak) - 14,
                 drop = 10 * std::log10(0.9 * peak) - 14;
    const std::string at = std::to_string(wavelength) + ",";
    table += at + std::to_string(through) + "," + std::to_string(drop) + "\n";
    mixed += at + std::to_string(through) + "," + std::to_string(1e6 * std::pow(10, drop / 10)) + "e-6\n";
    loss += at + std::to_string(-through) + "\n";
    waves += std::to_string(299792.458 / wavelength) + "," + std::to_string(through) + "," +
             std::to_string(drop) + "\n";
  }
  const auto model_of = [&](const std::string& name, const std::string& text, const std::string& told) {
    s.write(name + ".csv", text);
    REQUIRE(s.run("pnn-characterize --import-spectra " + name + ".csv -o " + name + ".h5") == 0);
    CHECK_THAT(s.err(), Contains(told));
    REQUIRE(s.run("pnn-fit " + name + ".h5 --model spectrum -q -o m" + name + ".h5") == 0);
    return io::read_model(s.path("m" + name + ".h5")).value.model.chips.at(0);
  };
  const platform::ChipModel plain = model_of("plain", table, "");
  for (const platform::ChipModel& other :
       {model_of("mixed", mixed, ""), model_of("waves", waves, "is a frequency, and became wavelengths")}) {
    CHECK(value_of(other, "fwhm_nm") == Approx(value_of(plain, "fwhm_nm")).epsilon(2e-3));
    CHECK(value_of(other, "r1") == Approx(value_of(plain, "r1")).margin(2e-4));
    CHECK(value_of(other, "fsr_nm") == Approx(value_of(plain, "fsr_nm")).epsilon(1e-4));
  }
  const platform::ChipModel lost = model_of("loss", loss, "is a loss: its sign was turned");
  CHECK(value_of(lost, "fwhm_nm") == Approx(value_of(plain, "fwhm_nm")).epsilon(5e-3));
  s.write("apart.csv", "wavelength (nm),through (dB),drop (mW)\n" + mixed.substr(mixed.find('\n') + 1));
  CHECK(s.run("pnn-characterize --import-spectra apart.csv -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("have no common scale"));
}

TEST_CASE("keys that are not used are told once for all files, and a trace without a ring has no resonance") {
  Shell s;
  std::string rows = "wavelength (nm),through (dBm)\n", flat = rows;
  for (int k = 0; k < 600; ++k) {
    const double u = (k - 150) / 6.0, noise = 0.05 * std::sin(12.9898 * k * k + 78.233 * k);
    rows += std::to_string(1545 + 0.02 * k) + "," + std::to_string(10 * std::log10(1 - 0.95 / (1 + u * u))) +
            "\n";
    flat += std::to_string(1545 + 0.02 * k) + "," + std::to_string(-14.5 + noise) + "\n";
  }
  for (const char* name : {"a.csv", "b.csv"}) s.write(name, "Wafer: 7\nComponent: r0\n" + rows);
  REQUIRE(s.run("pnn-characterize --import-spectra a.csv --import-spectra b.csv -o s.h5") == 0);
  CHECK_THAT(s.err(), Contains("a.csv: lines before the numbers say what is not used: wafer") &&
                          !Contains("b.csv") && !Contains("passed over"));
  s.write("flat.csv", flat);
  REQUIRE(s.run("pnn-characterize --import-spectra flat.csv -q -o f.h5") == 0);
  CHECK(s.run("pnn-fit f.h5 --model spectrum -o m.h5") == 2);
  CHECK_THAT(s.err(), Contains("no resonance in its sweep"));
}

TEST_CASE("currents and voltages among the spectra tell each heater's resistance") {
  Shell s;
  // heaters of 480 and 530 ohm that grow with current and temperature, noise of a millivolt
  const double ohm[] = {480, 530}, beta = 0.005, per_k = 0.6;
  const auto noise = [](int k) { return 0.001 * std::sin(12.9898 * k * k + 78.233 * k); };
  for (int h = 0; h < 2; ++h) {
    std::string text =
        "Component: row 0 col " + std::to_string(h) + "\nVoltage limit: 5 V\nU (V),I (uA),T (degC)\n";
    int place = 40 * h;
    for (const double t : {22.0, 27.0, 32.0})
      for (int k = 0; k <= 10; ++k) {
        const double i = 0.4 * k;
        text += std::to_string(1e-3 * i * (ohm[h] * (1 + beta * i * i) + per_k * (t - 22)) + noise(++place)) +
                "," + std::to_string(1e3 * i) + "," + std::to_string(t) + "\n";
      }
    s.write("heater" + std::to_string(h) + ".csv", text);
  }
  const std::string import = "pnn-characterize --import-spectra " + swept;
  REQUIRE(s.run(import + " --import-spectra heater0.csv --import-spectra heater1.csv -o s.h5") == 0);
  CHECK_THAT(s.err(), Contains("voltage limit"));
  REQUIRE(s.run("pnn-info s.h5") == 0);
  CHECK_THAT(s.out(), Contains("heater row 0 col 0: 33 currents and voltages, 0 to 4 mA, at 22 to 32 degC"));
  REQUIRE(s.run("pnn-fit s.h5 --model spectrum -q -o m.h5") == 0);
  const auto model = io::read_model(s.path("m.h5")).value.model;
  const platform::ChipModel& chip = model.chips.at(0);
  const auto sigma_of = [&](const char* name, std::size_t element) {
    const std::size_t count = chip.parameters.size();
    const auto at = std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), name) -
                                chip.parameters.begin());
    return std::sqrt(chip.covariance.data[(element * count + at) * count + at]);
  };
  for (std::size_t h = 0; h < 2; ++h) {
    REQUIRE(chip.elements[h] == "row 0 col " + std::to_string(h));
    for (const auto& [name, truth] : {std::pair("resistance_ohm", ohm[h]), std::pair("beta_per_ma2", beta),
                                      std::pair("resistance_ohm_per_k", per_k)}) {
      INFO(name);
      CHECK(sigma_of(name, h) > 0);
      CHECK(std::abs(value_of(chip, name, h) - truth) < 3 * sigma_of(name, h));
    }
  }
  CHECK(sigma_of("resistance_ohm_per_k", 2) == 0);  // the mean of the others, and told
  const std::string assumed = [&] {
    std::string all;
    for (const std::string& one : chip.assumed) all += one + "\n";
    return all;
  }();
  CHECK_THAT(assumed, Contains("resistance_ohm_per_k (ohm/K): of some rings"));
  CHECK_THAT(assumed, !Contains("mrr.resistance") && !Contains("mrr.beta"));
  REQUIRE(
      s.run("cp heater0.csv other.csv && sed -i 's/Component: row 0 col 0/Component: ring 9/' other.csv") ==
      0);
  REQUIRE(s.run(import + " --import-spectra other.csv -q -o o.h5") == 0);
  CHECK(s.run("pnn-fit o.h5 --model spectrum -q -o x.h5") == 2);
  CHECK_THAT(s.err(), Contains("no sweep is of the heaters of these currents and voltages: ring 9"));
  REQUIRE(s.run(import + " --import-spectra other.csv --condition 'other=bus:row 0 col 0' -q -o o.h5") == 0);
  CHECK(s.run("pnn-fit o.h5 --model spectrum -q -o x.h5") == 0);
  CHECK(s.run("pnn-characterize --import-spectra other.csv -q -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("currents and voltages of a heater alone"));
  s.write("bare.csv", "I,U\n0,0\n2,1\n4,2.1\n");
  CHECK(s.run(import + " --import-spectra bare.csv -q -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("ohm, which no heater has; say their units"));
  CHECK(s.run(import + " --import-spectra other.csv --condition other=power:2mW -q -o y.h5") == 2);
  CHECK_THAT(s.err(), Contains("has currents and voltages of its own"));
}
