// HDF5 files that this toolchain never writes, but others may: from harmless to hostile.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace strangers {

struct Stranger {
  std::string name;
  std::function<void(const std::string& path)> write;
  /// What `pnn-info --validate` and the reader of its filetype must say; empty: it is whole.
  std::string complaint;
};

/// Results, each with one thing that is foreign. Small, so that they serve as seeds of mutations too.
std::vector<Stranger> all();

/// 400 MB of zeros in chunks that deflate to 400 kB.
void write_bomb(const std::string& path);
/// A group in a group, so often.
void write_deep(const std::string& path, int levels);
/// So many links in one group.
void write_wide(const std::string& path, int links);
/// A root attribute `command` of so many bytes.
void write_huge_attribute(const std::string& path, std::size_t bytes);

/// `names` controls of a params file that are one dataset of so many bytes.
void write_alias(const std::string& path, std::size_t bytes, int names);

}  // namespace strangers
