#include "pnn/train/augment.hpp"

#include <algorithm>
#include <vector>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::train {
namespace {

constexpr Index chunk = 16;  ///< pictures

/// to(row, col) = from(row + down, col + right), mirrored, and 0 outside.
void move_plane(const float* from, Index height, Index width, Index down, Index right, bool mirrored,
                float* to) {
  for (Index row = 0; row < height; ++row, to += width) {
    const Index source = row + down;
    std::fill_n(to, width, 0.0F);
    if (source < 0 || source >= height) continue;
    const Index first = std::max<Index>(0, -right), last = std::min(width, width - right);
    if (first >= last) continue;
    std::copy(from + source * width + first + right, from + source * width + last + right, to + first);
    if (mirrored) std::reverse(to, to + width);
  }
}

}  // namespace

Augmentation parse_augmentation(const std::string& text) {
  Augmentation how;
  if (text.empty()) return how;
  for (const std::string& part : split(text, ',')) {
    const std::string word(trim(part));
    if (word == "flip" && !how.flip) {
      how.flip = true;
    } else if (word.starts_with("crop=") && how.crop == 0) {
      how.crop = Index(parse_integer(word.substr(5), "--augment crop"));
      if (how.crop < 1 || how.crop > 1000)
        throw UsageError("--augment crop: expected 1 to 1000 pixels, found " + word.substr(5));
    } else {
      throw UsageError("--augment: expected crop=PIXELS, flip or both, as crop=4,flip, found \"" + text +
                       "\"");
    }
  }
  return how;
}

void augment(const Augmentation& how, const platform::Shape& shape, std::uint64_t seed, std::uint32_t step,
             MatrixView<float> pictures) {
  require(pictures.cols() == shape.size(), "pictures have their shape");
  const Index plane = shape.height * shape.width;
  parallel_for(chunks_of(chunk, pictures.rows()), [&](std::size_t k) {
    const Chunk c = chunk_of(k, chunk, pictures.rows());
    std::vector<float> before(static_cast<std::size_t>(plane));
    for (Index n = c.begin; n < c.begin + c.count; ++n) {
      const Stream stream{seed, Purpose::augmentation, 0, std::uint32_t(n), step};
      const auto shift = [&](std::uint32_t axis) {
        return how.crop == 0 ? Index(0)
                             : Index(below(stream, axis, std::uint32_t(2 * how.crop + 1))) - how.crop;
      };
      const Index down = shift(0), right = shift(1);
      const bool mirrored = how.flip && below(stream, 2, 2) == 1;
      for (Index channel = 0; channel < shape.channels; ++channel) {
        float* values = pictures.data() + n * pictures.cols() + channel * plane;
        std::copy_n(values, plane, before.data());
        move_plane(before.data(), shape.height, shape.width, down, right, mirrored, values);
      }
    }
  });
}

}  // namespace pnn::train
