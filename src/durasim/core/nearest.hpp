#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace durasim {

/// `known` in one line, those first that look most like `text`; the far end of a long list is left out.
std::string nearest_first(std::string_view text, const std::vector<std::string>& known);

}  // namespace durasim
