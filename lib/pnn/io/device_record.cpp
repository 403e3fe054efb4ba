#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"

namespace pnn::io {
namespace {

struct TruthField {
  const char* name;
  Array<double> device::ChipTruth::*values;
};
constexpr TruthField truth_fields[] = {
    {"delta", &device::ChipTruth::delta_nm},
    {"eta", &device::ChipTruth::eta_nm_per_mw},
    {"resistance", &device::ChipTruth::resistance_ohm},
    {"beta", &device::ChipTruth::beta_per_ma2},
    {"r", &device::ChipTruth::r},
    {"a", &device::ChipTruth::a},
};

void read_truth(Reader& in, device::DeviceSet& set) {
  set.chips =
      read_chips<device::ChipTruth>(in, "/truth", [&](const std::string& group, device::ChipTruth& chip) {
        const std::uint64_t stream = in.count(group + "/stream");
        if (stream > 0xffff)
          in.complain(group + "/stream: expected at most 65535, found " + std::to_string(stream));
        chip.stream = static_cast<std::uint16_t>(stream);
        for (const TruthField& field : truth_fields) {
          chip.*(field.values) = in.array<double>(group + "/" + field.name);
          const std::size_t devices = (chip.*(field.values)).dim(0);
          if (in.sound() && devices != set.count) {
            in.complain(group + "/" + field.name + ": expected " + std::to_string(set.count) +
                        " devices as /devices/count says, found " + std::to_string(devices));
          }
        }
      });
  for (const platform::BankPlan& plan : set.plans) {
    const auto chip = std::find_if(set.chips.begin(), set.chips.end(),
                                   [&](const device::ChipTruth& c) { return c.key == plan.chip_key(); });
    if (chip == set.chips.end()) {
      in.complain("/truth: no chip \"" + plan.chip_key() + "\" for the layer " + plan.name);
    } else if (in.sound() && chip->delta_nm.dim(1) != static_cast<std::size_t>(plan.rings())) {
      in.complain("/truth/" + plan.name + ": expected " + std::to_string(plan.rings()) + " rings, found " +
                  std::to_string(chip->delta_nm.dim(1)));
    }
  }
}

}  // namespace

void write_device(const std::string& path, const DeviceFile& device, const Provenance& header) {
  check_plans(device.set.plans, device.network, device.set.process);
  write_record(path, "device", header, [&](Writer& out) {
    write_network(out, device.network);
    write_process(out, device.set.process);
    out.count("/devices/count", device.set.count);
    out.count("/devices/seed", device.set.seed);
    write_chips(out, "/truth", device.set.chips,
                [&](const std::string& group, const device::ChipTruth& chip) {
                  out.count(group + "/stream", chip.stream);
                  for (const TruthField& field : truth_fields)
                    out.array(group + "/" + field.name, chip.*(field.values));
                });
  });
}

Read<DevicePublic> read_device_public(const std::string& path) {
  return read_record<Read<DevicePublic>>(path, "device", [](Reader& in) {
    DevicePublic device;
    device.network = read_network(in);
    device.process = read_process(in);
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
    device.set.process = read_process(in);
    device.set.count = in.count("/devices/count");
    device.set.seed = in.count("/devices/seed");
    device.set.plans = read_plans(in, device.network, device.set.process);
    read_truth(in, device.set);
    return device;
  });
}

}  // namespace pnn::io
