#include "pnn/app/fit_report.hpp"

#include "tests/catch.hpp"
#include "tests/io/samples.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

TEST_CASE("a fit is told by its parameters with their errors, and by the elements that fit badly") {
  cli::Report report;
  app::report_fit(samples::model().model, {}, report);
  const std::string table = report.text(), object = report.json_object();
  CHECK_THAT(table, Contains("airy+crosstalk, 3 rings") && Contains("row 1 col 0: ") &&
                        Contains("never passes its resonance"));
  // delta of 0.50, 0.52 and 0.54 nm; the median of √(1e-6), √(1.4e-6), √(1.8e-6)
  CHECK_THAT(table, Contains("delta_nm") && Contains("0.52") && Contains("0.0012"));
  CHECK_THAT(object, Contains("kind\": \"airy+crosstalk\"") && !Contains("hysteresis"));
}

TEST_CASE("of more than twenty bad elements the rest is counted") {
  model::Model model = samples::model().model;
  model::ChipModel& chip = model.chips.front();
  chip.elements.clear();
  for (int k = 0; k < 25; ++k) chip.elements.push_back("ring " + std::to_string(k));
  chip.values = samples::counted<double>({1, 25, 2}, 0.5, 0.01);
  chip.covariance = Array<double>({1, 25, 2, 2});
  chip.rms_residual = Array<double>({1, 25}, 0.1);
  chip.remarks.assign(25, "odd");
  cli::Report report;
  app::report_fit(model, {}, report);
  CHECK_THAT(report.text(), Contains("ring 19: ") && !Contains("ring 20: ") && Contains("and 5 more"));
}

TEST_CASE("sweeps up and down of the same currents are compared") {
  model::Curves curves = samples::curves().curves;
  model::ChipCurves& chip = curves.chips.front();
  chip.direction = {1, 1, 1, 1, -1};
  for (std::size_t at = 0; at < chip.control.size(); at += 5) {
    chip.control.data[at + 4] = chip.control.data[at + 3];  // the last current once more, coming down
    chip.response.data[at + 4] = chip.response.data[at + 3] + 0.03;
    chip.sigma.data[at + 4] = 0.01;
  }
  cli::Report report;
  app::report_fit(samples::model().model, curves, report);
  CHECK_THAT(report.text(), Contains("sweeps up and down differ by 0.03 (rms)"));
  CHECK_THAT(report.json_object(), Contains("hysteresis\": 0.03"));
}
