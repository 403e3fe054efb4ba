// Intervals and bounds that hold for any distribution of the devices, or for independent trainings.
// `confidence` is a probability in (0, 1). The distributions are those of Boost.Math.
#pragma once

#include <cstddef>

namespace pnn::study {

/// The ends of an interval.
struct Interval {
  double low = 0, high = 0;
};

/// The two-sided Clopper–Pearson interval of a probability, of which `passed` of `count` ≥ 1 independent
/// trials came true: low is the α/2 quantile of Beta(k, n − k + 1), high the 1 − α/2 quantile of
/// Beta(k + 1, n − k), α = 1 − confidence; 0 and 1 where k = 0 and k = n. It covers the probability at least
/// as often as it says. C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934).
Interval share_interval(std::size_t passed, std::size_t count, double confidence);

/// The one-sided bound of the same: the probability is at least this, with that confidence. Of n trials that
/// all came true it is (1 − confidence)^(1/n).
double share_at_least(std::size_t passed, std::size_t count, double confidence);

/// The smallest number of devices of which, if `failed` of them fail, share_at_least is `share` (in (0, 1))
/// or more: of none that fails ⌈ln(1 − confidence)/ln share⌉. S. S. Wilks, Ann. Math. Stat. 12, 91 (1941).
std::size_t devices_wanted(double share, double confidence, std::size_t failed = 0);

/// Which of n independent numbers in rising order, counted from 1, enclose the p-quantile of what they were
/// drawn from: low is the largest rank with P(Bin(n, p) < low) ≤ α/2, high the smallest with
/// P(Bin(n, p) ≥ high) ≤ α/2. 0 where n is too small for such a rank. Distributions with steps only make the
/// interval cover more often. H. A. David, H. N. Nagaraja, Order Statistics (3rd ed., 2003), section 7.1.
struct Ranks {
  std::size_t low = 0, high = 0;
};
Ranks quantile_ranks(std::size_t count, double p, double confidence);

/// The number t for which a variable of Student's distribution with `degrees` > 0 degrees of freedom lies in
/// [−t, t] with this probability.
double student_t(double degrees, double confidence);

}  // namespace pnn::study
