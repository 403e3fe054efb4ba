// Turns the bytes of text files into UTF-8: unpacks gzip, and converts UTF-16 and Windows-1252.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pnn::io {

/// Unpacks gzip data, of one member or several; other bytes are returned as they are. Throws InputError
/// "name: …" for damaged data, and for data that grow to more than unpacked.hpp allows or more than `most`
/// bytes.
std::string unpack_gzip(std::string bytes, const std::string& name, std::size_t most);

/// Text as UTF-8 without a byte-order mark and with "\n" at the end of its lines. UTF-16 is recognised by its
/// byte-order mark or by its zero bytes; bytes that are no UTF-8 are read as Windows-1252. Adds a sentence to
/// `notes` for any conversion. Throws InputError "name: …" for bytes that no encoding explains, among them
/// zero bytes.
std::string to_utf8(std::string bytes, const std::string& name, std::vector<std::string>& notes);

/// Whether a line of the text has two numbers or more, and as many as other words, among what blanks, tabs,
/// commas and semicolons divide: a text without is no table of measurements.
bool has_readings(std::string_view text);

/// Adds a code point of Unicode as UTF-8.
void append_utf8(std::string& out, std::uint32_t point);

}  // namespace pnn::io
