// Ranks that are threads of one program, which exchange through its memory.
#pragma once

#include <barrier>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "pnn/core/ranks.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::test {

/// Calls work(ranks) on `count` ranks at once; the error of each, or null. Each computes on one thread.
template <class Work>
std::vector<std::exception_ptr> on_ranks(int count, const Work& work) {
  struct Meeting {
    explicit Meeting(int count) : barrier(count), blocks(std::size_t(count)) {}
    std::barrier<> barrier;
    std::vector<const char*> blocks;
  } meeting(count);
  struct Member : Ranks {
    Member(Meeting& at, int number) : meeting(at), rank_(number) {}
    [[nodiscard]] int size() const override { return int(meeting.blocks.size()); }
    [[nodiscard]] int rank() const override { return rank_; }
    void gather(const void* mine, void* all, std::size_t bytes) override { copy(mine, all, bytes, 0); }
    void exchange(const void* mine, void* from, std::size_t bytes) override {
      copy(mine, from, bytes, std::size_t(rank_) * bytes);
    }
    void copy(const void* mine, void* to, std::size_t bytes, std::size_t offset) {
      meeting.blocks[std::size_t(rank_)] = static_cast<const char*>(mine);
      meeting.barrier.arrive_and_wait();
      for (std::size_t r = 0; r < meeting.blocks.size() && bytes > 0; ++r)
        std::memcpy(static_cast<char*>(to) + r * bytes, meeting.blocks[r] + offset, bytes);
      meeting.barrier.arrive_and_wait();
    }
    Meeting& meeting;
    int rank_;
  };
  const int threads_before = threads();
  set_threads(1);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      Member member(meeting, rank);
      try {
        work(member);
      } catch (...) {
        errors[std::size_t(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  set_threads(threads_before);
  return errors;
}

/// The message of an error of type Error; what else it is, if it is not.
template <class Error>
std::string message_of(const std::exception_ptr& error) {
  try {
    if (!error) return "no error";
    std::rethrow_exception(error);
  } catch (const Error& expected) {
    return expected.what();
  } catch (const std::exception& other) {
    return std::string("another kind of error: ") + other.what();
  }
}

}  // namespace pnn::test
