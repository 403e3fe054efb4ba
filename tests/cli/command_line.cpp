// How a command line, a configuration and a preset become settings.
#include "pnn/cli/help.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "tests/catch.hpp"
#include "tests/cli/drive.hpp"
#include "tests/temporary_folder.hpp"

using namespace pnn;
using namespace pnn::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// One line of refusal: status 2, nothing on standard output.
std::string refusal(const std::vector<std::string>& words) {
  const Outcome outcome = drive(words);
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
  return outcome.err;
}

}  // namespace

TEST_CASE("options, lists and positionals may stand in any order") {
  const Outcome outcome = drive({"--layer", "mrr:out=10", "c.h5", "--layer=relu", "--lr", "0.25",
                                 "--crosstalk", "--method=sat", "--temperatures", "21,22"});
  CHECK(outcome.status == 0);
  CHECK_THAT(outcome.out, StartsWith("epochs=10 lr=0.25 method=sat layers=mrr:out=10|relu set= crosstalk=yes "
                                     "curves=c.h5 label= inputs= temperatures=2"));
}

TEST_CASE("a dash is a file name, a negative number is a value") {
  CHECK_THAT(drive({"-", "--temperatures", "-5:5:5"}).out,
             Contains("curves=- ") && Contains("temperatures=3"));
}

TEST_CASE("an unknown option stops at once and names the near one") {
  CHECK(refusal({"c.h5", "--epohcs", "3"}) == "pnn-test: --epohcs: unknown option; did you mean --epochs?\n");
  CHECK(refusal({"c.h5", "--leraning-rate", "0.1"}) ==
        "pnn-test: --leraning-rate: unknown option; did you mean --lr?\n");
  CHECK(refusal({"c.h5", "--zzz=1"}) == "pnn-test: --zzz: unknown option; see --help for the known ones\n");
  CHECK(refusal({"--curves", "c.h5"}) ==
        "pnn-test: --curves: unknown option; this file is given by its place, without --curves\n");
}

TEST_CASE("a word too many, a missing value and a missing file are refused in a sentence") {
  CHECK(refusal({"a.h5", "b.h5"}) ==
        "pnn-test: \"b.h5\": unexpected argument; see --help for what is expected\n");
  CHECK(refusal({"a.h5", "--lr"}) == "pnn-test: --lr: expected a value, found the end of the command line\n");
  CHECK(refusal({"--lr=", "a.h5"}) == "pnn-test: --lr: expected a value after =, found nothing\n");
  CHECK(refusal({"a.h5", "--label", "--epochs", "3"}) ==
        "pnn-test: --label: expected a value, found the option --epochs\n");
  CHECK(refusal({"a.h5", "--lr", "1", "--lr", "2"}) == "pnn-test: --lr: expected once, found 2 times\n");
  CHECK(refusal({"--lr", "1"}) ==
        "pnn-test: CURVES (a file; - is standard input): required, but not given; see --help\n");
  CHECK(refusal({}) ==
        "pnn-test: CURVES (a file; - is standard input): required, but not given; see --help\n");
}

TEST_CASE("values are refused with what was expected") {
  CHECK(refusal({"a.h5", "--epochs", "x"}) ==
        "pnn-test: --epochs: expected an integer at least 1, found \"x\"\n");
  CHECK(refusal({"a.h5", "--lr", "nan"}) == "pnn-test: --lr: expected a number above 0, found \"nan\"\n");
  CHECK(refusal({"a.h5", "--lr", "1e400"}) == "pnn-test: --lr: expected a number above 0, found \"1e400\"\n");
  CHECK(refusal({"a.h5", "-q", "-v"}) == "pnn-test: --quiet and --verbose contradict each other: give one\n");
}

TEST_CASE("without arguments at a terminal a user reads how to call the tool") {
  Streams streams;
  streams.terminal_in = true;
  const Outcome outcome = drive(
      {}, [](ToolSettings&, cli::Context&) {}, streams);
  CHECK(outcome.status == 2);
  CHECK(outcome.err == "usage: pnn-test [options] CURVES\npnn-test --help tells more\n");
}

TEST_CASE("help shows defaults, choices, what is read and written, an example, and where else to look") {
  const Outcome outcome = drive({"--help", "--no-such-option"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK_THAT(outcome.out, StartsWith("usage: pnn-test [options] CURVES\n"));
  CHECK_THAT(outcome.out, Contains("Reads: curves\nWrites: model\n"));
  CHECK_THAT(outcome.out,
             Contains("\nMethod:\n") && Contains("--method bp|sat") && Contains("[default: bp]"));
  CHECK_THAT(outcome.out,
             Contains("--epochs N") && Contains("[default: 10]") && Contains("-o, --output FILE"));
  CHECK_THAT(outcome.out,
             Catch::Matchers::EndsWith("Example:\n  pnn-test curves.h5 -o model.h5\nfits every element.\n\n"
                                       "See also: pnn-other\n"));
}

TEST_CASE("paragraphs of the help are broken anew, and indented lines of it stay as they are") {
  cli::ToolInfo info;
  info.details = "\nOne\ntwo.\n\nA second paragraph of " + std::string(80, 'x') +
                 "\nand a word.\n  pnn-test a\n  pnn-test b\nThe end.\n";
  CHECK_THAT(cli::help_text(info, {}),
             Catch::Matchers::EndsWith("\nOne two.\n\nA second paragraph of\n" + std::string(80, 'x') +
                                       " and a\nword.\n  pnn-test a\n  pnn-test b\nThe end.\n"));
}

TEST_CASE("an example that does not fit on a line goes on behind backslashes, so that it can be pasted") {
  const std::string command =
      "pnn-test curves.h5 --device 'exec:a driver with words of its own   and three spaces between them' "
      "--temperatures 21,22,23 --data fashion.h5 --label \"a name\" -o model.h5";
  const std::string text = cli::help_text(
      {"pnn-test", "tests", "", "", "", command + "   # says why\npnn-test short.h5  # and this"}, {});
  const std::size_t start = text.find("Example:\n");
  REQUIRE(start != std::string::npos);
  const std::vector<std::string> lines = split(text.substr(start + 9), '\n');
  std::string whole;
  REQUIRE(lines.size() >= 5);
  CHECK(lines[0] == "# says why");
  std::size_t k = 1;
  for (; lines[k].ends_with(" \\"); ++k) {
    CHECK(lines[k].size() <= 88);
    whole += lines[k].substr(k == 1 ? 0 : 3, lines[k].size() - (k == 1 ? 2 : 5));
  }
  CHECK(k > 1);
  CHECK(whole + lines[k].substr(3) == command);
  CHECK(lines[k + 1] == "pnn-test short.h5  # and this");
}

TEST_CASE("the version names the tool, the file format and the processor that the code is for") {
  const std::string out = drive({"--version"}).out;
  CHECK_THAT(out.substr(0, out.find('\n')),
             Catch::Matchers::Matches(
                 "pnn-test [0-9.]+ \\(file format [0-9]+\\.[0-9]+, code for x86-64(-v[234])?\\)"));
  CHECK((out.find("This processor has") != std::string::npos) ==
        (std::string(pnn::processor_level()) != pnn::code_level() ||
         std::string(pnn::code_level()) < "x86-64-v3"));
}

TEST_CASE("the command line beats the configuration, which beats the preset, which beats the default") {
  const TemporaryFolder folder;
  const std::string config = folder.write("run.toml", "lr = 0.25\nlayers = [\"dense:out=2\", \"relu\"]\n");
  CHECK_THAT(drive({"c.h5", "--preset", "small"}).out,
             StartsWith("epochs=2 lr=0.5 method=bp layers=mrr:out=3 set=mrr.delta.sigma=0.1"));
  CHECK_THAT(drive({"c.h5", "--preset", "small", "--config", config}).out,
             StartsWith("epochs=2 lr=0.25 method=bp layers=dense:out=2|relu"));
  CHECK_THAT(drive({"c.h5", "--preset", "small", "--config", config, "--layer", "tanh", "--lr", "1"}).out,
             StartsWith("epochs=2 lr=1 method=bp layers=tanh"));
  CHECK_THAT(drive({"c.h5", "--config", folder.write("p.toml", "preset = \"small\"")}).out,
             StartsWith("epochs=2"));
}

TEST_CASE("a named process value on the command line replaces that one alone") {
  const TemporaryFolder folder;
  const std::string config = folder.write("run.toml", "[process]\nmrr.delta.sigma = 0.3\nmrr.q = 5000\n");
  CHECK_THAT(drive({"c.h5", "--preset", "small", "--config", config}).out,
             Contains("set=mrr.delta.sigma=0.3|mrr.q=5000 "));
  CHECK_THAT(drive({"c.h5", "--config", config, "--set", "mrr.delta.sigma=0.2"}).out,
             Contains("set=mrr.q=5000|mrr.delta.sigma=0.2 "));
}

TEST_CASE("a file shared by several tools gives each its own part") {
  const TemporaryFolder folder;
  const std::string config = folder.write("all.toml", R"(
epochs = 3
[network]
inputs = 784
layers = ["mrr:out=10"]
[pnn-test]
epochs = 4
crosstalk = true
[pnn-perturb]
repeat = 7
)");
  CHECK_THAT(drive({"c.h5", "--config", config}).out,
             Contains("epochs=4") && Contains("layers=mrr:out=10 ") && Contains("crosstalk=yes") &&
                 Contains("inputs=784"));
}

TEST_CASE("unknown keys and tables are errors that say where and name the nearest") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    const std::string config = folder.write("c.toml", text);
    const std::string message = refusal({"c.h5", "--config", config});
    CHECK_THAT(message, StartsWith("pnn-test: " + config + ":"));
    return message.substr(("pnn-test: " + config + ":").size());
  };
  CHECK(refused("\nepoch = 3\n") == "2: unknown key \"epoch\" for pnn-test; did you mean \"epochs\"?\n");
  CHECK(refused("[pnn-trian]\nx = 1\n") == "1: unknown table [pnn-trian]; did you mean \"pnn-train\"?\n");
  CHECK(refused("[network]\nlayerz = []\n") ==
        "2: unknown key \"layerz\" in [network]; did you mean \"layers\"?\n");
  CHECK(refused("layer = [\"relu\"]\nlayers = [\"tanh\"]\n") ==
        "2: layers: the same as \"layer\" above; give one of them\n");
  CHECK(refused("epochs = 0\n") == "1: --epochs: expected an integer at least 1, found \"0\"\n");
  CHECK(refused("lr = inf\n") == "1: --lr: expected a number above 0, found \"inf\"\n");
  CHECK(refused("lr = 1979-05-27\n") ==
        "1: lr: expected text, a number, true or false, or a list of these\n");
  CHECK(refused("help = true\n") == "1: help: belongs on the command line, not into a configuration\n");
  CHECK_THAT(refused("lr = \n"), StartsWith("1: not TOML: "));
}

TEST_CASE("a configuration that cannot be read is told by name") {
  const TemporaryFolder folder;
  CHECK(refusal({"c.h5", "--config", folder / "none.toml"}) ==
        "pnn-test: " + folder / "none.toml" + ": configuration cannot be read: No such file or directory\n");
  CHECK_THAT(refusal({"c.h5", "--config", folder / ""}), Contains("cannot be read: Is a directory"));
}

TEST_CASE("an unknown preset lists the known ones, and a broken one says where") {
  CHECK(refusal({"c.h5", "--preset", "smal"}) ==
        "pnn-test: --preset: unknown preset \"smal\"; did you mean \"small\"? (known: small, broken)\n");
  CHECK(refusal({"c.h5", "--preset", "broken"}) ==
        "pnn-test: preset broken:1: --epochs: expected an integer at least 1, found \"many\"\n");
}

TEST_CASE("the printed configuration reads back to the same settings") {
  const TemporaryFolder folder;
  const std::vector<std::string> words{"c.h5",
                                       "--lr",
                                       "1e-05",
                                       "--layer",
                                       "mrr:out=\"10\"\\",
                                       "--layer",
                                       "7",
                                       "--label",
                                       "007",
                                       "--inputs",
                                       "1e5",
                                       "--set",
                                       "a=1",
                                       "--method",
                                       "sat",
                                       "--temperatures",
                                       "1,2.5",
                                       "--crosstalk",
                                       "--seed",
                                       "18446744073709551615"};
  std::vector<std::string> print = words;
  print.emplace_back("--print-config");
  const Outcome printed = drive(print);
  CHECK(printed.status == 0);
  CHECK_THAT(printed.out, Contains("\n# learning rate\nlr = 1e-05\n") && Contains("\ninputs = \"1e5\"\n"));
  const std::string config = folder.write("printed.toml", printed.out);
  const Outcome direct = drive(words), again = drive({"--config", config});
  CHECK(again.status == 0);
  CHECK(again.out == direct.out);
  CHECK_THAT(direct.out, Contains("label=007") && Contains("layers=mrr:out=\"10\"\\|7"));
  CHECK(drive({"--config", config, "--print-config"}).out == printed.out);
}
