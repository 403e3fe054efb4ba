#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {
namespace {

/// The plan of a chip's first layer, which says what is hidden in it; null (with a complaint) if there is
/// none.
const platform::LayerPlan* plan_of(Reader& in, const std::string& group, const device::ChipTruth& chip,
                                   const std::vector<platform::AnyPlan>& plans) {
  for (const platform::LayerPlan& plan : plans) {
    if (!chip.layers.empty() && plan.name() == chip.layers.front() && plan.chip_key() == chip.key)
      return &plan;
  }
  in.complain(group + ": no layer of the network runs on chip \"" + chip.key + "\"");
  return nullptr;
}

void read_fields(Reader& in, const std::string& group, const platform::LayerPlan& plan, std::size_t devices,
                 device::ChipTruth& chip) {
  const std::vector<std::size_t> sizes = plan.truth_sizes();
  std::size_t number = 0;
  for (const platform::TruthField& field : plan.platform().truth_fields()) {
    const std::string path = group + "/" + field.name;
    if (!in.has(path)) in.complain(path + " is missing");
    chip.fields.push_back(in.array<double>(path));
    const std::vector<std::size_t> expected{devices, sizes[number++]};
    if (in.sound() && chip.fields.back().shape != expected) {
      in.complain(path + ": expected " + std::to_string(devices) + " devices as /devices/count says and " +
                  std::to_string(expected[1]) + " values of each (" + field.axis + "), found shape " +
                  shape_text(chip.fields.back().shape));
    }
  }
}

const std::vector<platform::TruthField>& fields_of(const device::DeviceSet& set,
                                                   const device::ChipTruth& chip) {
  const auto plan = std::find_if(set.plans.begin(), set.plans.end(),
                                 [&](const platform::LayerPlan& p) { return p.chip_key() == chip.key; });
  require(plan != set.plans.end(), "writing a device file: every chip has a layer");
  return (*plan)->platform().truth_fields();
}

void read_truth(Reader& in, device::DeviceSet& set) {
  set.chips =
      read_chips<device::ChipTruth>(in, "/truth", [&](const std::string& group, device::ChipTruth& chip) {
        const std::uint64_t stream = in.count(group + "/stream");
        if (stream > 0xffff)
          in.complain(group + "/stream: expected at most 65535, found " + std::to_string(stream));
        chip.stream = static_cast<std::uint16_t>(stream);
        if (!in.sound()) return;
        if (const auto* plan = plan_of(in, group, chip, set.plans); plan != nullptr)
          read_fields(in, group, *plan, set.count, chip);
      });
  for (const platform::LayerPlan& plan : set.plans) {
    const bool there = std::any_of(set.chips.begin(), set.chips.end(),
                                   [&](const device::ChipTruth& c) { return c.key == plan.chip_key(); });
    if (!there) in.complain("/truth: no chip \"" + plan.chip_key() + "\" for the layer " + plan.name());
  }
}

}  // namespace

void write_device(const std::string& path, const DeviceFile& device, const Provenance& header) {
  check_plans(device.set.plans, device.network, device.set.process);
  write_record(path, "device", header, [&](Writer& out) {
    write_network(out, device.network);
    write_process(out, device.set.process, device.network);
    out.count("/devices/count", device.set.count);
    out.count("/devices/seed", device.set.seed);
    write_chips(out, "/truth", device.set.chips,
                [&](const std::string& group, const device::ChipTruth& chip) {
                  out.count(group + "/stream", chip.stream);
                  std::size_t number = 0;
                  for (const platform::TruthField& field : fields_of(device.set, chip))
                    out.array(group + "/" + field.name, chip.fields.at(number++));
                });
  });
}

Read<DevicePublic> read_device_public(const std::string& path) {
  return read_record<Read<DevicePublic>>(path, "device", [](Reader& in) {
    DevicePublic device;
    device.network = read_network(in);
    device.process = read_process(in, device.network);
    device.count = in.count("/devices/count");
    device.seed = in.count("/devices/seed");
    read_plans(in, device.network, device.process);
    return device;
  });
}

Read<DeviceFile> read_device(const std::string& path) {
  return read_record<Read<DeviceFile>>(path, "device", [](Reader& in) {
    DeviceFile device;
    device.network = read_network(in);
    device.set.process = read_process(in, device.network);
    device.set.count = in.count("/devices/count");
    device.set.seed = in.count("/devices/seed");
    device.set.plans = read_plans(in, device.network, device.set.process);
    read_truth(in, device.set);
    return device;
  });
}

}  // namespace pnn::io
