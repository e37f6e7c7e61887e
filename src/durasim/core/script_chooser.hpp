#pragma once

#include <string>
#include <vector>

#include <durasim/script.hpp>

#include "durasim/core/anchors.hpp"

namespace durasim {

/// Answers from a script: its faults where they can happen, benign everywhere else. Has to watch the
/// run, because a script speaks of operations by name.
class ScriptChooser final : public Chooser, public Monitor {
 public:
  explicit ScriptChooser(Script script)
      : script_(std::move(script)), times_(script_.lines.size()), reached_(script_.lines.size()) {}

  std::size_t choose(const Site& site, std::span<const Fault> menu) override;
  EventKinds interests() const override { return anchors_.interests(); }
  void on(const TraceEvent& event) override { anchors_.on(event); }

  const Script& script() const { return script_; }
  const Anchors& anchors() const { return anchors_; }
  std::size_t reached() const;
  /// For each line that the run did not come to: which one it is, and what the run met instead.
  std::vector<std::string> unreached() const;

 private:
  bool is_about(const Script::Line& line, const Site& site) const;

  Script script_;
  std::vector<std::uint32_t> times_;  // at which the fault could happen, by line
  std::vector<bool> reached_;
  Anchors anchors_;
};

/// Why `line` did not happen in the run that `anchors` watched.
std::string why_unreached(const Script::Line& line, const Anchors& anchors);

}  // namespace durasim
