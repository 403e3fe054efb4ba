// What do the shards of one sweep make together?
#include "pnn/app/resume.hpp"
#include "pnn/app/yield.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/merge.hpp"
#include "pnn/study/yield.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-merge",
    .summary = "put the shards of one sweep together",
    .reads = "results, all shards of one run",
    .writes = "result",
    .details = R"(
The shards may be given in any order. The output is byte for byte the file that the run without --shard would
have written. Shards that are missing, stand twice, are unfinished, come from another run or were written in
another version of the file format are named.
)",
    .example = "pnn-merge part-*.h5 -o sweep.h5        # after pnn-perturb … --shard 0/4 … --shard 3/4",
    .see_also = "pnn-perturb and pnn-transfer, which make shards; scripts/slurm/README.md for job arrays"};

struct MergeOptions {
  std::vector<std::string> parts;
  std::string output;

  void describe(Options& o) {
    o.positional_inputs("RESULT", parts, "the shards of one run, all of them, in any order");
    o.output(output);
  }
};

void run(MergeOptions& options, cli::Context& context) {
  Provenance header;
  FormatVersion format;
  study::Result whole = study::merge(options.parts.size(), [&](std::size_t k) {
    const std::string& path = options.parts[k];
    io::Read<study::Result> read = io::read_result(path);
    if (k == 0) header = read.header, format = read.format;
    app::check_same_run(header, read.header, options.parts.front(), path);
    app::check_same_format(format, read.format, options.parts.front(), path);
    return study::Part{path, std::move(read.value)};
  });
  study::tell_yield(whole);
  io::write_result(options.output, whole, header);
  context.report().headline(std::to_string(options.parts.size()) + " shards, " +
                            std::to_string(whole.loss.size()) + " evaluations");
  context.report().value("shards", static_cast<std::int64_t>(options.parts.size()));
  context.report().value("evaluations", static_cast<std::int64_t>(whole.loss.size()));
  app::report_yield(whole, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<MergeOptions>(argc, argv, about, run);
}
