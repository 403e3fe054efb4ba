// Where the well-known public sets are.
#include "pnn/io/import.hpp"

#include <filesystem>

#include "pnn/core/errors.hpp"

namespace pnn::io {
namespace {

namespace fs = std::filesystem;

std::string find_one(const std::string& folder, const std::string& part, const std::string& kind,
                     const std::string& what_to_do) {
  const std::string rank = kind == "images" ? "3" : "1";
  const std::string dashed = part + "-" + kind + "-idx" + rank + "-ubyte",
                    dotted = part + "-" + kind + ".idx" + rank + "-ubyte";
  for (const std::string& name : {dashed, dashed + ".gz", dotted, dotted + ".gz"}) {
    const fs::path path = fs::path(folder) / name;
    std::error_code absent;
    if (fs::exists(path, absent)) return path.string();
  }
  throw InputError(folder + ": expected " + dashed + " or " + dashed + ".gz in it, found neither; " +
                   what_to_do);
}

}  // namespace

IdxPaths find_idx(const std::string& folder, const std::string& what_to_do) {
  std::error_code absent;
  if (!fs::is_directory(folder, absent)) throw InputError(folder + ": no such folder; " + what_to_do);
  return {find_one(folder, "train", "images", what_to_do), find_one(folder, "train", "labels", what_to_do),
          find_one(folder, "t10k", "images", what_to_do), find_one(folder, "t10k", "labels", what_to_do)};
}

IdxPaths find_fashion_mnist(const std::string& folder) {
  return find_idx(folder,
                  "install Debian's package dataset-fashion-mnist, or name a folder that holds the four "
                  "files with --dir");
}

IdxPaths find_mnist(const std::string& folder) {
  return find_idx(
      folder, "fetch the four files with scripts/fetch-mnist, or name a folder that holds them with --dir");
}

std::vector<std::string> fashion_mnist_classes() {
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
          "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
}

}  // namespace pnn::io
