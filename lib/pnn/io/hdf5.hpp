// Ownership and checked calls over HDF5's C interface: the only header that includes it. Files are written
// with the 1.10 format bounds (all metadata carries checksums), without time stamps and with fixed-length
// strings, so that equal values give equal bytes and damaged bytes give an error instead of a crash.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace pnn::io::h5 {

/// A call into HDF5 failed. Readers turn it into an InputError and writers into a RunError, with the path.
class Failure : public std::runtime_error {
 public:
  /// Who refuses: we, what HDF5 would read (a link out of the file, a size); HDF5 itself, after which its
  /// state may be anything; or the system, which has no memory for it.
  enum class By { us, library, memory };
  Failure(const std::string& text, int error_number, By by = By::us)
      : std::runtime_error(text), error_number_(error_number), by_(by) {}
  /// `errno` of the system call that failed inside HDF5, 0 if none did.
  [[nodiscard]] int error_number() const { return error_number_; }
  [[nodiscard]] By by() const { return by_; }

 private:
  int error_number_;
  By by_;
};

/// Starts the library, silent on standard error, in this thread; every call that opens or makes a file does
/// this first.
void initialise();

/// Why HDF5 failed where no file is to blame (descriptors, memory, a disk), and what to do; empty where one
/// may be.
std::string explain_shortage(const Failure& failure);

/// Throws Failure "action: reason" from HDF5's error stack, which is emptied.
[[noreturn]] void fail(const std::string& action);
/// Fails on a negative status or identifier.
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
  /// Takes a valid identifier; fails on a negative one.
  Handle(hid_t id, Closer closer, const std::string& action) : id_(check(id, action)), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(other.id_), close_(other.close_) { other.id_ = -1; }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle();
  [[nodiscard]] hid_t id() const { return id_; }
  /// Closes now and fails if that fails: for files that were written.
  void close(const std::string& action);

 private:
  hid_t id_ = -1;
  Closer close_ = nullptr;
};

/// A new, empty file.
Handle create_file(const std::string& path);
/// `errno` of the last system call that failed in the driver below since the last question, in this thread; 0
/// if none did.
int take_reading_error();
/// Files opened with this list are read through a driver of our own, which knows where they end.
void use_reading_driver(hid_t access);
/// An existing file, read only.
Handle open_file(const std::string& path);

/// What the elements of a dataset are in memory and in the file.
enum class Element { text, uint8, int32, uint64, float32, float64 };
template <class T>
constexpr Element element_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return Element::uint8;
  if constexpr (std::is_same_v<T, std::int32_t>) return Element::int32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return Element::uint64;
  if constexpr (std::is_same_v<T, float>) return Element::float32;
  if constexpr (std::is_same_v<T, double>) return Element::float64;
}
using Shape = std::vector<std::size_t>;

/// Creates the missing groups of an absolute path.
void make_groups(hid_t file, const std::string& path);
/// Creates a contiguous dataset at an absolute path (an empty shape is a scalar), row-major. Groups on the
/// way are made. Values are in native byte order in memory and little-endian in the file.
Handle write_dataset(hid_t file, const std::string& path, Element element, const Shape& shape,
                     const void* values);
/// The same for strings, stored in the width of the longest.
Handle write_texts(hid_t file, const std::string& path, const Shape& shape,
                   std::span<const std::string> texts);
void write_attribute(hid_t object, const std::string& name, const std::string& text);
void write_attribute(hid_t object, const std::string& name, double value);
void write_attribute(hid_t object, const std::string& name, std::uint64_t value);
void write_attribute(hid_t object, const std::string& name, std::span<const std::int32_t> values);
/// Names the axes of a dataset: as dimension labels, which other programs show, and as the text attribute
/// `axes`
/// ("out,in"). Dimension labels are variable-length strings, in a heap without checksums whose damage HDF5
/// does not survive; so our own readers go by `axes`.
void write_labels(hid_t dataset, std::span<const std::string> labels);
/// A second name for an object.
void link_again(hid_t file, const std::string& existing, const std::string& name);

/// One entry of a group.
struct Member {
  std::string name;
  bool is_group = false;
  bool is_dataset = false;
  std::uint64_t address = 0;  ///< equal for two names of one object
};
/// What the file says of a dataset before any of it is read.
struct Description {
  /// Numbers are integers and reals of 8 to 64 bits as processors have them; any other type is `other`.
  enum class Class { text, integer, real, other } kind = Class::other;
  enum class Layout { plain, chunked } layout = Layout::plain;
  bool is_unsigned = false;  ///< integers
  std::size_t element_bytes = 0;
  Shape shape, chunk;
  std::uint64_t bytes = 0;         ///< in memory
  std::uint64_t stored_bytes = 0;  ///< in the file, unpacked
};

/// What the datasets of one file may declare together, so that neither a hostile size nor many names for the
/// same bytes cost more than the file can mean.
class Budget {
 public:
  explicit Budget(std::uint64_t file_bytes) : file_bytes_(file_bytes) {}
  /// Fails where a dataset, or all so far together, declare more than the file holds: its own bytes plainly,
  /// and 100 times as many in chunks, which may be compressed (zeros shrink to a thousandth: small files may
  /// hold 256 MiB).
  void spend(Description::Layout layout, std::uint64_t bytes);

 private:
  std::uint64_t file_bytes_, plain_ = 0, chunked_ = 0;
};

/// The path of an entry of a group, which is "/" for the root.
std::string path_of(const std::string& group, const std::string& name);
/// True if every step of the absolute path exists. Fails on links that leave the file or may dangle (soft,
/// external): this toolchain writes none.
bool exists(hid_t file, const std::string& path);
/// True if the path is a dataset.
bool is_dataset(hid_t file, const std::string& path);
/// One entry; none where its name leads nowhere ("a/b" as one name).
std::optional<Member> member(hid_t file, const std::string& group, const std::string& name);
/// Names of entries in the order of their creation, or by name where a file does not keep that order. Fails
/// on more than 10 000, which take HDF5 a time that grows with their square.
std::vector<std::string> names(hid_t file, const std::string& group);
/// All entries in that order. Fails if one cannot be looked at.
std::vector<Member> members(hid_t file, const std::string& group);
Handle open_object(hid_t file, const std::string& path);
Handle open_dataset(hid_t file, const std::string& path);
/// Fails on what cannot be meant: sizes beyond the budget or beyond 64 GiB, chunks beyond 256 MiB, data kept
/// in other files, variable-length elements.
Description describe(hid_t dataset, Budget& budget);
/// Reads all of a dataset, converted to `element`, into `values` (as many as described).
void read_dataset(hid_t dataset, Element element, void* values);
/// Reads all of a dataset in pieces and forgets them: whether it can be read at all.
void read_pieces(hid_t dataset, const Description& description);
std::vector<std::string> read_texts(hid_t dataset, const Description& description);
std::optional<std::string> read_text_attribute(hid_t object, const std::string& name);
std::optional<double> read_number_attribute(hid_t object, const std::string& name);
std::optional<std::uint64_t> read_count_attribute(hid_t object, const std::string& name);
/// Integers of a one-dimensional attribute with at most 16 of them.
std::optional<std::vector<std::int32_t>> read_integers_attribute(hid_t object, const std::string& name);
/// What a dataset says of its axes. Names are empty where there are none.
struct Labels {
  std::vector<std::string> names;  ///< as many as axes, from the attribute `axes`
  bool as_dimensions = false;      ///< dimension labels are there too (unread)
};
Labels read_labels(hid_t dataset, std::size_t rank);

}  // namespace pnn::io::h5
