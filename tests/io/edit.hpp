// Files changed behind our back, through HDF5's own interface.
#pragma once

#include <hdf5.h>

#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace edit {

class File {
 public:
  explicit File(const std::string& path) : id_(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)) {
    REQUIRE(id_ >= 0);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { H5Fclose(id_); }
  [[nodiscard]] hid_t id() const { return id_; }

  void remove(const std::string& path) const { REQUIRE(H5Ldelete(id_, path.c_str(), H5P_DEFAULT) >= 0); }
  /// Replaces a dataset by doubles of another shape, with the same units.
  void replace(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<double>& values,
               const std::string& units) const {
    if (H5Lexists(id_, path.c_str(), H5P_DEFAULT) > 0) remove(path);
    const hid_t space = H5Screate_simple(int(shape.size()), shape.data(), nullptr);
    const hid_t dataset =
        H5Dcreate2(id_, path.c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    text(dataset, "units", units);
    H5Dclose(dataset);
    H5Sclose(space);
  }
  /// Writes numbers over those of a dataset.
  void overwrite(const std::string& path, const std::vector<double>& values) const {
    const hid_t dataset = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Dclose(dataset);
  }
  /// Writes another first byte over that of a dataset of texts.
  void first_byte(const std::string& path, char byte) const {
    const hid_t dataset = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    const hid_t type = H5Dget_type(dataset);
    std::vector<char> bytes(H5Dget_storage_size(dataset));
    REQUIRE(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0);
    bytes.at(0) = byte;
    REQUIRE(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
  }
  static void text(hid_t object, const char* name, const std::string& value) {
    if (H5Aexists(object, name) > 0) H5Adelete(object, name);
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, value.size());
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Awrite(attribute, type, value.data()) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }
  void text_of(const std::string& path, const char* name, const std::string& value) const {
    const hid_t object = H5Oopen(id_, path.c_str(), H5P_DEFAULT);
    text(object, name, value);
    H5Oclose(object);
  }
  void version(int major, int minor) const {
    const hid_t attribute = H5Aopen(id_, "format_version", H5P_DEFAULT);
    const int values[2] = {major, minor};
    REQUIRE(H5Awrite(attribute, H5T_NATIVE_INT, values) >= 0);
    H5Aclose(attribute);
  }

 private:
  hid_t id_;
};

}  // namespace edit
