#include "pnn/platform/spread.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace pnn;
using platform::SmoothField;

namespace {

/// Independent samples of a field.
std::vector<std::vector<double>> samples_of(const SmoothField& field, std::size_t count) {
  std::vector<std::vector<double>> out(count);
  for (std::size_t k = 0; k < count; ++k) field.sample({7, Purpose::test, 0, std::uint32_t(k), 0}, 0, out[k]);
  return out;
}

}  // namespace

TEST_CASE("a smooth field has the correlations of its length", "[spread]") {
  for (const double length : {0.7, 3.0, 40.0}) {
    INFO("length " << length);
    const Index rows = 6, cols = 5;
    const SmoothField field(rows, cols, 0.5, length);
    constexpr std::size_t count = 4000;
    const auto samples = samples_of(field, count);
    for (const auto& [a, b] :
         {std::pair<Index, Index>{0, 0}, {0, 1}, {0, cols}, {3, 3 * cols + 1}, {7, 29}}) {
      double sum = 0;
      for (const auto& sample : samples) sum += sample[std::size_t(a)] * sample[std::size_t(b)] / count;
      const double across = 0.5 * double(a % cols - b % cols), along = 0.5 * double(a / cols - b / cols);
      const double expected = platform::smooth_correlation(std::hypot(across, along), length);
      CHECK(std::abs(sum - expected) < 5 * std::sqrt((1 + expected * expected) / count));
    }
  }
}

TEST_CASE("a field that varies little takes few numbers", "[spread]") {
  CHECK(SmoothField(16, 8, 1, 1e5).numbers() == 1);
  CHECK(SmoothField(16, 8, 1, 40).numbers() <= 25);
  CHECK(SmoothField(16, 8, 1, 0.1).numbers() == 128);
  // and these are the same wherever they begin
  const SmoothField field(4, 3, 1, 2);
  std::vector<double> here, there;
  field.sample({1, Purpose::test, 0, 0, 0}, 0, here);
  field.sample({1, Purpose::test, 0, 0, 0}, field.numbers(), there);
  CHECK(here != there);
}

TEST_CASE("shares of a variance are told when they exceed it", "[spread]") {
  CHECK(platform::complaint_about_shares("x", {0.5, 0.5}).empty());
  CHECK_FALSE(platform::complaint_about_shares("x", {0.6, 0.5}).empty());
}
