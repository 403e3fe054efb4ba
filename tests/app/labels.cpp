#include "pnn/app/labels.hpp"

#include "tests/catch.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

app::Training training(const std::string& label, const std::string& command) {
  Provenance header;
  header.command = command;
  return {label, header};
}

}  // namespace

TEST_CASE("trainings of one method may differ by their seed and by the device of their model") {
  CHECK(app::mixed_labels({training("sat", "pnn-train method=sat rho=0.1 index=0 seed=1"),
                           training("sat", "pnn-train method=sat rho=0.1 index=3 seed=2"),
                           training("bp", "pnn-train method=bp rho=0.2 index=0 seed=1")})
            .empty());
}

TEST_CASE(
    "a label that holds trainings of other settings is named once, with the first setting that differs") {
  const std::vector<std::string> remarks = app::mixed_labels(
      {training("a", "pnn-train rho=0.1 lr=0.1 seed=1"), training("b", "pnn-train rho=0.9 seed=1"),
       training("a", "pnn-train rho=0.2 lr=0.3 seed=2"), training("a", "pnn-train rho=0.3 lr=0.1 seed=3"),
       training("b", "pnn-train rho=0.9 seed=2")});
  REQUIRE(remarks.size() == 1);
  CHECK_THAT(remarks.front(), Contains("the label \"a\"") && Contains("(rho=0.2)") && Contains("--label"));
}

TEST_CASE("a setting that the first training alone has is told without a name") {
  const std::vector<std::string> remarks = app::mixed_labels(
      {training("a", "pnn-train rho=0.1 momentum=0.9"), training("a", "pnn-train rho=0.1")});
  REQUIRE(remarks.size() == 1);
  CHECK_THAT(remarks.front(), Contains("differ in their settings and count"));
}
