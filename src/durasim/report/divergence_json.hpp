#pragma once

#include <nlohmann/json_fwd.hpp>

#include <durasim/divergence.hpp>

namespace durasim {

nlohmann::ordered_json divergence_json(const Divergence& divergence);

/// Errors:  an exception of nlohmann::json or std::invalid_argument for what divergence_json does not write.
Divergence divergence_from_json(const nlohmann::ordered_json& json);

}  // namespace durasim
