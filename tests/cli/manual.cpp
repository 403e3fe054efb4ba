#include "pnn/cli/manual.hpp"

#include <cstdio>

#include "tests/catch.hpp"
#include "tests/cli/drive.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A tool whose texts have everything that shells and troff read as commands.
struct Odd {
  cli::ToolInfo info{
      .name = "pnn-odd",
      .summary = "say 'it' at once",
      .reads = "curves",
      .writes = "model",
      .details =
          "\nFirst, long enough to be broken in the middle of a line, somewhere before its end.\n"
          ".hidden begins a line\n\n  kept \\n as-is\n  'quoted'\n\nLast.\n",
      .example = "pnn-odd a.h5 --set x='1 2' -o b.h5",
      .see_also = "pnn-fit, which fits; README.md"};
  std::string file, method = "up", set;
  std::vector<std::string> layers;
  bool on = false;
  Options options;

  Odd() {
    options.positional_input("curves", file, "curves").aliases = {"device"};
    options.output(file);
    options.group("Set: [all]");
    options.choice("method", method, {"up", "down"}, "which way: up or down");
    options.list("layer", layers, "KIND[:key=value]", "don't [ever]: a layer");
    options.text("set", set, "NAME=VALUE", "a value");
    options.flag("on", on, "switch it on").letter = 'n';
  }
};

std::string run(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  CHECK(pclose(pipe) == 0);
  return text;
}

}  // namespace

TEST_CASE("a manual page has every option, and no text that troff takes for a command") {
  const Odd odd;
  const std::string page = cli::manual_page(odd.info, odd.options);
  CHECK_THAT(page, Contains("\n.TH PNN-ODD 1 ") && Contains("\n.SH NAME\npnn\\-odd \\- say 'it' at once\n"));
  CHECK_THAT(page, Contains("\n[options] CURVES \\-o FILE\n"));
  CHECK_THAT(page,
             Contains("\n.SS Set: [all]\n.TP\n\\fB\\-\\-method\\fR \\fIup|down\\fR\nwhich way: up or down "
                      "[default: up]\n"));
  CHECK_THAT(page, Contains("\\fIKIND[:key=value]\\fR\ndon't [ever]: a layer (may be repeated)\n"));
  CHECK_THAT(page, Contains("\\fB\\-n\\fR, \\fB\\-\\-on\\fR\nswitch it on\n"));
  CHECK_THAT(page, Contains("\\fICURVES\\fR, \\fB\\-\\-device\\fR \\fIFILE\\fR\n"));
  CHECK_THAT(page, Contains("\n.EX\n  kept \\en as\\-is\n  'quoted'\n.EE\n"));
  CHECK_THAT(page, Contains("\n.EX\npnn\\-odd a.h5 \\-\\-set x='1 2' \\-o b.h5\n.EE\n"));
  CHECK_THAT(page, Contains("\npnn\\-fit(1), which fits; README.md\n"));
  CHECK(page.find("\n.hidden") == std::string::npos);
  CHECK(page.find("\n'") == std::string::npos);
}

TEST_CASE("bash completes options, words of options, and leaves files to the shell") {
  const Odd odd;
  const test::TemporaryFolder folder;
  folder.write("odd", cli::bash_completion(odd.info, odd.options));
  const auto completed = [&](const std::string& words) {
    return run("bash -c '. \"" + folder / "odd" + "\"; COMP_WORDS=(pnn-odd " + words +
               "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pnn_odd; echo \"${COMPREPLY[@]}\"'");
  };
  CHECK(completed("--me") == "--method\n");
  CHECK(completed("--method d") == "down\n");
  CHECK(completed("--method = d") == "down\n");
  CHECK(completed("--method =") == "up down\n");
  CHECK(completed("--set x") == "\n");
  CHECK(completed("a") == "\n");
  CHECK(completed("--dev") == "--device\n");
  CHECK(completed("-") == "--device -o --output --method --layer --set -n --on\n");
}

TEST_CASE("zsh and fish are told the same options, with what their languages read as commands escaped") {
  const Odd odd;
  const std::string zsh = cli::zsh_completion(odd.info, odd.options);
  CHECK_THAT(zsh, StartsWith("#compdef pnn-odd\n"));
  CHECK_THAT(zsh, Contains("'--method[which way]:WORD:(up down)'"));
  CHECK_THAT(zsh, Contains("'*--layer[don'\\''t \\[ever\\]]:KIND[\\:key=value]: '"));
  CHECK_THAT(zsh, Contains("'-n[switch it on]'") && Contains("'--output[file to write]:FILE:_files'"));
  CHECK_THAT(zsh, Contains("':CURVES:_files'"));
  const std::string fish = cli::fish_completion(odd.info, odd.options);
  CHECK_THAT(fish, Contains("complete -c pnn-odd -l method -x -a 'up down' -d 'which way'\n"));
  CHECK_THAT(fish, Contains("complete -c pnn-odd -s n -l on -d 'switch it on'\n"));
  CHECK_THAT(fish, Contains("complete -c pnn-odd -s o -l output -r -F -d 'file to write'\n"));
  CHECK_THAT(fish, Contains("-l layer -x -d 'don\\'t [ever]'\n"));
}

TEST_CASE("a tool prints what is made from its options for a word that no help names") {
  const test::Outcome page = test::drive({"--help-man"});
  CHECK(page.status == 0);
  CHECK_THAT(page.out, StartsWith(".\\\" made by pnn-test --help-man\n.TH PNN-TEST 1 "));
  CHECK_THAT(test::drive({"--help-fish"}).out, Contains(" -l preset -x -a 'small broken' "));
  CHECK(test::drive({"--help-man", "x"}).status == 2);
  CHECK(test::drive({"--help"}).out.find("--help-man") == std::string::npos);
}
