#include "pnn/io/writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/version.hpp"

namespace pnn::io {
namespace {

/// k of every value k/255, or nothing if one is none of these.
std::vector<std::uint8_t> as_bytes(std::span<const float> values) {
  std::vector<std::uint8_t> bytes(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float k = std::round(values[i] * 255.0F);
    // the comparison is false for NaN too
    if (!(k >= 0 && k <= 255) || k / 255.0F != values[i]) return {};
    bytes[i] = static_cast<std::uint8_t>(k);
  }
  return bytes;
}

template <class T>
bool is_type(Type type) {
  if constexpr (std::is_same_v<T, float>) return type == Type::real32 || type == Type::picture;
  if constexpr (std::is_same_v<T, double>) return type == Type::real64;
  if constexpr (std::is_same_v<T, std::int32_t>) return type == Type::integer;
  return type == Type::count;
}

[[noreturn]] void broken(const std::string& complaint) {
  throw InternalError("writing " + complaint);
}

}  // namespace

Writer::Writer(const std::string& path, std::string target, std::string filetype, const Provenance& header)
    : target_(std::move(target)), filetype_(std::move(filetype)), file_(h5::create_file(path)) {
  h5::write_attribute(file_.id(), "filetype", filetype_);
  const std::array<std::int32_t, 2> version{format_version.major, format_version.minor};
  h5::write_attribute(file_.id(), "format_version", version);
  h5::write_attribute(file_.id(), "creator", header.creator);
  h5::write_attribute(file_.id(), "command", header.command);
  h5::write_attribute(file_.id(), "seed", header.seed);
  std::vector<std::string> fields;
  for (const Parent& p : header.parents) fields.insert(fields.end(), {p.role, p.filetype, p.hash});
  const std::vector<std::size_t> shape{header.parents.size(), 3};
  const Item& parents = item("/provenance/parents", shape);
  describe(h5::write_texts(file_.id(), "/provenance/parents", shape, fields), parents, 2, {});
  texts("/provenance/history", header.history);
}

const Item& Writer::item(const std::string& path, const std::vector<std::size_t>& shape) {
  const Item* found = find_item(filetype_, path);
  if (found == nullptr) broken(path + ": the schema of " + filetype_ + " does not know it");
  if (const auto complaint = axes_.note(*found, path, shape)) broken(*complaint);
  return *found;
}

void Writer::describe(const h5::Handle& dataset, const Item& item, std::size_t rank, const Said& said) {
  h5::write_attribute(dataset.id(), "units", item.units == "*" ? said.units : item.units);
  h5::write_attribute(dataset.id(), "description",
                      said.description.empty() ? item.description : said.description);
  if (const auto names = axis_names(item, rank, said.axes)) h5::write_labels(dataset.id(), *names);
}

void Writer::text(const std::string& path, const std::string& value) {
  const Item& found = item(path, {});
  describe(h5::write_texts(file_.id(), path, {}, {&value, 1}), found, 0, {});
}

void Writer::texts(const std::string& path, const std::vector<std::string>& values) {
  const Item& found = item(path, {values.size()});
  describe(h5::write_texts(file_.id(), path, {values.size()}, values), found, 1, {});
}

void Writer::count(const std::string& path, std::uint64_t value) {
  array<std::uint64_t>(path, {}, {&value, 1});
}
void Writer::number(const std::string& path, double value) {
  array<double>(path, {}, {&value, 1});
}

template <class T>
void Writer::array(const std::string& path, const std::vector<std::size_t>& shape, std::span<const T> values,
                   const Said& said) {
  const Item& found = item(path, shape);
  std::size_t count = 1;
  for (const std::size_t d : shape) count *= d;
  if (count != values.size())
    broken(path + ": " + std::to_string(values.size()) + " values in shape " + shape_text(shape));
  if (!is_type<T>(found.type)) broken(path + ": the schema has another type");
  if (const auto complaint = check_values(found, path, values))
    throw RunError(target_ + ": not written: " + *complaint);
  if constexpr (std::is_same_v<T, float>) {
    if (found.type == Type::picture) {
      const std::vector<std::uint8_t> bytes = as_bytes(values);
      if (!bytes.empty()) {
        const h5::Handle dataset =
            h5::write_dataset(file_.id(), path, h5::Element::uint8, shape, bytes.data());
        h5::write_attribute(dataset.id(), "scale", 1.0 / 255.0);
        return describe(dataset, found, shape.size(), said);
      }
    }
  }
  describe(h5::write_dataset(file_.id(), path, h5::element_of<T>(), shape, values.data()), found,
           shape.size(), said);
}

template void Writer::array(const std::string&, const std::vector<std::size_t>&, std::span<const float>,
                            const Said&);
template void Writer::array(const std::string&, const std::vector<std::size_t>&, std::span<const double>,
                            const Said&);
template void Writer::array(const std::string&, const std::vector<std::size_t>&,
                            std::span<const std::int32_t>, const Said&);
template void Writer::array(const std::string&, const std::vector<std::size_t>&,
                            std::span<const std::uint64_t>, const Said&);

void raise_write_failure(const std::string& target, const h5::Failure& failure) {
  throw RunError(target + ": " +
                 (failure.error_number() != 0 ? explain_write_error(failure.error_number())
                                              : std::string("cannot write (") + failure.what() + ")"));
}

}  // namespace pnn::io
