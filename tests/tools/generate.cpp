// Autoencoders and generators as a user runs them: through files, the same bytes for one and two threads, in
// shards, on devices that drift; and what cannot be compared is refused.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/tools/shell.hpp"

using pnn::test::Shell;

namespace {

/// squares.h5 (pictures of 4x4 in three shades, in three classes), classifier.h5, and networks on rings.
void draw_squares(Shell& s) {
  std::string images, labels;
  const auto number = [](std::string& to, std::uint32_t n) {
    for (int shift = 24; shift >= 0; shift -= 8) to += char((n >> shift) & 0xFFU);
  };
  for (const std::uint32_t n : {0x803U, 120U, 4U, 4U}) number(images, n);
  for (const std::uint32_t n : {0x801U, 120U}) number(labels, n);
  for (std::uint32_t n = 0; n < 120; ++n) {
    for (std::uint32_t pixel = 0; pixel < 16; ++pixel)
      images += char(80 * (n % 3) + (n * 7 + pixel * (1 + n % 5)) % 64);
    labels += char(n % 3);
  }
  s.write("images.idx", images);
  s.write("labels.idx", labels);
  REQUIRE(s.run("pnn-data idx --train-images images.idx --train-labels labels.idx --test-images images.idx "
                "--test-labels labels.idx -o squares.h5") == 0);
  REQUIRE(
      s.run("pnn-fit --model nominal --inputs 1x4x4 --layer dense:out=6 --layer relu --layer dense:out=3 -o "
            "digital.h5 && pnn-train digital.h5 --data squares.h5 --epochs 5 --batch 20 --lr 0.01 -o "
            "classifier.h5") == 0);
  REQUIRE(s.run("pnn-fabricate --inputs 16 --layer mrr:out=6 --layer relu --layer mrr:out=16 --layer sigmoid "
                "--count 2 -o chips.h5 && pnn-fit chips.h5 --model nominal -o coder.h5") == 0);
  REQUIRE(
      s.run("pnn-fit --model nominal --inputs 4 --layer mrr:out=16 --layer batchnorm --layer relu --layer "
            "mrr:out=16 --layer sigmoid -o maker.h5") == 0);
}

const std::string common = " --data squares.h5 --epochs 6 --batch 20 --lr 0.01 ";

bool equal_files(const Shell& s, const std::string& a, const std::string& b) {
  const std::string bytes = s.read(a);
  return !bytes.empty() && bytes == s.read(b);
}

void expect_refusal(Shell& s, const std::string& command, const std::string& sentence) {
  INFO(command);
  CHECK(s.run(command) == 2);
  INFO(s.err());
  const std::string err = s.err();
  CHECK(err.find(sentence) != std::string::npos);
  CHECK(std::count(err.begin(), err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("autoencoder and generator give the same bytes for one and two threads, whole and in shards") {
  Shell s;
  draw_squares(s);
  for (const std::string n : {"1", "2"}) {
    const std::string t = " --threads " + n + " ";
    REQUIRE(s.run("pnn-train coder.h5 --task reconstruct --method sat --perturb temperature=0.25" + common +
                  t + "-o ae" + n + ".h5") == 0);
    REQUIRE(s.run("pnn-train maker.h5 --task generate" + common + t + "-o maker" + n + "-bp.h5") == 0);
    const std::string sweep =
        "pnn-perturb ae" + n +
        ".h5 --data squares.h5 --devices chips.h5 --vary drift=-0.25:0.25:0.25 --features classifier.h5 "
        "--outputs 3" +
        t;
    REQUIRE(s.run(sweep + "-o drift" + n + ".h5") == 0);
    REQUIRE(s.run("pnn-eval maker" + n + "-bp.h5 --data squares.h5 --on maker.h5 --features classifier.h5 " +
                  "--outputs 4 -o made" + n + ".h5" + t) == 0);
    if (n == "2") continue;
    for (const std::string part : {"0", "1"})
      REQUIRE(s.run(sweep + "--shard " + part + "/2 -o part" + part + ".h5") == 0);
    REQUIRE(s.run("pnn-merge part1.h5 part0.h5 -o merged.h5") == 0);
    CHECK(equal_files(s, "drift1.h5", "merged.h5"));
    REQUIRE(s.run(sweep + "--shard 1/2 -o again.h5 --resume part1.h5") == 0);
    CHECK(equal_files(s, "part1.h5", "again.h5"));
  }
  for (const std::string file : {"ae", "drift", "made"}) {
    INFO(file);
    CHECK(equal_files(s, file + "1.h5", file + "2.h5"));
    CHECK(s.run("pnn-info --validate " + file + "1.h5") == 0);
  }
  CHECK(equal_files(s, "maker1-bp.h5", "maker2-bp.h5"));
}

TEST_CASE("errors and Fréchet distances are told with their growth from where nothing is disturbed") {
  Shell s;
  draw_squares(s);
  REQUIRE(s.run("pnn-train coder.h5 --task reconstruct" + common + "-o ae.h5") == 0);
  CHECK(s.out().find("training loss") != std::string::npos);
  const std::string sweep = "pnn-perturb ae.h5 --data squares.h5 --devices coder.h5 -q -o r.h5 ";
  REQUIRE(s.run(sweep + "--vary drift=0,0.5 --features classifier.h5") == 0);
  CHECK(s.out().find("mean squared error and squared Fréchet distance F") != std::string::npos);
  CHECK(s.out().find("× the undisturbed") != std::string::npos);
  REQUIRE(s.run(sweep + "--vary drift=0,0.5 --features classifier.h5 --json") == 0);
  for (const std::string key : {"error_mean", "frechet_mean", "frechet_worst"})
    CHECK(s.out().find("\"" + key + "\": [") != std::string::npos);
  CHECK(s.out().find("\"error_growth\": [1.0,") != std::string::npos);
  REQUIRE(s.run(sweep + "--vary drift=0.25,0.5 --json") == 0);
  CHECK(s.out().find("\"error_growth\": [null,null]") != std::string::npos);
  CHECK(s.out().find("frechet") == std::string::npos);
}

TEST_CASE("a generator is trained on a device as well") {
  Shell s;
  draw_squares(s);
  REQUIRE(s.run("pnn-fabricate --inputs 4 --layer mrr:out=16 --layer sigmoid -o chip.h5 && pnn-fit chip.h5 "
                "--model nominal -o model.h5") == 0);
  REQUIRE(s.run("pnn-train model.h5 --device chip.h5 --method pat --task generate" + common + "-o pat.h5") ==
          0);
  CHECK(s.run("pnn-eval pat.h5 --data squares.h5 --on chip.h5 --trim temperature --trim-samples 20") == 0);
  CHECK(s.out().find("energy distance") != std::string::npos);
  CHECK(s.run("pnn-train model.h5 --task generate --dry-run" + common + "-o dry.h5") == 0);
  CHECK(s.run("pnn-transfer pat.h5 --data squares.h5 --devices chip.h5 --models model.h5 --finetune-steps 3 "
              "--method pat --batch 20") == 0);
}

TEST_CASE("what cannot be generated or compared is refused in one sentence") {
  Shell s;
  draw_squares(s);
  expect_refusal(s, "pnn-train digital.h5 --task generate" + common + "-o out.h5",
                 "pictures of 16 numbers but the network of digital.h5 has 3 outputs; end it with out=16");
  expect_refusal(s, "pnn-train maker.h5 --task generate --data squares.h5 --batch 1 -o out.h5",
                 "--batch 2 or more");
  CHECK_FALSE(s.exists("out.h5"));
  REQUIRE(s.run("pnn-train coder.h5 --task reconstruct" + common + "-o ae.h5") == 0);
  const std::string eval = "pnn-eval ae.h5 --data squares.h5 --on coder.h5 ";
  expect_refusal(s, eval + "--features ae.h5", "ae.h5: features are those of a classifier");
  expect_refusal(s, eval + "--features squares.h5", "expected filetype \"params\", found \"dataset\"");
  expect_refusal(s, eval + "--outputs 121", "--outputs 121: 120 samples are shown");
  expect_refusal(s, "pnn-eval classifier.h5 --data squares.h5 --on digital.h5 --features classifier.h5",
                 "--features: compares pictures");
}
