// What a call to a device costs behind a driver, beside the same call to the virtual chip itself.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>

#include "pnn/device/driver.hpp"
#include "pnn/device/messages.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/io/records.hpp"
#include "pnn/network/spec.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;

io::DeviceFile chips(const std::string& layer) {
  const network::Resolved net = network::resolve({"784", {layer}}, {});
  return {net.spec, device::fabricate(net.plans(), {}, 1, 1)};
}

/// Sets controls and runs a batch, as a step of a training in situ does with each layer.
void call(benchmark::State& state, device::Device& device) {
  const platform::AnyPlan& plan = device.layers()[0].plan;
  const Index batch = Index(state.range(0));
  Matrix<float> inputs = Matrix<float>::Constant(batch, plan->inputs(), 0.5F),
                outputs(batch, plan->outputs());
  std::vector<float> controls(std::size_t(plan->controls()), 1.0F);
  for (auto _ : state) {
    controls[0] = 3 - controls[0];
    device.set_controls(0, controls);
    device.run(0, view(std::as_const(inputs)), view(outputs));
    benchmark::DoNotOptimize(outputs.data());
  }
  state.SetBytesProcessed(state.iterations() * (inputs.size() + outputs.size()) * 4);
}

void on_the_chip(benchmark::State& state, const std::string& layer) {
  const io::DeviceFile file = chips(layer);
  const auto device = device::make_virtual_device(file.set, 0);
  call(state, *device);
}

void behind_a_driver(benchmark::State& state, const std::string& layer) {
  const test::TemporaryFolder folder;
  const io::DeviceFile file = chips(layer);
  io::write_device(folder / "chips.h5", file, {});
  device::Driver driver(PNN_BINARY_DIR "/pnn-device " + (folder / "chips.h5"), {});
  const auto device = driver.open(0, file.set.plans);
  call(state, *device);
}

/// A batch of 784 floats a row there and back, with nothing done to it.
void array(benchmark::State& state, device::ArrayForm form) {
  std::array<int, 2> down{}, up{};
  if (pipe(down.data()) != 0 || pipe(up.data()) != 0) return state.SkipWithError("no pipe");
  const std::vector<std::size_t> shape{std::size_t(state.range(0)), 784};
  const std::vector<float> values(shape[0] * shape[1], 0.1F);
  std::thread echo([&] {
    device::Channel channel(down[0], up[1]);
    while (const auto message = device::receive(channel, {values.size()}))
      device::send(channel, {{"id", 1}}, form, message->shape, message->values);
  });
  device::Channel channel(up[0], down[1]);
  for (auto _ : state) {
    device::send(channel, {{"id", 1}}, form, shape, values);
    benchmark::DoNotOptimize(device::receive(channel, {values.size()}));
  }
  close(down[1]);
  echo.join();
  for (const int fd : {down[0], up[0], up[1]}) close(fd);
  state.SetBytesProcessed(2 * state.iterations() * std::int64_t(values.size()) * 4);
}

BENCHMARK_CAPTURE(on_the_chip, mrr_10, "mrr:out=10")->Arg(1)->Arg(64)->Arg(10000)->UseRealTime();
BENCHMARK_CAPTURE(behind_a_driver, mrr_10, "mrr:out=10")->Arg(1)->Arg(64)->Arg(10000)->UseRealTime();
BENCHMARK_CAPTURE(array, raw, device::ArrayForm::raw)->Arg(1)->Arg(64)->Arg(10000)->UseRealTime();
BENCHMARK_CAPTURE(array, base64, device::ArrayForm::base64)->Arg(1)->Arg(64)->Arg(10000)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
