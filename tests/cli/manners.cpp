// What a tool does around its work: exit status, streams, signals, provenance, accounts.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "tests/catch.hpp"
#include "tests/cli/drive.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using namespace pnn::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

namespace {

template <class Thrown>
Run throwing(Thrown error) {
  return [error](ToolSettings&, cli::Context& context) {
    context.report().headline("never seen");
    throw error;
  };
}

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

void report_one_row(ToolSettings&, cli::Context& context) {
  context.report().columns({"method", "accuracy"});
  context.report().row({"sat", "97.25"});
  context.report().value("accuracy", 0.9725);
}

/// Works until it is asked to stop, for half a minute at most; then says that it saved.
void work_until_stopped(ToolSettings&, cli::Context& context) {
  for (int k = 0; k < 3000; ++k) {
    if (context.progress().stop_requested()) throw Interrupted("stopped at step 7; run again with --resume");
    sleep_ms(10);
  }
}

/// Tells the test, by making a file, that run() has begun and signals are caught.
Run announced(const std::string& path, const Run& run) {
  return [path, run](ToolSettings& settings, cli::Context& context) {
    std::ofstream(path).flush();
    run(settings, context);
  };
}

void wait_for(const std::string& path) {
  for (int k = 0; k < 3000 && !std::filesystem::exists(path); ++k) sleep_ms(10);
  REQUIRE(std::filesystem::exists(path));
}

}  // namespace

TEST_CASE("each kind of failure has its exit status and one line on standard error") {
  const auto expect = [](const Run& run, int status, const std::string& line) {
    const Outcome outcome = drive({"c.h5"}, run);
    CHECK(outcome.status == status);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == "pnn-test: " + line + "\n");
  };
  expect(throwing(UsageError("--x: wrong")), 2, "--x: wrong");
  expect(throwing(InputError("a.h5: no\nfile of ours")), 2, "a.h5: no file of ours");
  expect(throwing(RunError("device: no answer")), 1, "device: no answer");
  expect(throwing(Interrupted("saved")), 75, "saved");
  expect(throwing(InternalError("a promise")), 70,
         "internal error: a promise; this is a bug, please report it");
  expect(throwing(std::out_of_range("vector")), 70,
         "internal error: vector; this is a bug, please report it");
  expect(throwing(42), 70, "internal error: an exception without a message; this is a bug, please report it");
  expect(throwing(std::system_error(ENOSPC, std::generic_category(), "o.h5")), 1,
         "o.h5: No space left on device");
  const Outcome memory = drive({"c.h5"}, throwing(std::bad_alloc()));
  CHECK(memory.status == 1);
  CHECK_THAT(memory.err, StartsWith("pnn-test: not enough memory: ") && Contains("use smaller batches"));
}

TEST_CASE("the result is a table for a person and one object with --json") {
  CHECK(drive({"c.h5"}, report_one_row).out == "method  accuracy\nsat        97.25\n");
  CHECK(drive({"c.h5", "--json"}, report_one_row).out == "{\"accuracy\": 0.9725}\n");
  CHECK(drive({"c.h5", "--json"}, [](ToolSettings&, cli::Context&) {}).out == "{}\n");
}

TEST_CASE("a result that cannot be written is a failure") {
  Streams full;
  full.out_path = "/dev/full";
  const Outcome outcome = drive({"c.h5"}, report_one_row, full);
  CHECK(outcome.status == 1);
  CHECK_THAT(outcome.err,
             EndsWith("standard output: the result cannot be written: No space left on device\n"));
}

TEST_CASE("a reader that closed the pipe has read what it wanted, which is no failure and not worth a word") {
  const Outcome outcome = drive({"c.h5"}, [](ToolSettings&, cli::Context& context) {
    int ends[2];
    if (pipe(ends) != 0) throw RunError("no pipe");
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    context.report().headline("unread");
  });
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("with the file on standard output the table goes to standard error") {
  const Outcome outcome = drive({"c.h5", "-o", "-"}, report_one_row);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK_THAT(outcome.err,
             StartsWith("method  accuracy\nsat        97.25\npnn-test: wrote standard output in "));
}

TEST_CASE("outputs that cannot be written are refused before the work") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& output, const Streams& streams = {}) {
    const std::string curves = folder.write("c.h5", "curves");
    const Outcome outcome = drive({curves, "-o", output}, throwing(RunError("the work has begun")), streams);
    CHECK(outcome.status == 2);
    return outcome.err;
  };
  CHECK(refused(folder / "none/o.h5") == "pnn-test: " + folder / "none/o.h5" + ": there is no folder \"" +
                                             folder / "none" + "\"; make it first\n");
  CHECK_THAT(refused("/dev/null"), StartsWith("pnn-test: /dev/null: exists and is not a regular file; "));
  CHECK_THAT(refused(folder / ""), Contains("is not a regular file"));
  CHECK(refused(folder / "./c.h5") ==
        "pnn-test: " + folder / "./c.h5" +
            ": is also the input CURVES, which is never modified; choose another "
            "name\n");
  Streams terminal;
  terminal.terminal_out = true;
  CHECK_THAT(refused("-", terminal), StartsWith("pnn-test: -o -: standard output is a terminal; "));
}

TEST_CASE("the closing line tells what was written, the time, the memory and the accounts") {
  const TemporaryFolder folder;
  const std::string output = folder.write("o.h5", "old");
  const auto rewrite = [](ToolSettings& settings, cli::Context& context) {
    // as the tools do it: a new file takes the old one's place
    std::ofstream(settings.output + ".new") << "new";
    std::filesystem::rename(settings.output + ".new", settings.output);
    context.account("device calls", 40);
    context.account("device calls", 2);
  };
  CHECK_THAT(drive({"c.h5", "-o", output}, rewrite).err,
             Matches("pnn-test: wrote " + output +
                     " in [0-9.]+ s \\([0-9.]+ s of processor time\\), peak [0-9]+ MB, 42 device calls\n"));
  CHECK(drive({"c.h5", "-o", output, "-q"}, rewrite).err.empty());
  CHECK(drive({"c.h5", "-o", output}, [](ToolSettings&, cli::Context&) {}).err.empty());
}

TEST_CASE("an exception that leaves a thread ends the tool with a sentence") {
  const auto threads = [](const std::string& text) {
    return drive({"c.h5"}, [&](ToolSettings&, cli::Context&) {
      std::thread([&] { throw std::runtime_error(text); }).join();
    });
  };
  const Outcome none = threads("pthread_create has failed: Resource temporarily unavailable");
  CHECK(none.status == 1);
  CHECK_THAT(none.err, Contains(": no threads can be started (pthread_create has failed: "));
  const Outcome other = threads("a promise");
  CHECK(other.status == 70);
  CHECK_THAT(other.err, EndsWith(": internal error: a promise; this is a bug, please report it\n"));
}

TEST_CASE("a signal asks for an early end with status 75, a second interrupt kills") {
  const TemporaryFolder folder;
  for (int number : {SIGINT, SIGTERM, SIGUSR1}) {
    const std::string begun = folder / ("begun" + std::to_string(number));
    Streams streams;
    streams.meanwhile = [&](int pid) {
      wait_for(begun);
      kill(pid, number);
    };
    const Outcome outcome = drive({"c.h5"}, announced(begun, work_until_stopped), streams);
    CHECK(outcome.status == 75);
    CHECK(outcome.err == "pnn-test: stopped at step 7; run again with --resume\n");
  }
  Streams twice;
  const std::string begun = folder / "twice";
  twice.meanwhile = [&](int pid) {
    wait_for(begun);
    kill(pid, SIGINT);
    sleep_ms(500);
    kill(pid, SIGINT);
  };
  const Run deaf = [](ToolSettings&, cli::Context&) { sleep_ms(20'000); };
  CHECK(drive({"c.h5"}, announced(begun, deaf), twice).status == 128 + SIGINT);
}

TEST_CASE("an early end that a scheduler asks of the process and of its group is one") {
  const TemporaryFolder folder;
  const std::string begun = folder / "begun";
  Streams streams;
  streams.meanwhile = [&](int pid) {
    wait_for(begun);
    for (int k = 0; k < 3; ++k) kill(pid, SIGTERM), sleep_ms(1);
  };
  CHECK(drive({"c.h5"}, announced(begun, work_until_stopped), streams).status == 75);
}

TEST_CASE("a lost connection asks for an early end, however often it is told") {
  const TemporaryFolder folder;
  const std::string begun = folder / "begun";
  Streams streams;
  streams.meanwhile = [&](int pid) {
    wait_for(begun);
    for (int k = 0; k < 3; ++k) kill(pid, SIGHUP), sleep_ms(1);  // the terminal and the shell both do
  };
  CHECK(drive({"c.h5"}, announced(begun, work_until_stopped), streams).status == 75);
}

TEST_CASE("loops that no progress reaches stop on a signal") {
  const TemporaryFolder folder;
  const std::string begun = folder / "begun";
  Streams streams;
  streams.meanwhile = [&](int pid) {
    wait_for(begun);
    kill(pid, SIGTERM);
  };
  const Run loop = [](ToolSettings&, cli::Context&) {
    for (int k = 0; k < 3000; ++k) {
      stop_waiting_if_asked();
      sleep_ms(10);
    }
  };
  const Outcome outcome = drive({"c.h5"}, announced(begun, loop), streams);
  CHECK(outcome.status == 75);
  CHECK(outcome.err == "pnn-test: interrupted before anything was written; run again\n");
  CHECK_NOTHROW(stop_if_asked());  // nobody listens here
  const Run busy = [](ToolSettings&, cli::Context&) {
    for (;;) stop_if_asked();  // a second of computing is left to it
  };
  const std::string computing = folder / "computing";
  streams.meanwhile = [&](int pid) {
    wait_for(computing);
    kill(pid, SIGTERM);
  };
  CHECK(drive({"c.h5"}, announced(computing, busy), streams).status == 75);
}

TEST_CASE("a result whose reader takes nothing is given up on a signal") {
  const TemporaryFolder folder;
  const std::string begun = folder / "begun";
  Streams streams;
  streams.meanwhile = [&](int pid) {
    wait_for(begun);
    sleep_ms(100);
    kill(pid, SIGTERM);
  };
  const Outcome outcome = drive({"c.h5"},
                                announced(begun,
                                          [](ToolSettings&, cli::Context& context) {
                                            int ends[2];
                                            if (pipe(ends) != 0) throw RunError("no pipe");
                                            dup2(ends[1], STDOUT_FILENO);
                                            context.report().headline(std::string(1'000'000, 'x'));
                                          }),
                                streams);
  CHECK(outcome.status == 75);
}

TEST_CASE("a configuration, standard input and the files of a driver are inputs, which no output replaces") {
  const TemporaryFolder folder;
  const std::string curves = folder.write("c.h5", "curves"), config = folder.write("c.toml", "epochs = 3\n");
  const auto refused = [&](const std::vector<std::string>& words) {
    const Outcome outcome = drive(words, throwing(RunError("the work has begun")));
    CHECK(outcome.status == 2);
    return outcome.err;
  };
  CHECK(refused({curves, "--config", config, "-o", config}) ==
        "pnn-test: " + config +
            ": is also the input --config, which is never modified; choose another name\n");
  std::filesystem::create_hard_link(config, folder / "again.toml");
  CHECK_THAT(refused({curves, "--config", config, "-o", folder / "again.toml"}),
             Contains("the input --config"));
  CHECK_THAT(refused({curves, "--data", "exec:pnn-device --index 3 '" + curves + "'", "-o", curves}),
             Contains("is also the input"));
  CHECK_THAT(refused({"x.h5", "--data", "exec:driver --file=" + curves, "-o", curves}),
             Contains("the input --data"));
  CHECK_THAT(refused({"-", "-o", "/dev/null"}), Contains("not a regular file"));
}

TEST_CASE("an output that is a link to nothing is checked where the link leads") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("none/o.h5", folder / "far.h5");
  std::filesystem::create_symlink("circle.h5", folder / "circle.h5");
  std::filesystem::create_symlink("new.h5", folder / "near.h5");
  const auto status = [&](const std::string& output) {
    return drive({folder.write("c.h5", "curves"), "-o", folder / output}, report_one_row);
  };
  CHECK_THAT(status("far.h5").err, Contains("there is no folder \"" + (folder / "none") + "\""));
  CHECK_THAT(status("circle.h5").err, Contains("a symbolic link that leads in a circle"));
  CHECK(status("near.h5").status == 0);
}

TEST_CASE("an output that is a link to an open pipe, or to a file without a name, is refused") {
  const TemporaryFolder folder;
  const auto refused = [&](int descriptor) {
    const Outcome outcome =
        drive({folder.write("c.h5", "curves"), "-o", "/dev/fd/" + std::to_string(descriptor)},
              throwing(RunError("the work has begun")));
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.err, Contains("is not a regular file"));
  };
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  refused(ends[1]);
  const int nameless = open(folder.write("gone.h5", "x").c_str(), O_RDWR);
  std::filesystem::remove(folder / "gone.h5");
  refused(nameless);
  for (const int descriptor : {ends[0], ends[1], nameless}) close(descriptor);
}

TEST_CASE("a tool that is started without its standard streams opens nothing in their place") {
  const TemporaryFolder folder;
  const std::string output = folder / "o.txt";
  const Run write = [&](ToolSettings& settings, cli::Context& context) {
    std::ofstream file(output);
    context.warn("to nowhere");
    context.report().headline("to nowhere too");
    file << settings.output;
  };
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int stream : {0, 1, 2}) close(stream);
    char name[] = "pnn-test", curves[] = "c.h5";
    char* words[] = {name, curves, nullptr};
    ToolSettings settings;
    _exit(cli::detail::run_tool(
        2, words, {"pnn-test", "", "", "", "", ""}, [&](Options& o) { settings.describe(o); },
        [&](cli::Context& context) { write(settings, context); }));
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(folder.read("o.txt").empty());
}

TEST_CASE("a time limit asks for an early end") {
  CHECK(drive({"c.h5", "--time-limit", "0.05"}, work_until_stopped).status == 75);
}

TEST_CASE("progress is a bar on a terminal and silent when quiet") {
  const Run work = [](ToolSettings&, cli::Context& context) {
    for (std::uint64_t k = 0; k < 5; ++k) {
      context.progress().update(k, 10, "steps", "loss 0.31");
      sleep_ms(60);
    }
    context.progress().say("half way");
  };
  Streams terminal;
  terminal.terminal_err = true;
  CHECK_THAT(drive({"c.h5"}, work, terminal).err,
             Contains("\rpnn-test: [####................] 2/10 steps, ") && Contains("/s, ") &&
                 Contains(" left, loss 0.31\x1b[K") && Contains("\r\x1b[Kpnn-test: half way"));
  CHECK(drive({"c.h5", "-q"}, work, terminal).err.empty());
  CHECK(drive({"c.h5"}, work).err == "pnn-test: half way\n");
}

TEST_CASE("warnings are seen even when quiet, details only when verbose") {
  const Run warn = [](ToolSettings&, cli::Context& context) { context.warn("3 rings are stuck"); };
  CHECK(drive({"c.h5", "-q"}, warn).err == "pnn-test: warning: 3 rings are stuck\n");
  CHECK_THAT(drive({"c.h5", "-v", "--threads", "1"}, warn).err,
             StartsWith("pnn-test: command: pnn-test method=bp ") && Contains("pnn-test: threads: 1\n"));
}

TEST_CASE("provenance holds settings without paths or transport, and the history of every parent once") {
  const Run run = [](ToolSettings&, cli::Context& context) {
    const Provenance grandparent{"pnn-fabricate 0.1.0", "pnn-fabricate count=3", 1, {}, {}};
    const Provenance curves{"pnn-characterize 0.1.0",
                            "pnn-characterize points=61",
                            1,
                            {},
                            {"pnn-fabricate 0.1.0: pnn-fabricate count=3"}};
    context.parent("curves", "curves", "00ff", curves);
    context.parent("device", "device", "11ee", grandparent);
    const Provenance made = context.provenance();
    context.report().value("creator", made.creator);
    context.report().value("command", made.command);
    context.report().value("seed", static_cast<std::int64_t>(made.seed));
    context.report().value("history", made.history);
    context.report().value("role", made.parents.at(1).role + " " + made.parents.at(1).hash);
    if (context.seed() != made.seed) throw RunError("two seeds");
  };
  const std::vector<std::string> words{"/tmp/c.h5", "--data", "d.h5", "--seed", "9",
                                       "--threads", "2",      "-q",   "--json"};
  const Outcome outcome = drive(words, run);
  REQUIRE(outcome.status == 0);
  CHECK_THAT(outcome.out,
             Matches("\\{\"creator\": \"pnn-test [0-9.]+\", \"command\": \"pnn-test method=bp epochs=10 "
                     "lr=0\\.001 crosstalk=false seed=9\", \"seed\": 9, \"history\": "
                     "\\[\"pnn-fabricate 0\\.1\\.0: pnn-fabricate count=3\",\"pnn-characterize "
                     "0\\.1\\.0: pnn-characterize points=61\"\\], \"role\": \"device 11ee\"\\}\n"));
}
