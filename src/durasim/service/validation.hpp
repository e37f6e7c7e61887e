#pragma once

#include <string>
#include <vector>

#include <durable/model.hpp>
#include <durasim/service.hpp>

#include "durable/model/operation_index.hpp"

namespace durasim {

/// The service's message for the first rule that a batch of updates breaks, or empty. `index` finds
/// places in `operations`. Payloads and errors have at most the sizes that `config` says.
/// Source:  docs/reference/protocol.md#operations
std::string first_violation(const std::vector<durable::Operation>& operations,
                            durable::OperationIndex& index,
                            const std::vector<durable::OperationUpdate>& updates,
                            const ServiceConfig& config);

}  // namespace durasim
