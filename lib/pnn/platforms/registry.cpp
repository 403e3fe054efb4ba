// The list of platforms: one line each, and those of the program.
#include "pnn/platforms/registry.hpp"

#include "pnn/platforms/d2nn/lab/lab.hpp"
#include "pnn/platforms/freespace/lab/lab.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/lab.hpp"
#include "pnn/platforms/mzi/lab/lab.hpp"
#include "pnn/platforms/pcm/lab/lab.hpp"

namespace pnn {

const std::vector<const study::PlatformLab*>& study::labs() {
  // clang-format off
  static const std::vector<const PlatformLab*> all = [] {
    std::vector<const PlatformLab*> labs = {
        &platforms::mrr::lab::laboratory(),
        &platforms::mzi::lab::laboratory(),
        &platforms::freespace::lab::laboratory(),
        &platforms::d2nn::lab::laboratory(),
        &platforms::pcm::lab::laboratory(),
    };
    if (platforms::own != nullptr) platforms::own(labs);
    return labs;
  }();
  // clang-format on
  return all;
}

const std::vector<const platform::Platform*>& platform::registry() {
  static const std::vector<const Platform*> all = [] {
    std::vector<const Platform*> platforms;
    for (const study::PlatformLab* lab : study::labs()) platforms.push_back(&lab->platform());
    return platforms;
  }();
  return all;
}

}  // namespace pnn
