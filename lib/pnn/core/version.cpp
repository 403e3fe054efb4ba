#include "pnn/core/version.hpp"

namespace pnn {

const char* version() {
  return PNN_VERSION;
}

}  // namespace pnn
