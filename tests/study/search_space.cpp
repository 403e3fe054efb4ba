#include "pnn/study/search_space.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pnn/core/text.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using namespace pnn::study;
using Catch::Contains;

namespace {

std::string refusal(const std::string& text) {
  return test::message_of<UsageError>([&] { parse_searched(text); });
}

}  // namespace

TEST_CASE("values of a range are inside it, uniform or uniform in the logarithm") {
  const Searched lr = parse_searched("lr=1e-3:1e-1:log");
  CHECK(lr.kind == Searched::Kind::number);
  CHECK(lr.at(0) == "0.001");
  CHECK(lr.at(0.5) == "0.01");
  CHECK(parse_number(lr.at(std::nextafter(1.0, 0.0)), "") == Approx(0.1));
  const Searched sigma = parse_searched("sigma=0:0.3");
  CHECK(sigma.at(0) == "0");
  CHECK(sigma.at(0.5) == "0.15");
  CHECK(sigma.at(1.0 / 3) == "0.1");
  const Searched draws = parse_searched("draws=1:4");
  CHECK(draws.kind == Searched::Kind::integer);
  for (const auto& [u, value] : {std::pair{0.0, "1"}, {0.24, "1"}, {0.26, "2"}, {0.74, "3"}, {0.99, "4"}})
    CHECK(draws.at(u) == value);
  const Searched parts = parse_searched("draws=1:15:log");  // 1, 2–3, 4–7, 8–15: a quarter each
  CHECK(parts.at(0.249) == "1");
  CHECK(parts.at(0.26) == "2");
  CHECK(parts.at(0.51) == "4");
  CHECK(parts.at(0.999) == "15");
  const Searched method = parse_searched("method=noise,sat,drawn-sat");
  CHECK(method.kind == Searched::Kind::value);
  CHECK(method.at(0.3) == "noise");
  CHECK(method.at(0.34) == "sat");
  CHECK(method.at(0.99) == "drawn-sat");
  CHECK(parse_searched("draws=1,8,32").at(0.5) == "8");
  CHECK(parse_searched("candidate-ends=true,false").at(0.9) == "false");
}

TEST_CASE(
    "points are those of the command line and of a sequence that fills all ranges, from the seed alone") {
  const std::vector<Searched> searched = parse_search({"draws=1:32", "candidates=1:32", "sigma=0:1"});
  const std::vector<SearchPoint> points = search_points(searched, 65, 5);
  REQUIRE(points.size() == 65);
  CHECK(points[0].empty());
  for (const std::size_t first : {1, 33}) {  // each half by itself
    std::set<std::string> draws, candidates;
    std::set<std::pair<int, int>> squares;
    for (std::size_t k = first; k < first + 32; ++k) {
      draws.insert(points[k][0]);
      candidates.insert(points[k][1]);
      squares.insert({(std::stoi(points[k][0]) - 1) / 8, (std::stoi(points[k][1]) - 1) / 4});
      const double sigma = parse_number(points[k][2], "");
      CHECK((sigma >= 0 && sigma <= 1));
    }
    CHECK(draws.size() == 32);  // every value once
    CHECK(candidates.size() == 32);
    CHECK(squares.size() == 32);  // and every pair of a quarter and an eighth
  }
  CHECK(search_points(searched, 65, 5) == points);
  CHECK(search_points(searched, 65, 6) != points);
  const std::vector<SearchPoint> fewer = search_points(searched, 20, 5);
  CHECK(std::equal(fewer.begin(), fewer.end(), points.begin()));
}

TEST_CASE("an option that acts on nothing beside the others keeps its value") {
  train::TrainSettings base;
  base.method = train::Method::bp;
  base.updates.lr = 0.02;
  const std::vector<Searched> searched = parse_search({"method=bp,sat", "rho=0.001:0.1:log", "lr=0.001:0.1"});
  SearchPoint given;
  CHECK(settings_at(base, searched, given).updates.lr == 0.02);
  CHECK(given == SearchPoint{"bp", format_number(base.perturbation.rho), "0.02"});
  SearchPoint flat{"bp", "0.05", "0.03"};
  const train::TrainSettings plain = settings_at(base, searched, flat);
  CHECK(plain.perturbation.rho == base.perturbation.rho);
  CHECK(plain.updates.lr == 0.03);
  CHECK(flat[1] == format_number(base.perturbation.rho));
  SearchPoint sharp{"sat", "0.05", "0.03"};
  CHECK(settings_at(base, searched, sharp).perturbation.rho == 0.05);
  CHECK(sharp == SearchPoint{"sat", "0.05", "0.03"});
  SearchPoint torn{"200"};
  base.method = train::Method::process;
  CHECK_THAT(test::message_of<UsageError>([&] { settings_at(base, parse_search({"draws=1:300"}), torn); }),
             Contains("--draws: more parts than --batch has samples"));
}

TEST_CASE("what cannot be searched is refused with a sentence") {
  CHECK_THAT(refusal("lr"), Contains("expected NAME=LOW:HIGH"));
  CHECK_THAT(refusal("rh=1:2"),
             Contains("--search rh: no option of trainings") && Contains("did you mean rho?"));
  CHECK_THAT(refusal("epochs=1:4"), Contains("--search epochs: is the same for all trainings"));
  CHECK_THAT(refusal("budget=100:400"), Contains("is the same for all trainings"));
  CHECK_THAT(refusal("label=a,b"), Contains("is the same for all trainings"));
  CHECK_THAT(refusal("perturb=temperature=1,temperature=2"), Contains("cannot be searched"));
  CHECK_THAT(refusal("only-layers=mrr1,mrr2"), Contains("cannot be searched"));
  CHECK_THAT(refusal("lr=-1:1"), Contains("--search lr: expected a number above 0, found \"-1\""));
  CHECK_THAT(refusal("momentum=0.5:1"),
             Contains("--search momentum: expected a number between 0 and 0.9999"));
  CHECK_THAT(refusal("draws=0.5:4"), Contains("--search draws: expected an integer between 1 and 1000"));
  CHECK_THAT(refusal("lr=0.1:0.01"), Contains("expected a range that rises"));
  CHECK_THAT(refusal("sigma=0:1:log"), Contains("a logarithmic range begins above 0"));
  CHECK_THAT(refusal("lr=0.1:1:ln"), Contains("expected LOW:HIGH or LOW:HIGH:log"));
  CHECK_THAT(refusal("method=1:3"), Contains("takes words, and no range"));
  CHECK_THAT(refusal("in-situ=0:1"), Contains("in-situ=true,false"));
  CHECK_THAT(refusal("method=noise,nose"), Contains("--search method: expected one of"));
  CHECK_THAT(refusal("lr=0.1"),
             Contains("expected a range (LOW:HIGH) or several values") && Contains("--lr 0.1"));
  CHECK_THAT(refusal("lr=0.1,0.2,0.1"), Contains("the value 0.1 stands twice"));
  CHECK_THAT(test::message_of<UsageError>([] {
               parse_search({"lr=0.1:1", "lr=1,2"});
             }),
             Contains("stands twice"));
  CHECK_THAT(test::message_of<UsageError>([] { parse_search({}); }),
             Contains("needs an option and its range"));
}

TEST_CASE("settings are said as a command line says them") {
  train::TrainSettings settings;
  settings.method = train::Method::drawn_sat;
  settings.perturbation.draw_process = true;
  settings.perturbation.rho = 0.002;
  settings.system.perturb = {"temperature=1", "rotation=2"};
  settings.updates.lr_controls = 0.01;
  CHECK(command_words(settings) ==
        std::vector<std::string>{"--method", "drawn-sat", "--rho", "0.002", "--draw-process", "--perturb",
                                 "temperature=1", "--perturb", "rotation=2", "--lr-controls", "0.01"});
  CHECK(command_words({}).empty());
}
