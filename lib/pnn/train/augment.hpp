// Crops and flips of training pictures.
#pragma once

#include <cstdint>
#include <string>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/shape.hpp"

namespace pnn::train {

/// How training pictures are changed, anew in every step.
struct Augmentation {
  Index crop = 0;     ///< moved by up to so many pixels along each axis; what comes in is 0
  bool flip = false;  ///< mirrored left to right, every second one
  [[nodiscard]] bool acts() const { return crop > 0 || flip; }
};

/// "crop=4,flip" in any order; "" is none. Throws UsageError, naming --augment.
Augmentation parse_augmentation(const std::string& text);

/// Changes the pictures [n, channels·height·width] of a batch. Picture n is moved and mirrored by random
/// numbers that (seed, step, n) address, so that they are the same for any threads and after an interruption.
void augment(const Augmentation& how, const platform::Shape& shape, std::uint64_t seed, std::uint32_t step,
             MatrixView<float> pictures);

}  // namespace pnn::train
