#include "pnn/io/parts.hpp"

#include <algorithm>

namespace pnn::io {
namespace {

std::vector<platform::BankPlan> plans_of(const network::NetworkSpec& network,
                                         const platform::MrrProcess& process) {
  if (network.empty()) return {};
  return network::resolve(network, static_cast<int>(process.chip_rows), static_cast<int>(process.chip_cols))
      .plans();
}

bool equal(const platform::BankPlan& a, const platform::BankPlan& b) {
  return a.name == b.name && a.out == b.out && a.in == b.in && a.chip_rows == b.chip_rows &&
         a.chip_cols == b.chip_cols && a.reuse == b.reuse;
}

}  // namespace

void write_network(Writer& out, const network::NetworkSpec& network) {
  out.text("/network/inputs", network.inputs);
  out.texts("/network/layers", network.layers);
}

network::NetworkSpec read_network(Reader& in) {
  network::NetworkSpec network;
  network.inputs = in.text("/network/inputs");
  network.layers = in.texts("/network/layers");
  return network;
}

void write_process(Writer& out, const platform::MrrProcess& process) {
  for (const platform::ProcessField& field : platform::process_fields())
    out.number("/process/" + field.name, process.*(field.value));
  out.text("/process/mrr.polarity",
           process.polarity == platform::Polarity::drop_thru ? "drop-thru" : "thru-drop");
}

platform::MrrProcess read_process(Reader& in) {
  platform::MrrProcess process;
  const bool sound = in.sound();
  for (const platform::ProcessField& field : platform::process_fields())
    process.*(field.value) = in.number("/process/" + field.name);
  const std::string polarity = in.text("/process/mrr.polarity");
  if (polarity != "drop-thru" && polarity != "thru-drop")
    in.complain("/process/mrr.polarity: expected drop-thru or thru-drop, found \"" + polarity + "\"");
  process.polarity = polarity == "thru-drop" ? platform::Polarity::thru_drop : platform::Polarity::drop_thru;
  // numbers that could not be read have been complained about; they would be blamed twice
  if (sound && in.sound()) {
    for (const std::string& what : platform::check_process(process)) in.complain("/process: " + what);
  }
  return process;
}

std::vector<platform::BankPlan> read_plans(Reader& in, const network::NetworkSpec& network,
                                           const platform::MrrProcess& process) {
  if (!in.sound()) return {};
  try {
    return plans_of(network, process);
  } catch (const UsageError& error) {
    in.complain(std::string("/network: ") + error.what());
    return {};
  }
}

void check_plans(const std::vector<platform::BankPlan>& plans, const network::NetworkSpec& network,
                 const platform::MrrProcess& process) {
  const std::vector<platform::BankPlan> derived = plans_of(network, process);
  require(std::equal(plans.begin(), plans.end(), derived.begin(), derived.end(), equal),
          "writing a file: the plans of the physical layers are those of the network");
}

}  // namespace pnn::io
