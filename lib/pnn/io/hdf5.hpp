// Ownership and checked calls over HDF5's C interface: the only header that includes it. Files are written
// with the 1.10 format bounds (all metadata carries checksums), without time stamps and with fixed-length
// strings, so that equal values give equal bytes and damaged bytes give an error instead of a crash.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace pnn::io::h5 {

/// A call into HDF5 failed. Readers turn it into an InputError and writers into a RunError, with the path.
class Failure : public std::runtime_error {
 public:
  /// Who refused: `us`, this library's own checks of what HDF5 would read (a link out of the file, a size);
  /// `library`, HDF5 itself, whose state is undefined afterwards; or `memory`, the system, which has no
  /// memory left.
  enum class By { us, library, memory };
  Failure(const std::string& text, int error_number, By by = By::us)
      : std::runtime_error(text), error_number_(error_number), by_(by) {}
  /// The errno of the system call that failed inside HDF5; 0 if none did.
  [[nodiscard]] int error_number() const { return error_number_; }
  [[nodiscard]] By by() const { return by_; }

 private:
  int error_number_;
  By by_;
};

/// Initialises HDF5 in this thread and keeps it from printing. Every function that opens or creates a file
/// calls it.
void initialise();

/// A sentence on why HDF5 failed and what to do, if the file is not at fault (file descriptors, memory, a
/// disk); empty if it may be.
std::string explain_shortage(const Failure& failure);

/// Throws Failure "action: reason" from HDF5's error stack, which is emptied.
[[noreturn]] void fail(const std::string& action);
/// Returns a status or identifier, or calls fail() if it is negative.
template <class Status>
Status check(Status status, const std::string& action) {
  if (status < 0) fail(action);
  return status;
}

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  /// Takes ownership of an identifier, or fails if it is negative.
  Handle(hid_t id, Closer closer, const std::string& action) : id_(check(id, action)), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = -1; }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle();
  [[nodiscard]] hid_t id() const { return id_; }
  /// Closes the identifier now and fails if HDF5 cannot: for files that were written.
  void close(const std::string& action);

 private:
  hid_t id_ = -1;
  Closer close_ = nullptr;
};

/// Creates an empty file.
Handle create_file(const std::string& path);
/// The errno of the last system call that failed in the reading driver (below) in this thread since the last
/// call of this function; 0 if none did.
int take_reading_error();
/// Makes files that are opened with this access list be read through the project's own HDF5 file driver,
/// which refuses addresses beyond the end of the file.
void use_reading_driver(hid_t access);
/// Opens an existing file for reading.
Handle open_file(const std::string& path);

/// The type of a dataset's elements, in memory and in the file.
enum class Element { text, uint8, int32, uint64, float32, float64 };
/// The type of HDF5 for it in memory. Throws std::logic_error for texts, which have none of their own.
hid_t memory_type(Element element);
template <class T>
constexpr Element element_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return Element::uint8;
  if constexpr (std::is_same_v<T, std::int32_t>) return Element::int32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return Element::uint64;
  if constexpr (std::is_same_v<T, float>) return Element::float32;
  if constexpr (std::is_same_v<T, double>) return Element::float64;
}
using Shape = std::vector<std::size_t>;

/// Creates the groups of an absolute path that do not exist yet.
void make_groups(hid_t file, const std::string& path);
/// Creates a contiguous row-major dataset at an absolute path, with the groups on the way; an empty shape is
/// a scalar. Values are in native byte order in memory and little-endian in the file.
Handle write_dataset(hid_t file, const std::string& path, Element element, const Shape& shape,
                     const void* values);
/// The same for strings of fixed length, that of the longest.
Handle write_texts(hid_t file, const std::string& path, const Shape& shape,
                   std::span<const std::string> texts);
void write_attribute(hid_t object, const std::string& name, const std::string& text);
void write_attribute(hid_t object, const std::string& name, double value);
void write_attribute(hid_t object, const std::string& name, std::uint64_t value);
void write_attribute(hid_t object, const std::string& name, std::span<const std::int32_t> values);
/// Names the axes of a dataset twice: as dimension labels, which other programs show, and in the text
/// attribute `axes`
/// ("out,in"), which the project's readers use. HDF5 keeps dimension labels in a heap without checksums, and
/// crashes if that is damaged.
void write_labels(hid_t dataset, std::span<const std::string> labels);
/// Gives an existing object a second name (a hard link).
void link_again(hid_t file, const std::string& existing, const std::string& name);

/// One entry of a group.
struct Member {
  std::string name;
  bool is_group = false;
  bool is_dataset = false;
  std::uint64_t address = 0;  ///< equal for two names of one object
};
/// What the file declares of a dataset, known before any of its values is read.
struct Description {
  /// Integers and reals of 8 to 64 bits in a processor's own formats, and strings; any other type is `other`.
  enum class Class { text, integer, real, other } kind = Class::other;
  enum class Layout { plain, chunked } layout = Layout::plain;
  bool is_unsigned = false;  ///< for integers
  std::size_t element_bytes = 0;
  Shape shape, chunk;
  std::uint64_t bytes = 0;         ///< in memory
  std::uint64_t stored_bytes = 0;  ///< in the file, unpacked
};

/// Bounds the total size that the datasets of one file may declare, so that neither a forged size nor many
/// names for the same bytes cost more memory and time than a file of this size can need.
class Budget {
 public:
  explicit Budget(std::uint64_t file_bytes) : file_bytes_(file_bytes) {}
  /// Adds the declared size of a dataset. Fails if it, or the sum so far, exceeds what the file can hold: the
  /// file's size for plain datasets, and 100 times that plus 256 MiB for chunked ones, which may be
  /// compressed (unpacked.hpp).
  void spend(Description::Layout layout, std::uint64_t bytes);

 private:
  std::uint64_t file_bytes_, plain_ = 0, chunked_ = 0;
};

/// The path of the entry `name` of `group`; the root group is "/".
std::string path_of(const std::string& group, const std::string& name);
/// Paths of one open file that were found to exist, so that they need not be looked for again.
using Known = std::set<std::string>;
/// Whether an absolute path exists. Fails on soft and external links, which may lead out of the file or
/// nowhere; this project writes none. What is in `known` is not looked for, and what is found is added.
bool exists(hid_t file, const std::string& path, Known* known = nullptr);
/// Whether the path is a dataset.
bool is_dataset(hid_t file, const std::string& path);
/// One entry of a group; empty if its name cannot be followed ("a/b" as a single name).
std::optional<Member> member(hid_t file, const std::string& group, const std::string& name);
/// The names of a group's entries in the order of their creation, or sorted if the file does not keep that
/// order. Fails for more than 10 000 entries, for which HDF5's time grows with the square of their number.
std::vector<std::string> names(hid_t file, const std::string& group);
/// All entries in that order. Fails if HDF5 cannot read one.
std::vector<Member> members(hid_t file, const std::string& group);
Handle open_object(hid_t file, const std::string& path, Known* known = nullptr);
Handle open_dataset(hid_t file, const std::string& path, Known* known = nullptr);
/// Describes a dataset and charges its size to the budget. Fails for sizes beyond the budget or beyond 64
/// GiB, chunks beyond 256 MiB, data that is stored in other files, and variable-length elements.
Description describe(hid_t dataset, Budget& budget);
/// Reads a whole dataset, converted to `element`, into `values`, which must have room for it.
void read_dataset(hid_t dataset, Element element, void* values);
/// Reads the rows [first, first + count) of a dataset of numbers, by its first axis.
void read_rows(hid_t dataset, Element element, std::size_t first, std::size_t count, void* values);
/// Reads a whole dataset piece by piece and discards it, to find out whether it can be read.
void read_pieces(hid_t dataset, const Description& description);
std::vector<std::string> read_texts(hid_t dataset, const Description& description);
std::optional<std::string> read_text_attribute(hid_t object, const std::string& name);
std::optional<double> read_number_attribute(hid_t object, const std::string& name);
std::optional<std::uint64_t> read_count_attribute(hid_t object, const std::string& name);
/// The integers of a one-dimensional attribute of at most 16.
std::optional<std::vector<std::int32_t>> read_integers_attribute(hid_t object, const std::string& name);
/// The names of a dataset's axes; empty if it has none.
struct Labels {
  std::vector<std::string> names;  ///< one for each axis, from the attribute `axes`
  bool as_dimensions = false;      ///< whether there are dimension labels, which are not read
};
Labels read_labels(hid_t dataset, std::size_t rank);

}  // namespace pnn::io::h5
