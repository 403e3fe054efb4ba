// A mesh started from the matrix of another network: the same answers, whatever the model knows of its
// phases.
#include <Eigen/QR>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/train/small.hpp"

using namespace pnn;

namespace {

struct Network {
  network::Resolved net;
  model::Model model;
  train::TrainSettings settings;

  explicit Network(const std::vector<std::string>& layers)
      : net(network::resolve({"12", layers}, {})), model(model::nominal_model(net.plans(), {})) {
    settings.length.epochs = 2;
    settings.updates.batch = 30;
  }
  /// Static phases that the model knows, as after a fit of fringes.
  void shift_phases() {
    for (model::ChipModel& chip : model.chips) {
      fill_normal({2, Purpose::test, 8}, std::span<double>(chip.values.data));
    }
  }
  [[nodiscard]] train::Objective<float> objective() const {
    return {net, model::make_maps<float>(model, 0), network::Task::classify, 90};
  }
  [[nodiscard]] train::Params trained(const network::Dataset& data) const {
    Progress quiet;
    return train::train({net, model, 0, data, settings, 1}, quiet, [](const train::Params&) {});
  }
  [[nodiscard]] double loss(train::Start start, const network::Dataset& data) const {
    train::Objective<float> objective = this->objective();
    return objective
        .loss({view(std::as_const(data.test.x)), data.test.y}, {start.controls, {}, {}, {}, start.digital},
              network::Statistics::running, start.state)
        .mean;
  }
  /// Started from parameters of another network.
  [[nodiscard]] train::Start from(const train::Params& params, std::vector<std::string>& remarks) const {
    train::Objective<float> objective = this->objective();
    return train::start_from(params, net, objective, {}, settings, remarks);
  }
};

train::Tensor& tensor(train::Params& params, const std::string& name) {
  for (train::Tensor& t : params.digital) {
    if (t.name == name) return t;
  }
  throw InternalError(name);
}
void clear(train::Tensor& t) {
  std::fill(t.values.data.begin(), t.values.data.end(), 0.0F);
}

/// Loss of the parameters in their own network, and of the start that they make of another one's.
void check_same_loss(const Network& source, const train::Params& params, Network target,
                     std::size_t remarks_expected) {
  const network::Dataset data = test::clusters(12, 300, 90, 0.3F, 1.0F);
  std::vector<std::string> remarks;
  const double expected = source.loss(source.from(params, remarks), data);
  REQUIRE(remarks.empty());
  CHECK(target.loss(target.from(params, remarks), data) == Approx(expected).epsilon(1e-4));
  CHECK(remarks.size() == remarks_expected);
  target.shift_phases();
  CHECK(target.loss(target.from(params, remarks), data) == Approx(expected).epsilon(1e-4));
}

}  // namespace

TEST_CASE("an svd mesh that detects amplitudes takes any digital matrix, its bias through a batchnorm") {
  const Network digital({"dense:out=12", "batchnorm", "relu", "dense:out=3"});
  train::Params params = digital.trained(test::clusters(12, 300, 90, 0.3F, 1.0F));
  clear(tensor(params, "dense2/bias"));
  check_same_loss(digital, params,
                  Network({"mzi:modes=12,layout=svd,detect=coherent", "batchnorm", "relu",
                           "mzi:modes=12,layout=svd,detect=coherent,keep=3"}),
                  0);  // a bias of zeros is no loss
}

TEST_CASE("one mesh alone takes a multiple of a unitary matrix exactly, and says what is left of another") {
  const Network digital({"dense:out=12", "abs2", "dense:out=3"});
  const Network mesh({"mzi:modes=12", "dense:out=3"});
  train::Params params = digital.trained(test::clusters(12, 300, 90, 0.3F, 1.0F));
  std::vector<std::string> remarks;
  static_cast<void>(mesh.from(params, remarks));
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].find("mzi1: no unitary matrix is the given one") == 0);
  CHECK(remarks[1] == "mzi1: the bias of dense1 has no place on it and is dropped");
  clear(tensor(params, "dense1/bias"));

  Matrix<float> random(12, 12);
  fill_normal({4, Purpose::test, 9}, std::span<float>(random.data(), 144));
  const Matrix<float> rotation =
      Eigen::HouseholderQR<Matrix<float>>(random).householderQ() * (0.7F * Matrix<float>::Identity(12, 12));
  std::copy_n(rotation.data(), 144, tensor(params, "dense1/weight").values.data.begin());
  check_same_loss(digital, params, mesh, 0);
}

TEST_CASE("a mesh takes the matrix of a mesh of another layout") {
  const Network unitary({"mzi:modes=12,detect=modulus", "dense:out=3"});
  const train::Params params = unitary.trained(test::clusters(12, 300, 90, 0.3F, 1.0F));
  check_same_loss(unitary, params, Network({"mzi:modes=12,layout=svd,detect=modulus", "dense:out=3"}), 0);
}

TEST_CASE("a matrix of another size is refused with both sizes in mind") {
  const Network digital({"dense:out=10", "dense:out=3"});
  const train::Params params = digital.trained(test::clusters(12, 300, 90, 0.3F, 1.0F));
  std::vector<std::string> remarks;
  CHECK_THROWS_WITH(Network({"mzi:modes=12", "dense:out=3"}).from(params, remarks),
                    Catch::Contains("layer mzi1 (12x12) has no counterpart"));
}
