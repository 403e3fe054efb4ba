// The files of a small chain, made without tools: two chips, their nominal model, a data set, and parameters.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/records.hpp"
#include "pnn/network/spec.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/train/small.hpp"

namespace pnn::test {

/// Of the network 6 → mrr:out=3, on clusters of three classes. Parameters are trained for one epoch.
struct SmallChain {
  TemporaryFolder folder;
  network::Resolved net = network::resolve({"6", {"mrr:out=3"}}, {});
  network::Dataset data = clusters(6, 30, 20, 0.4F, 0.6F);
  std::string chips = folder / "chips.h5", model = folder / "model.h5", samples = folder / "data.h5",
              params = folder / "params.h5";

  SmallChain() {
    io::write_device(chips, {net.spec, device::fabricate(net.plans(), {}, 2, 7)}, {});
    io::write_model(model, {net.spec, model::nominal_model(net.plans(), {})}, {});
    io::write_dataset(samples, data, {});
    write_params(params, "bp", net);
  }
  /// Parameters under a label, as a training with these settings would leave them.
  void write_params(const std::string& path, const std::string& label, const network::Resolved& of,
                    const std::string& command = "pnn-train method=bp") const {
    train::TrainSettings settings;
    settings.length.epochs = 1, settings.updates.batch = 30;
    train::Params p =
        run_training({of, model::nominal_model(of.plans(), {}), 0, data, settings}, nullptr, nullptr);
    p.label = label;
    Provenance header;
    header.command = command;
    io::write_params(path, p, header);
  }
};

}  // namespace pnn::test
