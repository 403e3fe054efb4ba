// Every map gives the same bits wherever its controls, weights and gradients lie, and so do what passes
// signals without a map.
#include <string>
#include <vector>

#include "pnn/platform/detection.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/d2nn/batch.hpp"
#include "pnn/platforms/d2nn/masks.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/d2nn/stack.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mzi/mesh.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/d2nn/cases.hpp"
#include "tests/platforms/freespace/cases.hpp"
#include "tests/platforms/mrr/cases.hpp"
#include "tests/platforms/mzi/cases.hpp"
#include "tests/shifted.hpp"

using namespace pnn;
using test::Shifted;

namespace {

template <class Real>
std::vector<Real> numbers(Index n, std::uint16_t stream) {
  return test::rounding_numbers<Real>(std::size_t(n), stream);
}

template <class Real>
std::vector<Real> zeros(Index n) {
  return std::vector<Real>(std::size_t(n));
}

template <class Real>
void append(std::vector<Real>& all, Shifted<Real>& more) {
  all.insert(all.end(), more.data(), more.data() + more.size());
}

/// Weights, gradients and inverse of a map, where each array begins `shift` bytes and a distance of its own
/// behind a whole vector.
template <class Real>
std::vector<Real> outcome(platform::TransferMap<Real>& map, const std::vector<double>& at,
                          const platform::System& system, std::size_t shift) {
  const Index n = map.control_count(), size = map.rows() * map.cols();
  const auto place = [&](std::size_t more) { return (shift + more) % 64; };
  auto small = numbers<Real>(n, 2);
  for (Real& x : small) x *= Real(0.001);
  Shifted<Real> controls(std::vector<Real>(at.begin(), at.end()), place(0)), offset(small, place(16)),
      weights(zeros<Real>(size), place(24)), by_weight(numbers<Real>(size, 3), place(40)),
      by_control(zeros<Real>(n), place(8)), by_offset(zeros<Real>(n), place(48)),
      inverse(std::vector<Real>(at.begin(), at.end()), place(32));
  const platform::OperatingPoint<Real> point{controls.span(), offset.span(), system};
  map.evaluate(point, MatrixView<Real>(weights.data(), map.rows(), map.cols()));
  platform::Pullback<Real> pullback{by_control.span(), by_offset.span(), {}};
  map.pullback(point, ConstMatrixView<Real>(by_weight.data(), map.rows(), map.cols()), pullback);
  std::vector<Real> all;
  append(all, weights);
  append(all, by_control);
  append(all, by_offset);
  for (const platform::SystemParameter& p : platform::system_parameters())
    all.push_back(Real(p.at(pullback.system)));
  for (Index k = 0; k < size; ++k) weights.data()[k] *= Real(0.9);
  all.push_back(
      Real(map.invert(ConstMatrixView<Real>(weights.data(), map.rows(), map.cols()), inverse.span())));
  append(all, inverse);
  if (map.has_slopes()) {
    map.slope(point, by_control.span());
    map.curvature(point, by_offset.span());
    map.response_slope(point, inverse.span());
    append(all, by_control);
    append(all, by_offset);
    append(all, inverse);
  }
  if (map.largest_direct_batch() == 0) return all;
  for (const Index batch : {1, 19}) {
    const Index in = 2 * map.cols(), out = map.rows();
    Shifted<Real> signals(numbers<Real>(batch * in, 5), place(16)), got(zeros<Real>(batch * out), place(8)),
        by_got(numbers<Real>(batch * out, 6), place(56)), by_signal(zeros<Real>(batch * in), place(40));
    const ConstMatrixView<Real> x(signals.data(), batch, in), y(got.data(), batch, out),
        dy(by_got.data(), batch, out);
    map.propagate(point, x, MatrixView<Real>(got.data(), batch, out));
    map.pull_signals(point, x, y, dy, pullback, MatrixView<Real>(by_signal.data(), batch, in));
    append(all, got);
    append(all, by_control);
    append(all, by_signal);
  }
  return all;
}

template <class Real>
std::size_t different(platform::TransferMap<Real>& map, const std::vector<double>& at,
                      const platform::System& system = {}) {
  std::size_t wrong = 0;
  const auto first = outcome(map, at, system, 0);
  for (const std::size_t shift : test::shifts<Real>())
    wrong += test::same_bits(outcome(map, at, system, shift), first) ? 0 : 1;
  return wrong;
}

}  // namespace

TEST_CASE("banks of rings give the same bits wherever their numbers lie") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    const auto at = test::spread(c.plan.weights(), 0.2, 5, 4);
    platform::System warm;
    warm.temperature_k = 0.3;
    CHECK(different(*platforms::mrr::make_bank<float>(c.plan, c.physics, c.rings), at, warm) == 0);
    CHECK(different(*platforms::mrr::make_bank<double>(c.plan, c.physics, c.rings), at, warm) == 0);
  }
}

TEST_CASE("a bank's gradients do not depend on what it was asked before") {
  for (const test::BankCase& c : test::all_cases()) {
    INFO(c.name);
    const auto bank = platforms::mrr::make_bank<double>(c.plan, c.physics, c.rings);
    const auto at = test::spread(c.plan.weights(), 0.2, 5, 4);
    const auto by_weight = numbers<double>(c.plan.weights(), 3);
    std::vector<double> by_control(at.size()), slope(at.size());
    const auto gradients = [&] {
      platform::Pullback<double> pullback{by_control, {}, {}};
      bank->pullback({at, {}, {}}, ConstMatrixView<double>(by_weight.data(), bank->rows(), bank->cols()),
                     pullback);
      std::vector<double> all = by_control;
      all.push_back(pullback.system.temperature_k);
      return all;
    };
    const auto first = gradients();
    bank->slope({at, {}, {}}, slope);
    CHECK(test::same_bits(gradients(), first));
  }
}

TEST_CASE("meshes give the same bits wherever their numbers lie") {
  for (const test::MeshCase& c : test::mesh_cases()) {
    INFO(c.name);
    platforms::mzi::Mesh<float> single(c.plan, c.physics, c.errors);
    platforms::mzi::Mesh<double> twice(c.plan, c.physics, c.errors);
    CHECK(different(single, c.controls()) == 0);
    CHECK(different(twice, c.controls()) == 0);
  }
}

TEST_CASE("free-space multipliers give the same bits wherever their numbers lie") {
  for (const test::FreespaceCase& c : test::freespace_cases()) {
    INFO(c.name);
    platforms::freespace::Freespace<float> single(c.plan, c.physics, c.errors);
    platforms::freespace::Freespace<double> twice(c.plan, c.physics, c.errors);
    CHECK(different(single, c.controls(), c.system) == 0);
    CHECK(different(twice, c.controls(), c.system) == 0);
  }
}

namespace {

/// Two masks, six numbers in a picture of 2 × 3 blocks, three detectors.
platforms::d2nn::Plan small_stack(platforms::d2nn::Encoding encoding) {
  platforms::d2nn::Plan plan =
      test::d2nn_plan({16, 13, 2, 532, 2}, {0.1, 0.12}, {{1, 2, 3, 5}, {9, 3, 4, 4}, {5, 8, 2, 2}}, 0.05);
  plan.input = {2, 3, 4, encoding};
  return plan;
}

template <class Real>
std::vector<Real> through_stack(platforms::d2nn::Encoding encoding, std::size_t shift) {
  constexpr Index count = 11;
  const platforms::d2nn::Plan plan = small_stack(encoding);
  const Index masks = plan.masks(), cols = plan.plane.field_size() + 1, in = plan.input.size(),
              out = plan.out();
  const auto place = [&](std::size_t more) { return (shift + more) % 64; };
  Shifted<Real> weights(numbers<Real>(masks * cols, 1), place(0)),
      signals(numbers<Real>(count * in, 2), place(8)), got(zeros<Real>(count * out), place(16)),
      by_got(numbers<Real>(count * out, 3), place(24)), by_weights(zeros<Real>(masks * cols), place(40)),
      by_signals(zeros<Real>(count * in), place(48));
  const ConstMatrixView<Real> w(weights.data(), masks, cols), x(signals.data(), count, in);
  platforms::d2nn::Batch<Real> batch(plan, count, 4);
  batch.forward(w, x, MatrixView<Real>(got.data(), count, out));
  batch.pullback(w, x, ConstMatrixView<Real>(by_got.data(), count, out),
                 MatrixView<Real>(by_weights.data(), masks, cols),
                 MatrixView<Real>(by_signals.data(), count, in), platforms::d2nn::AxialGradient::yes);
  std::vector<Real> all;
  for (Shifted<Real>* array : {&got, &by_weights, &by_signals}) append(all, *array);
  return all;
}

template <class Real>
std::vector<Real> detected(platform::Detection detection, std::size_t shift) {
  constexpr Index count = 5, modes = 7;
  const Index out = platform::detected_size(detection, modes);
  const auto place = [&](std::size_t more) { return (shift + more) % 64; };
  Shifted<Real> field(numbers<Real>(count * 2 * modes, 1), place(0)),
      got(zeros<Real>(count * out), place(16)), by_got(numbers<Real>(count * out, 2), place(24)),
      by_field(zeros<Real>(count * 2 * modes), place(40));
  const ConstMatrixView<Real> f(field.data(), count, 2 * modes);
  platform::detect(detection, f, MatrixView<Real>(got.data(), count, out));
  platform::detect_backward(detection, f, ConstMatrixView<Real>(by_got.data(), count, out),
                            MatrixView<Real>(by_field.data(), count, 2 * modes));
  platform::take_moduli(detection, ConstMatrixView<Real>(by_got.data(), count, out),
                        MatrixView<Real>(field.data(), count, 2 * modes));
  std::vector<Real> all;
  for (Shifted<Real>* array : {&got, &by_field, &field}) append(all, *array);
  return all;
}

}  // namespace

TEST_CASE("diffractive networks give the same bits wherever their numbers lie") {
  for (const auto encoding : {platforms::d2nn::Encoding::amplitude, platforms::d2nn::Encoding::phase}) {
    for (const std::size_t shift : test::shifts<float>())
      CHECK(test::same_bits(through_stack<float>(encoding, shift), through_stack<float>(encoding, 0)));
    for (const std::size_t shift : test::shifts<double>())
      CHECK(test::same_bits(through_stack<double>(encoding, shift), through_stack<double>(encoding, 0)));
  }
  const platforms::d2nn::Plan plan = small_stack(platforms::d2nn::Encoding::amplitude);
  platforms::d2nn::Process process;
  platforms::d2nn::Errors errors = draw_errors(process, plan, 3, int(Purpose::test), 0, 0, 0);
  const auto at = test::spread(plan.control_count(), -2, 8, 5);
  platforms::d2nn::Masks<float> single(plan, 0.05, errors);
  platforms::d2nn::Masks<double> twice(plan, 0.05, errors);
  CHECK(different(single, at, test::misalignment(0.01, 0.02, 0.4, -0.3)) == 0);
  CHECK(different(twice, at, test::misalignment(0.01, 0.02, 0.4, -0.3)) == 0);
}

TEST_CASE("detectors give the same bits wherever their numbers lie") {
  using platform::Detection;
  for (const auto detection :
       {Detection::field, Detection::intensity, Detection::modulus, Detection::coherent}) {
    for (const std::size_t shift : test::shifts<float>())
      CHECK(test::same_bits(detected<float>(detection, shift), detected<float>(detection, 0)));
    for (const std::size_t shift : test::shifts<double>())
      CHECK(test::same_bits(detected<double>(detection, shift), detected<double>(detection, 0)));
  }
}
