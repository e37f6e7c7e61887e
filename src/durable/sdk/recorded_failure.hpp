#pragma once

#include <durable/model.hpp>

namespace durable {

/// Thrown inside the body of a context to end it with exactly this failure.
struct RecordedFailure {
  ErrorObject error;
};

}  // namespace durable
