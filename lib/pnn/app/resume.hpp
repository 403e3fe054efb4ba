// How is work saved that is not finished, and does an unfinished output, or a shard, belong to the work at
// hand?
#pragma once

#include <exception>
#include <string>

#include "pnn/core/options.hpp"
#include "pnn/core/provenance.hpp"

namespace pnn::app {

/// --resume FILE. It and the number of interruptions leave no trace in the output.
void describe_resume(Options& o, std::string& path);

/// --save-every S.
void describe_save_every(Options& o, double& seconds);

/// Where the done part of unfinished work is, if `anything` is done, and how it goes on: the end of a
/// sentence.
std::string where_saved(const std::string& output, bool anything = true);

/// Throws the RunError that ended the work again, and says where its done part is, if `anything` is done.
[[noreturn]] void rethrow_saved(const std::exception_ptr& failure, const std::string& output,
                                bool anything = true);

/// Throws UsageError where `path`, whose header is `before`, was begun with other options than `now`, and
/// InputError where with other input files, or with more.
void check_same_work(const Provenance& before, const Provenance& now, const std::string& path);

/// Throws InputError where `path`, whose header is `other`, is no shard of the run of `first_path`: where
/// tool and version, settings, seed or inputs differ. (A header says nothing of its shard.)
void check_same_run(const Provenance& first, const Provenance& other, const std::string& first_path,
                    const std::string& path);

}  // namespace pnn::app
