#pragma once

#include <cstddef>
#include <string>

#include <durable/model.hpp>
#include <durasim/service.hpp>

/// What an update may hold, whatever is recorded: lengths, ranges, sizes. Each function gives the
/// service's message for the first rule that `update` breaks, or nothing.
/// Source: docs/reference/protocol.md#limits
namespace durasim {

/// `position` is that of the update in its batch, counted from 1.
std::string shape_violation(const durable::OperationUpdate& update, std::size_t position);

/// Against the limits of payloads and of errors.
std::string size_violation(const durable::OperationUpdate& update, const ServiceConfig& config);

/// Shape:   `limit` is in bytes of JSON.
std::string size_violation(const durable::ErrorObject& error, std::size_t limit);

}  // namespace durasim
