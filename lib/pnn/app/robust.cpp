#include "pnn/app/robust.hpp"

#include "pnn/core/text.hpp"

namespace pnn::app {

void describe_robust(Options& options, bool& robust) {
  options
      .flag("robust", robust,
            "decide what this command does not: method, sampled chips, parts of a batch, radius, rate and "
            "running mean, as they are known to keep accuracy on chips never seen; what may move is said by "
            "--perturb")
      .later = true;
}

void settle_robust(train::TrainSettings& settings, const network::Resolved& network,
                   const platform::Process& process, std::size_t samples, cli::Context& context) {
  const std::vector<std::string> told = train::settle_robust(
      settings, [&](const std::string& option) { return !context.decided(option); }, network, process,
      samples);
  context.progress().say("--robust takes " + (told.empty() ? "nothing: all is decided" : join(told, " ")));
}

}  // namespace pnn::app
