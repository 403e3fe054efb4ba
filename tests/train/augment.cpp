#include "pnn/train/augment.hpp"

#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/train/small.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// Pictures whose values tell channel, line and column.
Matrix<float> numbered(Index count, const platform::Shape& shape) {
  Matrix<float> x(count, shape.size());
  for (Index n = 0; n < count; ++n)
    for (Index k = 0; k < shape.size(); ++k) x(n, k) = float(k + 1);
  return x;
}

test::Learner learner(const std::string& how) {
  test::Learner s({"1x4x3", {"mrr:out=10", "batchnorm", "relu", "mrr:out=3"}},
                  test::clusters(12, 300, 90, 0.3F, 1.0F), 30, 1e-2);
  s.settings.samples.augment = how;
  return s;
}

}  // namespace

TEST_CASE("a crop moves a picture by whole pixels, a flip mirrors it, and every channel alike") {
  const platform::Shape shape{2, 5, 4};
  const Index count = 400;
  Matrix<float> x = numbered(count, shape);
  const Matrix<float> before = x;
  train::augment({1, true}, shape, 3, 7, view(x));
  std::set<std::vector<Index>> seen;
  for (Index n = 0; n < count; ++n) {
    bool found = false;
    for (Index down = -1; down <= 1; ++down)
      for (Index right = -1; right <= 1; ++right)
        for (const bool mirrored : {false, true}) {
          bool same = true;
          for (Index c = 0; c < 2; ++c)
            for (Index row = 0; row < 5; ++row)
              for (Index col = 0; col < 4; ++col) {
                const Index from_row = row + down, from_col = (mirrored ? 3 - col : col) + right;
                const bool inside = from_row >= 0 && from_row < 5 && from_col >= 0 && from_col < 4;
                const float expected = inside ? before(n, (c * 5 + from_row) * 4 + from_col) : 0.0F;
                same = same && x(n, (c * 5 + row) * 4 + col) == expected;
              }
          if (same) seen.insert({down, right, Index(mirrored)});
          found = found || same;
        }
    CHECK(found);
  }
  CHECK(seen.size() == 18);  // all of them occur
  Matrix<float> again = before, later = before;
  set_threads(1);
  train::augment({1, true}, shape, 3, 7, view(again));
  set_threads(0);
  train::augment({1, true}, shape, 3, 8, view(later));
  CHECK(again == x);
  CHECK(later != x);
}

TEST_CASE("the text of an augmentation is read in any order, and others are refused") {
  CHECK(train::parse_augmentation("flip,crop=4").crop == 4);
  CHECK(train::parse_augmentation("crop=4,flip").flip);
  CHECK_FALSE(train::parse_augmentation("crop=2").flip);
  CHECK_FALSE(train::parse_augmentation("").acts());
  const auto complaint = [](const std::string& text) {
    return test::message_of<UsageError>([&] { static_cast<void>(train::parse_augmentation(text)); });
  };
  for (const char* const bad : {"turn", "crop", "flip,flip", "crop=2,crop=3", "crop=4,"})
    CHECK_THAT(complaint(bad), Contains("--augment: expected crop=PIXELS, flip or both"));
  CHECK_THAT(complaint("crop=0"), Contains("expected 1 to 1000 pixels, found 0"));
}

TEST_CASE("a training with augmented pictures repeats on any threads, interrupted and resumed") {
  const test::Learner s = learner("crop=1,flip");
  const train::Params one = test::check_repeats(s, 23);
  CHECK(one.history.loss != learner("").train().history.loss);
  test::Learner features = learner("flip");
  features.net = network::resolve({"12", {"mrr:out=3"}}, {});
  CHECK_THAT(test::message_of<UsageError>([&] { static_cast<void>(features.train()); }),
             Contains("--augment: it acts on pictures, and the inputs of this network are 12"));
  CHECK_THAT(test::message_of<UsageError>([&] { static_cast<void>(learner("crop=3").train()); }),
             Contains("--augment crop=3: leaves nothing of some pictures, which are 1x4x3"));
}

TEST_CASE("labels are smoothed in training and not in evaluations") {
  test::Learner s = learner("");
  const train::Params sharp = s.train();
  s.settings.samples.label_smoothing = 0.2;
  const train::Params smooth = s.train();
  CHECK(smooth.history.loss.back() > sharp.history.loss.back() + 0.2);
  CHECK(smooth.history.test_score.back() > 0.9);
}
