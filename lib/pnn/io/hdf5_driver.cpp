// The driver by which HDF5 reads the bytes of a file. HDF5's own drivers keep a window of metadata whose
// arithmetic overflows for forged addresses, and may then crash. This driver returns the bytes of the file
// and refuses every address outside it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>
#include <utility>

#include "pnn/io/hdf5.hpp"

namespace pnn::io::h5 {
namespace {

/// HDF5 tells of a driver that it failed, not why.
thread_local int reading_error = 0;

struct Opened {
  H5FD_t common;  ///< first, as HDF5 takes the one for the other
  int fd;
  haddr_t bytes, allocated;
  dev_t device;
  ino_t inode;
};

Opened* opened(H5FD_t* file) {
  return reinterpret_cast<Opened*>(file);
}
const Opened* opened(const H5FD_t* file) {
  return reinterpret_cast<const Opened*>(file);
}

H5FD_t* open_reading(const char* name, unsigned flags, hid_t, haddr_t) {
  if ((flags & H5F_ACC_RDWR) != 0) return nullptr;
  const int fd = open(name, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) {
    reading_error = errno;
    if (fd >= 0) close(fd);
    return nullptr;
  }
  auto file = std::make_unique<Opened>();
  file->fd = fd;
  file->bytes = static_cast<haddr_t>(status.st_size);
  file->device = status.st_dev;
  file->inode = status.st_ino;
  return &file.release()->common;
}

herr_t close_reading(H5FD_t* file) {
  const std::unique_ptr<Opened> owned(opened(file));
  return close(owned->fd) == 0 ? 0 : -1;
}

int compare(const H5FD_t* a, const H5FD_t* b) {
  const auto key = [](const H5FD_t* file) { return std::tuple(opened(file)->device, opened(file)->inode); };
  return key(a) < key(b) ? -1 : key(b) < key(a) ? 1 : 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) *flags = H5FD_FEAT_IGNORE_DRVRINFO;
  return 0;
}

haddr_t get_allocated(const H5FD_t* file, H5FD_mem_t) {
  return opened(file)->allocated;
}
herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  opened(file)->allocated = address;
  return 0;
}
haddr_t get_end(const H5FD_t* file, H5FD_mem_t) {
  return opened(file)->bytes;
}

herr_t read_bytes(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  const haddr_t end = std::min(opened(file)->bytes, opened(file)->allocated);
  if (address > end || size > end - address) return -1;
  for (auto* to = static_cast<char*>(buffer); size > 0;) {
    const ssize_t got = pread(opened(file)->fd, to, size, static_cast<off_t>(address));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) reading_error = errno;
    if (got <= 0) return -1;
    to += got, address += static_cast<haddr_t>(got), size -= static_cast<std::size_t>(got);
  }
  return 0;
}

herr_t write_nothing(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) {
  return -1;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
  driver.name = "pnntools reader";
  driver.maxaddr = (haddr_t{1} << 62) - 1;
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.open = open_reading;
  driver.close = close_reading;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = get_allocated;
  driver.set_eoa = set_allocated;
  driver.get_eof = get_end;
  driver.read = read_bytes;
  driver.write = write_nothing;
  constexpr H5FD_mem_t kinds[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(kinds), std::end(kinds), std::begin(driver.fl_map));
  return driver;
}

}  // namespace

int take_reading_error() {
  return std::exchange(reading_error, 0);
}

void use_reading_driver(hid_t access) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = check(H5FDregister(&driver), "register how files are read");
  check(H5Pset_driver(access, id, nullptr), "choose how files are read");
}

}  // namespace pnn::io::h5
