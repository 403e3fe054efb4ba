// Data sets that are larger than the memory that a training has.
#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using Catch::Matchers::Contains;
using pnn::test::Shell;

namespace {

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += char(number >> shift & 255U);
  return bytes;
}

/// Pictures of 32x32 and two classes, as IDX: 160 MB in memory, a quarter of that in a file.
void prepare(Shell& s, std::uint32_t count) {
  for (const auto& [name, n] : {std::pair("train", count), {"test", 100U}}) {
    std::string pictures = std::string("\0\0\x08\x03", 4) + big_endian(n) + big_endian(32) + big_endian(32),
                labels = std::string("\0\0\x08\x01", 4) + big_endian(n);
    std::uint32_t random = 7;
    for (std::uint32_t k = 0; k < n; ++k) {
      for (int pixel = 0; pixel < 1024; ++pixel) {
        random = random * 1664525U + 1013904223U;
        pictures += char(random >> (pixel < 512 && k % 2 == 0 ? 25U : 24U));
      }
      labels += char(k % 2);
    }
    s.write(std::string(name) + "-x", pictures);
    s.write(std::string(name) + "-y", labels);
  }
  REQUIRE(
      s.run("pnn-data idx --train-images train-x --train-labels train-y --test-images test-x --test-labels "
            "test-y --validation-fraction 0 -q -o d.h5 && pnn-fit --model nominal --inputs 1x32x32 --layer "
            "dense:out=2 -q -o m.h5") == 0);
}

}  // namespace

TEST_CASE("a training whose samples stay in their file has the same bytes, with less memory than they take") {
  Shell s;
  prepare(s, 40'000);
  const std::string train = "pnn-train m.h5 --data d.h5 --steps 40 --batch 50 --threads 1 -q ";
  REQUIRE(s.run(train + "-o whole.h5") == 0);
  REQUIRE(s.run(train + "--stream -o left.h5") == 0);
  CHECK(s.run("cmp whole.h5 left.h5") == 0);
#ifndef __SANITIZE_ADDRESS__
  const std::string little = "ulimit -v 150000; ";
  CHECK(s.run(little + train + "-o less.h5") == 1);
  CHECK_THAT(s.err(), Contains("memory"));
  REQUIRE(s.run(little + train + "--stream -o less.h5") == 0);
  CHECK(s.run("cmp whole.h5 less.h5") == 0);
  // what --dry-run says is kept to
  REQUIRE(s.run(train + "--stream --dry-run --json -o less.h5") == 0);
  const std::string told = s.out();
  const auto bytes = std::stoll(told.substr(told.find("\"memory_bytes\": ") + 16));
  CHECK(bytes < 100'000'000);
  REQUIRE(s.run("pnn-train m.h5 --data d.h5 --steps 400 --batch 50 --threads 1 --stream -o more.h5") == 0);
  const std::string said = s.err();
  CHECK(std::stod(said.substr(said.find("peak ") + 5)) * 1e6 < 1.1 * double(bytes));
#endif
}
