#include "durasim/sim/other_addresses.hpp"

#include "durable/model/mutant.hpp"

namespace durasim {
namespace {

constexpr std::size_t kLargest = 1024;  // larger objects are few
constexpr std::size_t kClass = 16;      // bytes from one size of blocks to the next
constexpr std::size_t kBlocks = 9;      // more than an allocator keeps at hand of one size

}  // namespace

OtherAddresses::OtherAddresses() {
  if (DURASIM_MUTANT(repetition_stays_where_it_was)) return;
  padding_.reserve(kLargest / kClass * kBlocks);
  for (std::size_t size = kClass; size <= kLargest; size += kClass) {
    for (std::size_t i = 0; i < kBlocks; ++i)
      padding_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
  }
  // Every other one goes back, to be found first by what is made next.
  for (std::size_t i = 0; i < padding_.size(); i += 2) padding_[i].reset();
}

}  // namespace durasim
