#pragma once

#include <string>
#include <typeinfo>
#include <vector>

#include <durasim/divergence.hpp>
#include <durasim/trace.hpp>

#include "durasim/oracle/kept_inputs.hpp"
#include "durasim/oracle/knowledge.hpp"

/// What replay-agreement compares.
namespace durasim::oracle {

/// A durable call as it was made when its operation was recorded.
struct Identity {
  durable::OperationPath path;
  durable::OperationPath context;  ///< the operation that it was made in
  std::uint32_t number = 0;        ///< which call of that context it was
  std::uint32_t invocation = 0;    ///< where it was made
  bool recorded = false;           ///< from here on the identity stays
  durable::OperationType type = durable::OperationType::step;
  durable::OperationSubType sub_type = durable::OperationSubType::none;
  KeptInputs inputs;
  const std::type_info* body = nullptr;
  std::source_location where = {};
  std::string name;

  explicit Identity(const TraceEvent& issued);
  /// Becomes that of another call at the same path.
  void assign(const TraceEvent& issued);
  bool is(const TraceEvent& issued) const;
  std::string describe() const;
  Divergence::Call call() const;
  /// In which it differs: kind, sides and input. Only if !is(issued).
  Divergence difference(const TraceEvent& issued) const;
};

/// The identities of one execution's operations, in the order in which they were first made.
class Identities {
 public:
  /// nullptr if none is known. `hint` is the caller's: where its next operation probably is.
  Identity* find(durable::OperationPath path, std::size_t& hint);
  Identity* find(durable::OperationPath path);
  Identity& add(const TraceEvent& issued);
  /// Whether the context of `from` has a call recorded after it that is `issued`, but for its place.
  bool has_later(const Identity& from, const TraceEvent& issued) const;

 private:
  std::vector<Identity> identities_;
  PathSet paths_;
};

}  // namespace durasim::oracle
