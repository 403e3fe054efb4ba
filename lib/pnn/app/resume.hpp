// Unfinished work: how it is saved, and whether an unfinished output, or a shard, belongs to the present
// work.
#pragma once

#include <exception>
#include <string>

#include "pnn/core/options.hpp"
#include "pnn/core/provenance.hpp"
#include "pnn/core/version.hpp"

namespace pnn::app {

/// Declares --resume FILE. Outputs record neither it nor the number of interruptions.
void describe_resume(Options& o, std::string& path);

/// Declares --save-every S.
void describe_save_every(Options& o, double& seconds);

/// The end of a sentence that tells where the finished part of the work is, if there is any (`anything`), and
/// how to continue.
std::string where_saved(const std::string& output, bool anything = true);

/// Throws the RunError that ended the work again, adding where the finished part is, if there is any.
[[noreturn]] void rethrow_saved(const std::exception_ptr& failure, const std::string& output,
                                bool anything = true);

/// Throws UsageError if `path` (with the header `before`) was begun with other options than `now`, and
/// InputError if with other or more input files.
void check_same_work(const Provenance& before, const Provenance& now, const std::string& path);

/// Throws InputError if `path` (with the header `other`) is not a shard of the run of `first_path`: if tool
/// and version, settings, seed or inputs differ. (A header does not tell which shard it is.)
void check_same_run(const Provenance& first, const Provenance& other, const std::string& first_path,
                    const std::string& path);
/// Throws InputError if two shards of a run are of different versions of the format: the numbers of two
/// versions of the tools may differ.
void check_same_format(const FormatVersion& first, const FormatVersion& other, const std::string& first_path,
                       const std::string& path);

}  // namespace pnn::app
