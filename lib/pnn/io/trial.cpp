#include "pnn/io/trial.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/io/hdf5.hpp"
#include "pnn/io/isolation.hpp"
#include "pnn/io/own_form.hpp"
#include "pnn/io/walk.hpp"

namespace pnn::io {
namespace {

/// Plain numbers beyond this many bytes are not read.
constexpr std::uint64_t most_plain_bytes = std::uint64_t{1} << 20;

std::atomic<Trials> trials_wanted{Trials::on};

/// All that a reader would ask of one object.
class Trial {
 public:
  explicit Trial(const Source& source) : source_(source), budget_(source.bytes) {}

  /// Throws what HDF5 refuses.
  void run() {
    file_ = h5::open_file(source_.path);
    attributes("/");
    walk_objects(
        file_.id(), [&](const std::string& path, const h5::Member& member) { object(path, member); },
        pass_over);
  }

 private:
  /// Called where the failure is caught: what we refuse ourselves is no danger, and a matter of the reader.
  static void pass_over(const h5::Failure& failure) {
    if (failure.by() != h5::Failure::By::us) throw;
  }
  template <class Body>
  static void guarded(const Body& body) {
    try {
      body();
    } catch (const h5::Failure& failure) {
      pass_over(failure);
    }
  }

  void attributes(const std::string& path) {
    const h5::Handle object = h5::open_object(file_.id(), path);
    for (const char* name : {"units", "description", "axes"})
      guarded([&] { h5::read_text_attribute(object.id(), name); });
    if (path == "/") {
      for (const char* name : {"filetype", "creator", "command"})
        guarded([&] { h5::read_text_attribute(object.id(), name); });
      guarded([&] { h5::read_count_attribute(object.id(), "seed"); });
      guarded([&] { h5::read_integers_attribute(object.id(), "format_version"); });
    }
    guarded([&] { h5::read_number_attribute(object.id(), "scale"); });
    guarded([&] { h5::read_labels(object.id(), 0); });
  }

  void object(const std::string& path, const h5::Member& member) {
    attributes(path);
    if (!member.is_dataset) return;
    guarded([&] {
      const h5::Handle dataset = h5::open_dataset(file_.id(), path);
      const h5::Description description = h5::describe(dataset.id(), budget_);
      if (description.layout == h5::Description::Layout::plain && description.stored_bytes > most_plain_bytes)
        return;
      h5::read_pieces(dataset.id(), description);
    });
  }

  const Source& source_;
  h5::Budget budget_;
  h5::Handle file_;
};

/// HDF5 has places where it frees what it never set, which crash or not by what the memory held before. Here
/// it holds no address: neither what malloc gives, nor what is in its caches for each thread, which it gives
/// as it is.
void spoil_free_memory() {
  constexpr std::size_t longest_cached = 1032, step = 16, cached = 7;  // of glibc
  mallopt(M_PERTURB, 0x5a);
  std::vector<void*> taken;
  taken.reserve(longest_cached / step * cached + cached);
  for (std::size_t size = 24; size <= longest_cached; size += step)
    for (std::size_t k = 0; k < cached; ++k) taken.push_back(std::malloc(size));
  for (void* memory : taken) std::free(memory);
  H5set_free_list_limits(0, 0, 0, 0, 0, 0);
  H5garbage_collect();
}

/// All that a reader would ask. A file that HDF5 refuses a part of is refused as a whole: after an error its
/// state depends on what was asked for before, and so does whether it crashes.
void try_here(const Source& source) {
  try {
    spoil_free_memory();
    Trial(source).run();
  } catch (const h5::Failure& failure) {
    if (failure.by() == h5::Failure::By::memory) throw std::bad_alloc();
    if (const std::string shortage = explain_shortage(failure.error_number()); !shortage.empty())
      throw RunError(source.name + ": cannot read: " + shortage);
    throw InputError(source.name + ": damaged or foreign HDF5 file (" + failure.what() +
                     "); copy it again or make it anew");
  }
}

/// HDF5 does not survive a start without memory, which this process would not survive either.
void require_room(const Source& source) {
  constexpr std::size_t room = std::size_t{8} << 20;
  void* const some = mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (some == MAP_FAILED) throw RunError(source.name + ": cannot read: " + explain_shortage(ENOMEM));
  munmap(some, room);
}

/// Which bytes these are, as far as the file system tells.
using Identity = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

std::optional<Identity> identity_of(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
                  status.st_ctim.tv_nsec};
}

/// Where memory is limited, HDF5 may crash on a sound file too.
bool memory_is_limited() {
  struct rlimit limit {};
  return getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace

void set_trials(Trials trials) {
  trials_wanted = trials;
}

void try_file(const Source& source) {
  static std::mutex mutex;
  static std::set<Identity> survived;
  if (trials_wanted == Trials::off) return;
  const std::scoped_lock lock(mutex);
  const std::optional<Identity> identity = identity_of(source.path);
  if (identity && survived.contains(*identity)) return;
  require_room(source);
  if (memory_is_limited() || !has_own_form(source)) {
    h5::initialise();  // once for parent and child
    run_isolated({source.name, source.bytes, "HDF5"}, [&] {
      try_here(source);
      return std::string();
    });
  }
  if (identity) survived.insert(*identity);
}

}  // namespace pnn::io
