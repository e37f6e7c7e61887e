#include "durasim/sim/other_addresses.hpp"

#include "durable/model/mutant.hpp"

namespace durasim {
namespace {

constexpr std::size_t kLargest = 1024;  // bytes: larger objects are few
constexpr std::size_t kSmall = 256;     // bytes: up to here objects are many
constexpr std::size_t kClass = 16;      // bytes from one size of blocks to the next

// How many blocks of a size are kept, so that none that the first run had is found again, and how many
// more are taken to leave holes.
constexpr std::size_t kept(std::size_t size) { return size <= kSmall ? 128 : 8; }
constexpr std::size_t kHoles = 8;

}  // namespace

OtherAddresses::OtherAddresses() {
  if (DURASIM_MUTANT(repetition_stays_where_it_was)) return;
  std::vector<std::unique_ptr<std::byte[]>> holes;
  for (std::size_t size = kClass; size <= kLargest; size += kClass) {
    for (std::size_t i = 0; i < kept(size); ++i)
      padding_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    for (std::size_t i = 0; i < 2 * kHoles; ++i)
      (i % 2 == 0 ? holes : padding_).push_back(std::make_unique_for_overwrite<std::byte[]>(size));
  }
  // The holes close here: they are found first by what is made next, in another order than before.
}

}  // namespace durasim
