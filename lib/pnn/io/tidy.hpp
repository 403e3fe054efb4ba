// Turns any file into a tidy table: a row a value, with the names of methods, devices, elements and
// parameters in place of indices.
#pragma once

#include <string>

#include "pnn/io/column_table.hpp"

namespace pnn::io {

/// The table of one dataset: a column for each of its axes, then one for each dataset in the same group whose
/// axes are among its own (of /loss: accuracy, heater power …; of /history/loss the whole history), which is
/// repeated along the others. A place along an axis has its name or value where the file tells it (/methods,
/// /axes/<name>, elements …), else its number from 0. A dataset of a layer has a column "layer" too. Rows
/// that only pad shorter curves (axis `point`) are left out.
///
/// `dataset` may be a group: then it is the first dataset in it that has an axis. If it is empty, it is the
/// main one of the file: /loss of results, /trials/criterion of searches, and of all layers the response of
/// curves and the values of models, one below the other. Throws UsageError for a dataset that the file does
/// not have (naming the nearest), that is the hidden truth of a device, or has no axes, and for files without
/// a main one; InputError as Reader does.
ColumnTable tidy_table(const std::string& path, const std::string& dataset);

}  // namespace pnn::io
