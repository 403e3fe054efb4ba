#include "pnn/io/cifar10.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "pnn/core/errors.hpp"
#include "pnn/io/png_output.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

/// The value of a colour at a pixel of picture `n`, counted over all files.
std::uint16_t shade(std::size_t n, std::size_t colour, std::size_t pixel) {
  return std::uint16_t((7 * n + 50 * colour + 3 * pixel) % 256);
}

std::string stack(std::size_t first, std::size_t count, std::size_t width = 1024) {
  io::LevelPicture picture{width, count, 3, false, {}};
  for (std::size_t n = first; n < first + count; ++n)
    for (std::size_t pixel = 0; pixel < width; ++pixel)
      for (std::size_t colour = 0; colour < 3; ++colour) picture.values.push_back(shade(n, colour, pixel));
  return io::png_of(picture);
}

/// Seven training pictures in five files, and two test pictures.
void write_small(const TemporaryFolder& folder) {
  const std::size_t counts[] = {2, 1, 1, 2, 1};
  std::size_t first = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    folder.write("data_batch_" + std::to_string(k + 1) + ".png", stack(first, counts[k]));
    first += counts[k];
  }
  folder.write("test_batch.png", stack(first, 2));
  folder.write("train_lables.json", "[6,9,9,4,1,1,0]");
  folder.write("test_lables.json", "[3, 8]\n");
}

}  // namespace

TEST_CASE("the stacks of CIFAR-10 are read picture by picture, colour by colour") {
  const TemporaryFolder folder;
  write_small(folder);
  std::string hash, again;
  const io::RawData raw = io::import_cifar10(folder.path(), hash);
  CHECK(raw.shape == network::Shape{3, 32, 32});
  REQUIRE(raw.train.size() == 7);
  REQUIRE(raw.test.size() == 2);
  CHECK(raw.train.y == std::vector<std::int32_t>{6, 9, 9, 4, 1, 1, 0});
  CHECK(raw.test.y == std::vector<std::int32_t>{3, 8});
  CHECK(raw.classes[6] == "frog");
  for (const std::size_t n : {0, 2, 6})
    for (std::size_t colour = 0; colour < 3; ++colour)
      for (const std::size_t pixel : {0, 1, 32, 1023})
        CHECK(raw.train.x(Index(n), Index(colour * 1024 + pixel)) == float(shade(n, colour, pixel)));
  CHECK(raw.test.x(1, 2048 + 33) == float(shade(8, 2, 33)));
  folder.write("test_lables.json", "[8, 3]\n");
  io::import_cifar10(folder.path(), again);
  CHECK(hash != again);
}

TEST_CASE("files that are not those of CIFAR-10 are refused by name") {
  const TemporaryFolder folder;
  const auto complaint = [&] {
    std::string hash;
    return test::message_of<InputError>([&] { io::import_cifar10(folder.path(), hash); });
  };
  CHECK_THAT(complaint(), Contains("expected data_batch_1.png") && Contains("scripts/fetch-cifar10"));
  write_small(folder);
  folder.write("data_batch_3.png", stack(0, 1, 1000));
  CHECK_THAT(complaint(), Contains("data_batch_3.png") && Contains("1000 pixels with 3 channels"));
  write_small(folder);
  folder.write("train_lables.json", "[6,9,9,4,1,1]");
  CHECK_THAT(complaint(), Contains("train_lables.json") && Contains("expected 7 labels"));
  for (const char* const bad : {"[3, 10]", "[3, -1]", "[3, 2.5]", "[3, \"cat\"]", "[3, [8]]"}) {
    folder.write("train_lables.json", "[6,9,9,4,1,1,0]");
    folder.write("test_lables.json", bad);
    CHECK_THAT(complaint(), Contains("label 1: expected a number from 0 to 9"));
  }
  for (const char* const bad : {"", "[3, 8", "{\"a\": 3}", "3 8"}) {
    folder.write("test_lables.json", bad);
    CHECK_THAT(complaint(), Contains("test_lables.json: expected a list of class numbers"));
  }
}

TEST_CASE("colours are normalised one by one, and grey pictures as before") {
  io::ImportSettings settings;
  settings.normalize = io::Normalization::standard;
  settings.validation_fraction = settings.test_fraction = 0;
  io::RawData raw;
  raw.name = "colours";
  raw.pictures = true;
  raw.shape = {3, 2, 2};
  raw.classes = {"a", "b"};
  raw.train.x.resize(4, 12);
  raw.train.y = {0, 1, 0, 1};
  for (Index k = 0; k < 48; ++k)  // colours of different means and deviations
    raw.train.x.data()[k] = float((k * 37 % 11) * (1 + k % 12 / 4) + 40 * (k % 12 / 4));
  CHECK_THAT(io::scaling_text(raw, settings), Contains("the pixels of each colour"));
  const network::Dataset data = io::make_dataset(raw, settings, 1);
  for (Index colour = 0; colour < 3; ++colour) {
    const Matrix<double> part = data.train.x.middleCols(4 * colour, 4).cast<double>();
    CHECK(std::abs(part.mean()) < 1e-6);
    CHECK(part.squaredNorm() / 16 == Approx(1).epsilon(1e-5));
  }
  raw.shape = {1, 3, 4};
  CHECK_THAT(io::scaling_text(raw, settings), Contains("all pixels together"));
  const Matrix<double> grey = io::make_dataset(raw, settings, 1).train.x.cast<double>();
  CHECK(std::abs(grey.mean()) < 1e-6);
  CHECK(grey.squaredNorm() / 48 == Approx(1).epsilon(1e-5));
  CHECK(std::abs(grey.leftCols(4).mean()) > 0.1);
  raw.shape = {12};
  raw.pictures = false;
  settings.shape = "3x2x2";
  CHECK_THAT(io::scaling_text(raw, settings), Contains("the pixels of each colour"));
  CHECK(io::make_dataset(raw, settings, 1).train.x == data.train.x);
}

TEST_CASE("CIFAR-10 as it is published has 5000 training and 1000 test pictures of each class") {
  const std::string folder = std::string(PNN_SOURCE_DIR) + "/data/cifar10";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no " << folder << "; scripts/fetch-cifar10 fetches it");
    return;
  }
  std::string hash;
  const io::RawData raw = io::import_cifar10(folder, hash);
  for (std::int32_t c = 0; c < 10; ++c) {
    CHECK(std::count(raw.train.y.begin(), raw.train.y.end(), c) == 5000);
    CHECK(std::count(raw.test.y.begin(), raw.test.y.end(), c) == 1000);
  }
  // the means and deviations of the training pictures that everybody normalises with, in units of 255
  const double means[] = {0.4914, 0.4822, 0.4465}, deviations[] = {0.2470, 0.2435, 0.2616};
  for (Index colour = 0; colour < 3; ++colour) {
    double sum = 0, square = 0;
    for (Index n = 0; n < raw.train.size(); ++n) {
      const auto part = raw.train.x.row(n).segment(1024 * colour, 1024).cast<double>();
      sum += part.sum() / 255, square += part.squaredNorm() / (255 * 255);
    }
    const double count = 1024 * 50000, mean = sum / count;
    CHECK(mean == Approx(means[colour]).margin(1e-4));
    CHECK(std::sqrt(square / count - mean * mean) == Approx(deviations[colour]).margin(1e-4));
  }
}
