#pragma once

#include <string>
#include <string_view>

#include <durable/model.hpp>

namespace durasim {

/// Names a callback to the outside: the same for each run of the same execution. Base64 of 32 bytes, so
/// that it has the characters with which a real one breaks careless URLs.
std::string callback_id(std::string_view execution_arn, durable::OperationPath path);

}  // namespace durasim
