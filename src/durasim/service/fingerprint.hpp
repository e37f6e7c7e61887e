#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <durable/model.hpp>

namespace durasim {

/// The hash of an execution's operations, apart from their times. What did not change is not hashed
/// again.
class Fingerprint {
 public:
  void changed(std::size_t operation);
  std::uint64_t of(const std::vector<durable::Operation>& operations);

 private:
  std::vector<std::uint64_t> hashes_;  // per operation; 0 where it changed since
  std::size_t first_changed_ = 0;      // no operation before has the hash 0
  std::uint64_t sum_ = 0;              // of `hashes_`
};

/// Hashes of what is absent and of what is empty differ.
std::uint64_t text_hash(const durable::Text& text);
std::uint64_t error_hash(const durable::ErrorPtr& error);

}  // namespace durasim
