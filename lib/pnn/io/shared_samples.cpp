// tell_shared_samples: test samples that a training has seen.
#include <string_view>
#include <unordered_set>

#include "pnn/core/stop.hpp"
#include "pnn/io/import.hpp"

namespace pnn::io {

void tell_shared_samples(RawData& raw) {
  const auto bytes_of = [](const Matrix<float>& x, Index n) {
    return std::string_view(reinterpret_cast<const char*>(x.row(n).data()),
                            std::size_t(x.cols()) * sizeof(float));
  };
  std::unordered_set<std::string_view> trained;
  for (const network::Split* split : {&raw.train, &raw.validation})
    for (Index n = 0; n < split->x.rows(); ++n) {
      if (n % 1024 == 0) stop_if_asked();
      trained.insert(bytes_of(split->x, n));
    }
  Index shared = 0;
  for (Index n = 0; n < raw.test.x.rows(); ++n) shared += trained.contains(bytes_of(raw.test.x, n)) ? 1 : 0;
  if (shared * 100 < raw.test.x.rows() || shared == 0) return;
  raw.notes.push_back(
      {std::to_string(shared) + " of the " + std::to_string(raw.test.x.rows()) +
           " test samples have the values of a training sample: accuracies on them tell what was "
           "remembered; take test samples of their own",
       false});
}

}  // namespace pnn::io
