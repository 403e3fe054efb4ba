#include <cmath>
#include <complex>
#include <numbers>
#include <utility>

#include "pnn/core/random.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/d2nn/batch.hpp"
#include "pnn/platforms/d2nn/masks.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/d2nn/stack.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/d2nn/cases.hpp"

using namespace pnn;
using platforms::d2nn::AxialGradient;
using platforms::d2nn::Batch;
using platforms::d2nn::Encoding;
using platforms::d2nn::Plan;

namespace {

/// Two masks, six numbers in a picture of 2 × 3 blocks off the middle by half a pixel, three detectors.
Plan batch_plan(Encoding encoding) {
  Plan plan =
      test::d2nn_plan({16, 13, 2, 532, 2}, {0.1, 0.12}, {{1, 2, 3, 5}, {9, 3, 4, 4}, {5, 8, 2, 2}}, 0.05);
  plan.input = {2, 3, 4, encoding};
  return plan;
}

template <class Real>
struct Samples {
  Samples(const Plan& plan, Index count)
      : weights(plan.masks(), plan.plane.field_size() + 1),
        signals(count, plan.input.size()),
        by_outputs(count, plan.out()),
        outputs(count, plan.out()),
        by_weights(weights.rows(), weights.cols()),
        by_signals(count, plan.input.size()) {
    for (auto* m : {&weights, &signals, &by_outputs})
      fill_symmetric({5, Purpose::test, 130, std::uint32_t(m->rows())},
                     std::span<Real>(m->data(), std::size_t(m->size())));
  }
  void run(Batch<Real>& batch, bool fresh) {
    batch.forward(view(std::as_const(weights)), view(std::as_const(signals)), view(outputs));
    if (!fresh) batch.forget();
    batch.pullback(view(std::as_const(weights)), view(std::as_const(signals)),
                   view(std::as_const(by_outputs)), view(by_weights), view(by_signals), AxialGradient::yes);
  }
  Matrix<Real> weights, signals, by_outputs, outputs, by_weights, by_signals;
};

}  // namespace

TEST_CASE("a batch is each picture's light through the stack, in units of evenly spread light") {
  for (const Encoding encoding : {Encoding::amplitude, Encoding::phase}) {
    const Plan plan = batch_plan(encoding);
    Samples<double> s(plan, 3);
    Batch<double> batch(plan, 3, 3);
    batch.forward(view(std::as_const(s.weights)), view(std::as_const(s.signals)), view(s.outputs));
    platforms::d2nn::Stack<double> stack(plan);
    platforms::d2nn::Stack<double>::Scratch scratch(plan);
    stack.set_weights(view(std::as_const(s.weights)));
    std::vector<double> fields(std::size_t(stack.fields_size())), intensities(3);
    for (Index n = 0; n < 3; ++n) {
      std::vector<double> entry(std::size_t(plan.plane.field_size()));
      for (Index y = 0; y < 8; ++y) {
        for (Index x = 0; x < 12; ++x) {
          const double number = s.signals(n, y / 4 * 3 + x / 4);
          const std::complex<double> u = encoding == Encoding::amplitude
                                             ? std::complex<double>(number)
                                             : std::polar(1.0, std::numbers::pi * number);
          const auto p = std::size_t((y + 2) * 16 + x + 2);  // margins of 2 and 3 rows, 2 and 2 columns
          entry[p] = u.real();
          entry[p + 208] = u.imag();
        }
      }
      stack.forward(entry, fields, intensities, scratch);
      const double areas[] = {15, 16, 4};
      for (Index r = 0; r < 3; ++r)
        CHECK(s.outputs(n, r) == Approx(intensities[std::size_t(r)] / areas[r] * 208 / 96).epsilon(1e-12));
    }
  }
}

TEST_CASE(
    "a batch gives the same bytes for one thread and three, with fields kept, computed again, or forgotten") {
  const Plan plan = batch_plan(Encoding::phase);
  constexpr Index count = 21;  // three chunks, the last not full
  const auto run = [&](int threads, Index kept, bool fresh) {
    set_threads(threads);
    Samples<float> s(plan, count);
    Batch<float> batch(plan, count + 4, kept);
    s.run(batch, fresh);
    s.run(batch, fresh);  // nothing of the first run is left in the second
    set_threads(0);
    return std::vector<Matrix<float>>{s.outputs, s.by_weights, s.by_signals};
  };
  const auto one = run(1, count, true);
  CHECK(!one[1].isZero(1e-9F));
  CHECK(run(3, count, true) == one);
  CHECK(run(2, 0, true) == one);
  CHECK(run(2, 10, true) == one);
  CHECK(run(2, count, false) == one);
}

TEST_CASE("fields are kept up to half a GiB") {
  Plan plan = batch_plan(Encoding::amplitude);
  CHECK(Batch<float>::worth_keeping(plan, 64) == 64);
  plan.plane.width = plan.plane.height = 512;
  plan.gaps_mm.assign(5, 2);
  CHECK(Batch<float>::worth_keeping(plan, 250) == 42);  // of 12 MiB each: 512 / 12
}
