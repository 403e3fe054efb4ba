// Files from strangers: told in words, in bounded memory and time, whatever they are.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/io/inspect.hpp"
#include "samples.hpp"
#include "strangers.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

/// What is wrong with a result, a complaint a line: as `pnn-info --validate` says it, or as the reason why it
/// cannot be opened.
std::string complaints(const std::string& path) {
  std::string all;
  const std::string refusal = test::message_of<InputError>([&] {
    for (const std::string& complaint : io::validate(path)) all += complaint + "\n";
  });
  return all + refusal;
}

bool is_one_line(const std::string& text) {
  return text.find('\n') == std::string::npos;
}

using Write = void (*)(const std::string&);
struct Kind {
  const char* filetype;
  Write write;
};
const Kind kinds[] = {
    {"dataset", [](const std::string& p) { io::write_dataset(p, samples::dataset(), samples::header()); }},
    {"device", [](const std::string& p) { io::write_device(p, samples::device(), samples::header()); }},
    {"curves", [](const std::string& p) { io::write_curves(p, samples::curves(), samples::header()); }},
    {"model", [](const std::string& p) { io::write_model(p, samples::model(), samples::header()); }},
    {"params", [](const std::string& p) { io::write_params(p, samples::params(), samples::header()); }},
    {"result", [](const std::string& p) { io::write_result(p, samples::result(), samples::header()); }},
    {"tuning", [](const std::string& p) { io::write_tuning(p, samples::tuning(), samples::header()); }},
};

}  // namespace

TEST_CASE("what strangers put into a file is read or told, each in its words") {
  const TemporaryFolder folder;
  for (const strangers::Stranger& stranger : strangers::all()) {
    INFO(stranger.name);
    stranger.write(folder / "x.h5");
    const std::string found = complaints(folder / "x.h5");
    if (stranger.complaint.empty()) {
      CHECK(found.empty());
    } else {
      CHECK_THAT(found, Contains(stranger.complaint));
    }
    const std::string message = test::message_of<InputError>([&] { io::read_result(folder / "x.h5"); });
    if (stranger.complaint.find("no dimension labels") == std::string::npos)
      CHECK(message.empty() == found.empty());
    // a description is given, or refused as a whole
    test::message_of<InputError>([&] { io::inspect(folder / "x.h5", io::Truth::shown); });
  }
}

TEST_CASE("a compressed bomb is refused before it is unpacked") {
  const TemporaryFolder folder;
  strangers::write_bomb(folder / "bomb.h5");
  REQUIRE(std::filesystem::file_size(folder / "bomb.h5") < (1U << 20U));
  CHECK_THAT(complaints(folder / "bomb.h5"),
             Contains("/power_mean: its declared size is more than 100 times"));
}

TEST_CASE("groups without end, entries without number and attributes without measure are refused") {
  const TemporaryFolder folder;
  strangers::write_deep(folder / "deep.h5", 10'000);
  CHECK_THAT(complaints(folder / "deep.h5"), Contains("deeper groups"));
  strangers::write_wide(folder / "wide.h5", 12'000);
  CHECK_THAT(complaints(folder / "wide.h5"), Contains("more than 10000 entries"));
  strangers::write_huge_attribute(folder / "huge.h5", std::size_t{20} << 20);
  CHECK_THAT(complaints(folder / "huge.h5"), Contains("expected a root attribute command"));
}

TEST_CASE("many names for the same bytes do not multiply them") {
  const TemporaryFolder folder;
  // 4 names are 40 MB of a file that holds 10 MB
  io::write_params(folder / "p.h5", samples::params(), samples::header());
  strangers::write_alias(folder / "p.h5", 10'000'000, 8);
  CHECK_THAT(test::message_of<InputError>([&] { io::read_params(folder / "p.h5"); }),
             Contains("the file's datasets together declare more than it holds"));
}

TEST_CASE("no flipped bit of any filetype ends otherwise than in words or a value") {
  const TemporaryFolder folder;
  std::size_t refused = 0, whole = 0;
  constexpr std::uint32_t draws = 40;
  std::uint16_t number = 0;
  for (const Kind& kind : kinds) {
    kind.write(folder / "whole.h5");
    const std::string sound = folder.read("whole.h5");
    ++number;
    for (std::uint32_t k = 0; k < draws; ++k) {
      const Stream stream{2, Purpose::test, number, 0, k};
      std::string bytes = sound;
      bytes[below(stream, 0, std::uint32_t(bytes.size()))] ^= char(1U << below(stream, 1, 8));
      folder.write("flip.h5", bytes);
      INFO(kind.filetype << ", draw " << k);
      const std::string message = complaints(folder / "flip.h5");
      (message.empty() ? whole : refused) += 1;
    }
  }
  // Padding, free space and numbers carry no checksum; metadata does. Both are a good part of these files.
  CHECK(refused > draws);
  CHECK(whole > draws);
}

TEST_CASE("a file of any filetype that is cut off anywhere is told to be truncated") {
  const TemporaryFolder folder;
  for (const Kind& kind : kinds) {
    kind.write(folder / "whole.h5");
    const std::string whole = folder.read("whole.h5");
    // prime step: lengths in no relation to HDF5's alignments
    for (std::size_t length = 48; length < whole.size(); length += 1511) {
      folder.write("cut.h5", whole.substr(0, length));
      INFO(kind.filetype << ", " << length << " of " << whole.size() << " bytes");
      const std::string message =
          test::message_of<InputError>([&] { io::inspect(folder / "cut.h5", io::Truth::shown); });
      CHECK_THAT(message, Contains("truncated"));
    }
  }
}

TEST_CASE("a file that crashes HDF5 is refused in one sentence, and the process lives") {
  const std::filesystem::path corpus = PNN_SOURCE_DIR "/tests/fuzz/corpus";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    if (entry.path().extension() != ".h5") continue;
    INFO(entry.path().string());
    ++files;
    const std::string message =
        test::message_of<InputError>([&] { io::inspect(entry.path().string(), io::Truth::shown); });
    CHECK_THAT(message, Contains("cannot read this file without crashing") || Contains("damaged or foreign"));
    CHECK(is_one_line(message));
  }
  CHECK(files >= 3);
}

TEST_CASE("complaints without end are told in part") {
  Complaints complaints("x.h5");
  for (int k = 0; k < 100'000; ++k) complaints.add("wrong");
  const std::string message = test::message_of<InputError>([&] { complaints.raise(); });
  CHECK_THAT(message, Contains("and 99980 complaints more"));
  CHECK(message.size() < 1000);
}
