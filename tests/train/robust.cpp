// What --robust decides, and what it leaves to its user.
#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/train/robust.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

struct Settled {
  train::TrainSettings settings;
  std::string told;
};

/// Settles a training of ten epochs on 6400 samples, of which the user has decided some options.
Settled settle(const std::vector<std::string>& layers, const platform::Process& process = {},
               const std::vector<std::string>& decided = {}, train::TrainSettings settings = {}) {
  const network::Resolved net = network::resolve({"12", layers}, process);
  const auto open = [&](const std::string& option) {
    return std::find(decided.begin(), decided.end(), option) == decided.end();
  };
  const std::vector<std::string> told = train::settle_robust(settings, open, net, process, 6400);
  settings.check();
  return {settings, join(told, " ")};
}

}  // namespace

TEST_CASE("robust settings sample chips, look ahead and take the mean") {
  const Settled s = settle({"mrr:out=10", "relu", "mrr:out=3"});
  CHECK(s.settings.method == train::Method::drawn_sat);
  CHECK(s.settings.draws_chips());
  CHECK(s.settings.perturbation.sigma == 0);
  CHECK(s.settings.perturbation.draws == 16);  // four samples of 64 each
  CHECK(s.settings.start.flank == train::Flank::both);
  CHECK(s.settings.schedule.kind == train::Schedule::Kind::constant);
  CHECK(s.settings.updates.average == Approx(0.99));  // of 1000 steps
  CHECK(s.told.starts_with("--method drawn-sat --draw-process --rho "));
  CHECK(s.told.ends_with(" --schedule constant --average 0.99 --init-flank both"));
}

TEST_CASE("robust settings follow the network and its process") {
  const Settled same = settle({"mrr:out=10", "relu", "mrr:out=3"}, platform::scale_spreads({}, 0));
  CHECK_FALSE(same.settings.draws_chips());
  const Settled mesh = settle({"mzi:modes=12,detect=intensity,keep=3"});
  CHECK(mesh.settings.start.flank == train::Flank::lower);
  CHECK(mesh.settings.method == train::Method::process);  // its look-ahead gains nothing
  CHECK(mesh.settings.schedule.kind == train::Schedule::Kind::cosine);
  CHECK(settle({"mzi:modes=12,detect=intensity,keep=3"}, platform::scale_spreads({}, 0)).settings.method ==
        train::Method::drawn_sat);
  const Settled normalised = settle({"mrr:out=10", "batchnorm", "relu", "mrr:out=3"});
  CHECK(normalised.settings.perturbation.draws == 8);  // statistics want more samples each
  CHECK(normalised.settings.statistics.freeze == 0.8);
  CHECK(normalised.settings.schedule.kind == train::Schedule::Kind::cosine);
  CHECK(normalised.settings.updates.average == 0);
  train::TrainSettings small;
  small.updates.batch = 2;
  CHECK(settle({"mrr:out=3"}, {}, {}, small).settings.perturbation.draws == 1);
}

TEST_CASE("robust settings leave alone what was decided") {
  train::TrainSettings own;
  own.method = train::Method::process;
  own.updates.lr = 0.02;
  own.length.epochs = 100;
  const Settled s = settle({"mrr:out=3"}, {}, {"method", "lr", "epochs"}, own);
  CHECK(s.settings.method == train::Method::process);
  CHECK(s.settings.updates.lr == 0.02);
  CHECK(s.settings.perturbation.rho == train::TrainSettings{}.perturbation.rho);  // process has none
  CHECK(s.settings.updates.average == Approx(0.999));
  CHECK(s.told.find("--lr") == std::string::npos);
  own.method = train::Method::pat;
  CHECK_THROWS_WITH(settle({"mrr:out=3"}, {}, {"method"}, own),
                    Catch::Contains("--robust: is about trainings on a model"));
  CHECK_THROWS_WITH(settle({"dense:out=3"}), "--robust: the network has no physical layer");
}
