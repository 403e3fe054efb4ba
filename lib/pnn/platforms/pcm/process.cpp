#include "pnn/platforms/pcm/process.hpp"

#include "pnn/core/text.hpp"

namespace pnn::platforms::pcm {
namespace {

constexpr int first_minor = 3;  // files of format 1.2 and before know none of these quantities
constexpr int shares_minor = 4;

std::vector<QuantityOf<Process>> make_quantities() {
  using P = Process;
  std::vector<QuantityOf<Process>> all;
  const auto value = [&](const char* name, const char* unit, double P::*member, double min, double max,
                         const char* description) {
    all.push_back({{name, unit, description, min, max}, member});
  };
  const auto count = [&](const char* name, const char* unit, double P::*member, double min, double max,
                         const char* description) {
    all.push_back({{name, unit, description, min, max, true}, member});
  };
  const auto spread = [&](const char* name, double P::*member, double max, const char* description) {
    all.push_back({{name, "1", description, 0, max, false, true}, member});
  };
  value("pcm.amorphous", "1", &P::amorphous, 0.01, 1,
        "Transmission of a cell that is amorphous; 0.9 is an insertion loss of 0.46 dB, assumed.");
  spread("pcm.amorphous.sigma", &P::amorphous_sigma, 1, "Its spread over cells, clipped to [0, 1]; assumed.");
  value("pcm.crystalline", "1", &P::crystalline, 0, 0.99,
        "Transmission of a cell that is crystalline; with 0.35 the contrast is 157 %, as measured by Zhou et "
        "al., Nat. "
        "Commun. 14, 2887 (2023).");
  spread("pcm.crystalline.sigma", &P::crystalline_sigma, 1,
         "Its spread over cells, clipped to [0, 1]; assumed.");
  value("pcm.bend", "1", &P::bend, -1, 1,
        "How far transmission against level hangs below a straight line; 0.46 is within 0.01 of absorption "
        "in proportion "
        "to the crystalline share (Beer and Lambert), 0 is equal steps of transmission.");
  spread("pcm.bend.sigma", &P::bend_sigma, 1, "Its spread over cells, clipped to [-1, 1]; assumed.");
  count("pcm.levels", "1", &P::levels, 0, 1e6,
        "Levels to which a cell can be programmed; 34 by Li et al., Optica 6, 1 (2019); 0 is exact.");
  spread(
      "pcm.programming.sigma", &P::programming_sigma, 1,
      "Error of a level that is left after write-and-verify; assumed: a third of a step between 34 levels.");
  spread("pcm.split.sigma", &P::split_sigma, 1, "Relative power error of each coupler; assumed.");
  spread("pcm.split.die.sigma", &P::split_die_sigma, 1,
         "Relative power error that all couplers of a device have in common; assumed.");
  value("pcm.loss", "dB", &P::loss_db, 0, 10,
        "Loss of each crossing of waveguides; 0.043 dB by Johnson et al., Opt. Express 28, 12498 (2020). The "
        "couplers "
        "are designed to share what is left evenly.");
  value("pcm.drift", "1", &P::drift, -1, 1,
        "Drift of an amorphous cell a decade of time, in parts of the contrast; upwards since the band gap "
        "widens "
        "(Ruetten et al., Sci. Rep. 5, 17362, 2015), its size assumed: Rios et al., Sci. Adv. 5, eaau5759 "
        "(2019) saw "
        "none.");
  spread("pcm.drift.sigma", &P::drift_sigma, 1, "Spread of the drift over cells; assumed.");
  count(
      "pcm.array.rows", "cells", &P::array_rows, 1, most_array_side,
      "Inputs of an array; assumed: 16, the side of the arrays of Feldmann et al., Nature 589, 52 (2021), of "
      "which only the abstract was seen.");
  count("pcm.array.cols", "cells", &P::array_cols, 2, most_array_side,
        "Columns of cells of an array, of which an output takes two, or one beside a reference; assumed: 16, "
        "as "
        "its rows.");
  value("pcm.readout.noise", "1", &P::readout_noise, 0, 10,
        "Read-out noise, one sigma a read-out of an array, of the light that its detectors are set for: "
        "every input at "
        "full, every cell amorphous, no loss; assumed (all errors together were below 0.007 of normalised "
        "products in "
        "Zhou et al. 2023).");
  value("pcm.dead", "1", &P::dead, 0, 1,
        "Share of cells that stay crystalline, whatever level is commanded; assumed.");
  for (QuantityOf<Process>& quantity : all) quantity.since_minor = first_minor;
  const std::size_t first_share = all.size();
  const auto share = [&](const char* name, double P::*member, const char* description) {
    value(name, "1", member, 0, 1, description);
  };
  share("pcm.amorphous.die", &P::amorphous_die,
        "Share of the variance of the amorphous transmission that all cells of a device have in common.");
  share("pcm.amorphous.smooth", &P::amorphous_smooth,
        "Share of that variance that varies smoothly over the arrays; the rest is each cell's own.");
  share("pcm.crystalline.die", &P::crystalline_die,
        "Share of the variance of the crystalline transmission that all cells of a device have in common.");
  share("pcm.crystalline.smooth", &P::crystalline_smooth,
        "Share of that variance that varies smoothly over the arrays.");
  share("pcm.bend.die", &P::bend_die,
        "Share of the variance of the bend that all cells of a device have in common.");
  share("pcm.bend.smooth", &P::bend_smooth, "Share of that variance that varies smoothly over the arrays.");
  share("pcm.drift.die", &P::drift_die,
        "Share of the variance of the drift that all cells of a device have in common.");
  share("pcm.drift.smooth", &P::drift_smooth, "Share of that variance that varies smoothly over the arrays.");
  share(
      "pcm.split.smooth", &P::split_smooth,
      "Share of the variance of the couplers' errors that varies smoothly over the arrays; what all have in "
      "common is pcm.split.die.sigma.");
  value("pcm.correlation.length", "cell", &P::correlation_length, 0.01, 1e5,
        "Distance l of the smooth shares, in cells: two at distance d correlate by exp(-(d/l)^2); assumed.");
  for (std::size_t k = first_share; k < all.size(); ++k) all[k].since_minor = shares_minor;
  return all;
}

}  // namespace

const std::vector<QuantityOf<Process>>& Process::quantities() {
  static const std::vector<QuantityOf<Process>> all = make_quantities();
  return all;
}

std::vector<std::string> conflicts_of(const Process& process) {
  std::vector<std::string> wrong;
  if (!(process.amorphous - process.crystalline >= 0.01)) {
    wrong.push_back("pcm.amorphous (" + format_number(process.amorphous) +
                    ") has to be above pcm.crystalline (" + format_number(process.crystalline) +
                    ") by 0.01 or more: a weight is counted in parts of their difference");
  }
  for (const auto& [name, shares] : shares_of(process)) {
    if (std::string complaint = complaint_about_shares(name, shares); !complaint.empty())
      wrong.push_back(std::move(complaint));
  }
  if (process.levels == 1) wrong.emplace_back("pcm.levels is 1, and a weight needs two; 0 is exact");
  return wrong;
}

std::array<std::pair<const char*, SpreadShares>, 5> shares_of(const Process& p) {
  return {{{"pcm.amorphous", {p.amorphous_die, p.amorphous_smooth}},
           {"pcm.crystalline", {p.crystalline_die, p.crystalline_smooth}},
           {"pcm.bend", {p.bend_die, p.bend_smooth}},
           {"pcm.drift", {p.drift_die, p.drift_smooth}},
           {"pcm.split", {0, p.split_smooth}}}};
}

}  // namespace pnn::platforms::pcm
