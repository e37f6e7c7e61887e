#include <durasim/faults.hpp>

#include <array>
#include <stdexcept>
#include <string>

namespace durasim {
namespace {

struct FaultRow {
  Fault fault;
  std::string_view id;
  std::string_view phrase;
};

// One row a fault, in the order of their declaration.
#define DURASIM_FAULT(name, phrase) \
  FaultRow { Fault::name, #name, phrase }
constexpr std::array<FaultRow, kFaultCount> kFaultRows = {
    DURASIM_FAULT(none, "no fault"),
    DURASIM_FAULT(request_lost, "request lost, then sent again"),
    DURASIM_FAULT(request_lost_for_good, "request and its repetitions lost"),
    DURASIM_FAULT(answer_lost, "request applied, answer lost, then sent again"),
    DURASIM_FAULT(answer_lost_for_good, "request applied, its answer and all repetitions lost"),
    DURASIM_FAULT(throttled, "request throttled (429), then sent again"),
    DURASIM_FAULT(server_error, "request failed (500), then sent again"),
    DURASIM_FAULT(server_error_applied, "request applied but answered with 500, then sent again"),
    DURASIM_FAULT(answer_delayed, "request applied, answer delayed past the next deadline"),
    DURASIM_FAULT(crash_before_sending, "crash before the request is sent"),
    DURASIM_FAULT(crash_after_applying,
                  "crash after the request is applied, before its answer arrives"),
    DURASIM_FAULT(crash_before_body, "crash before the body"),
    DURASIM_FAULT(crash_before_body_start_delivered,
                  "crash before the body (its START was delivered)"),
    DURASIM_FAULT(crash_at_effect, "crash inside the body, just before an effect"),
    DURASIM_FAULT(crash_after_body, "crash after the body, before its result is recorded"),
    DURASIM_FAULT(crash_after_body_start_delivered,
                  "crash after the body, before its result is recorded (its START was delivered)"),
    DURASIM_FAULT(body_outlives_invocation,
                  "body outlives the invocation, killed at the timeout after its effects"),
    DURASIM_FAULT(overtaken_before_body,
                  "overtaken before the body by a later invocation, then goes on"),
    DURASIM_FAULT(overtaken_after_body,
                  "overtaken after the body by a later invocation, then goes on"),
    DURASIM_FAULT(cold_start, "cold start"),
    DURASIM_FAULT(late_delivery, "delivered late, after the next deadline"),
    DURASIM_FAULT(redelivery_after_end, "delivered once more after the invocation has ended"),
    DURASIM_FAULT(concurrent_delivery_older_first,
                  "delivered twice at once, the older delivery goes first"),
    DURASIM_FAULT(concurrent_delivery_newer_first,
                  "delivered twice at once, the newer delivery goes first"),
    DURASIM_FAULT(crash_before_response, "crash before the response"),
    DURASIM_FAULT(response_lost, "response lost, seen as a timeout by the service"),
    DURASIM_FAULT(delivery_after_completion, "delivered once more after the execution is over"),
    DURASIM_FAULT(full_jitter, "retry delay at its shortest"),
};
#undef DURASIM_FAULT

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kFaultRows.size(); ++i) {
    if (static_cast<std::size_t>(kFaultRows[i].fault) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

/// Nothing for `none` and `full_jitter`: menus offer them under every model.
constexpr std::uint32_t fault_bit(Fault fault) {
  if (fault == Fault::none || fault == Fault::full_jitter) return 0;
  return std::uint32_t{1} << static_cast<unsigned>(fault);
}

}  // namespace

std::string_view to_string(Fault fault) {
  return kFaultRows.at(static_cast<std::size_t>(fault)).id;
}

std::string_view describe(Fault fault) {
  return kFaultRows.at(static_cast<std::size_t>(fault)).phrase;
}

Fault fault_from_string(std::string_view id) {
  for (const FaultRow& row : kFaultRows) {
    if (row.id == id) return row.fault;
  }
  throw std::invalid_argument("unknown fault \"" + std::string(id) + "\"");
}

FaultModel FaultModel::standard() {
  return hostile().without({Fault::overtaken_before_body, Fault::overtaken_after_body,
                            Fault::concurrent_delivery_older_first,
                            Fault::concurrent_delivery_newer_first});
}

FaultModel FaultModel::hostile() {
  FaultModel model;
  for (const FaultRow& row : kFaultRows) model.bits_ |= fault_bit(row.fault);
  return model;
}

FaultModel FaultModel::crashes() {
  return none().with({Fault::crash_before_sending, Fault::crash_after_applying,
                      Fault::crash_before_body, Fault::crash_before_body_start_delivered,
                      Fault::crash_at_effect, Fault::crash_after_body,
                      Fault::crash_after_body_start_delivered, Fault::crash_before_response});
}

FaultModel FaultModel::none() { return {}; }

FaultModel FaultModel::with(std::initializer_list<Fault> faults) const {
  FaultModel model = *this;
  for (const Fault fault : faults) model.bits_ |= fault_bit(fault);
  return model;
}

FaultModel FaultModel::without(std::initializer_list<Fault> faults) const {
  FaultModel model = *this;
  for (const Fault fault : faults) model.bits_ &= ~fault_bit(fault);
  return model;
}

std::vector<Fault> FaultModel::faults() const {
  std::vector<Fault> offered;
  for (const FaultRow& row : kFaultRows) {
    if (offers(row.fault)) offered.push_back(row.fault);
  }
  return offered;
}

}  // namespace durasim
