// Files as a stranger reads them: through HDF5's own interface, without our reader.
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <functional>
#include <map>

#include "pnn/core/version.hpp"
#include "pnn/io/schema.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using pnn::test::TemporaryFolder;

struct File {
  explicit File(const std::string& path) : id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
    REQUIRE(id >= 0);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { H5Fclose(id); }
  hid_t id;
};

std::string text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return "(none)";
  const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), type = H5Aget_type(attribute);
  CHECK(H5Tis_variable_str(type) == 0);
  std::string text(H5Tget_size(type), '\0');
  H5Aread(attribute, type, text.data());
  H5Tclose(type);
  H5Aclose(attribute);
  return text;
}

/// Every filetype, written.
std::map<std::string, std::string> write_all(const TemporaryFolder& folder) {
  const Provenance header = samples::header();
  io::write_dataset(folder / "dataset.h5", samples::dataset(), header);
  io::write_device(folder / "device.h5", samples::device(), header);
  io::write_curves(folder / "curves.h5", samples::curves(), header);
  io::write_model(folder / "model.h5", samples::model(), header);
  io::write_params(folder / "params.h5", samples::params(), header);
  io::write_result(folder / "result.h5", samples::result(), header);
  io::write_tuning(folder / "tuning.h5", samples::tuning(), header);
  std::map<std::string, std::string> files;
  for (const io::FileType& type : io::file_types()) files[type.name] = folder / (type.name + ".h5");
  return files;
}

herr_t visit(hid_t, const char* name, const H5O_info_t* info, void* data) {
  if (info->type == H5O_TYPE_DATASET) static_cast<std::vector<std::string>*>(data)->push_back(name);
  return 0;
}

herr_t visit_group(hid_t, const char* name, const H5O_info_t* info, void* data) {
  if (info->type == H5O_TYPE_GROUP) static_cast<std::vector<std::string>*>(data)->push_back(name);
  return 0;
}

}  // namespace

TEST_CASE("a matrix lies row-major in the file, first index slowest") {
  const TemporaryFolder folder;
  io::write_params(folder / "p.h5", samples::params(), {});
  const File file(folder / "p.h5");
  const hid_t dataset = H5Dopen2(file.id, "/controls/mrr1", H5P_DEFAULT), space = H5Dget_space(dataset);
  hsize_t dims[2] = {};
  REQUIRE(H5Sget_simple_extent_ndims(space) == 2);
  H5Sget_simple_extent_dims(space, dims, nullptr);
  CHECK(dims[0] == 5);
  CHECK(dims[1] == 6);
  // element (2, 3) alone, by its coordinates
  const hsize_t start[2] = {2, 3}, count[2] = {1, 1}, one = 1;
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
  const hid_t memory = H5Screate_simple(1, &one, nullptr);
  float value = 0;
  REQUIRE(H5Dread(dataset, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, &value) >= 0);
  CHECK(value == samples::params().controls[0].values.data[2 * 6 + 3]);
  H5Sclose(memory);
  H5Sclose(space);
  H5Dclose(dataset);
}

TEST_CASE(
    "every dataset of every filetype has units, a description and named axes, and a place in the schema") {
  const TemporaryFolder folder;
  for (const auto& [filetype, path] : write_all(folder)) {
    const File file(path);
    std::vector<std::string> names;
    REQUIRE(H5Ovisit2(file.id, H5_INDEX_NAME, H5_ITER_INC, visit, &names, H5O_INFO_BASIC) >= 0);
    CHECK(names.size() > 5);
    for (const std::string& name : names) {
      INFO(filetype << ": /" << name);
      CHECK(io::find_item(filetype, "/" + name) != nullptr);
      const hid_t dataset = H5Dopen2(file.id, name.c_str(), H5P_DEFAULT), space = H5Dget_space(dataset);
      CHECK(text_attribute(dataset, "units") != "(none)");
      CHECK(text_attribute(dataset, "units").size() > 0);
      CHECK(text_attribute(dataset, "description").size() > 3);
      for (int axis = 0; axis < H5Sget_simple_extent_ndims(space); ++axis)
        CHECK(H5DSget_label(dataset, unsigned(axis), nullptr, 0) > 0);
      if (H5Sget_simple_extent_ndims(space) == 2) {
        char first[64] = {}, second[64] = {};
        H5DSget_label(dataset, 0, first, sizeof first);
        H5DSget_label(dataset, 1, second, sizeof second);
        CHECK(text_attribute(dataset, "axes") == std::string(first) + "," + second);
      }
      H5Sclose(space);
      H5Dclose(dataset);
    }
  }
}

TEST_CASE("every group keeps its links in its own header, however many they are") {
  // in a heap, which HDF5 would choose beyond eight, one damaged byte in fourteen crashed the library
  const TemporaryFolder folder;
  for (const auto& [filetype, path] : write_all(folder)) {
    const File file(path);
    std::vector<std::string> names;
    REQUIRE(H5Ovisit2(file.id, H5_INDEX_NAME, H5_ITER_INC, visit_group, &names, H5O_INFO_BASIC) >= 0);
    hsize_t most = 0;
    for (const std::string& name : names) {
      INFO(filetype << ": " << name);
      H5G_info_t info{};
      REQUIRE(H5Gget_info_by_name(file.id, name.c_str(), &info, H5P_DEFAULT) >= 0);
      CHECK(info.storage_type == H5G_STORAGE_TYPE_COMPACT);
      most = std::max(most, info.nlinks);
    }
    if (filetype == "model") CHECK(most > 8);
  }
}

TEST_CASE("the root says what the file is") {
  const TemporaryFolder folder;
  for (const auto& [filetype, path] : write_all(folder)) {
    const File file(path);
    CHECK(text_attribute(file.id, "filetype") == filetype);
    CHECK(text_attribute(file.id, "creator") == "pnn-test 0.1.0");
    CHECK(text_attribute(file.id, "command") == samples::header().command);
    const hid_t attribute = H5Aopen(file.id, "format_version", H5P_DEFAULT);
    int version[2] = {};
    H5Aread(attribute, H5T_NATIVE_INT, version);
    CHECK(version[0] == format_version.major);
    CHECK(version[1] == format_version.minor);
    H5Aclose(attribute);
  }
}

TEST_CASE("layers that share a chip are two names of one group") {
  const TemporaryFolder folder;
  io::write_device(folder / "d.h5", samples::device(), {});
  const File file(folder / "d.h5");
  H5O_info_t a{}, b{};
  REQUIRE(H5Oget_info_by_name2(file.id, "/truth/mrr1", &a, H5O_INFO_BASIC, H5P_DEFAULT) >= 0);
  REQUIRE(H5Oget_info_by_name2(file.id, "/truth/mrr2", &b, H5O_INFO_BASIC, H5P_DEFAULT) >= 0);
  CHECK(a.addr == b.addr);
}

TEST_CASE("pictures with 256 grey levels are stored as bytes, with their scale") {
  const TemporaryFolder folder;
  io::write_dataset(folder / "d.h5", samples::dataset(), {});
  const File file(folder / "d.h5");
  const hid_t dataset = H5Dopen2(file.id, "/train/x", H5P_DEFAULT), type = H5Dget_type(dataset);
  CHECK(H5Tget_size(type) == 1);
  const hid_t attribute = H5Aopen(dataset, "scale", H5P_DEFAULT);
  double scale = 0;
  H5Aread(attribute, H5T_NATIVE_DOUBLE, &scale);
  CHECK(scale == 1.0 / 255.0);
  H5Aclose(attribute);
  H5Tclose(type);
  H5Dclose(dataset);
}

TEST_CASE("a history and a command of more than 64 KiB are kept") {
  const TemporaryFolder folder;
  Provenance header = samples::header();
  header.command.assign(100'000, 'c');
  header.history.assign(50, std::string(3000, 'h'));
  io::write_result(folder / "r.h5", samples::result(), header);
  const auto read = io::read_result(folder / "r.h5");
  CHECK(read.header.command == header.command);
  CHECK(read.header.history == header.history);
}

TEST_CASE("the schema's documentation names every filetype and every dataset") {
  const std::string page = io::format_documentation();
  for (const io::FileType& type : io::file_types())
    CHECK(page.find("\n## " + type.name + "\n") != std::string::npos);
  for (const io::Item& item : io::schema()) CHECK(page.find("| `" + item.path + "` |") != std::string::npos);
}
