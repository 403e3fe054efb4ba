#include "pnn/core/system.hpp"

#include <sys/sysinfo.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn {

std::string explain_shortage(int error_number) {
  switch (error_number) {
    case EMFILE:
      return "too many open files in this process; raise the limit (ulimit -n) and run again";
    case ENFILE:
      return "too many open files in the whole system; end other programs and run again";
    case ENOMEM:
      return "not enough memory; end other programs or raise the limit (ulimit -v) and run again";
    case EIO:
      return std::string("the disk failed (") + std::strerror(error_number) + ")";
    default:
      return {};
  }
}

void require_memory(std::uint64_t bytes, const std::string& what) {
  struct sysinfo machine {};
  if (sysinfo(&machine) != 0) return;
  const std::uint64_t all = (std::uint64_t{machine.totalram} + machine.totalswap) * machine.mem_unit;
  if (bytes <= all) return;
  const auto gigabytes = [](std::uint64_t count) { return format_short(double(count) / 1e9, 3) + " GB"; };
  throw RunError("not enough memory: " + what + " take " + gigabytes(bytes) + " and this machine has " +
                 gigabytes(all));
}

std::string followed(const std::string& path) {
  constexpr int most_links = 40;  // as Linux allows
  std::filesystem::path place(path);
  std::error_code error;
  for (int k = 0; std::filesystem::is_symlink(place, error); ++k) {
    if (k == most_links)
      throw UsageError(path + ": a symbolic link that leads in a circle; name another file");
    const std::filesystem::path target = std::filesystem::read_symlink(place, error);
    if (error) break;
    place = place.parent_path() / target;  // an absolute target replaces what stands before it
  }
  return place.string();
}

}  // namespace pnn
