#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"

namespace pnn::io {
namespace {

void write_split(Writer& out, const std::string& group, const network::Split& split,
                 const network::Shape& shape) {
  if (split.size() == 0) return;
  const auto n = static_cast<std::size_t>(split.x.rows());
  const std::span<const float> values(split.x.data(), static_cast<std::size_t>(split.x.size()));
  if (shape.height == 1 && shape.width == 1) {
    out.array<float>(group + "/x", {n, static_cast<std::size_t>(split.x.cols())}, values,
                     {"", "", {"sample", "feature"}});
  } else {
    out.array<float>(group + "/x",
                     {n, static_cast<std::size_t>(shape.channels), static_cast<std::size_t>(shape.height),
                      static_cast<std::size_t>(shape.width)},
                     values, {"", "", {"sample", "channel", "height", "width"}});
  }
  if (split.targets.size() == 0) {
    out.vector(group + "/y", split.y);
    return;
  }
  out.array<float>(group + "/targets", {n, static_cast<std::size_t>(split.targets.cols())},
                   std::span(split.targets.data(), static_cast<std::size_t>(split.targets.size())),
                   {"", "", {"sample", "target"}});
}

network::Split read_split(Reader& in, const std::string& group, std::size_t features, bool stored = false) {
  network::Split split;
  const bool targets = in.has(group + "/targets");
  if (in.has(group + "/x") != (in.has(group + "/y") || targets))
    in.complain(group + ": expected both x and y (or targets), or neither");
  std::vector<std::size_t> shape;
  if (stored && in.has(group + "/x")) {
    split.stored = in.stored_rows(group + "/x");
    if (split.stored) shape = {std::size_t(split.stored->rows()), std::size_t(split.stored->cols())};
  } else {
    shape = in.rows(group + "/x", split.x);
  }
  split.y = in.vector<std::int32_t>(group + "/y");
  if (targets) in.rows(group + "/targets", split.targets);
  const network::SplitView found(split);
  if (found.size() > 0 && found.features() == static_cast<Index>(features)) return split;
  if (found.size() > 0) {
    in.complain(group + "/x: expected " + std::to_string(features) +
                " values a sample as /shape says, found shape " + shape_text(shape));
  }
  split.x.resize(0, 0);
  split.stored.reset();
  return split;
}

}  // namespace

void write_dataset(const std::string& path, const network::Dataset& data, const Provenance& header) {
  write_record(path, "dataset", header, [&](Writer& out) {
    out.text("/name", data.name);
    out.vector<std::uint64_t>("/shape", {static_cast<std::uint64_t>(data.shape.channels),
                                         static_cast<std::uint64_t>(data.shape.height),
                                         static_cast<std::uint64_t>(data.shape.width)});
    if (data.shape.field) out.count("/field", 1);
    if (!data.classes.empty()) out.texts("/classes", data.classes);
    write_targets(out, data.targets);
    write_split(out, "/train", data.train, data.shape);
    write_split(out, "/validation", data.validation, data.shape);
    write_split(out, "/test", data.test, data.shape);
  });
}

Read<network::Dataset> read_dataset(const std::string& path, DataParts parts) {
  return read_record<Read<network::Dataset>>(path, "dataset", [parts](Reader& in) {
    constexpr std::uint64_t largest = 1U << 20;
    network::Dataset data;
    data.name = in.text("/name");
    data.classes = in.texts("/classes");
    data.targets = read_targets(in);
    const auto shape = in.vector<std::uint64_t>("/shape");
    const bool fits = shape.size() == 3 && std::all_of(shape.begin(), shape.end(),
                                                       [](std::uint64_t d) { return d > 0 && d <= largest; });
    if (!fits) {
      in.complain("/shape: expected channels, height and width, each from 1 to " + std::to_string(largest));
      return data;
    }
    data.shape = {static_cast<Index>(shape[0]), static_cast<Index>(shape[1]), static_cast<Index>(shape[2])};
    data.shape.field = in.has("/field") && in.count("/field") == 1;
    const auto features = static_cast<std::size_t>(data.shape.size());
    const bool some = (parts.train && in.has("/train/x")) || (parts.validation && in.has("/validation/x")) ||
                      (parts.test && in.has("/test/x"));
    if (parts.train || !some) data.train = read_split(in, "/train", features, parts.stored);
    if (parts.validation || !some) data.validation = read_split(in, "/validation", features);
    if (parts.test || !some) data.test = read_split(in, "/test", features);
    if (in.sound()) in.complain(network::check_dataset(data));
    return data;
  });
}

}  // namespace pnn::io
