// A library for LD_PRELOAD that moves memory about: every block begins PNN_SHIFT bytes (a multiple of 16,
// which is what compilers count on) behind an address divisible by 64, or, with PNN_SHIFT=mixed, at a
// distance that changes from block to block. Blocks that nobody cleared hold 0xa5 and not what the system
// left there. What a program computes must be the same: tests/tools/reproducible.cpp. glibc alone, whose
// inner functions do the work.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

constexpr std::size_t line = 64;

struct Header {  // stands right before what the program gets
  void* block;
  std::size_t size;
};

std::size_t shift() {
  static std::size_t count = 0;  // lost updates among threads only change the mixture
  static const char* const wanted = std::getenv("PNN_SHIFT");
  if (wanted == nullptr) return 0;
  if (std::strcmp(wanted, "mixed") == 0) return (++count * 0x9e3779b9U >> 7) % 4 * 16;
  return std::strtoul(wanted, nullptr, 10) / 16 * 16 % line;
}

void* place(std::size_t alignment, std::size_t size, std::size_t behind) {
  const std::size_t room = alignment < line ? line : alignment;
  if (size > SIZE_MAX / 2) {
    errno = ENOMEM;
    return nullptr;
  }
  auto* block = static_cast<char*>(__libc_memalign(room, size + room + behind));
  if (block == nullptr) return nullptr;
  char* given = block + room + behind;
  const Header header{block, size};
  std::memcpy(given - sizeof(Header), &header, sizeof(Header));
  std::memset(given, 0xa5, size);
  return given;
}

Header header_of(const void* given) {
  Header header;
  std::memcpy(&header, static_cast<const char*>(given) - sizeof(Header), sizeof(Header));
  return header;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  return place(16, size, shift());
}
void free(void* given) {
  if (given != nullptr) __libc_free(header_of(given).block);
}
void* calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* given = malloc(bytes);
  if (given != nullptr) std::memset(given, 0, bytes);
  return given;
}
void* realloc(void* given, std::size_t size) {
  if (given == nullptr) return malloc(size);
  if (size == 0) {
    free(given);
    return nullptr;
  }
  void* moved = malloc(size);
  if (moved == nullptr) return nullptr;
  const std::size_t before = header_of(given).size;
  std::memcpy(moved, given, before < size ? before : size);
  free(given);
  return moved;
}
void* memalign(std::size_t alignment, std::size_t size) {
  return place(alignment, size, 0);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return place(alignment, size, 0);
}
int posix_memalign(void** given, std::size_t alignment, std::size_t size) {
  *given = place(alignment, size, 0);
  return *given == nullptr ? ENOMEM : 0;
}
void* valloc(std::size_t size) {
  return place(4096, size, 0);
}
std::size_t malloc_usable_size(void* given) {
  return given == nullptr ? 0 : header_of(given).size;
}
}
