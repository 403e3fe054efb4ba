// The driver protocol, both ends in one process or in two: same numbers as without, faults, and the guard.
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "pnn/core/errors.hpp"
#include "pnn/device/base64.hpp"
#include "pnn/device/channel.hpp"
#include "pnn/device/child.hpp"
#include "pnn/device/driver.hpp"
#include "pnn/device/guard.hpp"
#include "pnn/device/messages.hpp"
#include "pnn/device/server.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
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
  explicit Recording(platform::AnyPlan plan, double lower, double upper)
      : ports_{{std::move(plan), lower, upper, lower}} {}
  [[nodiscard]] const std::vector<device::LayerPort>& layers() const override { return ports_; }
  void set_controls(std::size_t, std::span<const float> controls) override {
    sent.emplace_back(controls.begin(), controls.end());
  }
  void run(std::size_t, ConstMatrixView<float>, MatrixView<float> outputs) override {
    outputs.setConstant(answer);
    ++calls_;
  }
  void wait(double) override {}
  double read(std::string_view) override { return 21.5; }
  void impose(const device::Conditions&) override {}

  std::vector<std::vector<float>> sent;
  float answer = 0;

 private:
  std::vector<device::LayerPort> ports_;
};

platforms::mrr::BankPlan bank() {
  return {"mrr1", 2, 3, 2, 3, platforms::mrr::Reuse::time};
}

/// A guard and what stands behind it.
struct Watched {
  Recording* seen;
  std::unique_ptr<device::Device> guard;
  Watched(platform::AnyPlan plan, double lower, double upper, const device::GuardSettings& settings,
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
    const auto first = device::receive(in, {6}), second = device::receive(in, {0});
    REQUIRE((first && second));
    CHECK(first->shape == shape);
    CHECK(std::memcmp(first->values.data(), values.data(), sizeof(float) * values.size()) == 0);
    CHECK(second->fields == Json{{"id", 2}});
    CHECK(second->shape.empty());
    device::send(out, {{"id", 3}}, form, shape, values);
    CHECK_THROWS_AS(device::receive(in, {5}), device::BrokenChannel);
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
    CHECK_THROWS_AS(device::receive(in, {10}), device::BrokenChannel);
  }
}

TEST_CASE("a channel ends in time, and what a program said before it went is read") {
  TwoPipes pipes;
  Channel channel(pipes.down[0], pipes.up[1]);
  channel.limit(0.02);
  CHECK_THROWS_AS(channel.read_line(100), device::BrokenChannel);
  REQUIRE(::write(pipes.down[1], "the laser is off\n", 17) == 17);
  for (int* end : {&pipes.up[0], &pipes.down[1]}) {
    close(*end);
    *end = -1;
  }
  channel.limit(10);
  channel.write("x");  // SIGPIPE would end the tests here
  CHECK(channel.read_line(100) == "the laser is off");
  CHECK_FALSE(channel.read_line(100));
}

TEST_CASE("a time beyond what the clock counts is not over at once") {
  TwoPipes pipes;
  Channel channel(pipes.down[0], pipes.up[1]);
  channel.limit(1e300);
  REQUIRE(write(pipes.down[1], "there\n", 6) == 6);
  CHECK(channel.read_line(100) == "there");

  const test::TemporaryFolder folder;
  device::Child ramping("trap 'sleep 0.3; echo safe >" + (folder / "ramp") + "; exit 0' TERM; echo >" +
                            (folder / "up") + "; while :; do sleep 0.05; done",
                        1e300);
  while (!folder.holds("up")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(ramping.finish());
  CHECK(folder.read("ramp") == "safe\n");
}

TEST_CASE("conditions and offers pass as they are") {
  device::Conditions c;
  CHECK(device::to_json(c, true).empty());
  c.environment = device::Environment::trace;
  c.temperature_c = 22.1;
  c.drift_k = 0.1 + 0.2;
  c.system.rotation_rad = 1e-3;
  c.response["detuning"].sigma = 0.01;
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
  CHECK(tally.clipped == 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(w.guard->set_controls(0, std::vector<float>{1, 1, 1, 1, 1, nan}), RunError);
  CHECK(w.seen->sent.size() == 1);

  for (const char* wrong : {"6:7", "mrr2=0:1", "3:1", "1", "a:b"}) {
    settings.limits = {wrong};
    CHECK_THROWS_AS(Watched(bank(), 0, 5.2, settings), UsageError);
  }
}

TEST_CASE("a guard looks at every input that is sent, but those that somebody vouches for") {
  Watched w(bank(), 0, 5.2, {});
  Matrix<float> inputs = Matrix<float>::Constant(4, 3, 0.5F), outputs(2, 2);
  const auto run = [&](Index first) {
    w.guard->run_samples(0, ConstMatrixView<float>(inputs.data() + 3 * first, 2, 3), view(outputs), 0);
  };
  run(0);
  inputs(2, 1) = std::numeric_limits<float>::quiet_NaN();
  run(0);
  CHECK_THROWS_AS(run(1), DivergenceError);
  CHECK_THROWS_AS(run(2), DivergenceError);
  platform::KnownSamples first(ConstMatrixView<float>(inputs.data(), 2, 3)), all(view(std::as_const(inputs)));
  w.guard->vouch(first);
  run(0);
  CHECK_THROWS_AS(run(1), DivergenceError);  // of which a part is vouched for
  CHECK_THROWS_AS(run(2), DivergenceError);
  CHECK(w.guard->calls() == 3);
  w.guard->vouch(all);  // wrongly: nobody looks
  run(1);
  run(2);
  CHECK(w.guard->calls() == 5);
}

TEST_CASE("ends of a range that are no floats are not left by rounding") {
  device::GuardSettings settings;
  settings.limits = {"0.7:4.8"};
  Watched w(bank(), 0.1, 5.2, settings);
  w.guard->set_controls(0, std::vector<float>{-1, 9, 0.7F, 4.8F, 2, 3});
  for (const float sent : w.seen->sent.at(0)) {
    CHECK(double(sent) >= 0.7);
    CHECK(double(sent) <= 4.8);
  }
  settings.limits = {"4.7:4.7000000001"};
  CHECK(says([&] { Watched(bank(), 0, 5.2, settings); }, "no number of 32 bits"));
}

TEST_CASE("no number passes a guard that is not finite, in or out, and an overload is no reading") {
  for (const bool by_sample : {false, true}) {
    Watched w(bank(), 0, 5.2, {});
    Matrix<float> inputs = Matrix<float>::Zero(4, 3), outputs(4, 2);
    const auto run = [&] {
      if (by_sample) return w.guard->run_samples(0, view(std::as_const(inputs)), view(outputs), 7);
      w.guard->run(0, view(std::as_const(inputs)), view(outputs));
    };
    run();
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
      inputs(3, 1) = bad;
      CHECK_THROWS_AS(run(), DivergenceError);
      CHECK(says(run, "layer mrr1: input 1 of sample 3 is not a finite number"));
    }
    CHECK(w.seen->calls() == 1);
    inputs(3, 1) = 0;
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), 9.9e37F, -3e38F}) {
      w.seen->answer = bad;
      CHECK_THROWS_AS(run(), device::DeviceError);
    }
    w.seen->answer = 1e29F;
    run();
  }
}

TEST_CASE("angles are wrapped before they are held") {
  const platform::AnyPlan mesh =
      platforms::mzi::MeshLayer{{"mzi1", 2, 2, platforms::mzi::MeshLayout::unitary}};
  const double turn = 2 * M_PI;
  Watched w(mesh, 0, turn, {});
  std::vector<float> controls(std::size_t(mesh->controls()), 1.0F);
  controls[0] = float(turn + 1);
  controls[1] = -1;
  w.guard->set_controls(0, controls);
  CHECK(w.seen->sent[0][0] == Approx(1).margin(1e-6));
  CHECK(w.seen->sent[0][1] == Approx(turn - 1).margin(1e-6));
  Watched half(mesh, 0, turn, {{"0:3"}, {}});
  half.guard->set_controls(0, controls);
  CHECK(half.seen->sent[0][0] == Approx(1).margin(1e-6));
  CHECK(half.seen->sent[0][1] == 3);

  platforms::d2nn::Plan masks;
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

TEST_CASE("a slew that is close to the distance of two floats is kept as well, and a finer one refused") {
  const std::vector<float> from(1, 0.0F), to(1, 5.1F);
  for (const double slew : {1.0, 0.3, 0.01, 1e-3, 2e-6}) {
    float last = from[0];
    double furthest = 0;
    const auto move = [&](const std::vector<float>& controls) {
      furthest = std::max(furthest, std::abs(double(controls[0]) - double(last)));
      last = controls[0];
    };
    device::steps_between(from, to, slew, move);
    move(to);
    CHECK(furthest <= slew);
  }
  device::GuardSettings settings;
  settings.slew = 1e-7;
  CHECK(says([&] { Watched(bank(), 0, 5.2, settings); }, "--slew: layer mrr1 takes steps of"));
}

TEST_CASE("who is to stop does not go all the way to new controls in small steps") {
  device::GuardSettings settings;
  settings.slew = 0.001;
  auto recording = std::make_unique<Recording>(bank(), 0, 5.2);
  Recording& seen = *recording;
  const auto guard =
      device::guarded(std::move(recording), settings, nullptr, [&] { return seen.sent.size() >= 10; });
  CHECK_THROWS_AS(guard->set_controls(0, std::vector<float>(6, 5.0F)), Interrupted);
  CHECK(seen.sent.size() == 10);
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
  for (const char* command : {"exit 4", "sleep 10", "echo hello", "yes", "true", "", "  "}) {
    INFO(command);
    CHECK_THROWS_AS(device::Driver(command, settings), UsageError);
  }
  // a driver that answers is one, though it fails
  CHECK_THROWS_AS(device::Driver(R"(while read l; do echo '{"id":1,"error":"no light"}'; done)", settings),
                  device::DeviceError);
  CHECK(says([&] { device::Driver("sleep 10", settings, hooks); }, "no answer within 0.2 s"));
  settings.timeout_s = 30;  // the others end by themselves, on a busy machine later
  CHECK(says([&] { device::Driver("exit 4", settings, hooks); }, "exit status 4"));
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
  device::Child child("trap '' TERM; while :; do sleep 0.05; done", 0.05);
  CHECK(child.finish());
  CHECK(child.status(0) == 128 + 9);
}

namespace {

bool lives(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  return std::getline(stat, text) && text.find(") Z") == std::string::npos;
}

/// Process numbers that a child writes, one a line, once there are `count`.
std::vector<pid_t> numbers_in(const std::string& file, std::size_t count) {
  std::vector<pid_t> numbers;
  for (int attempt = 0; attempt < 2000 && numbers.size() < count; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    numbers.clear();
    std::ifstream in(file);
    for (pid_t pid = 0; in >> pid;) numbers.push_back(pid);
  }
  REQUIRE(numbers.size() == count);
  return numbers;
}

}  // namespace

TEST_CASE("a child has ended when nothing is left that it started, in its group or out of it") {
  const std::string sleeps = "sh -c 'echo $$ >>";
  const std::map<std::string, std::string> commands{
      {"a shell that waits for a program", sleeps + " FILE; trap \"\" TERM; while :; do sleep 1; done'"},
      {"a program whose shell has gone", sleeps + " FILE; exec sleep 100' & exit 3"},
      {"a program in a session of its own", "setsid " + sleeps + " FILE; exec sleep 100' & exit 3"},
      {"the same without our environment", "setsid env -i " + sleeps + " FILE; exec sleep 100' & exit 3"},
      {"a program that is stopped", sleeps + " FILE; kill -STOP $$; sleep 100'"}};
  for (const auto& [what, command] : commands) {
    INFO(what);
    const test::TemporaryFolder folder;
    const std::string file = folder / "pids";
    std::string line = command;
    line.replace(line.find("FILE"), 4, file);
    device::Child child(line, 0.1);
    const std::vector<pid_t> pids = numbers_in(file, 1);
    CHECK(lives(pids[0]));
    CHECK(child.finish());
    CHECK_FALSE(lives(pids[0]));
  }
}

TEST_CASE("a child that ends in time is not hurried, and one that is asked to end has its grace time") {
  const test::TemporaryFolder folder;
  device::Child polite("cat >/dev/null; sleep 0.2; echo whole >" + (folder / "polite"), 5);
  CHECK(polite.finish());
  CHECK(polite.status(0) == 0);
  CHECK(folder.read("polite") == "whole\n");
  device::Child ramping("trap 'sleep 0.3; echo safe >" + (folder / "ramp") + "; exit 0' TERM; echo >" +
                            (folder / "up") + "; while :; do sleep 0.05; done",
                        5);
  while (!folder.holds("up")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(ramping.finish());
  CHECK(folder.read("ramp") == "safe\n");
}

TEST_CASE("one child's end is no business of another") {
  device::Child first("cat >/dev/null", 0.1), second("setsid cat >/dev/null; exit 0", 0.1);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(second.finish());
  CHECK_FALSE(first.status(0).has_value());
}

TEST_CASE("a line that is too long or nests too deep is refused before it is read into memory") {
  for (const auto& [line, words] :
       {std::pair{std::string(100, '[') + "\n", "nests too deep"},
        std::pair{"{\"x\":\"" + std::string(100, '[') + "\\\"[[[\"}\n", ""},
        std::pair{"{\"x\":\"" + std::string(5000, 'a') + "\"}\n", "a line of more than"}}) {
    TwoPipes pipes;
    Channel out(pipes.up[0], pipes.down[1]), in(pipes.down[0], pipes.up[1]);
    out.write(line);
    const auto read = [&] { static_cast<void>(device::receive(in, {0, 1000})); };
    if (std::string(words).empty()) {
      CHECK_NOTHROW(read());
    } else {
      CHECK(says(read, words));
    }
  }
}

TEST_CASE("an offer of ranges or counts that make no sense is refused as a whole") {
  device::Offer offer;
  offer.name = "bench";
  offer.devices = {0};
  offer.layers = {{"mrr1", "mA", 3, 2, 6, 0, 5.2, 0.5}};
  const Json sound = device::to_json(offer);
  const auto changed = [&](const char* key, const Json& value) {
    Json fields = sound;
    fields["layers"][0][key] = value;
    return test::message_of<UsageError>([&] { device::offer_of(fields); });
  };
  for (const Json& count : {Json(-1), Json(1.5), Json(true), Json(1e300), Json("3"), Json()})
    CHECK(changed("controls", count).find("\"controls\" makes no sense") != std::string::npos);
  for (const Json& end : {Json(1e308), Json(1e39), Json(true), Json("5")})
    CHECK_FALSE(changed("upper", end).empty());
  Json narrow = sound;
  narrow["layers"][0]["lower"] = narrow["layers"][0]["safe"] = 4.7;
  narrow["layers"][0]["upper"] = 4.7000000001;
  CHECK(says([&] { device::offer_of(narrow); }, "no number of 32 bits"));
}
