#include "tests/cli/drive.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "pnn/cli/presets.hpp"
#include "pnn/core/text.hpp"

namespace pnn::cli {

// The presets of these tests, in place of those that ship with the tools.
std::vector<Preset> presets() {
  return {{"small", "epochs = 2\nlr = 0.5\nlayers = [\"mrr:out=3\"]\n[process]\nmrr.delta.sigma = 0.1\n"},
          {"broken", "epochs = \"many\"\n"}};
}

}  // namespace pnn::cli

namespace pnn::test {
namespace {

const cli::ToolInfo info{"pnn-test", "Tries the manners.",
                         "curves",   "model",
                         "",         "  pnn-test curves.h5 -o model.h5\nfits every element.",
                         "pnn-other"};

std::string contents(int descriptor) {
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(descriptor, buffer, sizeof buffer)) > 0)
    text.append(buffer, static_cast<std::size_t>(count));
  return text;  // a terminal whose other end is closed reads as an error: that is its end
}

/// One end for the tool, one for the test.
struct Channel {
  int tool = -1, test = -1;
  bool terminal = false;

  static Channel open_terminal() {
    Channel channel;
    channel.test = posix_openpt(O_RDWR | O_NOCTTY);
    if (channel.test < 0 || grantpt(channel.test) != 0 || unlockpt(channel.test) != 0)
      throw std::runtime_error("no pseudo-terminal");
    channel.tool = open(ptsname(channel.test), O_RDWR | O_NOCTTY);
    channel.terminal = true;
    return channel;
  }
  static Channel open_file(const std::string& path) {
    Channel channel;
    if (!path.empty()) {
      channel.tool = open(path.c_str(), O_RDWR);
      return channel;
    }
    std::FILE* file = std::tmpfile();
    channel.tool = dup(fileno(file));
    channel.test = dup(channel.tool);
    std::fclose(file);
    return channel;
  }
  std::string finish() {
    close(tool);
    if (test < 0) return {};
    if (!terminal) lseek(test, 0, SEEK_SET);
    std::string text = contents(test);
    close(test);
    return text;
  }
};

std::string show(const ToolSettings& s) {
  return "epochs=" + std::to_string(s.epochs) + " lr=" + format_number(s.lr) + " method=" + s.method +
         " layers=" + join(s.layers, "|") + " set=" + join(s.assignments, "|") +
         " crosstalk=" + (s.crosstalk ? "yes" : "no") + " curves=" + s.curves + " label=" + s.label +
         " inputs=" + s.inputs + " temperatures=" + std::to_string(s.temperatures.size());
}

}  // namespace

void ToolSettings::describe(Options& o) {
  o.positional_input("curves", curves, "measured tuning curves");
  o.input("data", data, "labelled data");
  o.output(output).required = false;
  o.group("Network");
  o.text("inputs", inputs, "SHAPE", "shape of a sample");
  o.list("layer", layers, "KIND[:key=value]", "next layer");
  o.list("set", assignments, "NAME=VALUE", "process parameter");
  o.group("Method");
  o.choice("method", method, {"bp", "sat"}, "how gradients are made");
  o.integer("epochs", epochs, "N", "passes over the data", Limits::at_least(1));
  o.number("lr", lr, "X", "learning rate", Limits::positive());
  o.numbers("temperatures", temperatures, "LIST", "temperatures (degrees C)");
  o.text("label", label, "NAME", "name in tables");
  o.flag("crosstalk", crosstalk, "measure pairs too");
}

Outcome drive(const std::vector<std::string>& words, const Run& run, const Streams& streams) {
  Channel in = streams.terminal_in ? Channel::open_terminal() : Channel::open_file("/dev/null");
  Channel out = streams.terminal_out ? Channel::open_terminal() : Channel::open_file(streams.out_path);
  Channel err = streams.terminal_err ? Channel::open_terminal() : Channel::open_file("");
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    dup2(in.tool, STDIN_FILENO);
    dup2(out.tool, STDOUT_FILENO);
    dup2(err.tool, STDERR_FILENO);
    std::vector<std::string> storage{"pnn-test"};
    storage.insert(storage.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (std::string& word : storage) argv.push_back(word.data());
    ToolSettings settings;
    const int status = cli::detail::run_tool(
        static_cast<int>(argv.size()), argv.data(), info,
        [&](Options& options) { settings.describe(options); },
        [&](cli::Context& context) { run(settings, context); });
    _exit(status);
  }
  if (streams.meanwhile) streams.meanwhile(child);
  int status = 0;
  waitpid(child, &status, 0);
  Outcome outcome;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  in.finish();
  outcome.out = out.finish();
  outcome.err = err.finish();
  return outcome;
}

Outcome drive(const std::vector<std::string>& words) {
  return drive(words, [](ToolSettings& settings, cli::Context& context) {
    context.report().headline(show(settings));
    context.report().value("shown", show(settings));
  });
}

}  // namespace pnn::test
