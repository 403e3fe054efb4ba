// The reading half of hdf5.hpp. Nothing here trusts a size, a type or a link of the file.
#include <algorithm>
#include <array>

#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/hdf5.hpp"
#include "pnn/io/unpacked.hpp"

namespace pnn::io::h5 {
namespace {

constexpr std::uint64_t largest_dataset = std::uint64_t{64} << 30;
constexpr std::size_t largest_text = std::size_t{1} << 24;
/// A reader may ask for a dataset again, and the bytes of small files cost nothing.
constexpr std::uint64_t plain_times = 4, small_when_plain = std::uint64_t{16} << 20;
constexpr std::uint64_t largest_chunk = std::uint64_t{256} << 20;
/// What is read between two looks at whether to stop.
constexpr std::uint64_t longest_read = std::uint64_t{64} << 20;
constexpr std::size_t most_members = 10'000, most_texts = std::size_t{1} << 22;

bool step_exists(hid_t file, const std::string& path) {
  if (check(H5Lexists(file, path.c_str(), H5P_DEFAULT), "look for " + path) <= 0) return false;
  H5L_info_t info{};
  check(H5Lget_info(file, path.c_str(), &info, H5P_DEFAULT), "look at " + path);
  if (info.type != H5L_TYPE_HARD)
    throw Failure(path + " is a soft or external link, which files of this toolchain do not have", 0);
  return true;
}

H5O_info_t object_info(hid_t file, const std::string& path) {
  H5O_info_t info{};
  check(H5Oget_info_by_name2(file, path.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT), "look at " + path);
  return info;
}

struct Names {
  std::vector<std::string> list;
};
herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* data) {
  // no exception may cross HDF5; running out of memory for a name ends the iteration with an error
  try {
    std::vector<std::string>& list = static_cast<Names*>(data)->list;
    if (list.size() == most_members) return 1;
    list.emplace_back(name);
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

Shape shape_of(hid_t space) {
  const H5S_class_t kind = H5Sget_simple_extent_type(space);
  if (kind == H5S_SCALAR) return {};
  if (kind != H5S_SIMPLE) throw Failure("a dataset without extent", 0);
  std::array<hsize_t, H5S_MAX_RANK> dims{};
  const int rank = check(H5Sget_simple_extent_dims(space, dims.data(), nullptr), "read a shape");
  return {dims.begin(), dims.begin() + rank};
}

/// The numbers that processors have; anything else would go through conversions that nobody tests.
bool is_number(hid_t type) {
  // those of this project's files first: each comparison takes time
  const hid_t known[] = {H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_STD_I32LE, H5T_STD_U64LE,  H5T_STD_U8LE,
                         H5T_STD_I8LE,   H5T_STD_I16LE,  H5T_STD_I64LE, H5T_STD_U16LE,  H5T_STD_U32LE,
                         H5T_STD_I8BE,   H5T_STD_I16BE,  H5T_STD_I32BE, H5T_STD_I64BE,  H5T_STD_U8BE,
                         H5T_STD_U16BE,  H5T_STD_U32BE,  H5T_STD_U64BE, H5T_IEEE_F32BE, H5T_IEEE_F64BE};
  return std::any_of(std::begin(known), std::end(known),
                     [&](hid_t other) { return check(H5Tequal(type, other), "read a type") > 0; });
}

Description::Class class_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return Description::Class::text;
    case H5T_INTEGER:
      return is_number(type) ? Description::Class::integer : Description::Class::other;
    case H5T_FLOAT:
      return is_number(type) ? Description::Class::real : Description::Class::other;
    default:
      return Description::Class::other;
  }
}

Shape chunk_of(hid_t list, std::size_t rank) {
  std::array<hsize_t, H5S_MAX_RANK> dims{};
  const int found = check(H5Pget_chunk(list, H5S_MAX_RANK, dims.data()), "read a layout");
  Shape chunk(dims.begin(), dims.begin() + found);
  if (chunk.size() != rank || std::find(chunk.begin(), chunk.end(), 0U) != chunk.end())
    throw Failure("chunks that do not fit its shape", 0);
  return chunk;
}

/// Product with care: a shape may be hostile.
std::uint64_t bytes_of(const Shape& shape, std::uint64_t element) {
  std::uint64_t bytes = element;
  if (std::find(shape.begin(), shape.end(), 0U) != shape.end()) return 0;
  for (const std::size_t d : shape) {
    if (bytes > largest_dataset / d) throw Failure("a dataset of more than 64 GiB", 0);
    bytes *= d;
  }
  return bytes;
}

std::optional<Handle> open_attribute(hid_t object, const std::string& name) {
  if (check(H5Aexists(object, name.c_str()), "look for the attribute " + name) <= 0) return std::nullopt;
  return Handle(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "open the attribute " + name);
}

template <class T>
std::optional<T> scalar_attribute(hid_t object, const std::string& name, H5T_class_t kind, hid_t memory) {
  const std::optional<Handle> attribute = open_attribute(object, name);
  if (!attribute) return std::nullopt;
  const Handle type(H5Aget_type(attribute->id()), H5Tclose, "type of the attribute " + name);
  const Handle space(H5Aget_space(attribute->id()), H5Sclose, "shape of the attribute " + name);
  if (H5Tget_class(type.id()) != kind || !is_number(type.id()) ||
      H5Sget_simple_extent_npoints(space.id()) != 1)
    return std::nullopt;
  T value{};
  check(H5Aread(attribute->id(), memory, &value), "read the attribute " + name);
  return value;
}

std::string unpadded(const char* begin, std::size_t width) {
  return {begin, std::find(begin, begin + width, '\0')};
}

Handle memory_text(hid_t stored, std::size_t width) {
  Handle type(H5Tcopy(stored), H5Tclose, "copy a string type");
  check(H5Tset_size(type.id(), width), "set a string width");
  check(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "set a string padding");
  return type;
}

}  // namespace

bool exists(hid_t file, const std::string& path, Known* known) {
  if (known != nullptr && known->contains(path)) return true;
  for (std::size_t end = 1; end < path.size();) {
    end = std::min(path.find('/', end), path.size());
    const std::string step = path.substr(0, end++);
    if (known != nullptr && known->contains(step)) continue;
    if (!step_exists(file, step)) return false;
    if (known != nullptr) known->insert(step);
  }
  return true;
}

bool is_dataset(hid_t file, const std::string& path) {
  return exists(file, path) && object_info(file, path).type == H5O_TYPE_DATASET;
}

std::vector<std::string> names(hid_t file, const std::string& group) {
  const Handle opened = open_object(file, group);
  const Handle list(H5Gget_create_plist(opened.id()), H5Pclose, "look at " + group);
  unsigned order = 0;
  check(H5Pget_link_creation_order(list.id(), &order), "look at " + group);
  const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  Names names;
  hsize_t position = 0;
  if (check(H5Literate(opened.id(), index, H5_ITER_INC, &position, collect_name, &names), "list " + group) >
      0)
    throw Failure(group + ": more than " + std::to_string(most_members) + " entries", 0,
                  Failure::By::library);
  return names.list;
}

std::string path_of(const std::string& group, const std::string& name) {
  return (group == "/" ? "" : group) + "/" + name;
}

std::optional<Member> member(hid_t file, const std::string& group, const std::string& name) {
  const std::string path = path_of(group, name);
  if (!exists(file, path)) return std::nullopt;
  const H5O_info_t info = object_info(file, path);
  return Member{name, info.type == H5O_TYPE_GROUP, info.type == H5O_TYPE_DATASET, info.addr};
}

std::vector<Member> members(hid_t file, const std::string& group) {
  std::vector<Member> result;
  for (const std::string& name : names(file, group)) {
    if (const std::optional<Member> found = member(file, group, name)) result.push_back(*found);
  }
  return result;
}

Handle open_object(hid_t file, const std::string& path, Known* known) {
  if (!exists(file, path, known)) throw Failure(path + " is missing", 0);
  return {H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, "open " + path};
}

Handle open_dataset(hid_t file, const std::string& path, Known* known) {
  Handle object = open_object(file, path, known);
  if (H5Iget_type(object.id()) != H5I_DATASET) throw Failure(path + " is not a dataset", 0);
  return object;
}

void Budget::spend(Description::Layout layout, std::uint64_t bytes) {
  const bool chunked = layout == Description::Layout::chunked;
  if (!chunked && bytes > file_bytes_) throw Failure("its declared size is more than the file holds", 0);
  std::uint64_t& spent = chunked ? chunked_ : plain_;
  spent += bytes;  // a dataset has at most 64 GiB and a file 100 000 of them, so this cannot wrap
  if (!chunked && spent > plain_times * file_bytes_ + small_when_plain)
    throw Failure("the file's datasets together declare more than it holds", 0);
  if (chunked && spent > most_unpacked(file_bytes_)) {
    throw Failure("its declared size is more than " + std::to_string(largest_compression) +
                      " times what the file holds; if it is meant, unpack it with h5repack -f NONE",
                  0);
  }
}

Description describe(hid_t dataset, Budget& budget) {
  const Handle list(H5Dget_create_plist(dataset), H5Pclose, "read a layout");
  const H5D_layout_t layout = H5Pget_layout(list.id());
  // the shape of a virtual dataset would open other files
  if (layout == H5D_VIRTUAL || H5Pget_external_count(list.id()) > 0)
    throw Failure("its data is kept in other files", 0);
  const Handle type(H5Dget_type(dataset), H5Tclose, "read a type");
  const Handle space(H5Dget_space(dataset), H5Sclose, "read a shape");
  Description result;
  result.element_bytes = H5Tget_size(type.id());
  result.kind = class_of(type.id());
  result.is_unsigned = result.kind == Description::Class::integer && H5Tget_sign(type.id()) == H5T_SGN_NONE;
  if (result.kind == Description::Class::text && check(H5Tis_variable_str(type.id()), "read a type") > 0)
    throw Failure("variable-length strings, where fixed-length ones are expected", 0);
  result.shape = shape_of(space.id());
  // in memory a number never takes more than eight bytes
  const bool number = result.kind == Description::Class::integer || result.kind == Description::Class::real;
  const std::size_t element = std::max<std::size_t>(result.element_bytes, 1);
  result.bytes = bytes_of(result.shape, number ? 8 : element);
  result.stored_bytes = bytes_of(result.shape, element);
  if (layout == H5D_CHUNKED) {
    result.layout = Description::Layout::chunked;
    result.chunk = chunk_of(list.id(), result.shape.size());
    if (bytes_of(result.chunk, number ? 8 : element) > largest_chunk)
      throw Failure("chunks of more than 256 MiB", 0);
  }
  budget.spend(result.layout, result.stored_bytes);
  return result;
}

void read_rows(hid_t dataset, Element element, std::size_t first, std::size_t count, void* values) {
  const Handle space(H5Dget_space(dataset), H5Sclose, "read a shape");
  const Shape shape = shape_of(space.id());
  std::vector<hsize_t> start(shape.size(), 0), sizes(shape.begin(), shape.end());
  start.at(0) = first;
  sizes[0] = count;
  check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, sizes.data(), nullptr),
        "select a part");
  hsize_t elements = 1;
  for (const hsize_t size : sizes) elements *= size;
  const Handle memory(H5Screate_simple(1, &elements, nullptr), H5Sclose, "make a shape");
  check(H5Dread(dataset, memory_type(element), memory.id(), space.id(), H5P_DEFAULT, values), "read");
}

void read_dataset(hid_t dataset, Element element, void* values) {
  const hid_t type = memory_type(element);
  const Handle space(H5Dget_space(dataset), H5Sclose, "read a shape");
  const Shape shape = shape_of(space.id());
  const std::size_t bytes = H5Tget_size(type);
  const std::size_t row = shape.empty() ? 0 : bytes_of({shape.begin() + 1, shape.end()}, bytes);
  const auto in_chunks = [&] {
    const Handle list(H5Dget_create_plist(dataset), H5Pclose, "read a layout");
    return H5Pget_layout(list.id()) == H5D_CHUNKED;
  };
  if (row == 0 || bytes_of(shape, bytes) <= longest_read || in_chunks()) {
    check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "read");
    return;
  }
  // in pieces, so that signals are noticed between them
  const std::size_t step = std::max<std::size_t>(1, longest_read / row);
  for (std::size_t first = 0; first < shape[0]; first += step) {
    stop_if_asked();
    read_rows(dataset, element, first, std::min(step, shape[0] - first),
              static_cast<char*>(values) + first * row);
  }
}

void read_pieces(hid_t dataset, const Description& description) {
  using Class = Description::Class;
  if (description.stored_bytes == 0 || description.kind == Class::other) return;
  const Handle stored(H5Dget_type(dataset), H5Tclose, "read a type");
  const Handle space(H5Dget_space(dataset), H5Sclose, "read a shape");
  const std::size_t rank = description.shape.size();
  std::vector<hsize_t> start(rank, 0), count(rank, 0);
  const Handle text =
      description.kind == Class::text ? memory_text(stored.id(), description.element_bytes) : Handle();
  const hid_t type = description.kind == Class::text   ? text.id()
                     : description.kind == Class::real ? H5T_NATIVE_DOUBLE
                                                       : H5T_NATIVE_UINT64;
  const std::size_t width = description.kind == Class::text ? description.element_bytes : 8;
  // one chunk at a time if there are chunks, otherwise everything
  const Shape& step =
      description.layout == Description::Layout::chunked ? description.chunk : description.shape;
  for (;;) {
    std::size_t values = 1;
    for (std::size_t k = 0; k < rank; ++k) {
      count[k] = std::min(step[k], description.shape[k] - static_cast<std::size_t>(start[k]));
      values *= static_cast<std::size_t>(count[k]);
    }
    std::vector<char> bytes(values * width);
    const hsize_t flat = values;
    const Handle memory(H5Screate_simple(1, &flat, nullptr), H5Sclose, "make a shape");
    if (rank > 0)
      check(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
            "choose a piece");
    check(H5Dread(dataset, type, memory.id(), space.id(), H5P_DEFAULT, bytes.data()), "read");
    std::size_t k = rank;
    while (k > 0 && (start[k - 1] += step[k - 1]) >= description.shape[k - 1]) start[--k] = 0;
    if (k == 0) return;
  }
}

std::vector<std::string> read_texts(hid_t dataset, const Description& description) {
  const std::size_t width = description.element_bytes;
  std::size_t count = 1;
  for (const std::size_t d : description.shape) count *= d;
  if (count == 0) return {};
  if (width == 0 || width > largest_text) throw Failure("a string of more than 16 MiB", 0);
  if (count > most_texts) throw Failure("more than " + std::to_string(most_texts) + " texts", 0);
  const Handle stored(H5Dget_type(dataset), H5Tclose, "read a type");
  const Handle type = memory_text(stored.id(), width);
  std::vector<char> bytes(count * width);
  check(H5Dread(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "read");
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t k = 0; k < count; ++k) texts.push_back(unpadded(bytes.data() + k * width, width));
  return texts;
}

std::optional<std::string> read_text_attribute(hid_t object, const std::string& name) {
  const std::optional<Handle> attribute = open_attribute(object, name);
  if (!attribute) return std::nullopt;
  const Handle type(H5Aget_type(attribute->id()), H5Tclose, "type of the attribute " + name);
  const Handle space(H5Aget_space(attribute->id()), H5Sclose, "shape of the attribute " + name);
  const std::size_t width = H5Tget_size(type.id());
  if (H5Tget_class(type.id()) != H5T_STRING || H5Tis_variable_str(type.id()) != 0 || width == 0 ||
      width > largest_text || H5Sget_simple_extent_npoints(space.id()) != 1)
    return std::nullopt;
  const Handle memory = memory_text(type.id(), width);
  std::vector<char> bytes(width);
  check(H5Aread(attribute->id(), memory.id(), bytes.data()), "read the attribute " + name);
  return unpadded(bytes.data(), width);
}

std::optional<double> read_number_attribute(hid_t object, const std::string& name) {
  return scalar_attribute<double>(object, name, H5T_FLOAT, H5T_NATIVE_DOUBLE);
}
std::optional<std::uint64_t> read_count_attribute(hid_t object, const std::string& name) {
  return scalar_attribute<std::uint64_t>(object, name, H5T_INTEGER, H5T_NATIVE_UINT64);
}

std::optional<std::vector<std::int32_t>> read_integers_attribute(hid_t object, const std::string& name) {
  const std::optional<Handle> attribute = open_attribute(object, name);
  if (!attribute) return std::nullopt;
  const Handle type(H5Aget_type(attribute->id()), H5Tclose, "type of the attribute " + name);
  const Handle space(H5Aget_space(attribute->id()), H5Sclose, "shape of the attribute " + name);
  const Shape shape = shape_of(space.id());
  if (H5Tget_class(type.id()) != H5T_INTEGER || !is_number(type.id()) || shape.size() != 1 || shape[0] == 0 ||
      shape[0] > 16)
    return std::nullopt;
  std::vector<std::int32_t> values(shape[0]);
  check(H5Aread(attribute->id(), H5T_NATIVE_INT32, values.data()), "read the attribute " + name);
  return values;
}

Labels read_labels(hid_t dataset, std::size_t rank) {
  Labels labels;
  labels.as_dimensions = check(H5Aexists(dataset, "DIMENSION_LABELS"), "look for axis names") > 0;
  labels.names = split(read_text_attribute(dataset, "axes").value_or(""), ',');
  if (labels.names.size() != rank) labels.names.assign(rank, "");
  return labels;
}

}  // namespace pnn::io::h5
