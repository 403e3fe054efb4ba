// Layers and losses give the same bits wherever their inputs, outputs, parameters and gradients lie. (Weights
// of physical layers are Matrix, which is always aligned; tests/platform writes them elsewhere.)
#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/network/layer_op.hpp"
#include "tests/catch.hpp"
#include "tests/shifted.hpp"

using namespace pnn;
using network::Kind;
using test::Shifted;

namespace {

constexpr Index samples = 85;  // two chunks of samples of a product, the last one odd

template <class Real>
std::vector<Real> random_values(Index n, std::uint16_t stream, double offset = 0) {
  auto values = test::rounding_numbers<Real>(std::size_t(n), stream);
  for (Real& v : values) v += Real(offset);
  return values;
}

network::Offsets offsets_of(const network::Layer& layer, const network::DigitalLayout& layout) {
  const auto find = [&](const std::vector<network::Segment>& list, const char* name) {
    for (const network::Segment& s : list)
      if (s.name == layer.name + "/" + name) return s.offset;
    return Index(-1);
  };
  const auto& t = layout.trained;
  return {std::max({find(t, "weight"), find(t, "scale"), find(t, "gain")}),
          std::max(find(t, "bias"), find(t, "shift")), find(layout.state, "mean"),
          find(layout.state, "variance")};
}

/// Everything that one layer makes of one batch, where arrays begin `shift` bytes behind a whole vector, each
/// with a further distance of its own.
template <class Real>
std::vector<Real> outcome(const network::Resolved& net, const network::Layer& layer, std::size_t shift) {
  const auto layout = network::digital_layout(net);
  const auto at = [&](std::size_t more) { return (shift + more) % 64; };
  const auto zeros = [](Index n) { return std::vector<Real>(std::size_t(n)); };
  Shifted<Real> in(random_values<Real>(samples * layer.in.size(), 1), at(0)),
      out(zeros(samples * layer.out.size()), at(16)),
      dy(random_values<Real>(samples * layer.out.size(), 2), at(24)),
      dx(zeros(samples * layer.in.size()), at(40)),
      digital(random_values<Real>(layout.trained_size, 3, 0.7), at(8)),
      digital_gradient(zeros(layout.trained_size), at(48)),
      state(random_values<Real>(layout.state_size, 4, 9), at(32));
  std::vector<Matrix<Real>> weights, gradients;
  for (const auto& plan : net.plans()) {
    const std::vector<std::size_t> shape = plan->weights_port().shape;
    const Index cols = Index(shape.back());
    const Index rows =
        Index(std::accumulate(shape.begin(), shape.end() - 1, std::size_t(1), std::multiplies<>()));
    const auto values = random_values<Real>(rows * cols, std::uint16_t(10 + weights.size()));
    weights.push_back(ConstMatrixView<Real>(values.data(), rows, cols));
    gradients.push_back(Matrix<Real>::Zero(rows, cols));
  }
  const network::Parameters<Real> parameters{weights, digital.span(), state.span()};
  const auto op = network::make_layer<Real>(layer, offsets_of(layer, layout), samples);
  const ConstMatrixView<Real> x(in.data(), samples, layer.in.size()), d(dy.data(), samples, layer.out.size());
  const MatrixView<Real> y(out.data(), samples, layer.out.size());
  op->forward(x, y, parameters, network::Statistics::batch_and_update);
  op->backward(x, ConstMatrixView<Real>(out.data(), samples, layer.out.size()), d,
               MatrixView<Real>(dx.data(), samples, layer.in.size()), parameters,
               {gradients, digital_gradient.span()});
  std::vector<Real> all;
  for (Shifted<Real>* array : {&out, &dx, &digital_gradient, &state})
    all.insert(all.end(), array->data(), array->data() + array->size());
  for (const Matrix<Real>& g : gradients) all.insert(all.end(), g.data(), g.data() + g.size());
  return all;
}

template <class Real>
std::size_t different(const network::Resolved& net, const network::Layer& layer) {
  std::size_t wrong = 0;
  const auto first = outcome<Real>(net, layer, 0);
  for (const std::size_t shift : test::shifts<Real>())
    wrong += test::same_bits(outcome<Real>(net, layer, shift), first) ? 0 : 1;
  return wrong;
}

template <class Real>
std::vector<double> losses(network::Task task, std::size_t shift) {
  constexpr Index width = 13;
  const network::Resolved net = network::resolve({"13", {"dense:out=9", "tanh", "dense:out=13"}}, {});
  const auto layout = network::digital_layout(net);
  Shifted<Real> in(random_values<Real>(samples * width, 1), shift),
      pictures(random_values<Real>(samples * width, 2), (shift + 24) % 64),
      digital(random_values<Real>(layout.trained_size, 3), (shift + 8) % 64),
      gradient(std::vector<Real>(std::size_t(layout.trained_size)), (shift + 40) % 64);
  std::vector<std::int32_t> labels;
  for (Index n = 0; n < samples; ++n) labels.push_back(std::int32_t(n % width));
  network::Pass<Real> pass(net, samples);
  const network::Parameters<Real> parameters{{}, digital.span(), {}};
  pass.forward(ConstMatrixView<Real>(in.data(), samples, width), parameters, network::Statistics::batch);
  const network::Loss loss = pass.loss(task, labels, ConstMatrixView<Real>(pictures.data(), samples, width));
  pass.backward(parameters, {{}, gradient.span()});
  std::vector<double> all{loss.mean};
  for (const Real g : gradient.span()) all.push_back(double(g));
  return all;
}

}  // namespace

TEST_CASE("every kind of layer gives the same bits wherever its numbers lie") {
  const std::vector<network::NetworkSpec> specs = {
      {"13", {"mrr:out=7", "sigmoid", "dense:out=5"}},
      {"3", {"dense:out=2", "tanh", "mrr:out=2"}},  // so small that Eigen would not pack
      {"29", {"dense:out=17", "softplus", "dense:out=11", "relu", "dense:out=3", "abs2"}},
      {"11", {"dense:out=9", "batchnorm", "dense:out=1"}},
      {"2x7x9", {"conv:out=3,kernel=3", "batchnorm", "maxpool:2", "dense:out=3"}},
      {"1x5x3", {"conv:out=1,kernel=2,pad=1,stride=2", "relu"}},
      {"2x7x5", {"mrr-conv:out=3,kernel=3,pad=2,stride=2", "relu", "mrr-conv:out=2,kernel=2", "mrr:out=3"}},
      {"5", {"mzi:modes=5,detect=modulus,keep=3"}},
      {"5c", {"mzi:modes=5,detect=field", "electro-optic", "mzi:modes=5,layout=svd,detect=coherent,keep=3"}},
      {"7c", {"normalize:power=9", "mzi:modes=7,detect=intensity"}},
      {"6", {"freespace:out=5", "sigmoid", "freespace:out=3,grid=1x2,signed=offset"}},
      {"6", {"d2nn:out=3,pixels=12x10,gap=0.05,image=2x3,block=3", "normalize"}},
  };
  std::set<Kind> seen;
  for (const auto& spec : specs) {
    const network::Resolved net = network::resolve(spec, {});
    for (const network::Layer& layer : net.layers) {
      INFO(layer.name << " of " << spec.to_string());
      CHECK(different<float>(net, layer) == 0);
      CHECK(different<double>(net, layer) == 0);
      seen.insert(layer.kind);
    }
  }
  CHECK(seen.size() == std::size_t(Kind::gain) + 1);  // the last of the kinds
}

TEST_CASE("every loss and its gradient have the same bits wherever samples lie") {
  for (const auto task : {network::Task::classify, network::Task::regress, network::Task::reconstruct,
                          network::Task::generate}) {
    for (const std::size_t shift : test::shifts<float>())
      CHECK(test::same_bits(losses<float>(task, shift), losses<float>(task, 0)));
    for (const std::size_t shift : test::shifts<double>())
      CHECK(test::same_bits(losses<double>(task, shift), losses<double>(task, 0)));
  }
}
