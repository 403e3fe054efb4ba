// A device of every platform, for laws that hold on all of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platform/detection.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "pnn/platforms/pcm/plan.hpp"

namespace pnn::test {

inline platforms::d2nn::Plan small_masks(Index levels = 0) {
  platforms::d2nn::Plan plan;
  plan.plane.width = plan.plane.height = 16;
  plan.gaps_mm = {0.1, 0.1};
  plan.levels = levels;
  plan.detectors = platforms::d2nn::detector_grid(plan.plane, 1, 3, 4);
  plan.entry_mm = 0.1;
  plan.input = {4, 4, 3};
  plan.moving = {1};
  plan.name = "d2nn1";
  return plan;
}

/// One layer of each platform, meshes with every detector.
inline std::vector<platform::AnyPlan> every_platform() {
  using platform::Detection;
  std::vector<platform::AnyPlan> plans{
      platforms::mrr::BankPlan{"mrr1", 20, 21, 16, 8, platforms::mrr::Reuse::time},
      platforms::freespace::Plan{"freespace1", 6, 3, 4, 2, 2, 1, 1, 2, 2,
                                 platforms::freespace::Signs::exposures},
      platforms::freespace::Plan{"freespace2", 6, 3, 4, 2, 2, 1, 1, 2, 2,
                                 platforms::freespace::Signs::offset},
      platforms::pcm::Plan{"pcm1", 5, 7, 4, 6, platforms::pcm::Signs::differential},
      platforms::pcm::Plan{"pcm2", 5, 7, 4, 6, platforms::pcm::Signs::reference},
      small_masks()};
  int number = 0;
  for (const Detection detection :
       {Detection::intensity, Detection::modulus, Detection::coherent, Detection::field}) {
    const std::string name = "mzi" + std::to_string(++number);
    plans.emplace_back(platforms::mzi::MeshLayer{{name, 6, 6}, detection, detection == Detection::field});
  }
  plans.emplace_back(
      platforms::mzi::MeshLayer{{"mzi5", 4, 7, platforms::mzi::MeshLayout::svd}, Detection::intensity});
  return plans;
}

/// Controls within the middle half of their range.
inline std::vector<float> controls_for(const device::LayerPort& port, std::uint64_t seed) {
  std::vector<float> out(std::size_t(port.plan->controls()));
  fill_symmetric({seed, Purpose::test, 1}, out);
  for (float& x : out) x = float(port.lower + (0.5 + 0.25 * double(x)) * (port.upper - port.lower));
  return out;
}

/// Signals, `batch` of them, in (0, 1) where a display shows them and in (−1, 1) elsewhere.
inline Matrix<float> signals_for(const platform::AnyPlan& plan, Index batch, std::uint64_t seed) {
  Matrix<float> x(batch, plan->inputs());
  fill_symmetric({seed, Purpose::test, 2}, std::span<float>(x.data(), std::size_t(x.size())));
  if (platforms::freespace::planes_of(plan) != nullptr) x = x.cwiseAbs().eval();
  return x;
}

}  // namespace pnn::test
