// What curves of rings show beside a fit.
#include "pnn/platforms/mrr/lab/readings.hpp"

#include "pnn/model/import.hpp"
#include "tests/catch.hpp"
#include "tests/curve_table.hpp"

using namespace pnn;
using model::CurveTable;
using model::import_curves;
using platforms::mrr::lab::detect_polarity;

TEST_CASE("polarity is told by the end at which curves start, and not guessed when they disagree") {
  CurveTable t = test::curve_table();
  CHECK(detect_polarity(import_curves(t, {22}, "t")) == platforms::mrr::Polarity::thru_drop);
  for (double& response : t.response) response = -response;
  CHECK(detect_polarity(import_curves(t, {22}, "t")) == platforms::mrr::Polarity::drop_thru);
  for (std::size_t k = 0; k < t.element.size(); ++k) {
    if (t.element[k] == "a") t.response[k] = -t.response[k];
  }
  CHECK_FALSE(detect_polarity(import_curves(t, {22}, "t")).has_value());
}

TEST_CASE("a ring that does not respond says nothing of the polarity of the others") {
  CurveTable t = test::curve_table();
  std::size_t n = 0;
  for (std::size_t k = 0; k < t.element.size(); ++k)
    if (t.element[k] == "a") t.response[k] = 0.4 + (++n % 3 == 1 ? -0.01 : 0.01);  // begins at its other end
  CHECK(detect_polarity(import_curves(t, {22}, "t")) == platforms::mrr::Polarity::thru_drop);
}
