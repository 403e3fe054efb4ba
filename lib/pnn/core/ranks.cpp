#include "pnn/core/ranks.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "pnn/core/errors.hpp"

namespace pnn {
namespace {

/// An error as it travels between ranks.
struct Failure {
  enum Kind : unsigned char { none, usage, input, divergence, run, interrupted, bug } kind = none;
  char text[1023] = {};

  Failure() = default;
  Failure(Kind of, const char* what) : kind(of) { std::strncpy(text, what, sizeof(text) - 1); }
};

Failure failure_of(const std::exception_ptr& error) {
  if (!error) return {};
  try {
    std::rethrow_exception(error);
  } catch (const UsageError& known) {
    return {Failure::usage, known.what()};
  } catch (const InputError& known) {
    return {Failure::input, known.what()};
  } catch (const DivergenceError& known) {
    return {Failure::divergence, known.what()};
  } catch (const RunError& known) {
    return {Failure::run, known.what()};
  } catch (const Interrupted& known) {
    return {Failure::interrupted, known.what()};
  } catch (const std::bad_alloc&) {
    return {Failure::run, "not enough memory: use smaller batches, or fewer ranks on a machine"};
  } catch (const std::exception& known) {
    return {Failure::bug, known.what()};
  } catch (...) {
    return {Failure::bug, "an exception without a message"};
  }
}

[[noreturn]] void raise(const Failure& failure, std::size_t rank) {
  const std::string text = (rank > 0 ? "rank " + std::to_string(rank) + ": " : "") + failure.text;
  switch (failure.kind) {
    case Failure::usage:
      throw UsageError(text);
    case Failure::input:
      throw InputError(text);
    case Failure::divergence:
      throw DivergenceError(text);
    case Failure::run:
      throw RunError(text);
    case Failure::interrupted:
      throw Interrupted(text);
    default:
      throw InternalError(text);
  }
}

thread_local Ranks* connected = nullptr;

}  // namespace

void Ranks::gather(const void* mine, void* all, std::size_t bytes) {
  if (bytes > 0) std::memcpy(all, mine, bytes);
}
void Ranks::exchange(const void* mine, void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(from, mine, bytes);
}

Ranks& alone() {
  static Ranks one;
  return one;
}
Ranks& ranks() {
  return connected != nullptr ? *connected : alone();
}
void set_ranks(Ranks& ranks) {
  connected = &ranks;
}

int copies_started() {
  // Open MPI, those that start as MPICH does, and a step of srun
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    const char* const text = std::getenv(name);
    if (text == nullptr) continue;
    int count = 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), count);
    if (error == std::errc() && *end == 0 && count > 1) return count;
  }
  return 1;
}

bool any(Ranks& ranks, bool mine) {
  if (ranks.size() == 1) return mine;
  const std::vector<char> all = gathered(ranks, char(mine ? 1 : 0));
  return std::find(all.begin(), all.end(), 1) != all.end();
}

void agree(Ranks& ranks, const std::exception_ptr& mine) {
  if (!any(ranks, mine != nullptr)) return;
  const std::vector<Failure> all = gathered(ranks, failure_of(mine));
  ranks.failed_together = true;
  for (std::size_t rank = 0; rank < all.size(); ++rank)
    if (all[rank].kind != Failure::none) raise(all[rank], rank);
}

}  // namespace pnn
