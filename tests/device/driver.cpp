// The driver protocol, both ends in one process or in two: same numbers as without, faults, and the guard.
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <thread>

#include "pnn/core/errors.hpp"
#include "pnn/device/base64.hpp"
#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/guard.hpp"
#include "pnn/device/messages.hpp"
#include "pnn/device/process_device.hpp"
#include "pnn/device/server.hpp"
#include "tests/catch.hpp"
#include "tests/device/lab.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using device::ArrayForm;
using device::Channel;
using device::Json;

namespace {

struct TwoPipes {
  std::array<int, 2> down{}, up{};
  TwoPipes() { REQUIRE((pipe(down.data()) == 0 && pipe(up.data()) == 0)); }
  ~TwoPipes() {
    for (const int fd : {down[0], down[1], up[0], up[1]})
      if (fd >= 0) close(fd);
  }
  void hang_up() {
    close(down[1]);
    down[1] = -1;
  }
};

/// Notes what reaches it; its one layer is a mesh or a bank.
class Recording final : public device::Device {
 public:
  explicit Recording(platform::LayerPlan plan, double lower, double upper)
      : ports_{{std::move(plan), lower, upper, lower}} {}
  [[nodiscard]] const std::vector<device::LayerPort>& layers() const override { return ports_; }
  void set_controls(std::size_t, std::span<const float> controls) override {
    sent.emplace_back(controls.begin(), controls.end());
  }
  void run(std::size_t, ConstMatrixView<float>, MatrixView<float> outputs) override {
    outputs.setZero();
    ++calls_;
  }
  void wait(double) override {}
  double read(std::string_view) override { return 21.5; }
  void impose(const device::Conditions&) override {}

  std::vector<std::vector<float>> sent;

 private:
  std::vector<device::LayerPort> ports_;
};

platform::BankPlan bank() {
  return {"mrr1", 2, 3, 2, 3, platform::Reuse::time};
}

/// A guard and what stands behind it.
struct Watched {
  Recording* seen;
  std::unique_ptr<device::Device> guard;
  Watched(platform::LayerPlan plan, double lower, double upper, const device::GuardSettings& settings,
          device::GuardTally* tally = nullptr) {
    auto recording = std::make_unique<Recording>(std::move(plan), lower, upper);
    seen = recording.get();
    guard = device::guarded(std::move(recording), settings, tally);
  }
};

template <class Work>
bool says(const Work& work, const std::string& part) {
  const std::string message = test::message_of<Error>(work);
  INFO(message);
  return message.find(part) != std::string::npos;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const std::span bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("base64 is that of RFC 4648, and nothing else is read") {
  // section 10 of the RFC
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, encoded] : vectors) {
    CHECK(device::to_base64(bytes_of(text)) == encoded);
    CHECK(device::from_base64(encoded) == bytes_of(text));
  }
  for (const char* wrong : {"Zg=", "Zg", "Z===", "Zh==", "Zm9=", "Zm 9", "Zg==Zg==", "====", "Zm9\x80"})
    CHECK_FALSE(device::from_base64(wrong).has_value());
}

TEST_CASE("arrays pass in both forms to the bit, and a message of another form ends the conversation") {
  const std::vector<float> values{0.1F, -0.0F, 1e-42F, std::numeric_limits<float>::infinity(), 3e38F, 7};
  const std::vector<std::size_t> shape{2, 3};
  for (const ArrayForm form : {ArrayForm::base64, ArrayForm::raw}) {
    TwoPipes pipes;
    Channel out(pipes.up[0], pipes.down[1]), in(pipes.down[0], pipes.up[1]);
    device::send(out, {{"id", 1}}, form, shape, values);
    device::send(out, {{"id", 2}}, form);
    const auto first = device::receive(in, 6), second = device::receive(in, 0);
    REQUIRE((first && second));
    CHECK(first->shape == shape);
    CHECK(std::memcmp(first->values.data(), values.data(), sizeof(float) * values.size()) == 0);
    CHECK(second->fields == Json{{"id", 2}});
    CHECK(second->shape.empty());
    device::send(out, {{"id", 3}}, form, shape, values);
    CHECK_THROWS_AS(device::receive(in, 5), device::BrokenChannel);
  }
  for (const std::string wrong :
       {"[1]\n", "nonsense\n", "{\"id\":1", "{\"array\":{\"shape\":[2]}}\n",
        "{\"array\":{\"shape\":[2],\"raw\":4}}\n", "{\"array\":{\"shape\":[2],\"base64\":\"AAAA\"}}\n",
        "{\"array\":{\"shape\":[1],\"raw\":4}}\n12", "{\"array\":{\"shape\":[],\"raw\":0}}\n",
        "{\"array\":7}\n", "{\"array\":{\"shape\":[4294967296,4294967296,16],\"raw\":0}}\n"}) {
    INFO(wrong);
    TwoPipes pipes;
    Channel out(pipes.up[0], pipes.down[1]), in(pipes.down[0], pipes.up[1]);
    out.write(wrong);
    pipes.hang_up();
    CHECK_THROWS_AS(device::receive(in, 10), device::BrokenChannel);
  }
}

TEST_CASE("a channel ends in time, and a closed pipe is an error and no signal") {
  TwoPipes pipes;
  Channel channel(pipes.down[0], pipes.up[1]);
  channel.limit(0.02);
  CHECK_THROWS_AS(channel.read_line(100), device::BrokenChannel);
  close(pipes.up[0]);
  pipes.up[0] = -1;
  CHECK_THROWS_AS(channel.write("x"), device::BrokenChannel);  // SIGPIPE would end the tests here
}

TEST_CASE("conditions and offers pass as they are") {
  device::Conditions c;
  CHECK(device::to_json(c, true).empty());
  c.environment = device::Environment::trace;
  c.temperature_c = 22.1;
  c.drift_k = 0.1 + 0.2;
  c.misalignment.rotation_rad = 1e-3;
  c.detuning_sigma_nm = 0.01;
  c.dac_bits = 6;
  c.readout_noise = 0;
  c.draw = 7;
  c.dt_s = 0.25;
  c.start_s = 1e6;
  c.trace_time_s = {0, 1};
  c.trace_offset_k = {0.5, 0.25};
  c.reaches = {true, false};
  const Json json = device::to_json(c, true);
  CHECK(device::to_json(device::conditions_of(Json::parse(json.dump())), true) == json);
  CHECK(json.size() == 13);
  CHECK_FALSE(device::to_json(c, false).contains("dt_s"));
  CHECK_THROWS_AS(device::conditions_of({{"humidity", 3}}), UsageError);

  device::Offer offer;
  offer.name = "bench 1";
  offer.instruments = {"SMU 2450, 0412"};
  offer.devices = {0, 3};
  offer.layers = {{"mrr1", "mA", 3, 2, 6, 0, 5.2, 0.5}};
  offer.conditions = {"temperature_c"};
  offer.states = false;
  offer.inputs = "3";
  offer.network = {"mrr:out=2"};
  offer.process = {{"mrr.kappa", "0.07"}, {"mrr.polarity", "thru-drop"}};
  const Json told = device::to_json(offer);
  CHECK(device::to_json(device::offer_of(told)) == told);
  CHECK(device::offer_of(told).process == offer.process);
  Json bad = told;
  bad.erase("name");
  bad["layers"][0]["safe"] = 9;
  bad["sensors"] = 3;
  const std::string message = test::message_of<Error>([&] { device::offer_of(bad); });
  for (const char* part : {"\"name\" is missing", "safe value", "\"sensors\" makes no sense"})
    CHECK(message.find(part) != std::string::npos);
}

TEST_CASE("what leaves a guard is inside the range of the device and of its owner") {
  device::GuardTally tally;
  device::GuardSettings settings;
  settings.limits = {"0.5:9", "mrr1=0:3"};
  Watched w(bank(), 0, 5.2, settings, &tally);
  CHECK(w.guard->layers()[0].lower == 0.5);
  CHECK(w.guard->layers()[0].upper == 3);
  w.guard->set_controls(0, std::vector<float>{-1, 0.5F, 0.7F, 3, 3.0001F, 1e30F});
  CHECK(w.seen->sent == std::vector<std::vector<float>>{{0.5F, 0.5F, 0.7F, 3, 3, 3}});
  CHECK(tally.held == 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(w.guard->set_controls(0, std::vector<float>{1, 1, 1, 1, 1, nan}), RunError);
  CHECK(w.seen->sent.size() == 1);

  for (const char* wrong : {"6:7", "mrr2=0:1", "3:1", "1", "a:b"}) {
    settings.limits = {wrong};
    CHECK_THROWS_AS(Watched(bank(), 0, 5.2, settings), UsageError);
  }
}

TEST_CASE("angles are wrapped before they are held") {
  const platform::LayerPlan mesh = platform::MeshLayer{{"mzi1", 2, 2, platform::MeshLayout::unitary}};
  const double turn = 2 * M_PI;
  Watched w(mesh, 0, turn, {});
  std::vector<float> controls(std::size_t(mesh.controls()), 1.0F);
  controls[0] = float(turn + 1);
  controls[1] = -1;
  w.guard->set_controls(0, controls);
  CHECK(w.seen->sent[0][0] == Approx(1).margin(1e-6));
  CHECK(w.seen->sent[0][1] == Approx(turn - 1).margin(1e-6));
  Watched half(mesh, 0, turn, {{"0:3"}, {}});
  half.guard->set_controls(0, controls);
  CHECK(half.seen->sent[0][0] == Approx(1).margin(1e-6));
  CHECK(half.seen->sent[0][1] == 3);

  platform::D2nnPlan masks;
  masks.plane.width = masks.plane.height = 4;
  masks.gaps_mm = {1};
  Watched optics(masks, 0, turn, {});
  std::vector<float> phases(16, -1);
  optics.guard->set_controls(0, phases);
  for (const float phase : optics.seen->sent[0]) CHECK(phase == Approx(turn - 1).margin(1e-6));
}

TEST_CASE("with a slew limit no control moves further at once, and all arrive") {
  device::GuardSettings settings;
  settings.slew = 0.3;
  Watched w(bank(), 0, 5.2, settings);
  std::vector<float> last(6, 0.0F);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<float> target(6);
    fill_symmetric({seed, Purpose::test}, std::span<float>(target));
    for (float& t : target) t = 2.6F + 2.6F * t;
    w.seen->sent.clear();
    w.guard->set_controls(0, target);
    for (const auto& sent : w.seen->sent) {
      for (std::size_t k = 0; k < 6; ++k) CHECK(std::abs(double(sent[k]) - double(last[k])) <= 0.3);
      last = sent;
    }
    CHECK(last == target);
  }
  w.seen->sent.clear();
  w.guard->make_safe();
  CHECK(w.seen->sent == std::vector<std::vector<float>>{std::vector<float>(6, 0.0F)});
}

TEST_CASE("a server makes its device safe after bye, at the end of the input, and after nonsense") {
  for (const std::string last : {"{\"id\":3,\"do\":\"bye\"}\n", "", "nonsense\n"}) {
    INFO(last);
    TwoPipes pipes;
    std::vector<std::vector<float>> kept;
    struct Keeper final : device::Device {
      Keeper(std::vector<std::vector<float>>& to) : inner(bank(), 0.25, 5.2), kept(to) {}
      ~Keeper() override { kept = inner.sent; }
      [[nodiscard]] const std::vector<device::LayerPort>& layers() const override { return inner.layers(); }
      void set_controls(std::size_t l, std::span<const float> c) override { inner.set_controls(l, c); }
      void run(std::size_t l, ConstMatrixView<float> i, MatrixView<float> o) override { inner.run(l, i, o); }
      void wait(double s) override { inner.wait(s); }
      double read(std::string_view s) override { return inner.read(s); }
      void impose(const device::Conditions& c) override { inner.impose(c); }
      Recording inner;
      std::vector<std::vector<float>>& kept;
    };
    device::Offer offer;
    offer.name = "test";
    offer.layers = device::layer_offers(Recording(bank(), 0.25, 5.2).layers());
    Channel out(pipes.up[0], pipes.down[1]);
    device::send(out, {{"id", 1}, {"do", "hello"}, {"versions", {1, 1}}, {"device", 0}}, ArrayForm::base64);
    const std::vector<float> hot(6, 4.0F);
    device::send(out, {{"id", 2}, {"do", "set"}, {"layer", 0}}, ArrayForm::base64,
                 std::vector<std::size_t>{6}, hot);
    out.write(last);
    pipes.hang_up();
    const auto serve = [&] {
      device::serve(offer, [&](std::size_t) { return std::make_unique<Keeper>(kept); }, pipes.down[0],
                    pipes.up[1], {});
    };
    if (last == "nonsense\n") {
      CHECK_THROWS_AS(serve(), device::BrokenChannel);
    } else {
      serve();
    }
    REQUIRE(kept.size() > 1);
    CHECK(kept.front() == hot);
    CHECK(kept.back() == std::vector<float>(6, 0.25F));
  }
}

TEST_CASE("a program that is no driver is told apart from one that fails") {
  device::DriverSettings settings;
  settings.retries = 1;
  settings.timeout_s = 0.2;
  CHECK_THROWS_AS(device::Driver("no-such-program-anywhere 2>/dev/null", settings), UsageError);
  int notices = 0;
  device::DriverHooks hooks;
  hooks.notice = [&](const std::string&) { ++notices; };
  CHECK(says([&] { device::Driver("exit 4", settings, hooks); }, "exit status 4"));
  CHECK(says([&] { device::Driver("sleep 10", settings, hooks); }, "no answer within 0.2 s"));
  CHECK(says([&] { device::Driver("echo hello", settings, hooks); }, "no JSON object"));
  CHECK(notices >= 3);
  CHECK(says([&] { device::Driver(R"(read l; echo '{"id":1,"error":"too old","kind":"usage"}')", settings); },
             "too old"));
  CHECK(says(
      [&] {
        device::Driver(
            R"(read l; echo '{"id":1,"version":9,"name":"n","layers":[{"name":"a","unit":"mA","inputs":1,"outputs":1,"controls":1,"lower":0,"upper":1}]}')",
            settings);
      },
      "speaks version 9"));
}

TEST_CASE("a child that ignores its end is ended") {
  device::Child child("trap '' TERM; while :; do sleep 0.05; done");
  child.finish(0.05);
  CHECK(child.status(0) == 128 + 9);
}
