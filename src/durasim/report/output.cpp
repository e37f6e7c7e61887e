#include <durasim/report.hpp>

#include <cstdlib>
#include <string_view>

namespace durasim {

std::filesystem::path output_folder() {
  const char* chosen = std::getenv("DURASIM_OUT");
  return std::filesystem::absolute(chosen != nullptr && *chosen != '\0' ? chosen : "durasim-out")
      .lexically_normal();
}

std::string shell_quoted(const std::string& text) {
  static constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char character : text) {
    if (character == '\'')
      quoted += "'\\''";
    else
      quoted += character;
  }
  return quoted + "'";
}

}  // namespace durasim
