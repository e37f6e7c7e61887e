#pragma once

#include <string>
#include <typeinfo>
#include <vector>

#include <durasim/trace.hpp>

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
  std::uint64_t inputs = 0;
  const std::type_info* body = nullptr;
  std::source_location where = {};
  std::string name;

  explicit Identity(const TraceEvent& issued);
  /// Becomes that of another call at the same path.
  void assign(const TraceEvent& issued);
  bool is(const TraceEvent& issued) const;
  std::string describe() const;
  /// One sentence. Only if !is(issued).
  std::string difference(const TraceEvent& issued) const;
};

/// The identities of one execution's operations, in the order in which they were first made.
class Identities {
 public:
  /// nullptr if none is known. `hint` is the caller's: where its next operation probably is.
  Identity* find(durable::OperationPath path, std::size_t& hint);
  Identity* find(durable::OperationPath path);
  Identity& add(const TraceEvent& issued);

 private:
  std::vector<Identity> identities_;
  PathSet paths_;
};

}  // namespace durasim::oracle
