#include "pnn/network/spec.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/network/dataset.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using network::resolve;

namespace {

std::string complaint(const std::string& inputs, const std::vector<std::string>& layers) {
  try {
    static_cast<void>(resolve({inputs, layers}, {}));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("LeNet-5 on rings has five physical layers of the known sizes") {
  const auto net = resolve({"1x28x28",
                            {"mrr-conv:out=6,kernel=5,pad=2", "batchnorm", "relu", "maxpool:2",
                             "mrr-conv:out=16,kernel=5", "batchnorm", "relu", "maxpool:2", "mrr:out=120",
                             "batchnorm", "relu", "mrr:out=84", "batchnorm", "relu", "mrr:out=10"}},
                           {});
  const auto plans = net.plans();
  REQUIRE(plans.size() == 5);
  const std::vector<std::pair<Index, Index>> sizes = {{6, 25}, {16, 150}, {120, 400}, {84, 120}, {10, 84}};
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    CHECK(platforms::mrr::bank_of(plans[k])->out == sizes[k].first);
    CHECK(platforms::mrr::bank_of(plans[k])->in == sizes[k].second);
    CHECK(plans[k]->name() == "mrr" + std::to_string(k + 1));
  }
  CHECK(net.output().size() == 10);
}

TEST_CASE("a gain stands after each physical layer that no batchnorm follows, and nowhere else") {
  const auto net =
      resolve({"20", {"mrr:out=8", "batchnorm", "relu", "mrr:out=6", "relu", "dense:out=3"}}, {});
  std::vector<network::Kind> kinds;
  for (const auto& layer : net.layers) kinds.push_back(layer.kind);
  using enum network::Kind;
  CHECK(kinds == std::vector{physical, batchnorm, relu, physical, gain, relu, dense});
}

TEST_CASE("the canonical text of a network resolves to the same network") {
  const auto net = resolve(
      {" 2x9x7 ", {"conv: out=3 , kernel=3,stride=2", "maxpool", "mrr:reuse=space,out=4,chip=4x8"}}, {});
  const auto again = resolve(net.spec, {});
  CHECK(again.spec == net.spec);
  CHECK(net.spec.layers[0] == "conv:out=3,kernel=3,stride=2");
  CHECK(platforms::mrr::bank_of(net.plans()[0])->reuse == platforms::mrr::Reuse::space);
  CHECK(platforms::mrr::bank_of(net.plans()[0])->chip_rows == 4);
  CHECK(net.layers[0].out == network::Shape{3, 4, 3});
}

TEST_CASE("a mistyped layer or key names the nearest known one") {
  CHECK(contains(complaint("10", {"mmr:out=3"}), "did you mean \"mrr\"?"));
  CHECK(contains(complaint("10", {"mrr:ouT=3"}), "did you mean \"out\"?"));
  CHECK(contains(complaint("10", {"relu:out=3"}), "it takes none"));
}

TEST_CASE("shapes that do not fit say where and what reached them") {
  CHECK(contains(complaint("784", {"mrr-conv:out=6,kernel=5"}), "does not fit what reaches it, 784"));
  CHECK(contains(complaint("1x4x4", {"maxpool:5"}), "leaves nothing of 1x4x4"));
  CHECK(contains(complaint("10", {"mrr"}), "needs out=N"));
  CHECK(
      contains(complaint("28x28", {"mrr:out=2"}), "expected FEATURES, CHANNELSxHEIGHTxWIDTH or AMPLITUDESc"));
  CHECK(contains(complaint("10", {}), "at least one layer"));
  CHECK(contains(complaint("10", {"mrr:out=-3"}), "expected an integer from 1"));
}

TEST_CASE("light is detected before numbers can be made of it") {
  CHECK(contains(complaint("4c", {"dense:out=2"}), "light reaches it as a field"));
  CHECK(contains(complaint("4", {"mzi:modes=4,detect=field", "relu"}), "light reaches it as a field"));
  CHECK(contains(complaint("4", {"electro-optic"}), "numbers reach it"));
  CHECK(contains(complaint("5", {"mzi:modes=4"}), "a mesh of 4 modes takes 4 amplitudes, but 5 reach it"));
  CHECK(contains(complaint("4", {"mzi:modes=4,keep=5"}), "at most the 4 detected outputs"));
  CHECK(contains(complaint("4", {"mzi:modes=4,detect=power"}), "unknown detection \"power\""));
  CHECK(contains(complaint("4", {"mzi:modes=4,layout=triangle"}), "expected unitary or svd"));
}

TEST_CASE("the gain of a mesh stands behind the outputs that are kept") {
  const auto net = resolve({"4c", {"mzi:modes=4,detect=field", "electro-optic", "mzi:modes=4,keep=2"}}, {});
  std::vector<network::Kind> kinds;
  for (const auto& layer : net.layers) kinds.push_back(layer.kind);
  using enum network::Kind;
  CHECK(kinds == std::vector{physical, electro_optic, physical, keep, gain});
  const auto plans = net.plans();
  REQUIRE(plans.size() == 2);
  CHECK(plans[0]->inputs() == 8);
  CHECK(plans[0]->outputs() == 8);
  CHECK(plans[1]->outputs() == 4);
  CHECK(plans[1]->controls() == 16);
}

TEST_CASE("a free-space layer is laid out as its words say") {
  const auto plan_of = [](const std::string& inputs, const std::string& layer) {
    return *platforms::freespace::planes_of(resolve({inputs, {layer}}, {}).plans().at(0));
  };
  const auto paper = plan_of("1x28x28", "freespace:out=144,grid=3x4,block=1x2,guard=2x1,signed=exposures");
  CHECK(paper == platforms::freespace::Plan{"freespace1", 144, 28, 28, 1, 2, 2, 1, 3, 4,
                                            platforms::freespace::Signs::exposures, false});
  const auto strip = plan_of("2x3x4", "freespace:out=5");
  CHECK(strip == platforms::freespace::Plan{"freespace1", 5, 1, 24, 1, 1, 0, 0, 5, 1});
  CHECK(strip.height() == 10);                                          // two halves
  CHECK(plan_of("2x3x4", "freespace:out=5,grid=1x1").image_rows == 6);  // channels below one another
  CHECK(plan_of("24", "freespace:out=5,grid=1x1,image=4x6,per=pixel,block=2x2").sites() == 96);
}

TEST_CASE("a diffractive layer is built as its words say") {
  const auto plan_of = [](const std::string& inputs, const std::string& layer) {
    return *platforms::d2nn::masks_of(resolve({inputs, {layer}}, {}).plans().at(0));
  };
  const auto plain = plan_of("1x28x28", "d2nn:out=10");
  CHECK(plain.name == "d2nn1");
  CHECK(plain.plane == platforms::d2nn::Plane{});
  CHECK(plain.gaps_mm == std::vector<double>{2, 2});
  CHECK(plain.entry_mm == 2);
  CHECK(plain.input == platforms::d2nn::Input{28, 28, 4});  // as large as fits 128 pixels
  CHECK(plain.moving == std::vector<Index>{1});
  REQUIRE(plain.out() == 10);
  CHECK(plain.detectors[0] == platforms::d2nn::DetectorRegion{8, 13, 16, 16});  // parts of 32 × 42 pixels
  CHECK(plain.detectors[9].y > plain.detectors[0].y);
  const auto other =
      plan_of("2x3x4",
              "d2nn:out=3,masks=3,pixels=20x30,pitch=0.8,wavelength=1550,gap=0.1,entry=0,levels=4,"
              "block=2,encode=phase,detectors=1x3,side=5,moving=all");
  CHECK(other.plane == platforms::d2nn::Plane{30, 20, 0.8, 1550});
  CHECK(other.gaps_mm == std::vector<double>{0.1, 0.1, 0.1});
  CHECK(other.entry_mm == 0);
  CHECK(other.levels == 4);
  CHECK(other.input == platforms::d2nn::Input{6, 4, 2, platforms::d2nn::Encoding::phase});
  CHECK(other.detectors ==
        std::vector<platforms::d2nn::DetectorRegion>{{2, 7, 5, 5}, {12, 7, 5, 5}, {22, 7, 5, 5}});
  CHECK(other.moving == std::vector<Index>{0, 1, 2});
  CHECK(plan_of("9", "d2nn:out=3,masks=4,image=3x3,moving=2").moving == std::vector<Index>{1});
  CHECK(plan_of("9", "d2nn:out=3,masks=1").moving == std::vector<Index>{0});
}

TEST_CASE("a diffractive layer that cannot be says why") {
  CHECK(contains(complaint("10", {"d2nn"}), "needs out=N"));
  CHECK(contains(complaint("10", {"d2nn:out=3,image=3x3"}), "3x3 is 9 elements, and 10 numbers reach it"));
  CHECK(contains(complaint("784", {"d2nn:out=3"}), "does not fit a plane of 128x128"));
  CHECK(contains(complaint("1x28x28", {"d2nn:out=3,block=5"}), "does not fit a plane of 128x128"));
  CHECK(contains(complaint("9", {"d2nn:out=7,detectors=2x3"}), "2x3 places do not hold 7"));
  CHECK(contains(complaint("9", {"d2nn:out=3,side=200"}), "not inside the plane"));
  CHECK(contains(complaint("9", {"d2nn:out=3,moving=3"}), "there are masks 1 to 2"));
  CHECK(contains(complaint("9", {"d2nn:out=3,moving=first"}), "expected rest, all or the number of a mask"));
  CHECK(contains(complaint("9", {"d2nn:out=3,gap=-1"}), "expected a distance of 0 to 10000 mm"));
  CHECK(contains(complaint("9", {"d2nn:out=3,encode=power"}), "expected amplitude or phase"));
  CHECK(contains(complaint("9c", {"d2nn:out=3"}), "light reaches it as a field"));
}

TEST_CASE("a free-space layer that cannot be says why") {
  CHECK(contains(complaint("10", {"freespace"}), "needs out=N"));
  CHECK(contains(complaint("10", {"freespace:out=3,grid=2x2,image=3x3"}),
                 "3x3 is 9 elements, and 10 numbers reach it"));
  CHECK(contains(complaint("10", {"freespace:out=3,image=2x5"}), "image needs grid=ROWSxCOLUMNS"));
  CHECK(contains(complaint("10", {"freespace:out=3,layout=grid"}), "belong together"));
  CHECK(contains(complaint("10", {"freespace:out=3,block=2"}), "block: expected ROWSxCOLUMNS"));
  CHECK(contains(complaint("10", {"freespace:out=3,block=0x2"}), "expected 1 to"));
  CHECK(contains(complaint("10", {"freespace:out=3,signed=both"}),
                 "expected halves or exposures or offset, found \"both\""));
  CHECK(contains(complaint("10", {"freespace:out=3", "tanh", "freespace:out=2"}), "no negative numbers"));
  CHECK(contains(complaint("10", {"freespace:out=3", "freespace:out=2"}), "no negative numbers"));
  CHECK(resolve({"10", {"freespace:out=3", "relu", "freespace:out=2"}}, {}).plans().size() == 2);
}

TEST_CASE("a network knows which of its physical layers inputs of both signs reach") {
  const auto signs = [](const std::vector<std::string>& layers) {
    return network::resolve({"4", layers}, {}).signed_inputs();
  };
  using Signs = std::vector<bool>;
  CHECK(signs({"mrr:out=6", "relu", "mrr:out=3"}) == Signs{false, false});
  CHECK(signs({"mrr:out=6", "batchnorm", "mrr:out=3"}) == Signs{false, true});
  CHECK(signs({"mrr:out=6", "tanh", "mrr:out=3", "sigmoid", "mrr:out=2"}) == Signs{false, true, false});
  CHECK(signs({"dense:out=6", "mrr:out=3"}) == Signs{true});
}

TEST_CASE("samples with negative numbers are kept from a display, and from nothing else") {
  network::Split split{Matrix<float>::Constant(3, 4, 0.5F), {0, 1, 2}};
  const network::Resolved display = network::resolve({"4", {"freespace:out=3"}}, {}),
                          rings = network::resolve({"4", {"mrr:out=3"}}, {});
  network::check_signs(display, split, "data.h5");
  split.x(1, 2) = -0.25F;
  network::check_signs(rings, split, "data.h5");
  const std::string message =
      test::message_of<InputError>([&] { network::check_signs(display, split, "data.h5"); });
  CHECK(contains(message,
                 "data.h5: inputs down to -0.25 reach layer freespace1, which takes no negative numbers"));
}

TEST_CASE("the first samples of a split are shown where they are, not copied") {
  network::Split split{Matrix<float>::Random(5, 4), {0, 1, 2, 1, 0}};
  const network::SplitView some = network::first_samples(split, 3);
  CHECK(some.x.data() == split.x.data());
  CHECK(some.y.data() == split.y.data());
  CHECK((some.size() == 3 && some.x.cols() == 4 && some.y.size() == 3));
  CHECK(network::first_samples(split, 0).size() == 5);
  CHECK(network::first_samples(split, 6).size() == 5);
  CHECK(network::first_samples(some, 2).size() == 2);
}

TEST_CASE("controls of all layers are cut in the order of the layers, and others are refused") {
  const auto plans = network::resolve({"4", {"mrr:out=3", "mrr:out=2"}}, {}).plans();
  std::vector<float> controls(12 + 6);
  const auto parts = platform::by_layer(plans, std::span(controls));
  REQUIRE(parts.size() == 2);
  CHECK((parts[0].data() == controls.data() && parts[0].size() == 12));
  CHECK((parts[1].data() == controls.data() + 12 && parts[1].size() == 6));
  CHECK_THROWS_AS(platform::by_layer(plans, std::span(controls).first(17)), InternalError);
  controls.push_back(0);
  CHECK_THROWS_AS(platform::by_layer(plans, std::span(controls)), InternalError);
}
