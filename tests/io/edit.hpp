// Files changed behind our back, through HDF5's own interface.
#pragma once

#include <hdf5.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace edit {

/// HDF5 did what a test asked of it, or the test ends: also where there is no test, in the fuzzer.
inline void done(bool well) {
  if (!well) throw std::runtime_error("HDF5 refuses what a test asks of it");
}

class File {
 public:
  /// What is added has the oldest form that holds it, as HDF5 does of itself, or the newest.
  enum class Form { oldest, newest };
  explicit File(const std::string& path, Form form = Form::oldest) {
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (form == Form::newest) H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110);
    id_ = H5Fopen(path.c_str(), H5F_ACC_RDWR, list);
    H5Pclose(list);
    done(id_ >= 0);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { H5Fclose(id_); }
  [[nodiscard]] hid_t id() const { return id_; }

  void remove(const std::string& path) const { done(H5Ldelete(id_, path.c_str(), H5P_DEFAULT) >= 0); }
  /// Replaces a dataset by doubles of another shape, with the same units.
  void replace(const std::string& path, const std::vector<hsize_t>& shape, const std::vector<double>& values,
               const std::string& units) const {
    if (H5Lexists(id_, path.c_str(), H5P_DEFAULT) > 0) remove(path);
    const hid_t space = H5Screate_simple(int(shape.size()), shape.data(), nullptr);
    const hid_t dataset =
        H5Dcreate2(id_, path.c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    done(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    text(dataset, "units", units);
    H5Dclose(dataset);
    H5Sclose(space);
  }
  /// Writes numbers over those of a dataset.
  void overwrite(const std::string& path, const std::vector<double>& values) const {
    const hid_t dataset = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    done(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Dclose(dataset);
  }
  /// Writes another first byte over that of a dataset of texts.
  void first_byte(const std::string& path, char byte) const {
    const hid_t dataset = H5Dopen2(id_, path.c_str(), H5P_DEFAULT);
    const hid_t type = H5Dget_type(dataset);
    std::vector<char> bytes(H5Dget_storage_size(dataset));
    done(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0);
    bytes.at(0) = byte;
    done(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0);
    H5Tclose(type);
    H5Dclose(dataset);
  }
  static void text(hid_t object, const char* name, const std::string& value) {
    if (H5Aexists(object, name) > 0) H5Adelete(object, name);
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, value.size());
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    done(H5Awrite(attribute, type, value.data()) >= 0);
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
    done(H5Awrite(attribute, H5T_NATIVE_INT, values) >= 0);
    H5Aclose(attribute);
  }

 private:
  hid_t id_ = -1;
};

}  // namespace edit
