#include "durasim/core/script_chooser.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace durasim {

bool ScriptChooser::is_about(const Script::Line& line, const Site& site) const {
  if (site_of(line.fault) != site.kind || line.execution != site.execution ||
      line.occurrence != site.occurrence) {
    return false;
  }
  if (line.operation.empty()) return line.path == site.path;
  const NamedOperation* operation = anchors_.find(site.execution, site.path);
  return operation != nullptr && operation->name == line.operation &&
         operation->number == line.number;
}

std::size_t ScriptChooser::choose(const Site& site, std::span<const Fault> menu) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < script_.lines.size(); ++i) {
    const Script::Line& line = script_.lines[i];
    if (reached_[i] || !is_about(line, site)) continue;
    const auto offered = std::find(menu.begin(), menu.end(), line.fault);
    if (offered == menu.end() || ++times_[i] != line.time || taken != 0) continue;
    taken = static_cast<std::size_t>(offered - menu.begin());
    reached_[i] = true;
  }
  return taken;
}

std::size_t ScriptChooser::reached() const {
  return static_cast<std::size_t>(std::count(reached_.begin(), reached_.end(), true));
}

std::vector<std::string> ScriptChooser::unreached() const {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < script_.lines.size(); ++i) {
    if (reached_[i]) continue;
    const Script::Line& line = script_.lines[i];
    reasons.push_back(fmt::format("fault {} of the script was not reached: {}\n  {}", i + 1,
                                  line.to_text(), why_unreached(line, anchors_)));
  }
  return reasons;
}

}  // namespace durasim
