// Files made worse in ways that know HDF5: checksums are put right again, so that lies get past them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// A block of HDF5 metadata that ends in its checksum.
struct Block {
  std::size_t begin = 0, bytes = 0;
};

/// Bob Jenkins' lookup3 (hashlittle, initial value 0), HDF5's checksum of metadata.
std::uint32_t lookup3(std::string_view bytes);

/// The blocks of a sound file whose checksums are right, found by their signatures.
std::vector<Block> find_blocks(const std::string& bytes);
/// Writes the checksum of each block that still lies in the file.
void repair(std::string& bytes, const std::vector<Block>& blocks);

/// A sound or hostile file to start from.
struct Seed {
  std::string name, bytes;
  std::vector<Block> blocks;  ///< none for other kinds than HDF5
};

/// One to eight changes of a seed: flipped bits, sizes and addresses that mean trouble, numbers within texts,
/// bytes copied within the file or from `other`, a cut. Seven of eight times the checksums are right
/// afterwards. The same number gives the same bytes.
std::string mutate(const Seed& seed, const Seed& other, std::uint64_t number);

}  // namespace fuzz
