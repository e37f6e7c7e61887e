#pragma once

#include <string>
#include <utility>

#include <durable/client.hpp>

namespace durasim {

inline durable::ServiceError invalid_parameter(std::string message) {
  return {400, "InvalidParameterValueException", std::move(message)};
}

/// Nothing was changed.
inline durable::Response refused(std::string message) {
  durable::Response response;
  response.fate = durable::Fate::error;
  response.error = invalid_parameter(std::move(message));
  return response;
}

}  // namespace durasim
