#include "pnn/io/cifar10.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/png_picture.hpp"

namespace pnn::io {
namespace {

constexpr Index side = 32, colours = 3;
constexpr std::size_t training_batches = 5, most_label_bytes = std::size_t{1} << 26;

/// Adds the pictures of a stack to the rows of `x`, colour by colour.
void add_pictures(const std::string& path, Matrix<float>& x) {
  const Picture stack = read_png(path);
  if (Index(stack.width) != side * side || Index(stack.channels) != colours || stack.white != 255)
    throw InputError(path + ": expected rows of 1024 pixels in colours of 8 bits, one picture each, found " +
                     std::to_string(stack.width) + " pixels with " + std::to_string(stack.channels) +
                     (stack.channels == 1 ? " channel" : " channels"));
  const Index before = x.rows();
  x.conservativeResize(before + Index(stack.height), colours * side * side);
  const std::uint16_t* from = stack.values.data();
  for (Index n = before; n < x.rows(); ++n) {
    float* to = x.row(n).data();
    for (Index pixel = 0; pixel < side * side; ++pixel)
      for (Index c = 0; c < colours; ++c) to[c * side * side + pixel] = float(*from++);
  }
}

std::vector<std::int32_t> read_labels(const std::string& path, Index pictures, std::size_t classes) {
  const std::string text = read_bytes(path, most_label_bytes);
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array())
    throw InputError(path + ": expected a list of class numbers, as [6, 9, 9]; fetch it again");
  if (Index(list.size()) != pictures)
    throw InputError(path + ": expected " + std::to_string(pictures) + " labels, one a picture, found " +
                     std::to_string(list.size()));
  std::vector<std::int32_t> labels;
  for (const auto& one : list) {
    if (!one.is_number_unsigned() || one.get<std::uint64_t>() >= classes)
      throw InputError(path + ": label " + std::to_string(labels.size()) + ": expected a number from 0 to " +
                       std::to_string(classes - 1) + ", found " +
                       one.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    labels.push_back(one.get<std::int32_t>());
  }
  return labels;
}

}  // namespace

std::vector<std::string> cifar10_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  for (std::size_t k = 1; k <= training_batches; ++k)
    names.push_back("data_batch_" + std::to_string(k) + ".png");
  names.insert(names.end(), {"test_batch.png", "train_lables.json", "test_lables.json"});
  for (std::string& name : names) {
    const fs::path path = fs::path(folder) / name;
    std::error_code absent;
    if (!fs::exists(path, absent))
      throw InputError(
          folder + ": expected " + name +
          " in it, found none; fetch CIFAR-10 with scripts/fetch-cifar10, or name the folder that "
          "holds it with --dir");
    name = path.string();
  }
  return names;
}

RawData import_cifar10(const std::string& folder, std::string& hash) {
  RawData raw;
  raw.name = "cifar10";
  raw.pictures = true;
  raw.shape = {colours, side, side};
  raw.classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  const std::vector<std::string> files = cifar10_files(folder);
  std::vector<std::string> hashes;
  for (const std::string& file : files) hashes.push_back(content_hash(file));
  for (std::size_t k = 0; k < training_batches; ++k) {
    stop_if_asked();
    add_pictures(files[k], raw.train.x);
  }
  add_pictures(files[training_batches], raw.test.x);
  raw.train.y = read_labels(files[training_batches + 1], raw.train.size(), raw.classes.size());
  raw.test.y = read_labels(files[training_batches + 2], raw.test.size(), raw.classes.size());
  hash = text_hash(join(hashes, "\n"));
  return raw;
}

}  // namespace pnn::io
