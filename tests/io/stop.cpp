// Reading stops when it is asked to, also where it waits for bytes.
#include "pnn/core/stop.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "pnn/core/errors.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/idx.hpp"
#include "pnn/io/import.hpp"
#include "pnn/io/table.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using pnn::test::TemporaryFolder;

/// Asks to stop at the question with this number, from 0.
class Stop final : public Progress {
 public:
  explicit Stop(int at) : at_(at) {}
  [[nodiscard]] bool stop_requested() const override { return asked_++ >= at_; }

 private:
  int at_;
  mutable int asked_ = 0;
};

std::string table(int rows) {
  std::string text = "a,b,label\n";
  for (int k = 0; k < rows; ++k) text += std::to_string(k) + ",1," + std::to_string(k % 2) + "\n";
  return text;
}

}  // namespace

TEST_CASE("a silent pipe is given up when asked to stop") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const io::Descriptor reading(ends[0]), writing(ends[1]);
  const Stop stop(3);  // the first look is before any waiting
  const StopListener listener(stop);
  char byte = 0;
  CHECK_THROWS_AS(io::read_some(reading.fd(), &byte, 1, "pipe"), Interrupted);
}

TEST_CASE("a named pipe that nobody writes to is given up when asked to stop") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const int at : {0, 3}) {
    const Stop stop(at);
    const StopListener listener(stop);
    CHECK_THROWS_AS(io::filetype_of(folder / "pipe"), Interrupted);
    CHECK_THROWS_AS(io::read_table(folder / "pipe"), Interrupted);
  }
}

TEST_CASE("every step from a table to a data set stops when asked to") {
  const std::string text = table(20'000);
  const io::Table csv = io::parse_table(text, "t.csv");
  const io::RawData raw = io::import_csv(csv, {"label", {{"*"}, {}}}, "t");
  const TemporaryFolder folder;
  const std::string path = folder.write("t.csv", text);
  folder.write("x.idx", std::string("\0\0\x08\x01\0\0\0\x02zz", 10));
  const Stop stop(0);
  const StopListener listener(stop);
  CHECK_THROWS_AS(io::parse_table(text, "t.csv"), Interrupted);
  CHECK_THROWS_AS(csv.numbers("a"), Interrupted);
  CHECK_THROWS_AS(io::read_table(path), Interrupted);
  CHECK_THROWS_AS(io::content_hash(path), Interrupted);
  CHECK_THROWS_AS(io::make_dataset(raw, {}, 1), Interrupted);
  CHECK_THROWS_AS(io::read_idx(folder / "x.idx"), Interrupted);
}

TEST_CASE("reading a file stops when asked to, at any of its looks, and writing one does not") {
  const TemporaryFolder folder;
  io::write_result(folder / "r.h5", samples::result(), samples::header());
  int looks = 0;
  for (bool whole = false; !whole; ++looks) {
    REQUIRE(looks < 1000);
    const Stop stop(looks);
    const StopListener listener(stop);
    try {
      io::read_result(folder / "r.h5");
      whole = true;
    } catch (const Interrupted&) {
      SUCCEED("interrupted");
    }
  }
  CHECK(looks > 2);
  const Stop stop(0);
  const StopListener listener(stop);
  CHECK_NOTHROW(io::write_result(folder / "saved.h5", samples::result(), samples::header()));
  CHECK(folder.read("saved.h5") == folder.read("r.h5"));
}
