// A model in place of a device computes what the model's own maps say.
#include "pnn/study/model_device.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/network/spec.hpp"
#include "tests/catch.hpp"

using namespace pnn;

TEST_CASE("a model in place of a device computes what its maps say, anew after each change") {
  const network::Resolved net = network::resolve({"4", {"mrr:out=3"}}, {});
  const model::Model model = model::nominal_model(net.plans(), {});
  const auto device = study::make_model_device(model, 0, 1);
  const auto map = std::move(model::make_maps<float>(model, 0).front());
  REQUIRE(device->layers().size() == 1);
  CHECK((device->layers()[0].lower == map->lower() && device->layers()[0].upper == map->upper()));

  const Matrix<float> inputs = Matrix<float>::Identity(4, 4);
  Matrix<float> outputs(4, 3), weights(3, 4);
  const auto follows = [&](const std::vector<float>& controls, const platform::System& system) {
    device->run(0, view(inputs), view(outputs));
    map->evaluate({controls, {}, system}, view(weights));
    return outputs == weights.transpose();
  };
  std::vector<float> controls(12, 1.5F);
  device->set_controls(0, controls);
  CHECK(follows(controls, {}));
  controls[5] = 2.5F;
  device->set_controls(0, controls);
  CHECK(follows(controls, {}));
  device::Conditions warm;
  warm.drift_k = 2;
  device->impose(warm);
  CHECK_FALSE(follows(controls, {}));
  CHECK(follows(controls, study::model_system(warm, 0, 22)));
  CHECK(study::model_system(warm, 0, 22).temperature_k == 2);
  warm.temperature_c = 25;
  CHECK(study::model_system(warm, 0, 22).temperature_k == 5);
  CHECK(device->calls() == 0);
  CHECK_THROWS_AS(device->read("temperature"), UsageError);
}
