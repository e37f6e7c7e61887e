#include "durasim/oracle/identity.hpp"

#include <algorithm>
#include <utility>

#include "durable/model/mutant.hpp"
#include "durasim/oracle/divergence.hpp"
#include "durasim/oracle/wording.hpp"

namespace durasim::oracle {
namespace {

bool same_place(const std::source_location& a, const std::source_location& b) {
  return a.line() == b.line() && a.column() == b.column() &&
         (a.file_name() == b.file_name() || std::string_view(a.file_name()) == b.file_name());
}

bool same_body(const std::type_info* a, const std::type_info* b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

}  // namespace

Identity::Identity(const TraceEvent& issued)
    : path(issued.path), context(issued.path.parent()), number(issued.path.number()) {
  assign(issued);
}

void Identity::assign(const TraceEvent& issued) {
  invocation = issued.invocation;
  type = issued.type;
  sub_type = issued.sub_type;
  inputs.assign(issued);
  body = issued.body;
  where = issued.where;
  name.assign(issued.name);
}

bool Identity::is(const TraceEvent& issued) const {
  return type == issued.type && sub_type == issued.sub_type && inputs.are(issued) &&
         (name == issued.name || DURASIM_MUTANT(replay_agreement_ignores_names)) &&
         same_body(body, issued.body) && same_place(where, issued.where);
}

std::string Identity::describe() const { return named(type, name, path); }

Divergence::Call Identity::call() const {
  return {path, type, sub_type, name, where.line() == 0 ? "" : where.file_name(), where.line()};
}

Divergence Identity::difference(const TraceEvent& issued) const {
  Divergence divergence;
  divergence.path = path;
  divergence.expected.call = call();
  divergence.actual.call = call_of(issued);
  if (type != issued.type || name != issued.name || sub_type != issued.sub_type) {
    divergence.kind = Divergence::Kind::another_operation;
  } else if (!inputs.are(issued)) {
    divergence.kind = Divergence::Kind::another_input;
    KeptInputs::Difference input = inputs.difference(issued);
    divergence.input = std::move(input.input);
    divergence.expected.input = std::move(input.kept);
    divergence.actual.input = std::move(input.given);
  } else {
    divergence.kind = Divergence::Kind::another_call;
  }
  return divergence;
}

Identity* Identities::find(durable::OperationPath path, std::size_t& hint) {
  if (hint < identities_.size() && identities_[hint].path == path) return &identities_[hint++];
  return find(path);
}

Identity* Identities::find(durable::OperationPath path) {
  if (!paths_.contains(path)) return nullptr;
  const auto found = std::find_if(identities_.rbegin(), identities_.rend(),
                                  [&](const Identity& identity) { return identity.path == path; });
  return &*found;
}

bool Identities::has_later(const Identity& from, const TraceEvent& issued) const {
  return std::ranges::any_of(identities_, [&](const Identity& later) {
    return later.recorded && later.context == from.context && later.number > from.number &&
           later.type == issued.type && later.sub_type == issued.sub_type &&
           later.name == issued.name && same_place(later.where, issued.where);
  });
}

Identity& Identities::add(const TraceEvent& issued) {
  paths_.insert(issued.path);
  return identities_.emplace_back(issued);
}

}  // namespace durasim::oracle
