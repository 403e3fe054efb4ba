// Makes samples of folders of pictures, one folder a class.
#pragma once

#include <string>

#include "pnn/io/import.hpp"

namespace pnn::io {

/// The pictures of a folder: FOLDER/CLASS/*.png, or FOLDER/train/CLASS/*.png with test and val (or valid,
/// validation) beside it. `test_folder`, if not empty, holds the test pictures, FOLDER/CLASS/*.png. The
/// classes are the names of the folders, in the order of classes.hpp; samples stand in the order of the names
/// of their files, numbers by value. Files that are no PNG and empty folders are passed over and told, hidden
/// ones without a word. `hash` becomes a content hash of all pictures and their classes, in the
/// order of the samples. Throws InputError for a folder without classes, and for a picture whose
/// size or number of colours is not that of the first.
RawData import_pictures(const std::string& folder, const std::string& test_folder, const std::string& name,
                        std::string& hash);

}  // namespace pnn::io
