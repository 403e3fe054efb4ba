// Errors over trainings against closed forms.
#include "pnn/study/comparison.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

using namespace pnn;

namespace {

using Numbers = std::vector<std::vector<double>>;

study::Trainings spans(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

}  // namespace

TEST_CASE("the error of a method is that of its trainings' means, however many devices each has") {
  // means 2, 4 and 9: mean 5, s² = (9 + 1 + 16)/2 = 13, error √(13/3)
  const Numbers few = {{1, 3}, {4, 4}, {8, 10}};
  const study::Estimate e = study::estimate(spans(few));
  CHECK(e.trainings == 3);
  CHECK(e.numbers == 6);
  CHECK(e.mean == Approx(5));
  CHECK(e.error == Approx(std::sqrt(13.0 / 3)));
  CHECK(e.spread == Approx(std::sqrt((2.0 + 0 + 2) / 3)));  // variances of 2, 0 and 2 within the trainings
  CHECK(e.smallest == 1);
  CHECK(e.largest == 10);
  Numbers many = few;
  for (std::vector<double>& training : many)
    for (int copies = 0; copies < 4; ++copies) training.insert(training.end(), {training[0], training[1]});
  CHECK(study::estimate(spans(many)).error == Approx(e.error));
}

TEST_CASE("of one training no error can be told, only the spread over its devices") {
  const Numbers one = {{1, 2, 3, 4}};
  const study::Estimate e = study::estimate(spans(one));
  CHECK(e.mean == Approx(2.5));
  CHECK(std::isnan(e.error));
  CHECK(e.spread == Approx(std::sqrt(5.0 / 3)));
  CHECK(std::isnan(study::difference(spans(one), spans({{1, 2, 3, 4}})).error));
}

TEST_CASE("numbers of another shard do not count, nor does a training that has none") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Numbers part = {{1, nan}, {nan, nan}, {4, 6}};
  const study::Estimate e = study::estimate(spans(part));
  CHECK(e.trainings == 2);
  CHECK(e.numbers == 3);
  CHECK(e.mean == Approx(3));
  CHECK(e.error == Approx(2));  // of 1 and 5: s = √8, over √2
}

TEST_CASE("a difference is taken in pairs of trainings where there are as many, else of independent means") {
  // what the trainings share drops out: differences of 1, 2 and 3, s = 1, error 1/√3
  const Numbers first = {{11, 11}, {22, 22}, {33, 33}}, second = {{10, 10}, {20, 20}, {30, 30}};
  const study::Difference paired = study::difference(spans(first), spans(second));
  CHECK(paired.paired);
  CHECK(paired.trainings == 3);
  CHECK(paired.mean == Approx(2));
  CHECK(paired.error == Approx(1 / std::sqrt(3.0)));
  // of 22 (s = 11, over √3) and 15 (s = √50, over √2)
  const study::Difference apart = study::difference(spans(first), spans({{10, 10}, {20, 20}}));
  CHECK_FALSE(apart.paired);
  CHECK(apart.trainings == 2);
  CHECK(apart.mean == Approx(7));
  CHECK(apart.error == Approx(std::sqrt(121.0 / 3 + 25)));
  // Welch: variances of the means 121/3 and 25
  const double both = 121.0 / 3 + 25;
  CHECK(apart.degrees == Approx(both * both / (121.0 * 121 / 9 / 2 + 25.0 * 25)));
  CHECK(paired.degrees == 2);
}

TEST_CASE("a difference is taken over the devices of which both trainings have a number") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  // without its third device the first pair differs by 1, and the second by 3 without its first
  const Numbers first = {{11, 11, 2}, {nan, 23, 23}}, second = {{10, 10, nan}, {7, 20, 20}};
  const study::Difference d = study::difference(spans(first), spans(second));
  CHECK(d.trainings == 2);
  CHECK(d.mean == Approx(2));
  CHECK(d.error == Approx(1));
}

TEST_CASE("what is left of equal numbers by rounding is no difference, and no verdict") {
  const Numbers sums = {{0.1 + 0.2}, {0.1 + 0.2}, {0.1 + 0.2}}, same = {{0.3}, {0.3}, {0.3}};
  const study::Difference d = study::difference(spans(sums), spans(same));
  CHECK(d.mean == 0);
  CHECK(study::verdict(d, true) == study::Verdict::level);
  const study::Difference apart =
      study::difference(spans({{0.95}, {0.9}, {0.85}}), spans({{0.65}, {0.6}, {0.55}}));
  CHECK(apart.error == 0);
  CHECK(apart.mean == Approx(0.3));
}

TEST_CASE("a verdict is Student's: more than t errors, and none from one training") {
  using study::Verdict;
  const auto told = [](const Numbers& first, const Numbers& second, bool rises = true) {
    return study::verdict(study::difference(spans(first), spans(second)), rises);
  };
  const Numbers base = {{10}, {20}, {30}};
  // differences 1, 2 and 3: 2 ± 0.577, and t of two degrees of freedom is 4.30
  CHECK(told({{11}, {22}, {33}}, base) == Verdict::level);
  CHECK(told({{11.5}, {22}, {32.5}}, base) == Verdict::better);  // 2 ± 0.289, which is 6.9 errors
  CHECK(told({{11.5}, {22}, {32.5}}, base, false) == Verdict::worse);
  CHECK(told({{8.5}, {18}, {27.5}}, base) == Verdict::worse);
  CHECK(told({{8.5}, {18}, {27.5}}, base, false) == Verdict::better);
  CHECK(told(base, base) == Verdict::level);
  CHECK(told({{11, 12, 13}}, {{1, 2, 3}}) == Verdict::unknown);
  CHECK(told(base, {{1}}) == Verdict::unknown);
  CHECK(told({{100}, {101}, {102}}, {{1}, {2}}) == Verdict::better);
}

TEST_CASE("trainings of one label are one method, in their order, wherever they stand in the result") {
  study::Result r;
  r.methods = {"bp", "sat", "bp"};
  r.devices = {"0", "1"};
  r.score = Array<double>({3, 2, 2, 1}, 0.0);  // two conditions
  for (std::size_t k = 0; k < r.score.size(); ++k) r.score.data[k] = double(k);
  const std::vector<study::Method> methods = study::methods_of(r);
  REQUIRE(methods.size() == 2);
  CHECK(methods[0].label == "bp");
  CHECK(methods[0].trainings == std::vector<std::size_t>{0, 2});
  CHECK(methods[1].trainings == std::vector<std::size_t>{1});
  const study::Trainings at = study::trainings_at(r, r.score, methods[0], 1);
  REQUIRE(at.size() == 2);
  CHECK(std::vector<double>(at[0].begin(), at[0].end()) == std::vector<double>{2, 3});
  CHECK(std::vector<double>(at[1].begin(), at[1].end()) == std::vector<double>{10, 11});
}
