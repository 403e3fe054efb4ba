#include "pnn/study/merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using study::Part;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

study::Result whole() {
  study::Result r;
  r.tool = "pnn-perturb";
  r.methods = {"bp", "sat"};
  r.axes = {{"drift", "K", "", {-1, 0, 1}}};
  r.devices = {"0", "1", "2", "3"};
  r.loss = Array<double>({2, 3, 4, 1});
  for (std::size_t k = 0; k < r.loss.size(); ++k) r.loss.data[k] = 0.1 * double(k);
  r.score = r.loss;
  r.confusion = Array<double>({2, 2, 2}, 24);
  r.power_mean_mw = Array<double>({2}, 5);
  return r;
}

/// Cut as a sweep cuts: cell k belongs to shard k mod N.
std::vector<Part> parts(std::size_t shards) {
  std::vector<Part> list;
  for (std::size_t s = 0; s < shards; ++s) {
    Part part{"part" + std::to_string(s), whole()};
    part.result.shard = s;
    part.result.shards = shards;
    for (double& c : part.result.confusion.data) c = 24.0 / double(shards);
    for (std::size_t k = 0; k < part.result.loss.size(); ++k)
      if (k % shards != s) part.result.loss.data[k] = part.result.score.data[k] = none;
    list.push_back(part);
  }
  return list;
}

std::string message_of(const std::vector<Part>& list) {
  try {
    study::merge(list);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("shards in any order make the whole") {
  std::vector<Part> list = parts(3);
  std::rotate(list.begin(), list.begin() + 2, list.end());
  const study::Result merged = study::merge(list);
  const study::Result expected = whole();
  CHECK(merged.loss.data == expected.loss.data);
  CHECK(merged.score.data == expected.score.data);
  CHECK(merged.confusion.data == expected.confusion.data);
  CHECK(merged.power_mean_mw.data == expected.power_mean_mw.data);
  CHECK(merged.shard == 0);
  CHECK(merged.shards == 1);
}

TEST_CASE("parts are asked for one after the other, each once, and the whole of them is the same") {
  const std::vector<Part> list = parts(3);
  std::vector<std::size_t> asked;
  const study::Result merged = study::merge(3, [&](std::size_t k) {
    asked.push_back(k);
    return list[2 - k];
  });
  CHECK(asked == std::vector<std::size_t>{0, 1, 2});
  CHECK(merged.loss.data == whole().loss.data);
  CHECK(merged.confusion.data == whole().confusion.data);
}

TEST_CASE("a shard that is missing or stands twice is named") {
  std::vector<Part> list = parts(4);
  list[2] = list[1];
  list[2].name = "copy";
  const std::string message = message_of(list);
  CHECK_THAT(message, Contains("missing shard 2 of 4"));
  CHECK_THAT(message, Contains("shard 1 of 4 stands twice") && Contains("copy"));
}

TEST_CASE("parts of different runs are told apart") {
  const auto changed = [](const auto& change) {
    std::vector<Part> list = parts(2);
    change(list[1].result);
    return message_of(list);
  };
  CHECK_THAT(changed([](study::Result& r) { r.shards = 3; }), Contains("cut in 3 shards instead of 2"));
  CHECK_THAT(changed([](study::Result& r) { r.methods[0] = "pat"; }), Contains("other parameters"));
  CHECK_THAT(changed([](study::Result& r) { r.axes[0].values[0] = -2; }), Contains("other axes"));
  CHECK_THAT(changed([](study::Result& r) { r.devices.pop_back(); }), Contains("other devices"));
  CHECK_THAT(changed([](study::Result& r) { r.images = 7; }), Contains("other samples"));
  CHECK_THAT(changed([](study::Result& r) { r.tool = "pnn-eval"; }), Contains("made by pnn-eval"));
}

TEST_CASE("an unfinished part, and an evaluation that two parts did, are told") {
  std::vector<Part> list = parts(2);
  list[1].result.loss.data[3] = none;
  CHECK_THAT(message_of(list), Contains("part1 is unfinished (1 evaluations left)"));
  list = parts(2);
  list[1].result.loss.data[0] = 0;
  CHECK_THAT(message_of(list), Contains("part1 repeats 1 evaluations"));
}

TEST_CASE("an evaluation that was not finite is not one that is missing") {
  std::vector<Part> list = parts(2);
  list[1].result.loss.data[3] = list[1].result.score.data[3] = none;
  list[1].result.overflowed = Array<double>(list[1].result.loss.shape, 0.0);
  list[1].result.overflowed.data[3] = 1;
  const study::Result merged = study::merge(list);
  CHECK(std::isnan(merged.loss.data[3]));
  CHECK(merged.overflowed.data == list[1].result.overflowed.data);
}
