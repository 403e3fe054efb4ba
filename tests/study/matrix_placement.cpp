#include "pnn/study/matrix_placement.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/platform/platform.hpp"
#include "pnn/study/network_export.hpp"
#include "pnn/train/initialise.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

network::NamedValues random_values(const char* name, std::vector<std::size_t> shape, std::uint16_t stream) {
  network::NamedValues values{name, Array<float>(std::move(shape))};
  fill_symmetric(Stream{6, Purpose::test, stream}, std::span<float>(values.values.data));
  return values;
}

/// 1x4x4 → a convolution, its bias, relu, a matrix with batch normalisation, a matrix without a bias.
network::DigitalNetwork digital() {
  network::DigitalNetwork network{"1x4x4", {}};
  network.layers = {
      {"conv:out=2,kernel=3,pad=1",
       "one",
       {random_values("weight", {2, 9}, 1), random_values("bias", {2}, 2)}},
      {"relu", "relu"},
      {"dense:out=5", "two", {random_values("weight", {5, 32}, 3), random_values("bias", {5}, 4)}},
      network::batchnorm_layer({{1, 2, 0.5, 1, -1}, {0, 0.1, 0, 0, 0}}, {0, 0, 0.2, 0, 0},
                               {1, 2, 3, 0.5, 1e-7}, 1e-5, "norm"),
      {"relu", "relu"},
      {"dense:out=3", "three", {random_values("weight", {3, 5}, 5), {"bias", Array<float>({3})}}}};
  return network;
}

network::Split lessons() {
  network::Split split;
  split.x.resize(40, 16);
  fill_symmetric(Stream{6, Purpose::test, 7}, std::span<float>(split.x.data(), std::size_t(split.x.size())));
  split.x = split.x.cwiseAbs();
  split.y.assign(40, 0);
  return split;
}

Matrix<float> outputs(const train::Params& params, const network::Split& split) {
  const network::Resolved network = network::resolve(params.network, params.process);
  std::vector<Matrix<float>> weights;
  for (const network::Layer& layer : network.layers)
    if (layer.physical >= 0)
      weights.push_back(ConstMatrixView<float>(params.weights[std::size_t(layer.physical)].values.data.data(),
                                               layer.matrix_rows, layer.matrix_cols));
  std::vector<float> trained, state;
  train::flat_digital(params, network, trained, state);
  Matrix<float> found;
  network::evaluate(network, {weights, trained, state}, split, params.task, nullptr, &found);
  return found;
}

}  // namespace

TEST_CASE("matrices on every platform that takes them give what the digital network gives") {
  const network::Split split = lessons();
  const Matrix<float> expected = outputs(study::params_of(digital(), network::Task::classify, "net"), split);
  int taken = 0;
  for (const platform::Platform* platform : platform::registry()) {
    INFO(platform->word());
    if (platform->matrix_keys(1, 1).empty()) {
      CHECK_THROWS_AS(
          study::place_matrices(digital(), platform->word(), {}, split, network::Task::classify, "net"),
          UsageError);
      continue;
    }
    ++taken;
    const study::PlacedNetwork placed =
        study::place_matrices(digital(), platform->word(), {}, split, network::Task::classify, "net");
    CHECK(placed.matrices.size() == (platform->convolves() ? 3U : 2U));
    CHECK(placed.notes.size() == (platform->convolves() ? 0U : 1U));
    for (const study::PlacedMatrix& matrix : placed.matrices) {
      CHECK(matrix.clipped == 0);
      CHECK(matrix.largest_error < 1e-3);
    }
    const Matrix<float> found = outputs(placed.params, split);
    CHECK((found - expected).cwiseAbs().maxCoeff() < 2e-3 * expected.cwiseAbs().maxCoeff());
    // as a graph and as arrays it has the matrices of the digital one, up to the scale
    const network::Graph graph = study::graph_of(placed.params, "net");
    CHECK(graph.nodes.size() >= 7);
    for (const network::NamedValues& values : study::state_dictionary_of(placed.params))
      CHECK_FALSE(values.name.ends_with(".transfer"));
  }
  CHECK(taken >= 4);
}

TEST_CASE(
    "a bias on hardware is in a batchnorm with the statistics of the samples, so that a training may go on") {
  const network::Split split = lessons();
  network::DigitalNetwork one{"1x4x4", {digital().layers.front()}};
  const std::string word = platform::registry().front()->word();
  const study::PlacedNetwork placed =
      study::place_matrices(one, word, {}, split, network::Task::reconstruct, "net");
  REQUIRE(placed.network.spec.layers.size() == 2);
  CHECK(placed.network.spec.layers[1] == "batchnorm");
  std::vector<float> trained, state;
  train::flat_digital(placed.params, placed.network, trained, state);
  const Matrix<float> weights = ConstMatrixView<float>(placed.params.weights[0].values.data.data(), 2, 9);
  network::Pass<float> pass(placed.network, 40);
  const std::vector<Matrix<float>> all = {weights};
  const Matrix<float> running =
      pass.forward(view(split.x), {all, trained, state}, network::Statistics::running);
  const Matrix<float> batch = pass.forward(view(split.x), {all, trained, state}, network::Statistics::batch);
  CHECK((running - batch).cwiseAbs().maxCoeff() < 1e-4 * running.cwiseAbs().maxCoeff());
}

TEST_CASE("a platform that is none, or a key that is none, is named") {
  const network::Split split = lessons();
  const auto told = [&](const std::string& onto) {
    return test::message_of<UsageError>(
        [&] { study::place_matrices(digital(), onto, {}, split, network::Task::classify, "net"); });
  };
  const std::string word = platform::registry().front()->word();
  CHECK_THAT(told(word + "x"), Contains("did you mean \"" + word + "\"?"));
  CHECK_THAT(told(word + ":chp=2x2"), Contains("has no key \"chp\""));
}
