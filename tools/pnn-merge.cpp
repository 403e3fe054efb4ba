// Puts the shards of one result together: the file that the same study run in one piece would have written.
// Reads results, all shards of one run in any order; writes a result.
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/merge.hpp"

namespace {

using namespace pnn;

struct MergeOptions {
  std::vector<std::string> parts;
  std::string output;

  void describe(Options& o) {
    o.positional_inputs("RESULT", parts, "the shards of one run, all of them, in any order");
    o.output(output);
  }
};

/// The same run: tool, settings, seed and inputs. (A file says nothing of its shard but the shard itself.)
void check_same_run(const Provenance& first, const Provenance& other, const std::string& first_path,
                    const std::string& path) {
  const auto same_parents = [](const Parent& a, const Parent& b) {
    return a.role == b.role && a.filetype == b.filetype && a.hash == b.hash;
  };
  const char* what = nullptr;
  if (first.creator != other.creator)
    what = "another tool or version";
  else if (first.command != other.command)
    what = "other settings";
  else if (first.seed != other.seed)
    what = "another seed";
  else if (!std::equal(first.parents.begin(), first.parents.end(), other.parents.begin(), other.parents.end(),
                       same_parents))
    what = "other inputs";
  if (what != nullptr)
    throw InputError(path + ": belongs to another run than " + first_path + " (" + what + ")");
}

void run(MergeOptions& options, cli::Context& context) {
  std::vector<study::Part> parts;
  Provenance header;
  for (const std::string& path : options.parts) {
    io::Read<study::Result> read = io::read_result(path);
    if (parts.empty()) header = read.header;
    check_same_run(header, read.header, options.parts.front(), path);
    parts.push_back({path, std::move(read.value)});
  }
  const study::Result whole = study::merge(std::move(parts));
  io::write_result(options.output, whole, header);
  context.report().headline(std::to_string(options.parts.size()) + " shards, " +
                            std::to_string(whole.loss.size()) + " evaluations");
  context.report().value("shards", static_cast<std::int64_t>(options.parts.size()));
  context.report().value("evaluations", static_cast<std::int64_t>(whole.loss.size()));
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-merge",
      "put the shards of one sweep together",
      "results, all shards of one run",
      "result",
      "The output is byte for byte the file that the run without --shard would have written. Shards that are "
      "missing, stand "
      "twice, are unfinished or come from another run are named.",
      "pnn-merge part-*.h5 -o sweep.h5        # after pnn-perturb … --shard 0/4 … --shard 3/4"};
  return cli::run_tool<MergeOptions>(argc, argv, info, run);
}
