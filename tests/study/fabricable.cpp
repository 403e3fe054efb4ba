// What fabrication writes, a device call accepts: networks and processes at, within and beyond every limit.
#include <cmath>
#include <map>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/train/loop.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/process.hpp"
#include "tests/train/small.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;

/// Choices of one case, a function of its number.
class Draw {
 public:
  explicit Draw(std::uint32_t number) : number_(number) {}
  double unit() { return uniform({11, Purpose::test, 0, number_, 0}, index_++); }
  std::size_t below(std::size_t n) { return std::min(n - 1, std::size_t(unit() * double(n))); }
  template <class T>
  T of(const std::vector<T>& values) {
    return values[below(values.size())];
  }
  bool one_in(int n) { return below(std::size_t(n)) == 0; }

 private:
  std::uint32_t number_, index_ = 0;
};

std::string number(std::size_t n) {
  return std::to_string(n);
}

/// A layer of one platform in the words of --layer, small enough to be run, and what reaches it.
network::NetworkSpec draw_network(const std::string& platform, Draw& draw) {
  const auto key = [&](std::string& text, const std::string& name, const std::vector<std::string>& values) {
    if (draw.one_in(2)) text += "," + name + "=" + draw.of(values);
  };
  const std::string out = number(1 + draw.below(6));
  if (platform == "mrr") {
    const std::vector<std::string> chips = {"1x1",  "1x8",  "1x9",    "1x10", "3x4",
                                            "16x8", "2x24", "1x1025", "5x2"};
    std::string text;
    const bool convolution = draw.one_in(3);
    text = convolution ? "mrr-conv:out=" + out + ",kernel=2" : "mrr:out=" + out;
    if (convolution) key(text, "stride", {"1", "2"}), key(text, "pad", {"0", "1"});
    key(text, "chip", chips);
    key(text, "reuse", {"time", "space"});
    return {convolution ? "2x3x3" : number(1 + draw.below(12)), {text}};
  }
  if (platform == "mzi") {
    const std::string modes = number(1 + draw.below(7));
    std::string text = "mzi:modes=" + modes;
    key(text, "layout", {"unitary", "svd"});
    key(text, "detect", {"intensity", "modulus", "coherent"});
    return {modes + (draw.one_in(3) ? "c" : ""), {text}};
  }
  if (platform == "freespace") {
    std::string text = "freespace:out=" + out;
    if (draw.one_in(2)) text += ",grid=" + draw.of<std::string>({"1x1", "2x2", "3x1"});
    key(text, "block", {"1x1", "2x1", "1x3"});
    key(text, "guard", {"0x0", "1x2"});
    key(text, "signed", {"halves", "exposures", "offset"});
    key(text, "per", {"block", "pixel"});
    return {draw.of<std::string>({"1x3x3", "7", "1"}), {text}};
  }
  std::string text = "d2nn:out=" + out;
  key(text, "masks", {"1", "2", "3"});
  text += ",pixels=" + draw.of<std::string>({"8", "12x9", "16"});
  key(text, "pitch", {"0.001", "0.01", "2", "1e4", "1e5", "1e300"});
  key(text, "wavelength", {"1e-300", "10", "532", "1e6", "1e7"});
  key(text, "gap", {"0", "2", "1e4", "1e6", "1e300"});
  key(text, "entry", {"0", "1", "1e4"});
  key(text, "levels", {"0", "1", "2", "65536", "65537"});
  key(text, "encode", {"amplitude", "phase"});
  key(text, "moving", {"rest", "all", "1"});
  key(text, "detectors", {"1x6", "2x3", "100x100"});
  key(text, "side", {"1", "3", "40"});
  return {draw.of<std::string>({"1x2x2", "4"}), {text}};
}

/// A few numbers of the platform's process at their ends, between them, or a little beyond.
std::vector<std::string> draw_process(const std::string& platform, Draw& draw) {
  std::vector<const platform::ProcessField*> fields;
  for (const platform::ProcessField& field : platform::process_fields())
    if (field.platform == platform) fields.push_back(&field);
  std::vector<std::string> set;
  for (std::size_t k = draw.below(4); k > 0; --k) {
    const platform::ProcessField& field = *draw.of(fields);
    double value = field.of({});
    switch (draw.below(5)) {
      case 0:
        value = field.min;
        break;
      case 1:
        value = field.max;
        break;
      case 2:
        value = field.max * 1.01 + 1e-3;
        break;
      case 3:
        value = field.min + draw.unit() * (field.max - field.min);
        break;
      default:
        value *= std::pow(2, 4 * draw.unit() - 2);
    }
    if (field.integer) value = std::floor(value);
    // chips of a thousand rows are right, and too slow for a test
    if (field.name.starts_with("mrr.chip.")) value = std::min(value, 20.0);
    set.push_back(field.name + "=" + format_number(value));
  }
  return set;
}

bool finite(const Matrix<float>& values) {
  return std::all_of(values.data(), values.data() + values.size(), [](float v) { return std::isfinite(v); });
}

/// What the tools do with a device file: run it at random controls, at rest, hot and by its clock; measure
/// it.
void use_device(const device::DeviceSet& set, Draw& draw) {
  const auto chip = device::make_virtual_device(set, 1);
  for (std::size_t layer = 0; layer < chip->layers().size(); ++layer) {
    const device::LayerPort& port = chip->layers()[layer];
    Matrix<float> x(3, port.plan->inputs()), y(3, port.plan->outputs());
    for (Index k = 0; k < x.size(); ++k) x.data()[k] = float(draw.unit());
    for (const device::Environment environment : {device::Environment::exact, device::Environment::free}) {
      device::Conditions conditions;
      conditions.environment = environment;
      chip->impose(conditions);
      std::vector<float> controls(std::size_t(port.plan->controls()));
      for (float& c : controls) c = float(port.lower + draw.unit() * (port.upper - port.lower));
      chip->set_controls(layer, controls);
      chip->run(layer, view(std::as_const(x)), view(y));
      CHECK(finite(y));
    }
  }
  static_cast<void>(chip->read("temperature"));
  const bool rings = platforms::mrr::bank_of(set.plans.front()) != nullptr;
  if (rings && platforms::mrr::bank_of(set.plans.front())->rings() <= 32) {
    Progress progress;
    study::CharacterizeSettings settings;
    settings.points = 11, settings.averages = 1;
    const model::Curves curves = study::characterize(*chip, settings, progress);
    study::FitSettings fit;
    fit.kind = "airy";
    CHECK_FALSE(study::fit(curves, set.process, set.plans, fit, progress).chips.empty());
  }
}

/// What pnn-fit --model nominal writes, and a first step of training on it, on drawn chips too.
void use_model(const network::Resolved& net, const platform::Process& process) {
  Progress progress;
  study::FitSettings nominal;
  nominal.kind = "nominal";
  const model::Model model = study::fit({}, process, net.plans(), nominal, progress);
  REQUIRE(model::make_maps<float>(model, 0).size() == net.plans().size());
  network::Dataset data;
  data.shape = net.input;
  data.train.x = Matrix<float>::Constant(4, net.input.size(), 0.5F);
  for (Index k = 0; k < net.output().size(); ++k) data.classes.push_back(number(std::size_t(k)));
  data.train.y = {0, 0, 0, 0};
  for (const train::Method method : {train::Method::bp, train::Method::process}) {
    train::TrainSettings settings;
    settings.method = method, settings.length.steps = 1, settings.updates.batch = 2;
    try {
      static_cast<void>(test::run_training({net, model, 0, data, settings}, nullptr, nullptr));
    } catch (const RunError&) {  // numbers of this process diverge, and it says so
    }
  }
}

}  // namespace

TEST_CASE(
    "what fabrication draws and a fit takes, devices and trainings accept; all else is refused at once") {
  int accepted = 0;
  std::map<std::string, int> refused;
  for (std::uint32_t number = 0; number < 300; ++number) {
    Draw draw(number);
    const std::string platform = draw.of<std::string>({"mrr", "mrr", "mzi", "freespace", "d2nn"});
    const network::NetworkSpec spec = draw_network(platform, draw);
    const std::vector<std::string> set = draw_process(platform, draw);
    INFO("case " << number << ": " << spec.to_string() << " with " << join(set, " "));
    network::Resolved net;
    platform::Process process;
    std::optional<device::DeviceSet> devices;
    try {
      for (const std::string& assignment : set) platform::set_process_value(process, assignment);
      if (draw.one_in(4)) process = scale_spreads(process, draw.of<double>({0, 3}));
      if (const auto wrong = check_process(process); !wrong.empty()) throw UsageError(join(wrong, "; "));
      net = network::resolve(spec, process);
      devices = device::fabricate(net.plans(), process, 2, number);
    } catch (const UsageError&) {
      ++refused[platform];
      if (net.layers.empty()) continue;
      // what fabrication refuses for its network, a nominal model is refused for as well
      Progress progress;
      study::FitSettings nominal;
      nominal.kind = "nominal";
      CHECK_THROWS_AS(study::fit({}, process, net.plans(), nominal, progress), UsageError);
      continue;
    }
    ++accepted;
    CHECK_NOTHROW(use_device(*devices, draw));
    CHECK_NOTHROW(use_model(net, process));
  }
  // both happen on every platform, or this test would show nothing
  CHECK(accepted > 100);
  for (const char* platform : {"mrr", "mzi", "freespace", "d2nn"}) CHECK(refused[platform] > 3);
}

TEST_CASE("a chip of more columns than a bus has channels is refused where it is made, with what to do") {
  const auto plans = network::resolve({"10", {"mrr:out=1,chip=1x10"}}, {}).plans();
  const auto refusal = [&](const platform::Process& process) {
    return test::message_of<UsageError>([&] { static_cast<void>(device::fabricate(plans, process, 1, 1)); });
  };
  CHECK_THAT(refusal({}), Contains("mrr1: its chip has 10 columns, but a bus carries at most 8 channels") &&
                              Contains("take chip=ROWSxCOLUMNS with at most 8 columns"));
  platform::Process close;
  test::edit<platforms::mrr::Process>(close)->channel_spacing_nm = 1;
  CHECK(refusal(close).empty());
  CHECK_NOTHROW(device::make_virtual_device(device::fabricate(plans, close, 1, 1), 0));
  Progress progress;
  study::FitSettings nominal;
  nominal.kind = "nominal";
  CHECK_THROWS_WITH(study::fit({}, platform::Process(), plans, nominal, progress),
                    Contains("at most 8 channels"));
  // 9.6 / 1.2 is a hair below eight in binary, and eight channels all the same
  platform::Process eight;
  test::edit<platforms::mrr::Process>(eight)->fsr_nm = 9.6;
  CHECK_NOTHROW(device::fabricate(network::resolve({"8", {"mrr:out=1,chip=1x8"}}, {}).plans(), eight, 1, 1));
}

TEST_CASE(
    "more rings than heat is reckoned between, and more chips than draws are addressed for, are refused") {
  platform::Process process;
  test::edit<platforms::mrr::Process>(process)->channel_spacing_nm = 0.05;
  const auto wide = network::resolve({"200", {"mrr:out=1000,chip=1000x200"}}, {}).plans();
  CHECK_THROWS_WITH(device::fabricate(wide, process, 1, 1), Contains("mrr.crosstalk=0"));
  std::vector<std::string> layers(4097, "mrr:out=2,reuse=space");
  const auto deep = network::resolve({"2", layers}, {}).plans();
  CHECK_THROWS_WITH(device::fabricate(deep, {}, 1, 1), Contains("4097 chips"));
}

TEST_CASE("a heater that would tune its ring over more than a hundred free spectral ranges is refused") {
  platform::Process process;
  test::edit<platforms::mrr::Process>(process)->eta_nm_per_mw = 1000;
  CHECK_THROWS_WITH(device::fabricate(network::resolve({"4", {"mrr:out=1"}}, {}).plans(), process, 1, 1),
                    Contains("free spectral ranges") && Contains("lower mrr.current.max"));
}
