#include <sys/random.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "durasim/guard/intercept.hpp"

/// Random numbers: in a body they come from the seed; in a handler, other ones whenever it runs.
/// Functions whose state is the caller's own (rand_r, erand48) are no source of anything.

DURASIM_INTERCEPTS(getrandom)
DURASIM_INTERCEPTS(getentropy)
#if __GLIBC_PREREQ(2, 36)
DURASIM_INTERCEPTS(arc4random)
DURASIM_INTERCEPTS(arc4random_buf)
DURASIM_INTERCEPTS(arc4random_uniform)
#endif
DURASIM_INTERCEPTS(rand)
DURASIM_INTERCEPTS(random)
DURASIM_INTERCEPTS(drand48)
DURASIM_INTERCEPTS(lrand48)
DURASIM_INTERCEPTS(mrand48)

namespace {

using durasim::guard::Caller;
namespace guarded = durasim::guarded;

constexpr std::uint64_t kPositive = 0x7fff'ffff;

void fill(void* bytes, std::size_t count, Caller caller) {
  auto* at = static_cast<unsigned char*>(bytes);
  while (count > 0) {
    const std::uint64_t drawn = guarded::random(caller);
    const std::size_t now = count < sizeof drawn ? count : sizeof drawn;
    std::memcpy(at, &drawn, now);
    at += now;
    count -= now;
  }
}

long positive(Caller caller) { return static_cast<long>(guarded::random(caller) & kPositive); }

}  // namespace

extern "C" ssize_t getrandom(void* bytes, size_t count, unsigned flags) {
  const Caller caller = DURASIM_CALLER(randomness, "getrandom");
  if (caller == Caller::other) return next_getrandom()(bytes, count, flags);
  fill(bytes, count, caller);
  return static_cast<ssize_t>(count);
}

extern "C" int getentropy(void* bytes, size_t count) {
  const Caller caller = DURASIM_CALLER(randomness, "getentropy");
  if (caller == Caller::other) return next_getentropy()(bytes, count);
  fill(bytes, count, caller);
  return 0;
}

#if __GLIBC_PREREQ(2, 36)
extern "C" std::uint32_t arc4random() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "arc4random");
  if (caller == Caller::other) return next_arc4random()();
  return static_cast<std::uint32_t>(guarded::random(caller));
}

extern "C" void arc4random_buf(void* bytes, size_t count) noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "arc4random_buf");
  if (caller == Caller::other) return next_arc4random_buf()(bytes, count);
  fill(bytes, count, caller);
}

extern "C" std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "arc4random_uniform");
  if (caller == Caller::other) return next_arc4random_uniform()(bound);
  return bound < 2 ? 0 : static_cast<std::uint32_t>(guarded::random(caller) % bound);
}
#endif

extern "C" int rand() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "rand");
  return caller == Caller::other ? next_rand()() : static_cast<int>(positive(caller));
}

extern "C" long random() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "random");
  return caller == Caller::other ? next_random()() : positive(caller);
}

extern "C" long lrand48() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "lrand48");
  return caller == Caller::other ? next_lrand48()() : positive(caller);
}

extern "C" long mrand48() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "mrand48");
  return caller == Caller::other ? next_mrand48()()
                                 : static_cast<std::int32_t>(guarded::random(caller));
}

extern "C" double drand48() noexcept {
  const Caller caller = DURASIM_CALLER(randomness, "drand48");
  if (caller == Caller::other) return next_drand48()();
  return static_cast<double>(guarded::random(caller) >> 11U) * 0x1p-53;
}

#ifdef __GLIBCXX__
/// libstdc++'s draws from the processor where that has random numbers, without any call. Weak, because it
/// would clash with a libstdc++ that is linked statically.
[[gnu::weak]] std::random_device::result_type std::random_device::_M_getval() {
  const Caller caller = DURASIM_CALLER(randomness, "std::random_device");
  if (caller != Caller::other) return static_cast<result_type>(guarded::random(caller));
  using Draw = result_type(std::random_device*);
  static const auto next =
      reinterpret_cast<Draw*>(dlsym(RTLD_NEXT, "_ZNSt13random_device9_M_getvalEv"));
  return next(this);
}
#endif
