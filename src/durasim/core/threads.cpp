#include "durasim/core/threads.hpp"

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <system_error>

#if defined(__SANITIZE_THREAD__)
#define DURASIM_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DURASIM_THREAD_SANITIZER
#endif
#endif

namespace durasim {
namespace {

#ifdef DURASIM_THREAD_SANITIZER
constexpr std::ptrdiff_t kOwn =
    2;  // ThreadSanitizer's, which takes no lock of the user's, and this one
#else
constexpr std::ptrdiff_t kOwn = 1;
#endif

bool inherited = false;

}  // namespace

bool is_among_threads() {
  std::error_code error;
  const std::filesystem::directory_iterator threads("/proc/self/task", error);
  if (error) return inherited;  // it cannot be known here
  return inherited || std::distance(begin(threads), end(threads)) > kOwn;
}

void forked_among_threads(bool among_threads) { inherited = among_threads; }

}  // namespace durasim
