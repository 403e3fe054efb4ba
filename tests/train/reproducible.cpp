// Steps of optimisers and perturbations have the same bits wherever their numbers lie.
#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/model/model.hpp"
#include "pnn/train/optimizer.hpp"
#include "pnn/train/perturbation.hpp"
#include "pnn/train/residual.hpp"
#include "tests/catch.hpp"
#include "tests/shifted.hpp"

using namespace pnn;
using test::Shifted;

namespace {

std::vector<float> numbers(std::size_t n, std::uint16_t stream, float offset = 0) {
  auto values = test::rounding_numbers<float>(n, stream);
  for (float& v : values) v += offset;
  return values;
}

std::vector<float> updated(train::Optimizer::Kind kind, std::size_t shift) {
  constexpr std::size_t n = 77;
  Shifted<float> values(numbers(n, 1), shift), gradient(numbers(n, 2), (shift + 24) % 64);
  train::Optimizer optimizer(kind, 2 * n, 0.9);
  for (std::uint64_t step = 0; step < 3; ++step)
    optimizer.update(5 + shift / 4, values.span(), gradient.span(), 5, 0.01, step);  // its moments shift too
  return {values.data(), values.data() + n};
}

/// Everything that a perturbation does with spans.
std::vector<float> perturbed(train::Method method, train::Scale scale, std::size_t shift) {
  const network::Resolved net = network::resolve({"11", {"mrr:out=7", "tanh", "dense:out=3"}}, {});
  const platform::Process process;
  const model::Model model = model::nominal_model(net.plans(), process);
  train::Objective<float> objective(net, model::make_maps<float>(model, 0), network::Task::classify, 4);
  train::TrainSettings settings;
  settings.method = method;
  settings.perturbation.scale = scale;
  settings.perturbation.rho = 0.1;
  settings.perturbation.rho_groups = {"digital=0.05"};
  train::PerturbationSpace space(objective, model.plans, settings);
  const auto place = [&](std::size_t more) { return (shift + more) % 64; };
  const auto n = std::size_t(objective.control_count()), d = std::size_t(objective.digital_count());
  Shifted<float> controls(numbers(n, 1, 3), place(0)), digital(numbers(d, 2), place(8)),
      u(std::vector<float>(std::size_t(space.size())), place(20)),
      g(std::vector<float>(std::size_t(space.size())), place(28)), by_control(numbers(n, 3), place(40)),
      by_offset(numbers(n, 4), place(44)),
      by_weight(numbers(std::size_t(objective.weight_count()), 5), place(4)),
      by_digital(numbers(d, 6), place(16));
  space.set_scale(controls.span(), digital.span());
  space.add_noise({31, Purpose::test, 9}, 0.3, u.span());
  space.pull({by_control.span(), by_offset.span(), by_weight.span(), by_digital.span(), {}, false}, g.span());
  space.add_direction(g.span(), 0.2, u.span());
  train::Point<float> point;
  space.apply(u.span(), controls.span(), digital.span(), point);
  std::vector<float> all;
  for (const std::span<const float> part :
       {std::span<const float>(u.span()), std::span<const float>(g.span()), point.controls,
        point.response_offset, point.weight_offset, point.digital})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<float> residual(std::size_t shift) {
  const network::Resolved net = network::resolve({"11", {"mrr:out=7"}}, {});
  constexpr Index samples = 9;
  Shifted<float> inputs(numbers(samples * 11, 1), shift), outputs(numbers(samples * 7, 2), (shift + 36) % 64);
  train::Residuals residuals(net.plans(), 0.01);
  residuals.measure(0, Matrix<float>::Constant(7, 11, 0.3F),
                    ConstMatrixView<float>(inputs.data(), samples, 11),
                    ConstMatrixView<float>(outputs.data(), samples, 7));
  residuals.update();
  return residuals.values();
}

}  // namespace

TEST_CASE("an optimiser's step has the same bits wherever parameters and moments lie") {
  for (const auto kind : {train::Optimizer::Kind::adam, train::Optimizer::Kind::sgd}) {
    for (const std::size_t shift : test::shifts<float>())
      CHECK(test::same_bits(updated(kind, shift), updated(kind, 0)));
  }
}

TEST_CASE("a perturbation has the same bits wherever coordinates, controls and gradients lie") {
  for (const auto& [method, scale] : {std::pair(train::Method::sat, train::Scale::range),
                                      std::pair(train::Method::sat, train::Scale::adaptive),
                                      std::pair(train::Method::sat, train::Scale::response),
                                      std::pair(train::Method::sam, train::Scale::range),
                                      std::pair(train::Method::noise, train::Scale::range)}) {
    INFO(word_of(method) << ", scale " << word_of(scale));
    for (const std::size_t shift : test::shifts<float>())
      CHECK(test::same_bits(perturbed(method, scale, shift), perturbed(method, scale, 0)));
  }
}

TEST_CASE("a residual map has the same bits wherever a device's inputs and outputs lie") {
  for (const std::size_t shift : test::shifts<float>()) CHECK(test::same_bits(residual(shift), residual(0)));
}
