#include "durasim/service/validation.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "durasim/service/shape.hpp"

namespace durasim {
namespace {

using durable::Operation;
using durable::OperationAction;
using durable::OperationStatus;
using durable::OperationType;
using durable::OperationUpdate;

/// What the rules look at: one update, and what is known of its operation before it.
struct UpdateCase {
  const OperationUpdate& update;
  const Operation* existing = nullptr;       ///< in the record
  const OperationUpdate* earlier = nullptr;  ///< in the same batch

  /// As it will be when the earlier updates of the batch are applied.
  std::optional<OperationStatus> status() const {
    if (earlier) return OperationStatus::started;  // by the rule on duplicates it is a START
    return existing ? std::optional(existing->status) : std::nullopt;
  }
};

std::string_view check_execution_updates(const std::vector<OperationUpdate>& updates) {
  const auto ends = [](const OperationUpdate& u) { return u.type == OperationType::execution; };
  const auto count = std::count_if(updates.begin(), updates.end(), ends);
  if (count > 1) return "Cannot checkpoint multiple EXECUTION updates.";
  if (count == 1 && updates.back().type != OperationType::execution) {
    return "EXECUTION checkpoint must be the last update.";
  }
  return {};
}

bool may_follow(const OperationUpdate& update, const OperationUpdate& earlier) {
  const bool repeatable =
      earlier.type == OperationType::step || earlier.type == OperationType::context;
  return repeatable && earlier.action == OperationAction::start &&
         update.action != OperationAction::start;
}

const OperationUpdate* find_earlier(const std::vector<OperationUpdate>& updates,
                                    std::size_t before) {
  for (std::size_t i = before; i-- > 0;) {
    if (updates[i].path == updates[before].path) return &updates[i];
  }
  return nullptr;
}

std::string_view check_consistency(const UpdateCase& c) {
  const OperationUpdate& update = c.update;
  if (!c.existing && !c.earlier) return {};
  const bool recorded = c.existing != nullptr;
  const durable::OperationSubType sub_type = recorded ? c.existing->sub_type : c.earlier->sub_type;
  if (update.type != (recorded ? c.existing->type : c.earlier->type)) {
    return "Inconsistent operation type.";
  }
  if (update.sub_type != durable::OperationSubType::none && update.sub_type != sub_type) {
    return "Inconsistent operation subtype.";
  }
  if (update.name.present() && update.name != (recorded ? c.existing->name : c.earlier->name)) {
    return "Inconsistent operation name.";
  }
  const auto virtual_contexts =
      recorded ? c.existing->virtual_contexts : c.earlier->virtual_contexts;
  if (update.virtual_contexts != virtual_contexts) return "Inconsistent parent operation id.";
  return {};
}

std::string_view check_contents(const OperationUpdate& update) {
  if (update.action == OperationAction::succeed && update.error) {
    return "Cannot provide an Error for SUCCEED action.";
  }
  if (update.action == OperationAction::fail && update.payload.present()) {
    return "Cannot provide a Payload for FAIL action.";
  }
  return {};
}

std::string_view check_step(const UpdateCase& c) {
  const auto status = c.status();
  const bool ready = !status || status == OperationStatus::ready;
  const bool attempted = ready || status == OperationStatus::started;
  switch (c.update.action) {
    case OperationAction::start:
      return ready ? "" : "Invalid current STEP state to start.";
    case OperationAction::succeed:
    case OperationAction::fail:
      return attempted ? check_contents(c.update) : "Invalid current STEP state to close.";
    case OperationAction::retry:
      if (!attempted) return "Invalid current STEP state to re-attempt.";
      if (c.update.delay.count() == 0) return "Invalid StepOptions for the given action.";
      if (c.update.error && c.update.payload.present()) {
        return "Cannot provide both error and payload to RETRY a STEP.";
      }
      return {};
    default:
      return "Invalid action for the given operation type.";
  }
}

std::string_view check_wait(const UpdateCase& c) {
  switch (c.update.action) {
    case OperationAction::start:
      return c.status() ? "Cannot start a WAIT that already exist." : "";
    case OperationAction::cancel:
      return c.status() == OperationStatus::started
                 ? ""
                 : "Cannot cancel a WAIT that does not exist or has already completed.";
    default:
      return "Invalid action for the given operation type.";
  }
}

std::string_view check_context(const UpdateCase& c) {
  const auto status = c.status();
  switch (c.update.action) {
    case OperationAction::start:
      return status ? "Cannot start a CONTEXT that already exist." : "";
    case OperationAction::succeed:
    case OperationAction::fail:
      return !status || status == OperationStatus::started
                 ? check_contents(c.update)
                 : "Invalid current CONTEXT state to close.";
    default:
      return "Invalid action for the given operation type.";
  }
}

std::string_view check_callback(const UpdateCase& c) {
  if (c.update.action != OperationAction::start) {
    return "Invalid action for the given operation type.";
  }
  return c.status() ? "Cannot start a CALLBACK that already exist." : "";
}

std::string_view check_invoke(const UpdateCase& c) {
  switch (c.update.action) {
    case OperationAction::start:
      if (c.status()) return "Cannot start a CHAINED_INVOKE that already exist.";
      return c.update.target ? "" : "Invalid ChainedInvokeOptions for the given action.";
    case OperationAction::cancel:
      return c.status() == OperationStatus::started
                 ? ""
                 : "Cannot cancel an INVOKE that does not exist or has already completed.";
    default:
      return "Invalid action for the given operation type.";
  }
}

std::string_view check_transition(const UpdateCase& c) {
  switch (c.update.type) {
    case OperationType::step:
      return check_step(c);
    case OperationType::wait:
      return check_wait(c);
    case OperationType::context:
      return check_context(c);
    case OperationType::callback:
      return check_callback(c);
    case OperationType::chained_invoke:
      return check_invoke(c);
    case OperationType::execution:
      if (c.update.action == OperationAction::succeed || c.update.action == OperationAction::fail) {
        return check_contents(c.update);
      }
      return "Invalid action for the given operation type.";
    default:
      return "Invalid operation type.";
  }
}

/// The rules in the service's order, for one batch.
class BatchCheck {
 public:
  BatchCheck(const std::vector<Operation>& operations, durable::OperationIndex& index,
             const std::vector<OperationUpdate>& updates, const ServiceConfig& config)
      : operations_(operations), index_(index), updates_(updates), config_(config) {}

  std::string run() { return breaks_no_rule() ? std::string() : first_violation(); }

 private:
  /// All rules at once, one update after the other: cheaper than in the service's order, which only
  /// matters where one is broken.
  bool breaks_no_rule() {
    if (!check_execution_updates(updates_).empty()) return false;
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      const UpdateCase c = case_of(i);
      if (!shape_violation(updates_[i], i + 1).empty() || !check_place(c, i).empty() ||
          !check_consistency(c).empty() || !size_violation(c.update, config_).empty() ||
          !check_transition(c).empty())
        return false;
    }
    return true;
  }

  std::string first_violation() {
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      if (std::string fault = shape_violation(updates_[i], i + 1); !fault.empty()) return fault;
    }
    if (const auto fault = check_execution_updates(updates_); !fault.empty())
      return std::string(fault);
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      if (const auto fault = check_place(case_of(i), i); !fault.empty()) return std::string(fault);
    }
    for (std::size_t i = 0; i < updates_.size(); ++i) {
      if (std::string fault = check_update(case_of(i)); !fault.empty()) return fault;
    }
    return {};
  }

  UpdateCase case_of(std::size_t i) {
    if (updates_[i].type == OperationType::execution) return {updates_[i]};
    return {updates_[i], find(updates_[i].path), find_earlier(updates_, i)};
  }

  const Operation* find(durable::OperationPath path) {
    const auto found = index_.find(operations_, path);
    return found ? &operations_[*found] : nullptr;
  }

  std::string_view check_place(const UpdateCase& c, std::size_t i) {
    if (c.earlier) {
      return may_follow(c.update, *c.earlier)
                 ? ""
                 : "Cannot checkpoint multiple operations with the same ID.";
    }
    if (c.existing || c.update.type == OperationType::execution) return {};
    const durable::OperationPath parent = c.update.parent();
    if (parent.is_root()) return {};
    if (const Operation* const recorded = find(parent))
      return recorded->type == OperationType::context ? "" : "Invalid parent operation id.";
    return starts_context(parent, i) ? "" : "Invalid parent operation id.";
  }

  bool starts_context(durable::OperationPath path, std::size_t before) const {
    return std::any_of(updates_.begin(), updates_.begin() + static_cast<std::ptrdiff_t>(before),
                       [&](const OperationUpdate& earlier) {
                         return earlier.path == path && earlier.type == OperationType::context &&
                                earlier.action == OperationAction::start;
                       });
  }

  std::string check_update(const UpdateCase& c) const {
    if (const auto fault = check_consistency(c); !fault.empty()) return std::string(fault);
    if (std::string fault = size_violation(c.update, config_); !fault.empty()) return fault;
    return std::string(check_transition(c));
  }

  const std::vector<Operation>& operations_;
  durable::OperationIndex& index_;
  const std::vector<OperationUpdate>& updates_;
  const ServiceConfig& config_;
};

}  // namespace

std::string first_violation(const std::vector<Operation>& operations,
                            durable::OperationIndex& index,
                            const std::vector<OperationUpdate>& updates,
                            const ServiceConfig& config) {
  return BatchCheck(operations, index, updates, config).run();
}

}  // namespace durasim
