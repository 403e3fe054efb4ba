#include "pnn/io/walk.hpp"

#include <set>

#include "pnn/io/records.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t most_objects = 100'000, most_levels = 16;

struct Walk {
  hid_t file;
  const std::function<void(const std::string&, const h5::Member&)>& visit;
  const std::function<void(const h5::Failure&)>& failed;
  std::set<std::uint64_t> seen = {};

  /// What `look` answers, or nothing where HDF5 refuses it.
  template <class Look>
  auto looked(const Look& look) const -> decltype(look()) {
    try {
      return look();
    } catch (const h5::Failure& failure) {
      failed(failure);
      return {};
    }
  }

  void enter(const std::string& group, std::size_t level) {
    for (const std::string& entry : looked([&] { return h5::names(file, group); })) {
      const std::optional<h5::Member> member = looked([&] { return h5::member(file, group, entry); });
      if (!member || !seen.insert(member->address).second) continue;
      if (seen.size() > most_objects || level > most_levels)
        throw h5::Failure("more objects or deeper groups than files of this toolchain have", 0,
                          h5::Failure::By::library);
      const std::string path = h5::path_of(group, entry);
      visit(path, *member);
      if (member->is_group) enter(path, level + 1);
    }
  }
};

}  // namespace

void walk_objects(hid_t file, const std::function<void(const std::string&, const h5::Member&)>& visit,
                  const std::function<void(const h5::Failure&)>& failed) {
  Walk{file, visit, failed}.enter("/", 0);
}

std::vector<std::string> dataset_paths(const Reader& reader) {
  std::vector<std::string> paths;
  walk_objects(
      reader.file(),
      [&](const std::string& path, const h5::Member& member) {
        if (member.is_dataset) paths.push_back(path);
      },
      [](const h5::Failure&) { throw; });
  return paths;
}

std::vector<std::string> reader_complaints(const std::string& path, const std::string& filetype) {
  try {
    if (filetype == "dataset") read_dataset(path);
    if (filetype == "device") read_device(path);
    if (filetype == "curves") read_curves(path);
    if (filetype == "model") read_model(path);
    if (filetype == "params") read_params(path);
    if (filetype == "result") read_result(path);
    if (filetype == "tuning") read_tuning(path);
    return {};
  } catch (const UnusableFile& error) {
    return error.complaints();
  } catch (const InputError& error) {
    return {error.what()};
  }
}

}  // namespace pnn::io
