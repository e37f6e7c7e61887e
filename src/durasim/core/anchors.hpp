#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <durasim/script.hpp>
#include <durasim/trace.hpp>

namespace durasim {

/// An operation as scripts name it.
struct NamedOperation {
  std::uint32_t execution = 0;
  durable::OperationPath path;
  std::string name;          ///< may be empty
  std::uint32_t number = 0;  ///< among those of that name in the execution
};

/// The names by which a run's choices go: watches a run, and says for each choice how a script
/// speaks of it.
class Anchors final : public Monitor {
 public:
  /// A choice that was met.
  struct Meeting {
    Site site;
    FaultSet offered = {};
    Fault fault = Fault::none;  ///< the one that happened
  };

  EventKinds interests() const override {
    return {TraceEvent::Kind::operation_issued, TraceEvent::Kind::choice};
  }
  void on(const TraceEvent& event) override;

  /// Every fault that has happened so far.
  Script script() const;
  /// `fault`, had it happened at choice number `position`, which offers it.
  Script::Line line(std::size_t position, Fault fault) const;

  /// nullptr for one that was not called yet, and for the execution itself.
  const NamedOperation* find(std::uint32_t execution, durable::OperationPath path) const;
  /// In the order of their first calls.
  const std::vector<NamedOperation>& operations() const { return operations_; }
  const std::vector<Meeting>& meetings() const { return meetings_; }

 private:
  void add(std::uint32_t execution, durable::OperationPath path, std::string_view name);

  std::vector<NamedOperation> operations_;
  std::vector<Meeting> meetings_;
  std::unordered_map<std::uint64_t, std::size_t> by_path_;  // only for look-ups
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> of_name_;
};

}  // namespace durasim
