#include "pnn/platforms/mzi/lab/process_view.hpp"

#include <algorithm>
#include <cstdio>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mzi::lab {
namespace {

/// A name as mzi::phase_names writes it.
struct Named {
  enum class Kind { theta, phi, psi, alpha } kind = Kind::theta;
  unsigned mesh = 1, column = 0, mode = 0;
};

Named read_name(const std::string& name) {
  Named out;
  int begin = 0, end = 0;
  if (std::sscanf(name.c_str(), "mesh %u %n", &out.mesh, &begin) != 1) out.mesh = 1, begin = 0;
  const std::string rest = name.substr(std::size_t(begin));
  unsigned other = 0;
  const auto whole = [&](int found, int expected) { return found == expected && end == int(rest.size()); };
  if (whole(std::sscanf(rest.c_str(), "theta col %u modes %u-%u%n", &out.column, &out.mode, &other, &end), 3))
    return out;
  out.kind = Named::Kind::phi;
  if (whole(std::sscanf(rest.c_str(), "phi col %u modes %u-%u%n", &out.column, &out.mode, &other, &end), 3))
    return out;
  out.kind = Named::Kind::psi;
  if (whole(std::sscanf(rest.c_str(), "psi mode %u%n", &out.mode, &end), 1)) return out;
  out.kind = Named::Kind::alpha;
  if (whole(std::sscanf(rest.c_str(), "alpha mode %u%n", &out.mode, &end), 1)) return out;
  throw InputError("phase \"" + name +
                   "\" has no place on its die; fit its fringes with --inputs and --layer, and --element-map "
                   "where their names are others");
}

}  // namespace

study::ProcessView view_of_process(const ChipModel& chip) {
  study::ProcessView view;
  if (chip.kind != "fringe") return view;
  view.length = "mzi.correlation.length";
  view.parameters = {{"offset_rad", "", "mzi.ps", "mzi.ps", false}};
  std::vector<Named> names;
  std::array<unsigned, 3> modes{};  // of the meshes 1 and 2
  for (const std::string& element : chip.elements) {
    names.push_back(read_name(element));
    if (names.back().mesh > 2) throw InputError("phase \"" + element + "\": a layer has two meshes at most");
    unsigned& most = modes[names.back().mesh];
    if (names.back().kind == Named::Kind::psi) most = std::max(most, names.back().mode + 1);
  }
  for (const Named& name : names) {
    double x = name.column;
    if (name.kind == Named::Kind::theta) x += 0.5;
    if (name.kind == Named::Kind::psi) x = modes[name.mesh];
    if (name.kind == Named::Kind::alpha) x = modes[1] + 0.5;
    if (name.mesh == 2) x += modes[1] + 1;
    view.elements.push_back({0, {x, 0.5 * name.mode}});
  }
  return view;
}

}  // namespace pnn::platforms::mzi::lab
