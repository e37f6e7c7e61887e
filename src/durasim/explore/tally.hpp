#pragma once

#include <cstdint>

#include <durasim/explore.hpp>

#include "durasim/core/packed.hpp"
#include "durasim/explore/certificate.hpp"

namespace durasim {

/// What runs came to together. Whoever made them and in whatever order: it is added up.
struct Tally {
  std::uint64_t runs = 0;
  std::uint64_t executions = 0;
  Margins margins = {};
  Certificate certificate;

  void add(const Tally& other);
  void pack(PackedWriter& out) const;
  /// Errors:  std::logic_error.
  static Tally unpack(PackedReader& in);
};

}  // namespace durasim
