#include "strangers.hpp"

#include <hdf5.h>

#include <cstdint>
#include <numeric>

#include "edit.hpp"
#include "samples.hpp"

namespace strangers {
namespace {

using Shape = std::vector<hsize_t>;
using Edit = std::function<void(const edit::File&)>;

/// A whole result, and then changed.
void write_changed(const std::string& path, const Edit& change,
                   edit::File::Form form = edit::File::Form::newest) {
  pnn::io::write_result(path, samples::result(), samples::header());
  change(edit::File(path, form));
}

hid_t space_of(const Shape& shape, const Shape& most = {}) {
  return shape.empty()
             ? H5Screate(H5S_SCALAR)
             : H5Screate_simple(int(shape.size()), shape.data(), most.empty() ? nullptr : most.data());
}

void describe(hid_t dataset, const std::string& units, const std::string& axes) {
  edit::File::text(dataset, "units", units);
  edit::File::text(dataset, "description", "as strangers have it");
  if (!axes.empty()) edit::File::text(dataset, "axes", axes);
}

/// /power_mean [2] in mW, in the given type and layout.
void power(const edit::File& file, hid_t type, hid_t list, const Shape& shape = {2}, const Shape& most = {},
           bool filled = true) {
  file.remove("/power_mean");
  const hid_t space = space_of(shape, most);
  const hid_t dataset = H5Dcreate2(file.id(), "/power_mean", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  edit::done(dataset >= 0);
  const double values[2] = {100, 111};
  if (filled) edit::done(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  describe(dataset, "mW", "method");
  H5Dclose(dataset);
  H5Sclose(space);
}

/// /power_mean in chunks of one, passed through filters.
void chunked(const edit::File& file, const std::function<void(hid_t)>& filters, const Shape& most = {}) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk = 1;
  H5Pset_chunk(list, 1, &chunk);
  filters(list);
  power(file, H5T_IEEE_F64LE, list, {2}, most);
  H5Pclose(list);
}

/// /confusion [2, 2, 2], whose chunk index depends on how many axes may grow.
void growing(const edit::File& file, const Shape& most) {
  file.remove("/confusion");
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = space_of({2, 2, 2}, most);
  const Shape chunk{1, 1, 2};
  H5Pset_chunk(list, 3, chunk.data());
  H5Pset_deflate(list, 6);
  const hid_t dataset =
      H5Dcreate2(file.id(), "/confusion", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  std::vector<double> values(8);
  std::iota(values.begin(), values.end(), 1);
  edit::done(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  describe(dataset, "1", "method,true,predicted");
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(list);
}

/// A dataset that a result does not know, of a type that no file of ours has.
void extra(const edit::File& file, hid_t type, const void* values, bool closes = true) {
  const hid_t space = space_of({2});
  const hid_t dataset =
      H5Dcreate2(file.id(), "/power_mean", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  edit::done(dataset >= 0);
  if (values != nullptr) edit::done(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  describe(dataset, "mW", "method");
  H5Dclose(dataset);
  H5Sclose(space);
  if (closes) H5Tclose(type);
}

void references(const edit::File& file) {
  hobj_ref_t values[2] = {0, 0};
  for (hobj_ref_t& value : values) edit::done(H5Rcreate(&value, file.id(), "/loss", H5R_OBJECT, -1) >= 0);
  file.remove("/power_mean");
  extra(file, H5T_STD_REF_OBJ, values, false);
}

void variable_strings(const edit::File& file) {
  const char* values[2] = {"100", "a stranger's text in a heap without checksums"};
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  file.remove("/power_mean");
  extra(file, type, values);
}

void compound(const edit::File& file) {
  const hid_t type = H5Tcreate(H5T_COMPOUND, 16);
  H5Tinsert(type, "real", 0, H5T_IEEE_F64LE);
  H5Tinsert(type, "imag", 8, H5T_IEEE_F64LE);
  const double values[4] = {1, 2, 3, 4};
  file.remove("/power_mean");
  extra(file, type, values);
}

void half_precision(const edit::File& file) {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  power(file, type, H5P_DEFAULT);
  H5Tclose(type);
}

void virtual_dataset(const edit::File& file) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = space_of({2});
  edit::done(H5Pset_virtual(list, space, "/etc/passwd", "/x", space) >= 0);
  power(file, H5T_IEEE_F64LE, list, {2}, {}, false);
  H5Sclose(space);
  H5Pclose(list);
}

void external_storage(const edit::File& file) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(list, "/etc/passwd", 0, 16);
  power(file, H5T_IEEE_F64LE, list, {2}, {}, false);
  H5Pclose(list);
}

/// More links and attributes than fit a header: a fractal heap and two trees of version 2 each.
void dense(const edit::File& file) {
  const hid_t list = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_link_phase_change(list, 2, 1);
  H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_phase_change(list, 2, 1);
  H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  const hid_t group = H5Gcreate2(file.id(), "/crowd", H5P_DEFAULT, list, H5P_DEFAULT);
  for (int k = 0; k < 20; ++k) {
    const std::string name = "member" + std::to_string(k);
    H5Gclose(H5Gcreate2(group, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    edit::File::text(group, name.c_str(), "value");
  }
  H5Gclose(group);
  H5Pclose(list);
}

/// A group that is its own child, and its child's.
void cycle(const edit::File& file) {
  const hid_t a = H5Gcreate2(file.id(), "/axes/a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t b = H5Gcreate2(a, "b", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(file.id(), "/axes/a", b, "a", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(file.id(), "/axes", b, "axes", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(file.id(), "/", b, "root", H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(b);
  H5Gclose(a);
}

void soft_cycle(const edit::File& file) {
  file.remove("/tool");
  H5Lcreate_soft("/task", file.id(), "/tool", H5P_DEFAULT, H5P_DEFAULT);
  file.remove("/task");
  H5Lcreate_soft("/tool", file.id(), "/task", H5P_DEFAULT, H5P_DEFAULT);
}

void declared(const edit::File& file, const Shape& shape) {
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_LATE);
  power(file, H5T_IEEE_F64LE, list, shape, {}, false);
  H5Pclose(list);
}

}  // namespace

std::vector<Stranger> all() {
  std::vector<Stranger> list;
  const auto add = [&](const std::string& name, const Edit& change, const std::string& complaint) {
    list.push_back({name, [change](const std::string& path) { write_changed(path, change); }, complaint});
  };
  const auto filtered = [&](const std::string& name, const std::function<void(hid_t)>& filters,
                            const Shape& most = {}) {
    add(
        name, [filters, most](const edit::File& f) { chunked(f, filters, most); },
        "/power_mean: no dimension labels");
  };
  list.push_back({"old chunks",
                  [](const std::string& path) {
                    write_changed(
                        path,
                        [](const auto& f) {
                          growing(f, {H5S_UNLIMITED, H5S_UNLIMITED, 2});
                        },
                        edit::File::Form::oldest);
                  },
                  "/confusion: no dimension labels"});
  list.push_back({"an old group",
                  [](const std::string& path) {
                    write_changed(
                        path,
                        [](const auto& f) {
                          for (int k = 0; k < 20; ++k)
                            H5Gclose(H5Gcreate2(f.id(), ("/old" + std::to_string(k)).c_str(), H5P_DEFAULT,
                                                H5P_DEFAULT, H5P_DEFAULT));
                        },
                        edit::File::Form::oldest);
                  },
                  ""});
  // nothing wrong but the dimension labels, which only our own files are known to have
  filtered("chunked", [](hid_t) {});
  filtered("deflated", [](hid_t l) { H5Pset_shuffle(l), H5Pset_deflate(l, 9), H5Pset_fletcher32(l); });
  filtered("scale and offset", [](hid_t l) { H5Pset_scaleoffset(l, H5Z_SO_FLOAT_DSCALE, 3); });
  filtered("n bits", [](hid_t l) { H5Pset_nbit(l); });
  filtered("extensible", [](hid_t) {}, {H5S_UNLIMITED});
  add(
      "growing on two axes",
      [](const auto& f) {
        growing(f, {H5S_UNLIMITED, H5S_UNLIMITED, 2});
      },
      "/confusion: no dimension labels");
  add(
      "growing on one axis",
      [](const auto& f) {
        growing(f, {H5S_UNLIMITED, 2, 2});
      },
      "/confusion: no dimension labels");
  add(
      "big endian", [](const auto& f) { power(f, H5T_IEEE_F64BE, H5P_DEFAULT); },
      "/power_mean: no dimension labels");
  add(
      "integers for numbers", [](const auto& f) { power(f, H5T_STD_I16BE, H5P_DEFAULT); },
      "/power_mean: no dimension labels");
  add("half precision", half_precision, "/power_mean: expected numbers, found another type");
  add("compound", compound, "/power_mean: expected numbers, found another type");
  add("references", references, "/power_mean: expected numbers, found another type");
  add("variable-length text", variable_strings, "/power_mean: variable-length strings");
  add(
      "text for numbers",
      [](const auto& f) {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, 4);
        f.remove("/power_mean");
        extra(f, type,
              "100\0"
              "111");
      },
      "/power_mean: expected numbers, found another type");
  add(
      "numbers for text",
      [](const auto& f) {
        f.replace("/methods", {2}, {1, 2}, "1");
      },
      "/methods: expected fixed-length text, found another type");
  add(
      "another rank",
      [](const auto& f) {
        f.replace("/power_mean", {2, 1}, {1, 2}, "mW");
      },
      "/power_mean: expected");
  add(
      "a scalar for a list", [](const auto& f) { f.replace("/devices", {}, {1}, "1"); },
      "/devices: expected");
  add(
      "thirty-two axes", [](const auto& f) { f.replace("/power_mean", Shape(32, 1), {1}, "mW"); },
      "/power_mean: expected");
  add(
      "no extent",
      [](const auto& f) {
        f.remove("/power_mean");
        const hid_t space = H5Screate(H5S_NULL);
        H5Dclose(
            H5Dcreate2(f.id(), "/power_mean", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Sclose(space);
      },
      "/power_mean: a dataset without extent");
  add(
      "a group for a dataset",
      [](const auto& f) {
        f.remove("/power_mean");
        H5Gclose(H5Gcreate2(f.id(), "/power_mean", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      },
      "/power_mean: /power_mean is not a dataset");
  add(
      "a dataset for a group",
      [](const auto& f) {
        f.remove("/axes");
        f.replace("/axes", {2}, {1, 2}, "1");
      },
      "/axes");
  add(
      "2^60 values", [](const auto& f) { declared(f, {hsize_t{1} << 60}); },
      "/power_mean: a dataset of more than 64 GiB");
  add(
      "2^80 values",
      [](const auto& f) {
        declared(f, {hsize_t{1} << 40, hsize_t{1} << 40});
      },
      "/power_mean: a dataset of more than 64 GiB");
  add(
      "more than the file holds", [](const auto& f) { declared(f, {hsize_t{1} << 20}); },
      "/power_mean: its declared size is more than the file holds");
  add("a soft cycle", soft_cycle, "soft or external link");
  add(
      "an external link",
      [](const auto& f) {
        f.remove("/tool");
        H5Lcreate_external("/etc/passwd", "/x", f.id(), "/tool", H5P_DEFAULT, H5P_DEFAULT);
      },
      "soft or external link");
  add("external storage", external_storage, "/power_mean: its data is kept in other files");
  add("a virtual dataset", virtual_dataset, "/power_mean: its data is kept in other files");
  add("a cycle of hard links", cycle, "/axes");
  add("a crowd in a heap", dense, "");
  add(
      "escapes in a name",
      [](const auto& f) {
        f.replace("/axes/\x1b[31mred\nline", {2}, {1, 2}, "1");
      },
      "/loss: expected shape");
  return list;
}

void write_bomb(const std::string& path) {
  write_changed(path, [](const edit::File& f) {
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = 1U << 22, size = 12 * chunk;
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_deflate(list, 9);
    f.remove("/power_mean");
    const hid_t space = space_of({size}), memory = space_of({chunk});
    const hid_t d = H5Dcreate2(f.id(), "/power_mean", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    const std::vector<double> zeros(chunk);
    for (hsize_t start = 0; start < size; start += chunk) {
      H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, nullptr, &chunk, nullptr);
      edit::done(H5Dwrite(d, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, zeros.data()) >= 0);
    }
    describe(d, "mW", "method");
    H5Dclose(d);
    H5Sclose(memory);
    H5Sclose(space);
    H5Pclose(list);
  });
}

void write_deep(const std::string& path, int levels) {
  write_changed(path, [&](const edit::File& f) {
    hid_t group = H5Gopen2(f.id(), "/axes", H5P_DEFAULT);
    for (int k = 0; k < levels; ++k) {
      const hid_t next = H5Gcreate2(group, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Gclose(group);
      group = next;
    }
    H5Gclose(group);
  });
}

void write_wide(const std::string& path, int links) {
  write_changed(path, [&](const edit::File& f) {
    const hid_t group = H5Gopen2(f.id(), "/axes", H5P_DEFAULT);
    for (int k = 0; k < links; ++k)
      H5Lcreate_hard(f.id(), "/power_mean", group, ("a" + std::to_string(k)).c_str(), H5P_DEFAULT,
                     H5P_DEFAULT);
    H5Gclose(group);
  });
}

void write_huge_attribute(const std::string& path, std::size_t bytes) {
  write_changed(path, [&](const edit::File& f) {
    const hid_t root = H5Gopen2(f.id(), "/", H5P_DEFAULT);
    edit::File::text(root, "command", std::string(bytes, 'x'));
    H5Gclose(root);
  });
}

void write_alias(const std::string& path, std::size_t bytes, int names) {
  const edit::File f(path, edit::File::Form::newest);
  const hid_t space = space_of({1, bytes / sizeof(float)});
  const hid_t d =
      H5Dcreate2(f.id(), "/controls/mrr10", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<float> values(bytes / sizeof(float));
  edit::done(H5Dwrite(d, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  describe(d, "mA", "out,in");
  H5Dclose(d);
  H5Sclose(space);
  for (int k = 1; k < names; ++k)
    H5Lcreate_hard(f.id(), "/controls/mrr10", f.id(), ("/controls/mrr1" + std::to_string(k)).c_str(),
                   H5P_DEFAULT, H5P_DEFAULT);
}

}  // namespace strangers
