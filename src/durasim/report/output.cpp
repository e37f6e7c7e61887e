#include <durasim/environment.hpp>
#include <durasim/report.hpp>

#include <string_view>

namespace durasim {

std::filesystem::path output_folder() { return setting_from_environment("DURASIM_OUT").out; }

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
