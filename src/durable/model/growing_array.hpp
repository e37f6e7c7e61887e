#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>

namespace durable {

/// An array that only grows, in blocks that double, so that no element ever moves: it is read without
/// a lock while it grows. Whoever grows it holds a lock of his own. The first block is there from the
/// start; the others are never given back.
template <class T>
class GrowingArray {
 public:
  constexpr GrowingArray() : blocks_{first_.data()} {}
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;

  /// nullptr where it has not grown to yet.
  T* find(std::size_t index) const {
    const Place place(index);
    T* const block = blocks_[place.block].load(std::memory_order_acquire);
    return block != nullptr ? block + place.offset : nullptr;
  }

  /// Of an index that it has grown to.
  T& operator[](std::size_t index) const {
    const Place place(index);
    return blocks_[place.block].load(std::memory_order_acquire)[place.offset];
  }

  T& grow_to(std::size_t index) {
    const Place place(index);
    T* block = blocks_[place.block].load(std::memory_order_relaxed);
    if (block == nullptr) {
      block = new T[kFirst << place.block]();
      blocks_[place.block].store(block, std::memory_order_release);
    }
    return block[place.offset];
  }

 private:
  static constexpr std::size_t kFirst = 32;

  struct Place {
    explicit Place(std::size_t index)
        : block(static_cast<std::size_t>(std::bit_width((index + kFirst) / kFirst)) - 1),
          offset(index + kFirst - (kFirst << block)) {}
    std::size_t block;
    std::size_t offset;
  };

  std::array<T, kFirst> first_{};
  std::array<std::atomic<T*>, 28> blocks_;  // for 32 bits of index
};

}  // namespace durable
