// Reads datasets as the schema describes them. Everything that is wrong is collected and reported in one
// message.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"
#include "pnn/core/provenance.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/words.hpp"
#include "pnn/io/checks.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/hdf5.hpp"
#include "pnn/io/source.hpp"
#include "pnn/network/stored_rows.hpp"

namespace pnn::io {

/// A file that could be opened but has invalid contents: one message, and the complaints that it consists of.
class UnusableFile : public InputError {
 public:
  UnusableFile(const std::string& text, std::vector<std::string> complaints)
      : InputError(text), complaints_(std::move(complaints)) {}
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  std::vector<std::string> complaints_;
};

/// Reads one file. A dataset that is missing, has the wrong type, shape or unit, or contains a value that is
/// not allowed adds a complaint and reads as empty (or 0); finish() throws all complaints.
class Reader {
 public:
  /// Opens a file and checks its header. An empty `filetype` accepts any type. Throws InputError.
  Reader(const std::string& path, const std::string& filetype);

  [[nodiscard]] bool has(const std::string& path) const { return h5::exists(file_.id(), path, &known_); }
  /// The entries of a group in the order of their creation; none if there is no such group.
  [[nodiscard]] std::vector<h5::Member> members(const std::string& group) const;
  std::string text(const std::string& path);
  /// The value of a word of an enumeration; a complaint, and the first value, where the file has another
  /// word.
  template <Worded Enum>
  Enum word(const std::string& path) {
    const std::size_t complaints = complaints_.list().size();
    const std::string found = text(path);
    if (const std::optional<Enum> value = read_word<Enum>(found)) return *value;
    if (complaints_.list().size() == complaints)
      complain(path + ": " + expected_one_of(word_names<Enum>(), found));
    return word_table<Enum>.front().value;
  }
  std::vector<std::string> texts(const std::string& path);
  std::uint64_t count(const std::string& path);
  double number(const std::string& path);
  template <class T>
  Array<T> array(const std::string& path);
  template <class T>
  std::vector<T> vector(const std::string& path) {
    return array<T>(path).data;
  }
  /// The same for a dataset whose first axis counts samples, without a copy: its numbers become the rows of
  /// `values` [n, all others]. Returns the shape; both are empty if there is a complaint.
  std::vector<std::size_t> rows(const std::string& path, Matrix<float>& values);
  /// The same numbers, left in the file. Every one is read once, to be checked. Null if there is a complaint.
  std::shared_ptr<const network::StoredRows> stored_rows(const std::string& path);
  /// A text attribute of a dataset; empty if there is none.
  std::string attribute(const std::string& path, const std::string& name);

  void complain(std::string what) { complaints_.add(std::move(what)); }
  void complain(const std::vector<std::string>& list) {
    for (const std::string& what : list) complaints_.add(what);
  }
  [[nodiscard]] bool sound() const { return complaints_.empty(); }
  [[nodiscard]] const Complaints& complaints() const { return complaints_; }
  /// Throws UnusableFile with all complaints, if there are any.
  void finish() const;

  [[nodiscard]] const Source& source() const { return source_; }
  [[nodiscard]] const std::string& filetype() const { return filetype_; }
  [[nodiscard]] int major_version() const { return major_; }
  [[nodiscard]] int minor_version() const { return minor_; }
  [[nodiscard]] const Provenance& header() const { return header_; }
  [[nodiscard]] hid_t file() const { return file_.id(); }
  /// Paths that were found.
  [[nodiscard]] h5::Known& known() const { return known_; }
  /// The remaining budget for the sizes that the datasets of this file declare.
  [[nodiscard]] h5::Budget& budget() const { return budget_; }

 private:
  /// Adds a complaint, or throws RunError if the file is not at fault.
  void complain_of(const std::string& path, const h5::Failure& failure);
  void check_version();
  void read_header(const std::string& expected);
  /// A dataset that exists and may be read as the schema says.
  struct Found {
    h5::Handle dataset;
    h5::Description description;
    const Item* item = nullptr;
  };
  std::optional<Found> find(const std::string& path);
  /// Reads a dataset into the memory that `room(shape)` returns. False if there is a complaint.
  template <class T, class Room>
  bool read_into(const std::string& path, const Room& room);
  /// What each byte of a picture is multiplied by.
  static double byte_scale(const Found& found);
  template <class T>
  void fill(const Found& found, std::span<T> values);

  Source source_;
  h5::Handle file_;
  mutable h5::Budget budget_;
  mutable h5::Known known_;
  std::string filetype_;
  Provenance header_;
  int major_ = 0, minor_ = 0;
  Complaints complaints_;
  AxisSizes axes_;
};

/// Throws the InputError or RunError for a file that HDF5 could not read.
[[noreturn]] void raise_read_failure(const std::string& name, const h5::Failure& failure);

/// Reads a record: body(Reader&) returns the value; complaints are thrown afterwards.
template <class Record, class Body>
Record read_record(const std::string& path, const std::string& filetype, const Body& body) {
  try {
    Reader reader(path, filetype);
    Record record;
    record.value = body(reader);
    reader.finish();
    record.header = reader.header();
    record.filetype = reader.filetype();
    record.format = {reader.major_version(), reader.minor_version()};
    record.hash = content_hash(reader.source().path);
    return record;
  } catch (const h5::Failure& failure) {
    raise_read_failure(path == "-" ? "standard input" : path, failure);
  }
}

}  // namespace pnn::io
