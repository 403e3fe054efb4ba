// The yield of small results that can be counted by hand.
#include "pnn/study/yield.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/study/intervals.hpp"
#include "pnn/study/merge.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// One training along drift = −1, 0: [condition, device, repeat].
study::Result result_of(std::size_t devices, std::size_t repeats, const std::vector<double>& numbers) {
  study::Result r;
  r.methods = {"bp"};
  r.axes = {{"drift", "K", "", {-1, 0}}};
  for (std::size_t k = 0; k < devices; ++k) r.devices.push_back(std::to_string(k));
  r.repeats = repeats;
  r.score = Array<double>({1, 2, devices, repeats});
  REQUIRE(r.score.size() == numbers.size());
  r.score.data = numbers;
  r.loss = r.score;
  r.yield.levels = {0.9};
  return r;
}

using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("a device passes at all conditions only if it passes in every one, and in each repeat") {
  // device 0 passes always, 1 fails one repeat at −1, 2 fails at 0, 3 fails both
  study::Result r = result_of(4, 2,
                              {0.95, 0.91, 0.95, 0.89, 0.92, 0.93, 0.80, 0.81,  //
                               0.90, 0.99, 0.95, 0.96, 0.70, 0.92, 0.60, 0.61});
  REQUIRE(study::tell_yield(r));
  const study::Yield& y = r.yield;
  CHECK(y.conditions == Names{"drift=-1", "drift=0", "all"});
  CHECK(y.share.shape == std::vector<std::size_t>{1, 1, 3});
  CHECK(y.share.data == Numbers{0.5, 0.5, 0.25});
  const study::Interval half = study::share_interval(2, 4, 0.95);
  CHECK(y.share_low.data[1] == half.low);
  CHECK(y.share_high.data[1] == half.high);
  CHECK(y.at_least.data[2] == study::share_at_least(1, 4, 0.95));
  CHECK(y.worst.data == Numbers{0.8, 0.6, 0.6});
  // of all: 0.9, 0.89, 0.7, 0.6; their median lies in the middle of 0.7 and 0.89
  CHECK(y.probabilities == Numbers{0.05, 0.5});
  CHECK(y.quantile.data[3 + 2] == Approx(0.795));
  CHECK(y.worst_tenth.data[2] == 0.6);
}

TEST_CASE("a score at the level reaches it, whatever its last bits are") {
  const Numbers scores{973.0 / 1000, 972.0 / 1000, 0.974};
  CHECK(study::passing(scores, 97.3 / 100) == 2);
  CHECK(study::passing(scores, 0.9731) == 1);
  CHECK(study::passing(scores, -1) == 3);
}

TEST_CASE("quantiles are those of NumPy, and the worst tenth is rounded up") {
  Numbers rising(21);
  for (std::size_t k = 0; k < rising.size(); ++k) rising[k] = double(k * k);
  CHECK(study::quantile_of(rising, 0.05) == 1);
  CHECK(study::quantile_of(rising, 0.5) == 100);
  CHECK(study::quantile_of(rising, 0.975) == Approx(380.5));  // numpy.quantile
  CHECK(study::quantile_of(rising, 0) == 0);
  CHECK(study::quantile_of(rising, 1) == 400);
  CHECK(study::worst_tenth_of(rising) == Approx(5.0 / 3));  // 0, 1 and 4
  CHECK(study::worst_tenth_of(Numbers{3, 4}) == 3);
}

TEST_CASE("a device without finite numbers reaches no level, and has no number itself") {
  study::Result r = result_of(2, 1, {0.95, missing, 0.95, 0.95});
  r.overflowed = Array<double>(r.score.shape, 0.0);
  r.overflowed.data[1] = 1;
  r.yield.levels = {0.9, 0.01};
  REQUIRE(study::tell_yield(r));
  CHECK(r.yield.share.data == Numbers{0.5, 1, 0.5, 0.5, 1, 0.5});
  CHECK(std::isnan(r.yield.worst.data[0]));
  CHECK(r.yield.worst.data[1] == 0.95);
  CHECK(std::isnan(r.yield.worst_tenth.data[2]));
  CHECK(std::isnan(r.yield.quantile.data[0]));
}

TEST_CASE("a shard tells no yield, and shards together that of the whole, in any order") {
  Numbers numbers;
  for (int k = 0; k < 2 * 30; ++k) numbers.push_back(0.8 + 0.003 * ((k * 37) % 61));
  study::Result whole = result_of(30, 1, numbers);
  std::vector<study::Part> parts;
  for (std::size_t s : {2, 0, 1}) {
    study::Part part{"part" + std::to_string(s), whole};
    part.result.shard = s;
    part.result.shards = 3;
    for (std::size_t k = 0; k < whole.loss.size(); ++k)
      if (k % 3 != s) part.result.loss.data[k] = part.result.score.data[k] = missing;
    CHECK_FALSE(study::tell_yield(part.result));
    CHECK(part.result.yield.conditions.empty());
    parts.push_back(part);
  }
  study::Result merged = study::merge(parts);
  REQUIRE(study::tell_yield(merged));
  REQUIRE(study::tell_yield(whole));
  CHECK(merged.yield.share.data == whole.yield.share.data);
  CHECK(merged.yield.quantile.data == whole.yield.quantile.data);
  CHECK(merged.yield.worst_tenth.data == whole.yield.worst_tenth.data);
  // device order does not matter
  study::Result turned = result_of(30, 1, numbers);
  std::reverse(turned.score.data.begin(), turned.score.data.begin() + 30);
  std::reverse(turned.score.data.begin() + 30, turned.score.data.end());
  REQUIRE(study::tell_yield(turned));
  CHECK(turned.yield.quantile_high.data == whole.yield.quantile_high.data);
  CHECK(turned.yield.worst_tenth.data == whole.yield.worst_tenth.data);
}

TEST_CASE("points of the fabrication process are other devices, which are not taken together") {
  study::Result r = result_of(2, 1, {0.95, 0.85, 0.95, 0.95});
  r.axes[0].name = "mrr.delta.sigma";
  REQUIRE(study::tell_yield(r));
  CHECK(r.yield.conditions == Names{"mrr.delta.sigma=-1", "mrr.delta.sigma=0"});
  CHECK(r.yield.share.data == Numbers{0.5, 1});
  study::Result one = result_of(2, 1, {0.95, 0.85, 0.95, 0.95});
  one.axes.clear();
  one.devices = {"0", "1", "2", "3"};
  one.score.shape = one.loss.shape = {1, 4, 1};
  REQUIRE(study::tell_yield(one));
  CHECK(one.yield.conditions == Names{"all"});
  CHECK(one.yield.share.data == Numbers{0.75});
}

TEST_CASE("without levels nothing is told") {
  study::Result r = result_of(1, 1, {0.9, 0.8});
  r.yield.levels.clear();
  CHECK_FALSE(study::tell_yield(r));
  CHECK(r.yield.share.data.empty());
}
