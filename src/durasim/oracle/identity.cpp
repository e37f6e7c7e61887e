#include "durasim/oracle/identity.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "durable/model/mutant.hpp"
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

std::string kind_and_name(durable::OperationType type, std::string_view name) {
  return name.empty() ? fmt::format("a {} without a name", word(type))
                      : fmt::format("{} \"{}\"", word(type), name);
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
  inputs = issued.inputs;
  body = issued.body;
  where = issued.where;
  name.assign(issued.name);
}

bool Identity::is(const TraceEvent& issued) const {
  return type == issued.type && sub_type == issued.sub_type && inputs == issued.inputs &&
         (name == issued.name || DURASIM_MUTANT(replay_agreement_ignores_names)) &&
         same_body(body, issued.body) && same_place(where, issued.where);
}

std::string Identity::describe() const { return named(type, name, path); }

std::string Identity::difference(const TraceEvent& issued) const {
  if (type != issued.type || name != issued.name) {
    return fmt::format(
        "operation {} is recorded as {} made at {}, but on replay the handler made {} at {}",
        path.to_string(), kind_and_name(type, name), place(where),
        kind_and_name(issued.type, issued.name), place(issued.where));
  }
  if (sub_type != issued.sub_type) {
    return fmt::format(
        "{} is recorded with the sub-type {} at {}, but on replay the handler made it with {} at "
        "{}",
        describe(), to_string(sub_type), place(where), to_string(issued.sub_type),
        place(issued.where));
  }
  if (!same_place(where, issued.where)) {
    return fmt::format("{} is recorded as made at {}, but on replay the handler made it at {}",
                       describe(), place(where), place(issued.where));
  }
  if (inputs != issued.inputs) {
    if (type != durable::OperationType::wait) {
      return fmt::format(
          "{} at {} is recorded with other inputs than those that the handler gave it on replay",
          describe(), place(where));
    }
    return fmt::format(
        "{} at {} is recorded with the input {} s, but on replay the handler made it with {} s",
        describe(), place(where), inputs, issued.inputs);
  }
  return fmt::format(
      "{} at {} is recorded with another body than the one that the handler gave it on replay",
      describe(), place(where));
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

Identity& Identities::add(const TraceEvent& issued) {
  paths_.insert(issued.path);
  return identities_.emplace_back(issued);
}

}  // namespace durasim::oracle
