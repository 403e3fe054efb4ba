// The same readers under libFuzzer, which learns from the branches that an input takes. Built with Clang
// alone: scripts/fuzz --engine.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "mutation.hpp"
#include "readers.hpp"
#include "tests/temporary_folder.hpp"

extern "C" {
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);
}

namespace {

/// By content, as the engine knows no names.
fuzz::Kind kind_of(const std::string& bytes) {
  if (bytes.starts_with("\x89HDF")) return fuzz::Kind::hdf5;
  if (bytes.starts_with("\x1f\x8b") || bytes.starts_with(std::string(2, '\0'))) return fuzz::Kind::idx;
  if (bytes.starts_with("\x08") || (bytes.size() > 8 && bytes[8] == '{')) return fuzz::Kind::network;
  return fuzz::Kind::csv;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pnn::test::TemporaryFolder folder;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  fuzz::read_all(kind_of(bytes), folder.write("input", bytes));
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<fuzz::Block> blocks = fuzz::find_blocks(bytes);
  if (!blocks.empty() && seed % 4 != 0) {
    const fuzz::Seed from{"engine.h5", bytes, blocks};
    bytes = fuzz::mutate(from, from, seed);
  } else {
    bytes.resize(most);
    bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, most));
    fuzz::repair(bytes, blocks);
  }
  bytes.resize(std::min(bytes.size(), most));
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}
