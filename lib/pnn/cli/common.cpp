#include "pnn/cli/common.hpp"

namespace pnn::cli {

void CommonSettings::describe(Options& o) {
  const auto transport = Option::Role::transport;
  o.group("Common");
  o.integer("seed", seed, "N", "seed of every random number; the same seed gives the same file");
  o.integer("threads", threads, "N", "threads, which change no result; 0 all that the process may use",
            Limits::between(0, 4096))
      .role = transport;
  o.text("config", config, "FILE", "TOML file whose keys are named as these options; the command line wins")
      .role = transport;
  o.text("preset", preset, "NAME", "named settings that come with the tools; a configuration file wins")
      .role = transport;
  o.number("time-limit", time_limit, "SECONDS", "stop in time, save the state and exit with status 75 (s)",
           Limits::positive())
      .role = transport;
  o.flag("json", json, "print the result as one JSON object instead of a table").role = transport;
  Option& q = o.flag("quiet", quiet, "no progress and no closing line on standard error");
  q.letter = 'q';
  q.role = transport;
  Option& v = o.flag("verbose", verbose, "say more on standard error");
  v.letter = 'v';
  v.role = transport;
  o.flag("print-config", print_config,
         "print the effective settings in the form that --config reads, and stop")
      .role = transport;
  Option& h = o.flag("help", help, "print this and stop");
  h.letter = 'h';
  h.role = transport;
  o.flag("version", version, "print the version of the tool and of its file formats, and stop").role =
      transport;
}

}  // namespace pnn::cli
