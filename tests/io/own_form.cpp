// Files that need no trial by HDF5 are told from all others, also from those whose checksums were put right.
#include "pnn/io/own_form.hpp"

#include <filesystem>
#include <functional>

#include "edit.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/inspect.hpp"
#include "pnn/io/isolation.hpp"
#include "pnn/io/trial.hpp"
#include "samples.hpp"
#include "strangers.hpp"
#include "tests/catch.hpp"
#include "tests/fuzz/mutation.hpp"
#include "tests/message.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace pnn;
using pnn::test::TemporaryFolder;

bool own(const std::string& path) {
  return io::has_own_form({path, path, std::filesystem::file_size(path)});
}

const std::vector<std::function<void(const std::string&)>> writers = {
    [](const std::string& p) { io::write_dataset(p, samples::dataset(), samples::header()); },
    [](const std::string& p) { io::write_device(p, samples::device(), samples::header()); },
    [](const std::string& p) { io::write_curves(p, samples::curves(), samples::header()); },
    [](const std::string& p) { io::write_model(p, samples::model(), samples::header()); },
    [](const std::string& p) { io::write_params(p, samples::params(), samples::header()); },
    [](const std::string& p) { io::write_result(p, samples::result(), samples::header()); }};

/// What a child says that reads this file without a trial; empty where it survives, whatever it refuses.
std::string end_of_reader(const std::string& path) {
  return test::message_of<InputError>([&] {
    io::run_isolated({path, std::filesystem::file_size(path), "HDF5"}, [&] {
      io::set_trials(io::Trials::off);
      static_cast<void>(test::message_of<InputError>([&] { io::inspect(path, io::Truth::shown); }));
      return std::string();
    });
  });
}

}  // namespace

TEST_CASE("whatever this library writes, and wrote, has its own form") {
  const TemporaryFolder folder;
  for (const auto& write : writers) {
    write(folder / "x.h5");
    INFO(io::inspect(folder / "x.h5", io::Truth::hidden).filetype);
    CHECK(own(folder / "x.h5"));
  }
  std::size_t stored = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(PNN_SOURCE_DIR "/tests/io/formats")) {
    if (entry.path().extension() != ".h5") continue;
    INFO(entry.path().string());
    CHECK(own(entry.path().string()));
    ++stored;
  }
  CHECK(stored > 10);
}

TEST_CASE("what other programs add to a file makes it another") {
  const TemporaryFolder folder;
  const std::string path = folder / "x.h5";
  const auto after = [&](const std::function<void(const edit::File&)>& change) {
    writers.back()(path);
    change(edit::File(path, edit::File::Form::newest));
    return own(path);
  };
  CHECK(after([](const edit::File& file) { file.overwrite("/power_mean", std::vector<double>(100, 1.0)); }));
  CHECK_FALSE(after([](const edit::File& file) {
    H5Lcreate_soft("/loss", file.id(), "/again", H5P_DEFAULT, H5P_DEFAULT);
  }));
  CHECK_FALSE(after([](const edit::File& file) {
    const hid_t group = H5Gcreate2(file.id(), "/group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file.id(), "/", group, "circle", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
  }));
  CHECK_FALSE(after([](const edit::File& file) {
    const hid_t committed = H5Tcopy(H5T_NATIVE_INT);
    H5Tcommit2(file.id(), "/type", committed, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Tclose(committed);
  }));
  // results with one foreign thing each: no child is spared what HDF5 must be tried on
  for (const strangers::Stranger& stranger : strangers::all()) {
    stranger.write(path);
    INFO(stranger.name);
    if (own(path)) CHECK(end_of_reader(path).empty());
  }
  for (const auto& entry : std::filesystem::directory_iterator(PNN_SOURCE_DIR "/tests/fuzz/corpus")) {
    if (entry.path().extension() != ".h5") continue;
    INFO(entry.path().string());
    CHECK_FALSE(own(entry.path().string()));
  }
  CHECK_FALSE(io::has_own_form({"absent", folder / "absent", 100}));
}

TEST_CASE("lies whose checksums hold are seen, and what is not seen does no harm") {
  const TemporaryFolder folder;
  const std::string path = folder / "x.h5";
  std::size_t seen = 0, passed = 0;
  for (std::size_t kind = 0; kind < writers.size(); ++kind) {
    writers[kind](path);
    fuzz::Seed seed{"x.h5", folder.read("x.h5"), {}};
    seed.blocks = fuzz::find_blocks(seed.bytes);
    REQUIRE(seed.blocks.size() > 10);
    // a byte of metadata changed, and its checksum put right
    for (std::size_t k = 0; k < 600; ++k) {
      const fuzz::Block& block = seed.blocks[k * 7919 % seed.blocks.size()];
      std::string bytes = seed.bytes;
      bytes[block.begin + k * 104729 % block.bytes] ^= char(1U << k % 8);
      fuzz::repair(bytes, {block});
      folder.write("x.h5", bytes);
      if (!own(path)) {
        ++seen;
      } else if (++passed % 4 == 0) {  // a child takes some milliseconds
        INFO("kind " << kind << ", change " << k);
        CHECK(end_of_reader(path).empty());
      }
    }
    for (std::uint64_t k = 0; k < 100; ++k) {
      folder.write("x.h5", fuzz::mutate(seed, seed, 1000 * kind + k));
      INFO("kind " << kind << ", mutation " << k);
      if (own(path)) CHECK(end_of_reader(path).empty());
    }
  }
  // what remains is text of attributes, names, units, and the free space within headers
  CHECK(seen > 600);
  CHECK(passed > 600);
}
