#include "pnn/app/comparison_table.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

using namespace pnn;

namespace {

using Numbers = std::vector<double>;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Trainings under labels, devices of each, along drift = −1, 0 (where nothing is disturbed).
study::Result result_of(const std::vector<std::string>& labels, std::size_t devices,
                        const std::vector<double>& numbers) {
  study::Result r;
  r.methods = labels;
  r.axes = {{"drift", "K", "", {-1, 0}}};
  r.devices.assign(devices, "0");
  r.images = 100;
  r.loss = Array<double>({labels.size(), 2, devices, 1});
  REQUIRE(r.loss.size() == numbers.size());
  r.loss.data = numbers;
  return r;
}

app::ComparisonTable table_of(const study::Result& r, bool classify) {
  return app::compare(
      r, study::methods_of(r), r.loss,
      network::traits_of(classify ? network::Task::classify : network::Task::reconstruct).metric);
}

}  // namespace

TEST_CASE("a cell tells mean and error over trainings in percent, and the worst device of all") {
  // at drift −1 means 0.90, 0.92, 0.94: error 0.02/√3; at 0 all devices of all trainings agree
  const study::Result r = result_of({"bp", "bp", "bp"}, 2,
                                    {0.89, 0.91, 0.95, 0.95, 0.91, 0.93, 0.95, 0.95, 0.93, 0.95, 0.95, 0.95});
  const app::ComparisonTable t = table_of(r, true);
  REQUIRE(t.cells.size() == 2);
  CHECK(t.mean[0] == Approx(0.92));
  CHECK(t.error[0] == Approx(0.02 / std::sqrt(3.0)));
  CHECK(t.worst[0] == Approx(0.89));
  CHECK(t.cells[0] == "92 ± 1.2 (89)");
  CHECK(t.cells[1] == "95 ± 0 (95)");
}

TEST_CASE("of one training a cell tells the spread over its devices, of a single number nothing but itself") {
  const app::ComparisonTable devices = table_of(result_of({"bp"}, 2, {0.8, 0.9, 0.85, 0.85}), true);
  CHECK(devices.cells[0] == "85 ± 7.1 (80)");  // deviation 0.1/√2
  CHECK(std::isnan(devices.error[0]));
  CHECK(devices.spread[0] == Approx(0.1 / std::sqrt(2.0)));
  const app::ComparisonTable single = table_of(result_of({"bp"}, 1, {0.8, 0.9}), true);
  CHECK(single.cells[0] == "80");
}

TEST_CASE("where nothing is finite a cell holds a dash, and other trainings of the method still count") {
  const app::ComparisonTable t =
      table_of(result_of({"bp", "sat", "sat"}, 1, {missing, missing, missing, 0.9, 0.7, 0.9}), true);
  CHECK(t.cells[0] == "-");
  CHECK(t.differences[0] == "-");
  CHECK(t.cells[2] == "70");  // sat at −1: one of its two trainings has a number
  CHECK(t.differences[2] == "-");
}

TEST_CASE("errors tell their growth over where nothing is disturbed, and their largest as the worst") {
  const study::Result r = result_of({"ae"}, 2, {0.04, 0.08, 0.02, 0.02});
  const app::ComparisonTable t = table_of(r, false);
  CHECK(t.growth[0] == Approx(3));
  CHECK(t.worst[0] == Approx(0.08));
  CHECK(t.cells[0] == "0.06 ± 0.028 (0.08) ×3");
  CHECK(t.cells[1] == "0.02 ± 0 (0.02)");  // itself: no growth told
  study::Result elsewhere = r;
  elsewhere.axes[0].values = {-1, 1};  // no condition is undisturbed
  CHECK(std::isnan(table_of(elsewhere, false).growth[0]));
  CHECK(table_of(elsewhere, false).cells[0] == "0.06 ± 0.028 (0.08)");
}

TEST_CASE("a difference is that to the first method, with its error over pairs of trainings") {
  // differences of pairs at −1: 0.01 and 0.03
  const study::Result r =
      result_of({"bp", "bp", "sat", "sat"}, 1, {0.80, 0.9, 0.90, 0.9, 0.81, 0.9, 0.93, 0.9});
  const app::ComparisonTable t = table_of(r, true);
  REQUIRE(t.differences.size() == 4);
  CHECK(t.difference[2] == Approx(0.02));
  CHECK(t.difference_error[2] == Approx(0.01));
  CHECK(t.differences[2] == "2 ± 1 not told apart");
  CHECK(t.verdict[2] == study::Verdict::level);
  CHECK(t.difference[0] == 0);
  // over both conditions the pairs differ by 0.005 and 0.015
  CHECK(t.overall[1].mean == Approx(0.01));
  CHECK(t.overall[1].error == Approx(0.005));
  CHECK(t.overall_differences[1] == "1 ± 0.5 not told apart");
}

TEST_CASE(
    "a difference that pairs of trainings agree on is a verdict, and for errors the smaller is better") {
  const Numbers numbers{0.80, 0.9, 0.90, 0.9, 0.85, 0.9, 0.82, 0.9, 0.921, 0.9, 0.871, 0.9};
  const study::Result r = result_of({"bp", "bp", "bp", "sat", "sat", "sat"}, 1, numbers);
  CHECK(table_of(r, true).verdict[2] == study::Verdict::better);
  CHECK(table_of(r, true).differences[2] == "2.07 ± 0.033 better");
  CHECK(table_of(r, false).verdict[2] == study::Verdict::worse);
  CHECK(table_of(r, true).verdict[3] == study::Verdict::level);
  const study::Result one = result_of({"bp", "sat"}, 1, {0.8, 0.9, 0.85, 0.9});
  CHECK(table_of(one, true).verdict[2] == study::Verdict::unknown);
  CHECK(table_of(one, true).differences[2] == "5 (one training)");
}

TEST_CASE("the headline says what ± is, whatever was compared") {
  const auto said = [](const std::vector<std::string>& labels, std::size_t devices, std::size_t repeats = 1) {
    study::Result r;
    r.methods = labels;
    r.devices.assign(devices, "0");
    r.repeats = repeats;
    return app::meaning_of_error(r, study::methods_of(r));
  };
  CHECK(said({"bp"}, 1) == ", 1 device, one training");
  CHECK(said({"bp", "sat"}, 20) == ", mean ± spread over 20 devices (worst), one training");
  CHECK(said({"bp"}, 1, 5) == ", mean ± spread over 1 device and 5 repeats (worst), one training");
  CHECK(said({"bp", "bp", "sat", "sat"}, 3) ==
        ", mean ± standard error over 2 trainings (worst), 3 devices in each");
  CHECK(said({"bp", "bp", "sat"}, 3) ==
        ", mean ± standard error over trainings (worst), 3 devices in each, of one training ± spread over "
        "these");
  CHECK(said({"bp", "bp", "sat"}, 1) ==
        ", mean ± standard error over trainings (worst), 1 device in each, of one training no error");
  CHECK(said({"bp", "bp", "sat", "sat", "sat"}, 2) ==
        ", mean ± standard error over trainings (worst), 2 devices in each");
}
