#include "pnn/io/reader.hpp"

#include <algorithm>
#include <array>

#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/io/stored_samples.hpp"
#include "pnn/io/trial.hpp"

namespace pnn::io {
namespace {

using Class = h5::Description::Class;

bool readable(Type type, const h5::Description& description) {
  switch (type) {
    case Type::text:
      return description.kind == Class::text;
    case Type::integer:
    case Type::count:
      return description.kind == Class::integer;
    case Type::real32:
    case Type::real64:
    case Type::picture:
      return description.kind == Class::real || description.kind == Class::integer;
  }
  return false;
}

const char* expected_class(Type type) {
  if (type == Type::text) return "fixed-length text";
  return type == Type::integer || type == Type::count ? "integers" : "numbers";
}

std::string make_one(const std::string& filetype) {
  const FileType* type = find_file_type(filetype);
  return type == nullptr ? std::string() : "make one with " + type->maker;
}

}  // namespace

void raise_read_failure(const std::string& name, const h5::Failure& failure) {
  if (const std::string shortage = h5::explain_shortage(failure); !shortage.empty())
    throw RunError(name + ": cannot read: " + shortage);
  throw InputError(name + ": damaged or foreign HDF5 file (" + failure.what() +
                   "); copy it again or make it anew");
}

Reader::Reader(const std::string& path, const std::string& filetype)
    : source_(open_source(path, make_one(filetype))), budget_(source_.bytes), complaints_(source_.name) {
  try_file(source_);
  try {
    file_ = h5::open_file(source_.path);
    read_header(filetype);
  } catch (const h5::Failure& failure) {
    raise_read_failure(source_.name, failure);
  }
}

void Reader::complain_of(const std::string& path, const h5::Failure& failure) {
  if (!h5::explain_shortage(failure).empty()) raise_read_failure(source_.name, failure);
  complain(path + ": " + failure.what());
}

void Reader::finish() const {
  try {
    complaints_.raise();
  } catch (const InputError& error) {
    throw UnusableFile(error.what(), complaints_.list());
  }
}

void Reader::check_version() {
  const auto version = h5::read_integers_attribute(file_.id(), "format_version");
  if (!version || version->size() != 2)
    throw InputError(source_.name + ": expected a root attribute format_version of two integers, found none");
  major_ = (*version)[0];
  minor_ = (*version)[1];
  const std::string found = std::to_string(major_) + "." + std::to_string(minor_);
  if (major_ > format_version.major) {
    throw InputError(source_.name + ": format version " + found + " is newer than " +
                     std::to_string(format_version.major) + ", the newest that pnntools " + pnn::version() +
                     " reads; use the version that wrote it (" + header_.creator + ")");
  }
  if (major_ < 1 || minor_ < 0)
    throw InputError(source_.name + ": expected a format version of 1.0 or more, found " + found);
}

void Reader::read_header(const std::string& expected) {
  const auto filetype = h5::read_text_attribute(file_.id(), "filetype");
  if (!filetype)
    throw InputError(source_.name +
                     ": an HDF5 file, but not one of this toolchain (no root attribute filetype)");
  filetype_ = *filetype;
  header_.creator = h5::read_text_attribute(file_.id(), "creator").value_or("an unknown tool");
  if (!expected.empty() && filetype_ != expected) {
    throw InputError(source_.name + ": expected filetype \"" + expected + "\", found \"" + filetype_ +
                     "\" (written by " + header_.creator + "); " + make_one(expected));
  }
  if (find_file_type(filetype_) == nullptr) {
    std::vector<std::string> known;
    for (const FileType& type : file_types()) known.push_back(type.name);
    throw InputError(source_.name + ": unknown filetype \"" + filetype_ + "\" (known: " + join(known, ", ") +
                     ")");
  }
  check_version();
  for (const char* name : {"creator", "command"}) {
    if (!h5::read_text_attribute(file_.id(), name))
      complain(std::string("expected a root attribute ") + name + " of fixed-length text, found none");
  }
  header_.command = h5::read_text_attribute(file_.id(), "command").value_or("");
  const auto seed = h5::read_count_attribute(file_.id(), "seed");
  if (!seed) complain("expected a root attribute seed, an integer, found none");
  header_.seed = seed.value_or(1);
  const std::vector<std::string> fields = texts("/provenance/parents");
  if (fields.size() % 3 != 0) complain("/provenance/parents: expected role, filetype and hash of each");
  for (std::size_t k = 0; k + 2 < fields.size(); k += 3)
    header_.parents.push_back({fields[k], fields[k + 1], fields[k + 2]});
  header_.history = texts("/provenance/history");
}

std::vector<h5::Member> Reader::members(const std::string& group) const {
  return has(group) ? h5::members(file_.id(), group) : std::vector<h5::Member>();
}

std::string Reader::attribute(const std::string& path, const std::string& name) {
  if (!has(path)) return {};
  const h5::Handle object = h5::open_object(file_.id(), path, &known_);
  return h5::read_text_attribute(object.id(), name).value_or("");
}

std::optional<Reader::Found> Reader::find(const std::string& path) {
  const Item* item = find_item(filetype_, path);
  if (item == nullptr)
    throw InternalError("reading " + path + ": the schema of " + filetype_ + " does not know it");
  try {
    if (!has(path)) {
      if (item->need == Need::always) complain(path + " is missing (" + item->description + ")");
      return std::nullopt;
    }
    Found found{h5::open_dataset(file_.id(), path, &known_), {}, item};
    found.description = h5::describe(found.dataset.id(), budget_);
    if (!readable(item->type, found.description)) {
      complain(path + ": expected " + expected_class(item->type) + ", found another type");
      return std::nullopt;
    }
    const auto units = h5::read_text_attribute(found.dataset.id(), "units");
    if (!units) complain(path + ": expected an attribute units, found none");
    if (units && item->units != "*" && *units != item->units)
      complain(path + ": expected units \"" + item->units + "\", found \"" + *units + "\"");
    if (const auto complaint = axes_.note(*item, path, found.description.shape)) {
      complain(*complaint);
      return std::nullopt;
    }
    return found;
  } catch (const h5::Failure& failure) {
    complain_of(path, failure);
    return std::nullopt;
  }
}

std::vector<std::string> Reader::texts(const std::string& path) {
  const std::optional<Found> found = find(path);
  if (!found) return {};
  try {
    return h5::read_texts(found->dataset.id(), found->description);
  } catch (const h5::Failure& failure) {
    complain_of(path, failure);
    return {};
  }
}

std::string Reader::text(const std::string& path) {
  std::vector<std::string> values = texts(path);
  return values.empty() ? std::string() : std::move(values.front());
}

std::uint64_t Reader::count(const std::string& path) {
  const Array<std::uint64_t> value = array<std::uint64_t>(path);
  return value.data.empty() ? 0 : value.data.front();
}

double Reader::number(const std::string& path) {
  const Array<double> value = array<double>(path);
  return value.data.empty() ? 0 : value.data.front();
}

double Reader::byte_scale(const Found& found) {
  const auto scale = h5::read_number_attribute(found.dataset.id(), "scale");
  if (!scale || found.description.element_bytes != 1)
    throw h5::Failure("integers need to be 8-bit, with an attribute scale", 0);
  return *scale;
}

template <class T>
void Reader::fill(const Found& found, std::span<T> values) {
  const bool bytes = found.item->type == Type::picture && found.description.kind == Class::integer;
  if (!bytes) return h5::read_dataset(found.dataset.id(), h5::element_of<T>(), values.data());
  const double scale = byte_scale(found);
  // The bytes are read to the end of the memory of the numbers that they become, so that a large data set
  // takes no more than that: number k is written over bytes that have been converted before it, and its own.
  auto* stored = reinterpret_cast<std::uint8_t*>(values.data()) + values.size() * (sizeof(T) - 1);
  h5::read_dataset(found.dataset.id(), h5::Element::uint8, stored);
  constexpr std::size_t block = 4096;
  std::array<std::uint8_t, block> part;  // apart from the numbers, so that vectors of them are converted
  for (std::size_t k = 0; k < values.size(); k += block) {
    const std::size_t count = std::min(block, values.size() - k);
    std::copy_n(stored + k, count, part.begin());
    numbers_of_bytes(std::span(part).first(count), scale, values.data() + k);
  }
}

template <class T, class Room>
bool Reader::read_into(const std::string& path, const Room& room) {
  const std::optional<Found> found = find(path);
  if (!found) return false;
  try {
    const std::span<T> values = room(found->description.shape);
    if (!values.empty()) fill(*found, values);
    if (const auto complaint = check_values<T>(*found->item, path, values)) complain(*complaint);
    return true;
  } catch (const h5::Failure& failure) {
    complain_of(path, failure);
    return false;
  }
}

template <class T>
Array<T> Reader::array(const std::string& path) {
  Array<T> values;
  const bool read = read_into<T>(path, [&](const std::vector<std::size_t>& shape) {
    values = Array<T>(shape);
    return std::span(values.data);
  });
  if (!read) values = {};
  return values;
}

std::vector<std::size_t> Reader::rows(const std::string& path, Matrix<float>& values) {
  std::vector<std::size_t> sizes;
  const bool read = read_into<float>(path, [&](const std::vector<std::size_t>& shape) {
    std::size_t count = 1;
    for (const std::size_t size : shape) count *= size;
    const std::size_t rows = shape.empty() ? 1 : shape.front();
    values.resize(Index(rows), Index(rows == 0 ? 0 : count / rows));
    sizes = shape;
    return std::span(values.data(), count);
  });
  if (read) return sizes;
  values.resize(0, 0);
  return {};
}

std::shared_ptr<const network::StoredRows> Reader::stored_rows(const std::string& path) {
  const std::optional<Found> found = find(path);
  if (!found) return nullptr;
  try {
    const bool bytes = found->item->type == Type::picture && found->description.kind == Class::integer;
    auto rows = std::make_shared<StoredSamples>(source_, path,
                                                bytes ? std::optional(byte_scale(*found)) : std::nullopt);
    if (const auto complaint = rows->check(*found->item)) complain(*complaint);
    return rows;
  } catch (const h5::Failure& failure) {
    complain_of(path, failure);
    return nullptr;
  }
}

template Array<float> Reader::array(const std::string&);
template Array<double> Reader::array(const std::string&);
template Array<std::int32_t> Reader::array(const std::string&);
template Array<std::uint64_t> Reader::array(const std::string&);

}  // namespace pnn::io
