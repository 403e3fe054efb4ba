// Outputs appear whole or not at all, and say why not.
#include "pnn/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "pnn/core/errors.hpp"
#include "samples.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;
using Catch::Matchers::Contains;
using pnn::test::TemporaryFolder;

/// What `body` throws as a RunError in a process of its own, whose limits and descriptors it may change.
std::string in_child(const std::function<void()>& body) {
  // a child that leaves at once leaves what it spooled, too
  const TemporaryFolder spools;
  const std::string temporary = spools / "";
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    std::string text = "no error";
    setenv("TMPDIR", temporary.c_str(), 1);
    try {
      body();
    } catch (const RunError& error) {
      text = std::string("RunError: ") + error.what();
    } catch (const std::exception& error) {
      text = std::string("another error: ") + error.what();
    }
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written == ssize_t(text.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return text;
}

std::string run_error(const std::function<void()>& body) {
  try {
    body();
  } catch (const RunError& error) {
    return error.what();
  }
  return {};
}

void write_sample(const std::string& path) {
  io::write_result(path, samples::result(), samples::header());
}

}  // namespace

TEST_CASE("an output has the permissions of any new file, and nothing is left beside it") {
  const TemporaryFolder folder;
  write_sample(folder / "r.h5");
  CHECK(folder.size() == 1);
  const mode_t mask = umask(0);
  umask(mask);
  struct stat status {};
  REQUIRE(stat((folder / "r.h5").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == (0666U & ~mask));
}

TEST_CASE("without commit an output leaves what was there, and nothing else") {
  const TemporaryFolder folder;
  folder.write("r.h5", "before");
  {
    io::AtomicFile file(folder / "r.h5");
    folder.write(file.path(), "half");
  }
  CHECK(folder.read("r.h5") == "before");
  CHECK(folder.size() == 1);
}

TEST_CASE("values that no reader would accept leave no file") {
  const TemporaryFolder folder;
  study::Result result = samples::result();
  result.score.data[1] = 1.5;
  CHECK_THROWS_AS(io::write_result(folder / "r.h5", result, {}), RunError);
  result.score = samples::counted<double>({2, 3}, 0, 0.1);
  CHECK_THROWS_AS(io::write_result(folder / "r.h5", result, {}), InternalError);
  CHECK(folder.size() == 0);
}

TEST_CASE("an output named by a symbolic link replaces what the link points to") {
  const TemporaryFolder folder;
  folder.write("real.h5", "before");
  std::filesystem::create_symlink("real.h5", folder / "link.h5");
  write_sample(folder / "link.h5");
  CHECK(std::filesystem::is_symlink(folder / "link.h5"));
  CHECK(io::filetype_of(folder / "real.h5") == "result");
}

TEST_CASE("an output named by a link to nothing makes the file that the link names") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  std::filesystem::create_symlink("elsewhere/real.h5", folder / "link.h5");
  std::filesystem::create_symlink("link.h5", folder / "again.h5");
  write_sample(folder / "again.h5");
  CHECK(std::filesystem::is_symlink(folder / "again.h5"));
  CHECK(std::filesystem::is_symlink(folder / "link.h5"));
  CHECK(io::filetype_of(folder / "elsewhere/real.h5") == "result");
}

TEST_CASE("what a killed process left of an output is removed by the next, what is being written is not") {
  const TemporaryFolder folder;
  CHECK(in_child([&] { new io::AtomicFile(folder / "killed.h5"); }) ==
        "no error");  // ends without cleaning up
  CHECK(folder.size() == 1);
  folder.write(".killed.h5.777-2.tmp", "left by a process of another time");
  for (const char* other : {".killed.h5.mine.tmp", ".killed.h5x.777.tmp", "killed.h5.777.tmp"})
    folder.write(other, "none of ours");
  // a process that writes the same output at the same time, until its standard input ends
  int begun[2], end[2];
  REQUIRE(pipe(begun) == 0);
  REQUIRE(pipe(end) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(end[1]);
    char byte = 0;
    io::AtomicFile file(folder / "killed.h5");
    const bool told = write(begun[1], "b", 1) == 1;
    _exit(told && read(end[0], &byte, 1) == 0 ? 0 : 1);
  }
  close(end[0]);
  char byte = 0;
  REQUIRE(read(begun[0], &byte, 1) == 1);
  CHECK(folder.size() == 4);  // its own, and three that are none of ours
  write_sample(folder / "killed.h5");
  CHECK(folder.size() == 5);
  CHECK(folder.holds(".killed.h5." + std::to_string(child) + ".tmp"));
  close(end[1]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  close(begun[0]), close(begun[1]);
  // cleaned once for an output and process: another process is the next
  CHECK(in_child([&] { write_sample(folder / "killed.h5"); }) == "no error");
}

TEST_CASE("an output whose name is as long as names may be is written") {
  const TemporaryFolder folder;
  std::string name;
  while (name.size() < 250) name += "\xc3\xa4";  // ä, whose halves are no text
  write_sample(folder / (name + ".h5"));
  CHECK(io::filetype_of(folder / (name + ".h5")) == "result");
  CHECK(folder.size() == 1);
}

TEST_CASE("places that cannot be written say what to do") {
  const TemporaryFolder folder;
  CHECK_THAT(run_error([&] { write_sample(folder / "none/r.h5"); }), Contains("its folder does not exist"));
  CHECK_THAT(run_error([&] { write_sample(folder / ""); }), Contains("is a folder"));
  folder.write("file", "x");
  CHECK_THAT(run_error([&] { write_sample(folder / "file/r.h5"); }), Contains("not a folder"));
}

TEST_CASE("a full disk is an error in words") {
  // /dev/full is always full; it is no ordinary file, so its bytes are copied at the end
  CHECK_THAT(run_error([] { write_sample("/dev/full"); }), Contains("/dev/full: disk full"));
  struct stat status {};
  REQUIRE(stat("/dev/full", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
}

TEST_CASE("a disk that fills while HDF5 writes leaves no file, and an error in words") {
  const TemporaryFolder folder;
  folder.write("r.h5", "before");
  const std::string error = in_child([&] {
    // as if the disk were full after 8 KiB: the system refuses to let any file grow beyond
    const rlimit limit{8192, 8192};
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
    write_sample(folder / "r.h5");
  });
  CHECK_THAT(error, Contains("RunError: " + (folder / "r.h5") + ": the file may not grow any further"));
  CHECK(folder.read("r.h5") == "before");
  CHECK(folder.size() == 1);
}

TEST_CASE("standard output carries the same bytes as a file, and standard input gives them back") {
  const TemporaryFolder folder;
  write_sample(folder / "file.h5");
  CHECK(in_child([&] {
          const int out = open((folder / "stream.h5").c_str(), O_WRONLY | O_CREAT, 0600);
          dup2(out, STDOUT_FILENO);
          write_sample("-");
        }) == "no error");
  CHECK(folder.read("stream.h5") == folder.read("file.h5"));
  const std::string hash = io::read_result(folder / "file.h5").hash;
  CHECK(in_child([&] {
          int ends[2];
          if (pipe(ends) != 0) throw std::runtime_error("no pipe");
          if (fork() == 0) {
            const std::string bytes = folder.read("file.h5");
            close(ends[0]);
            io::write_all(ends[1], bytes.data(), bytes.size(), "pipe");
            _exit(0);
          }
          close(ends[1]);
          dup2(ends[0], STDIN_FILENO);
          // twice: what was read from the pipe is kept
          if (io::filetype_of("-") != "result") throw std::runtime_error("another filetype");
          if (io::read_result("-").hash != hash) throw std::runtime_error("another hash");
        }) == "no error");
}

TEST_CASE("standard output that is full, or whose reader is gone, is an error in words") {
  CHECK_THAT(in_child([] {
               dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
               write_sample("-");
             }),
             Contains("RunError: standard output: disk full"));
  CHECK_THAT(in_child([] {
               int ends[2];
               if (pipe(ends) != 0) throw std::runtime_error("no pipe");
               std::signal(SIGPIPE, SIG_IGN);
               close(ends[0]);
               dup2(ends[1], STDOUT_FILENO);
               write_sample("-");
             }),
             Contains("reader of standard output went away"));
}

TEST_CASE("garbage on standard input is refused after its first bytes") {
  CHECK_THAT(in_child([] {
               int ends[2];
               if (pipe(ends) != 0) throw std::runtime_error("no pipe");
               // the writer keeps the pipe open: a reader that wanted all of it would wait for ever
               io::write_all(ends[1], std::string(64, 'x').data(), 64, "pipe");
               dup2(ends[0], STDIN_FILENO);
               io::filetype_of("-");
             }),
             Contains("standard input: not an HDF5 file"));
}
