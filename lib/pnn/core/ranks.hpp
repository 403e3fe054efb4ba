// Ranks: programs that compute one thing together, on one machine or many, as MPI starts them. A program that
// MPI did not start is the only rank. Nothing here depends on MPI; tools/mpi connects ranks by it.
#pragma once

#include <cstddef>
#include <exception>
#include <type_traits>
#include <vector>

namespace pnn {

/// What connects a rank to the others; this class itself is that of a program which is alone. All ranks make
/// the same calls in the same order, and a call returns when the others have made theirs. A rank that has
/// lost the others keeps its number and is alone from then on (its size becomes 1).
class Ranks {
 public:
  virtual ~Ranks() = default;
  [[nodiscard]] virtual int size() const { return 1; }
  [[nodiscard]] virtual int rank() const { return 0; }  ///< from 0; rank 0 writes files and talks
  /// Copies `mine` [bytes] of every rank, in the order of ranks, to `all` [size, bytes]. Throws Interrupted
  /// where this rank is told to end and the others do not answer, and RunError where they cannot be reached.
  virtual void gather(const void* mine, void* all, std::size_t bytes);
  /// Copies block r of `mine` [size, bytes] to rank r, and to `from` [size, bytes] the block that each rank
  /// has for this one. Throws as gather() does.
  virtual void exchange(const void* mine, void* from, std::size_t bytes);

  /// The error that ends this rank ends all of them: agree() has thrown it, or all throw it because they have
  /// the same numbers.
  bool failed_together = false;
};

/// The connection of a program that is alone.
Ranks& alone();
/// That of this thread, which is the one that calls on the others: alone() before set_ranks(), and on the
/// threads of parallel_for. `ranks` must outlive what is done with it.
Ranks& ranks();
void set_ranks(Ranks& ranks);
/// How many copies of this program mpirun or srun has started, as their environment tells; 1 where they did
/// not.
int copies_started();

/// The values of all ranks, in their order.
template <class T>
std::vector<T> gathered(Ranks& ranks, const T& mine) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> all(std::size_t(ranks.size()));
  ranks.gather(&mine, all.data(), sizeof(T));
  return all;
}
/// The same of vectors, which have one length on all ranks.
template <class T>
std::vector<T> gathered(Ranks& ranks, const std::vector<T>& mine) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> all(std::size_t(ranks.size()) * mine.size());
  ranks.gather(mine.data(), all.data(), mine.size() * sizeof(T));
  return all;
}

/// Whether it is true on any rank.
bool any(Ranks& ranks, bool mine);

/// If any rank comes with an error, throws that of the lowest such rank on all of them ("rank 3: …").
void agree(Ranks& ranks, const std::exception_ptr& mine);

/// Does work that may fail on one rank and not on another; then it fails on all of them, as agree() has it.
template <class Work>
void together(Ranks& ranks, const Work& work) {
  if (ranks.size() == 1) return work();
  std::exception_ptr error;
  try {
    work();
  } catch (...) {
    error = std::current_exception();
  }
  agree(ranks, error);
}

}  // namespace pnn
