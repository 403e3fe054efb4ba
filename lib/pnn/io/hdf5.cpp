#include "pnn/io/hdf5.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io::h5 {
namespace {

struct Stack {
  std::string innermost, outermost;
  bool out_of_memory = false;
};

herr_t collect(unsigned number, const H5E_error2_t* error, void* data) {
  auto& stack = *static_cast<Stack*>(data);
  const std::string text = error->desc != nullptr ? error->desc : "";
  if (number == 0) stack.innermost = text;
  stack.out_of_memory =
      stack.out_of_memory || error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC;
  stack.outermost = text;
  return 0;
}

Handle properties(hid_t kind) {
  return {H5Pcreate(kind), H5Pclose, "make a property list"};
}

Handle access() {
  initialise();
  Handle list = properties(H5P_FILE_ACCESS);
  check(H5Pset_libver_bounds(list.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), "choose the format version");
  check(H5Pset_fclose_degree(list.id(), H5F_CLOSE_STRONG), "choose how files close");
#if H5_VERSION_GE(1, 10, 7)
  // Locks fail on many network file systems; outputs have private names and inputs are never modified.
  check(H5Pset_file_locking(list.id(), false, true), "turn off file locks");
#endif
  return list;
}

/// How groups keep their links: in the order of their making, without time stamps, and all in the group's own
/// header. Beyond a few, links would go to a heap and an index, where a damaged byte crashes HDF5 1.10.
void shape_links(hid_t list) {
  constexpr unsigned most_compact = 65535;
  check(H5Pset_obj_track_times(list, false), "turn off time stamps");
  check(H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED), "keep the order of links");
  check(H5Pset_link_phase_change(list, most_compact, 0), "keep links in the header of their group");
}

Handle text_type(std::size_t width) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a string type");
  check(H5Tset_size(type.id(), std::max<std::size_t>(width, 1)), "set a string width");
  check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "set a character set");
  check(H5Tset_strpad(type.id(), H5T_STR_NULLPAD), "set a string padding");
  return type;
}

/// The types of an element in files and in memory.
struct Types {
  hid_t file, memory;
};

Types types_of(Element element) {
  switch (element) {
    case Element::uint8:
      return {H5T_STD_U8LE, H5T_NATIVE_UINT8};
    case Element::int32:
      return {H5T_STD_I32LE, H5T_NATIVE_INT32};
    case Element::uint64:
      return {H5T_STD_U64LE, H5T_NATIVE_UINT64};
    case Element::float32:
      return {H5T_IEEE_F32LE, H5T_NATIVE_FLOAT};
    case Element::float64:
      return {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE};
    case Element::text:
      break;
  }
  throw std::logic_error("strings have no type of their own");
}

hid_t file_type(Element element) {
  return types_of(element).file;
}

Handle space_of(const Shape& shape) {
  if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose, "make a scalar"};
  const std::vector<hsize_t> dims(shape.begin(), shape.end());
  return {H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr), H5Sclose, "make a shape"};
}

Handle create(hid_t file, const std::string& path, hid_t type, const Shape& shape) {
  make_groups(file, path.substr(0, path.rfind('/')));
  const Handle space = space_of(shape), list = properties(H5P_DATASET_CREATE);
  check(H5Pset_obj_track_times(list.id(), false), "turn off time stamps");
  return {H5Dcreate2(file, path.c_str(), type, space.id(), H5P_DEFAULT, list.id(), H5P_DEFAULT), H5Dclose,
          "create " + path};
}

std::vector<char> packed(std::span<const std::string> texts, std::size_t width) {
  std::vector<char> bytes(std::max<std::size_t>(texts.size() * width, 1), '\0');
  for (std::size_t k = 0; k < texts.size(); ++k)
    std::copy(texts[k].begin(), texts[k].end(), bytes.begin() + static_cast<std::ptrdiff_t>(k * width));
  return bytes;
}

void write_attribute_values(hid_t object, const std::string& name, hid_t stored, hid_t memory,
                            const Shape& shape, const void* values) {
  const Handle space = space_of(shape);
  const Handle attribute(H5Acreate2(object, name.c_str(), stored, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, "create the attribute " + name);
  check(H5Awrite(attribute.id(), memory, values), "write the attribute " + name);
}

}  // namespace

hid_t memory_type(Element element) {
  return types_of(element).memory;
}

void initialise() {
  static const bool done = [] {
    H5dont_atexit();  // clean-up at exit loops over files that could not be flushed; fails if HDF5 already
                      // runs
    return H5open() >= 0;
  }();
  // each thread has an error stack of its own, which prints itself unless told not to
  thread_local const bool quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(done), static_cast<void>(quiet);
}

void fail(const std::string& action) {
  Stack stack;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &stack);
  H5Eclear2(H5E_DEFAULT);
  // A failed system call reads "file write failed: time = …, errno = 28, error message = '…', buf = 0x…":
  // only the reason is worth a line, and only it is the same every time.
  int number = 0;
  if (const std::size_t at = stack.innermost.find("errno = "); at != std::string::npos) {
    number = std::atoi(stack.innermost.c_str() + at + 8);
    stack.innermost = std::strerror(number);
  }
  if (const int reading = take_reading_error(); reading != 0 && number == 0) {
    number = reading;
    stack.innermost = std::strerror(number);
  }
  std::string text = action + ": " + (stack.outermost.empty() ? "HDF5 gives no reason" : stack.outermost);
  if (stack.innermost != stack.outermost && !stack.innermost.empty()) text += " (" + stack.innermost + ")";
  std::replace(text.begin(), text.end(), '\n', ' ');
  throw Failure(text, number, stack.out_of_memory ? Failure::By::memory : Failure::By::library);
}

std::string explain_shortage(const Failure& failure) {
  return pnn::explain_shortage(failure.by() == Failure::By::memory ? ENOMEM : failure.error_number());
}

Handle::~Handle() {
  if (id_ >= 0 && close_(id_) < 0) H5Eclear2(H5E_DEFAULT);
}

void Handle::close(const std::string& action) {
  if (id_ >= 0) check(close_(std::exchange(id_, -1)), action);
}

/// Throws std::bad_alloc where the library may find no memory for the state of a file: it then uses what it
/// has not got (a null pointer in H5AC_create of 1.10), and the program is gone.
void have_room() {
  constexpr std::size_t more_than_it_takes = 4 << 20;
  ::operator delete(::operator new(more_than_it_takes));
}

Handle create_file(const std::string& path) {
  have_room();
  const Handle list = access(), creation = properties(H5P_FILE_CREATE);
  shape_links(creation.id());
  return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), list.id()), H5Fclose, "create the file"};
}

Handle open_file(const std::string& path) {
  have_room();
  const Handle list = access();
  use_reading_driver(list.id());
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, list.id()), H5Fclose, "open the file"};
}

void make_groups(hid_t file, const std::string& path) {
  for (std::size_t end = 1; end < path.size();) {
    end = std::min(path.find('/', end), path.size());
    const std::string prefix = path.substr(0, end++);
    if (check(H5Lexists(file, prefix.c_str(), H5P_DEFAULT), "look for " + prefix) > 0) continue;
    const Handle list = properties(H5P_GROUP_CREATE);
    shape_links(list.id());
    const Handle group(H5Gcreate2(file, prefix.c_str(), H5P_DEFAULT, list.id(), H5P_DEFAULT), H5Gclose,
                       "create " + prefix);
  }
}

Handle write_dataset(hid_t file, const std::string& path, Element element, const Shape& shape,
                     const void* values) {
  Handle dataset = create(file, path, file_type(element), shape);
  if (std::find(shape.begin(), shape.end(), 0U) == shape.end())
    check(H5Dwrite(dataset.id(), memory_type(element), H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
          "write " + path);
  return dataset;
}

Handle write_texts(hid_t file, const std::string& path, const Shape& shape,
                   std::span<const std::string> texts) {
  std::size_t width = 1;
  for (const std::string& text : texts) width = std::max(width, text.size());
  const Handle type = text_type(width);
  Handle dataset = create(file, path, type.id(), shape);
  if (!texts.empty()) {
    const std::vector<char> bytes = packed(texts, width);
    check(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "write " + path);
  }
  return dataset;
}

void write_attribute(hid_t object, const std::string& name, const std::string& text) {
  const Handle type = text_type(text.size());
  const std::vector<char> bytes = packed({&text, 1}, std::max<std::size_t>(text.size(), 1));
  write_attribute_values(object, name, type.id(), type.id(), {}, bytes.data());
}
void write_attribute(hid_t object, const std::string& name, double value) {
  write_attribute_values(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &value);
}
void write_attribute(hid_t object, const std::string& name, std::uint64_t value) {
  write_attribute_values(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, {}, &value);
}
void write_attribute(hid_t object, const std::string& name, std::span<const std::int32_t> values) {
  write_attribute_values(object, name, H5T_STD_I32LE, H5T_NATIVE_INT32, {values.size()}, values.data());
}

void write_labels(hid_t dataset, std::span<const std::string> labels) {
  for (std::size_t k = 0; k < labels.size(); ++k)
    check(H5DSset_label(dataset, static_cast<unsigned>(k), labels[k].c_str()), "name the axis " + labels[k]);
  if (!labels.empty()) write_attribute(dataset, "axes", join(labels, ","));
}

void link_again(hid_t file, const std::string& existing, const std::string& name) {
  check(H5Lcreate_hard(file, existing.c_str(), file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "link " + name);
}

}  // namespace pnn::io::h5
