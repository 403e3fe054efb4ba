// Samples that stay in their file have the bits of those in memory, and are checked as they are.
#include <limits>

#include "pnn/core/random.hpp"
#include "pnn/io/records.hpp"
#include "tests/catch.hpp"
#include "tests/io/edit.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

/// 40 pictures of 2x3x4 numbers, between -1 and 1 or k/255, and 5 for testing.
network::Dataset pictures(bool bytes) {
  network::Dataset data;
  data.name = "pictures", data.shape = {2, 3, 4}, data.classes = {"a", "b"};
  for (auto [split, count] : {std::pair(&data.train, Index(40)), {&data.test, Index(5)}}) {
    split->x.resize(count, 24);
    fill_symmetric({3, Purpose::test, std::uint16_t(count)},
                   std::span(split->x.data(), std::size_t(split->x.size())));
    if (bytes) split->x = (split->x.array().abs() * 255).floor() / 255.0F;
    for (Index n = 0; n < count; ++n) split->y.push_back(std::int32_t(n % 2));
  }
  return data;
}

}  // namespace

TEST_CASE("rows that stay in a file have the bits of those in memory, as bytes and as numbers") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "d.h5";
  for (const bool bytes : {false, true}) {
    io::write_dataset(path, pictures(bytes), {});
    const network::Dataset whole = io::read_dataset(path).value;
    const network::Dataset left = io::read_dataset(path, {.stored = true}).value;
    REQUIRE(left.train.stored);
    CHECK(left.train.x.size() == 0);
    CHECK(left.train.size() == 40);
    CHECK(left.train.y == whole.train.y);
    CHECK(left.test.x == whole.test.x);
    CHECK(left.train.stored->least() == whole.train.x.minCoeff());
    const std::vector<std::uint32_t> numbers = {39, 0, 7, 7, 12};
    Matrix<float> stored(5, 24), copied(5, 24);
    network::copy_inputs(left.train, numbers, view(stored));
    network::copy_inputs(whole.train, numbers, view(copied));
    CHECK(stored == copied);
    CHECK(copied.row(1) == whole.train.x.row(0));
  }
}

TEST_CASE("numbers that stay in a file are checked before they are needed") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "d.h5";
  io::write_dataset(path, pictures(false), {});
  std::vector<double> values(40 * 24, 0.5);
  values[24 * 31 + 5] = std::numeric_limits<double>::quiet_NaN();
  edit::File(path).overwrite("/train/x", values);
  for (const bool stored : {false, true})
    CHECK_THAT(test::message_of<InputError>([&] { io::read_dataset(path, {.stored = stored}); }),
               Contains("/train/x"));
}
