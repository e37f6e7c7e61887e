#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <durable/model.hpp>

#include "durable/model/operation_index.hpp"

namespace durasim {

/// The service's message for the first rule that a batch of updates breaks, or empty. `index` finds
/// places in `operations`. Step results and errors have at most `payload_limit` bytes.
/// Source:  docs/reference/protocol.md#operations
std::string first_violation(const std::vector<durable::Operation>& operations,
                            durable::OperationIndex& index,
                            const std::vector<durable::OperationUpdate>& updates,
                            std::size_t payload_limit);

}  // namespace durasim
