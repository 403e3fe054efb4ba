// Loops that no progress reaches, and that may last, look whether to stop.
#include "pnn/core/stop.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/model/least_squares.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platforms/mzi/clements.hpp"
#include "pnn/study/landscape.hpp"
#include "pnn/study/merge.hpp"
#include "tests/catch.hpp"

namespace {

using namespace pnn;

class Stop final : public Progress {
 public:
  [[nodiscard]] bool stop_requested() const override { return true; }
};

}  // namespace

TEST_CASE("fabrication, the decomposition of a mesh, fits, traces and merges stop when asked to") {
  const network::Resolved net = network::resolve({"4", {"mrr:out=3"}}, {});
  const auto fabricate = [&] { return device::fabricate(net.plans(), {}, 5, 1); };
  const auto decompose = [] {
    return platforms::mzi::decompose(platforms::mzi::ComplexMatrix::Identity(4, 4));
  };
  const auto fit = [] {
    const model::LeastSquaresProblem problem{
        1, 2, [](const Vector<double>& p, Vector<double>& f) { f.setConstant(p[0] - 1); },
        [](const Vector<double>&, Matrix<double>& j) { j.setOnes(); }};
    return model::least_squares(problem, Vector<double>::Zero(1));
  };
  const auto trace = [] { return study::trace_probes(2, 1, 3, [](std::span<const double>) { return 1.0; }); };
  study::Result part;
  part.methods = {"bp"};
  part.devices = {"0", "1"};
  part.loss = Array<double>({1, 2, 1}, 1);
  part.shards = 2;
  const auto merge = [&] {
    study::Result other = part;
    other.shard = 1;
    study::Result first = part;
    first.loss.data[1] = other.loss.data[0] = std::numeric_limits<double>::quiet_NaN();
    return study::merge({{"0", first}, {"1", other}});
  };
  CHECK_NOTHROW(fabricate());
  CHECK_NOTHROW(decompose());
  CHECK_NOTHROW(fit());
  CHECK_NOTHROW(trace());
  CHECK_NOTHROW(merge());
  const Stop stop;
  const StopListener listener(stop);
  CHECK_THROWS_AS(fabricate(), Interrupted);
  CHECK_THROWS_AS(decompose(), Interrupted);
  CHECK_THROWS_AS(fit(), Interrupted);
  CHECK_THROWS_AS(trace(), Interrupted);
  CHECK_THROWS_AS(merge(), Interrupted);
}
