// Measured curves of two micro-rings, where they are at hand (they are not part of this repository).
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "pnn/model/import.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/readings.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using namespace pnn::model;
using namespace pnn::study;
using namespace pnn::platforms::mrr;
using namespace pnn::platforms::mrr::lab;

namespace {

/// $PNN_SHARED_DATA, or ../shared/data beside the sources; nothing where the file is absent.
std::optional<Curves> measured_curves() {
  const char* folder = std::getenv("PNN_SHARED_DATA");
  const std::string path =
      (folder != nullptr ? std::string(folder) : std::string(PNN_SOURCE_DIR) + "/../shared/data") +
      "/mrr_tuning_curves_measured.csv";
  std::ifstream file(path);
  if (!file) {
    WARN("skipped: no " << path << "; set PNN_SHARED_DATA to the folder that holds the measured curves");
    return std::nullopt;
  }
  CurveTable table;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string element, control, response;
    std::getline(cells, element, ','), std::getline(cells, control, ','), std::getline(cells, response, ',');
    table.element.push_back(element);
    table.control.push_back(std::stod(control));
    table.response.push_back(std::stod(response));
  }
  return import_curves(table, {22}, path);
}

}  // namespace

TEST_CASE(
    "measured curves fit a Lorentzian in heater power as published, and the airy formula and a spline "
    "better") {
  const std::optional<Curves> curves = measured_curves();
  if (!curves) return;
  REQUIRE(detect_polarity(*curves) == platforms::mrr::Polarity::thru_drop);
  Progress progress;
  platforms::mrr::Process process;
  process.set(platforms::mrr::Polarity::thru_drop);
  FitSettings settings;
  std::map<std::string, std::vector<double>> rms;
  for (const std::string kind : {"lorentzian", "airy", "spline"}) {
    settings.kind = kind;
    const Model model = fit(*curves, process, {}, settings, progress);
    const ChipModel& chip = model.chips.at(0);
    REQUIRE(chip.elements == std::vector<std::string>{"03", "15"});
    rms[kind] = chip.rms_residual.data;
    for (std::size_t e = 0; e < 2; ++e) {
      UNSCOPED_INFO(kind << " " << chip.elements[e] << ": rms " << rms[kind][e] << " " << chip.remarks[e]);
      for (std::size_t k = 0; k < chip.parameters.size(); ++k)
        UNSCOPED_INFO(
            "  " << chip.parameters[k] << " " << chip.values.data[e * chip.parameters.size() + k] << " +- "
                 << std::sqrt(
                        chip.covariance.data[(e * chip.parameters.size() + k) * chip.parameters.size() + k]));
      // rings of another process than the default one fit well, and are said to be of another
      const std::string& remark = chip.remarks[e];
      CHECK((remark.empty() || remark.find("where the process makes") != std::string::npos));
      CHECK(remark.find("rms") == std::string::npos);
      if (kind == "airy") CHECK(remark.find("beta is -0.0") != std::string::npos);
    }
  }
  CHECK(rms["lorentzian"][0] <= 0.030);
  CHECK(rms["lorentzian"][1] <= 0.021);
  for (std::size_t e = 0; e < 2; ++e) {
    CHECK(rms["airy"][e] < rms["lorentzian"][e]);
    CHECK(rms["spline"][e] < rms["lorentzian"][e]);
  }
}

TEST_CASE(
    "the flank of a measured curve alone is fitted by a ring that can be, or the remark says what it is "
    "not") {
  std::optional<Curves> curves = measured_curves();
  if (!curves) return;
  platforms::mrr::Process process;
  process.set(platforms::mrr::Polarity::thru_drop);
  Progress progress;
  FitSettings settings;
  for (const double last : {2.5, 3.0, 3.5, 4.0, 4.5}) {
    Curves part = *curves;
    ChipCurves& chip = part.chips[0];
    for (std::size_t k = 0; k < chip.control.size(); ++k)
      if (chip.control.data[k] > last) chip.control.data[k] = chip.response.data[k] = std::nan("");
    const ChipModel c = fit(part, process, {}, settings, progress).chips.at(0);
    const std::size_t count = c.parameters.size();
    for (std::size_t e = 0; e < 2; ++e) {
      const double* value = c.values.data.data() + e * count;
      INFO("up to " << last << " mA, ring " << c.elements[e] << ": delta " << value[0] << ", r " << value[1]
                    << ", beta " << value[2] << ": " << c.remarks[e]);
      // δ is told where the curve has no resonance that would say it; no width and resistance is beyond
      // reason
      CHECK((value[0] > 0 || c.remarks[e].find("delta is") != std::string::npos));
      CHECK(value[0] < 1.3);
      CHECK(value[1] > 0.88);
      CHECK(value[1] < 0.985);
      const double rise = value[2] * 5.2 * 5.2;
      CHECK(rise > -0.5);
      CHECK(rise < 1);
      const bool as_designed = std::abs(value[0] - process.delta_nm) < 0.15 &&
                               std::abs(value[1] - process.r) < 0.025 && std::abs(rise - 0.108) < 0.3;
      CHECK((as_designed || !c.remarks[e].empty()));
    }
  }
}
