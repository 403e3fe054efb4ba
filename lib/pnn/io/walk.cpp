#include "pnn/io/walk.hpp"

#include <set>

#include "pnn/io/records.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t most_objects = 100'000, most_levels = 16;

struct Walk {
  const Reader& reader;
  std::set<std::uint64_t> seen;
  std::vector<std::string> paths;

  void visit(const std::string& group, std::size_t level) {
    for (const h5::Member& member : h5::members(reader.file(), group)) {
      if (!seen.insert(member.address).second) continue;
      if (seen.size() > most_objects || level > most_levels)
        throw InputError(reader.source().name +
                         ": more objects or deeper groups than files of this toolchain have");
      const std::string path = (group == "/" ? "" : group) + "/" + member.name;
      if (member.is_dataset) paths.push_back(path);
      if (member.is_group) visit(path, level + 1);
    }
  }
};

}  // namespace

std::vector<std::string> dataset_paths(const Reader& reader) {
  Walk walk{reader, {}, {}};
  walk.visit("/", 0);
  return walk.paths;
}

std::vector<std::string> reader_complaints(const std::string& path, const std::string& filetype) {
  try {
    if (filetype == "dataset") read_dataset(path);
    if (filetype == "device") read_device(path);
    if (filetype == "curves") read_curves(path);
    if (filetype == "model") read_model(path);
    if (filetype == "params") read_params(path);
    if (filetype == "result") read_result(path);
    return {};
  } catch (const UnusableFile& error) {
    return error.complaints();
  } catch (const InputError& error) {
    return {error.what()};
  }
}

}  // namespace pnn::io
