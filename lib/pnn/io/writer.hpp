// Writes datasets as the schema describes them, and refuses everything that a reader would refuse.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/provenance.hpp"
#include "pnn/io/atomic_file.hpp"
#include "pnn/io/checks.hpp"
#include "pnn/io/hdf5.hpp"

namespace pnn::io {

/// What the writer states about a dataset where the schema leaves it open.
struct Said {
  std::string units, description;
  std::vector<std::string> axes;  ///< names of all axes, in order
};

/// Writes one file. A value that a reader would refuse throws RunError, a shape that does not fit the schema
/// InternalError; both messages name the dataset.
class Writer {
 public:
  Writer(const std::string& path, std::string target, std::string filetype, const Provenance& header);

  void text(const std::string& path, const std::string& value);
  void texts(const std::string& path, const std::vector<std::string>& values);
  void count(const std::string& path, std::uint64_t value);
  void number(const std::string& path, double value);
  /// Writes `values` [the product of `shape`], row-major. T is float, double, int32 or uint64, as the schema
  /// says.
  template <class T>
  void array(const std::string& path, const std::vector<std::size_t>& shape, std::span<const T> values,
             const Said& said = {});
  template <class T>
  void array(const std::string& path, const Array<T>& values, const Said& said = {}) {
    array<T>(path, values.shape, values.data, said);
  }
  template <class T>
  void vector(const std::string& path, const std::vector<T>& values, const Said& said = {}) {
    array<T>(path, {values.size()}, values, said);
  }
  /// Gives a group a second name.
  void link(const std::string& existing, const std::string& name) {
    h5::link_again(file_.id(), existing, name);
  }
  void group(const std::string& path) { h5::make_groups(file_.id(), path); }
  /// Flushes and closes the file. Throws h5::Failure if the disk does not accept it.
  void close() { file_.close("close the file"); }

 private:
  const Item& item(const std::string& path, const std::vector<std::size_t>& shape);
  void describe(const h5::Handle& dataset, const Item& item, std::size_t rank, const Said& said);

  std::string target_, filetype_;
  h5::Handle file_;
  AxisSizes axes_;
};

/// Writes a record completely or not at all: body(Writer&) writes the datasets. Failures of HDF5 become
/// RunError.
template <class Body>
void write_record(const std::string& path, const std::string& filetype, const Provenance& header,
                  const Body& body);

/// Throws RunError with the reason of a failure.
[[noreturn]] void raise_write_failure(const std::string& target, const h5::Failure& failure);

template <class Body>
void write_record(const std::string& path, const std::string& filetype, const Provenance& header,
                  const Body& body) {
  AtomicFile file(path);
  try {
    Writer writer(file.path(), path, filetype, header);
    file.opened();
    body(writer);
    writer.close();
  } catch (const h5::Failure& failure) {
    raise_write_failure(path, failure);
  }
  file.commit();
}

}  // namespace pnn::io
