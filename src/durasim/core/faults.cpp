#include <durasim/faults.hpp>

#include <array>
#include <stdexcept>
#include <string>

namespace durasim {
namespace {

// In the order of their declaration.
constexpr std::array<std::string_view, kSiteKindCount> kSiteKindIds = {
    "invocation_start", "before_body", "effect", "after_body", "request", "invocation_end",
    "execution_end",    "jitter",      "state",  "flush",      "timer",   "clock",
    "callback",         "invoke",      "record", "turn",       "start"};
constexpr std::array<std::string_view, 5> kChoiceKindIds = {"fault", "order", "environment",
                                                            "shape", "data"};
constexpr std::array<std::string_view, 6> kTierIds = {"standard", "hostile",  "thorough",
                                                      "all",      "calendar", "always"};
constexpr std::array<std::string_view, kFaultClassCount> kFaultClassIds = {
    "crashes", "requests", "deliveries", "overlaps", "timing", "failures", "answers"};

}  // namespace

std::string_view to_string(SiteKind kind) {
  return kSiteKindIds.at(static_cast<std::size_t>(kind));
}

SiteKind site_kind_from_string(std::string_view id) {
  for (std::size_t i = 0; i < kSiteKindIds.size(); ++i) {
    if (kSiteKindIds[i] == id) return static_cast<SiteKind>(i);
  }
  throw std::invalid_argument("unknown kind of choice site \"" + std::string(id) + "\"");
}

std::string_view to_string(ChoiceKind kind) {
  return kChoiceKindIds.at(static_cast<std::size_t>(kind));
}

std::string_view to_string(FaultTier tier) { return kTierIds.at(static_cast<std::size_t>(tier)); }

std::string_view to_string(FaultClass fault_class) {
  return kFaultClassIds.at(static_cast<std::size_t>(fault_class));
}

SiteKind site_of(Fault fault) { return fault_info(fault).site; }

std::string_view to_string(Fault fault) {
  return fault == Fault::none ? "none" : fault_info(fault).id;
}

std::string_view describe(Fault fault) {
  return fault == Fault::none ? "no fault" : fault_info(fault).phrase;
}

Fault fault_from_string(std::string_view id) {
  if (id == "none") return Fault::none;
  for (const FaultInfo& info : fault_catalogue()) {
    if (info.id == id) return info.fault;
  }
  throw std::invalid_argument("unknown fault \"" + std::string(id) + "\"");
}

FaultModel FaultModel::up_to(FaultTier tier) {
  FaultModel model;
  for (const FaultInfo& info : fault_catalogue()) {
    if (info.tier <= tier) model.set_.insert(info.fault);
  }
  return model;
}

FaultModel FaultModel::standard() { return up_to(FaultTier::standard); }
FaultModel FaultModel::hostile() { return up_to(FaultTier::hostile); }
FaultModel FaultModel::thorough() { return up_to(FaultTier::thorough); }
FaultModel FaultModel::all() { return up_to(FaultTier::all); }

FaultModel FaultModel::crashes() {
  FaultModel model;
  for (const FaultInfo& info : fault_catalogue()) {
    if (info.crash && info.tier == FaultTier::standard) model.set_.insert(info.fault);
  }
  return model;
}

FaultModel FaultModel::calendar() {
  FaultModel model;
  for (const FaultInfo& info : fault_catalogue()) {
    if (info.tier == FaultTier::calendar) model.set_.insert(info.fault);
  }
  return model;
}

FaultModel FaultModel::none() { return {}; }

/// Nothing for `none` and what is no fault: menus offer them under every model.
FaultModel FaultModel::with(std::initializer_list<Fault> faults) const {
  FaultModel model = *this;
  for (const Fault fault : faults) {
    if (fault != Fault::none && fault_info(fault).tier != FaultTier::always)
      model.set_.insert(fault);
  }
  return model;
}

FaultModel FaultModel::without(std::initializer_list<Fault> faults) const {
  FaultModel model = *this;
  for (const Fault fault : faults) {
    if (fault != Fault::none) model.set_.erase(fault);
  }
  return model;
}

std::vector<Fault> FaultModel::faults() const {
  std::vector<Fault> offered;
  for (const FaultInfo& info : fault_catalogue()) {
    if (offers(info.fault)) offered.push_back(info.fault);
  }
  return offered;
}

}  // namespace durasim
