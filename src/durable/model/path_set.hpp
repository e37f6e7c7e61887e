#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <durable/model.hpp>

namespace durable {

/// A set of operations. Asking and adding take constant time.
class PathSet {
 public:
  /// False if it was there already.
  bool insert(OperationPath path) {
    std::uint64_t& word = word_for(path.index() / 64);
    const std::uint64_t bit = std::uint64_t{1} << (path.index() % 64);
    const bool fresh = (word & bit) == 0;
    word |= bit;
    return fresh;
  }

  bool contains(OperationPath path) const {
    const std::size_t at = path.index() / 64;
    if (at >= kInPlace + words_.size()) return false;
    const std::uint64_t word = at < kInPlace ? first_words_[at] : words_[at - kInPlace];
    return (word >> (path.index() % 64) & 1U) != 0;
  }

  void clear() {
    first_words_ = {};
    words_.clear();
  }

 private:
  static constexpr std::size_t kInPlace = 4;  // the first 256 paths of a process need no allocation

  std::uint64_t& word_for(std::size_t at) {
    if (at < kInPlace) return first_words_[at];
    if (at - kInPlace >= words_.size()) words_.resize(at - kInPlace + 1, 0);
    return words_[at - kInPlace];
  }

  std::array<std::uint64_t, kInPlace> first_words_{};
  std::vector<std::uint64_t> words_;
};

}  // namespace durable
