#include <array>
#include <stdexcept>

#include <durasim/faults.hpp>

/// One row a fault, in the order of their declaration.
/// Source: docs/reference/faults.md
namespace durasim {
namespace {

using enum FaultTier;
using enum SiteKind;
using enum ChoiceKind;

/// How far a fault is from the plainest one.
/// Source: docs/adr/0003-plain-faults-first.md
enum Oddity : std::uint8_t { crash, plain, odd, harsh, exotic };

constexpr FaultInfo row(Fault what, std::string_view id, std::string_view test, SiteKind site,
                        ChoiceKind choice, FaultTier tier, Oddity oddity, std::string_view phrase,
                        std::string_view points, std::string_view same_as = {}) {
  return {what, id, phrase, site, choice, tier, oddity == crash, oddity, points, same_as, test};
}

#define DURASIM_FAULT(name, ...) \
  row(Fault::name, #name, "Catalogue/FaultEffect.ShowsInTheRun/" #name, __VA_ARGS__)
constexpr std::array kRows = {
    DURASIM_FAULT(request_lost, request, fault, standard, plain, "request lost, then sent again",
                  "A04"),
    DURASIM_FAULT(request_lost_for_good, request, fault, standard, plain,
                  "request and its repetitions lost", "A04", "crash_before_sending"),
    DURASIM_FAULT(answer_lost, request, fault, standard, plain,
                  "request applied, answer lost, then sent again", "A03 A06"),
    DURASIM_FAULT(answer_lost_for_good, request, fault, standard, plain,
                  "request applied, its answer and all repetitions lost", "A03 C06 C13",
                  "crash_after_applying"),
    DURASIM_FAULT(throttled, request, fault, standard, plain,
                  "request throttled (429), then sent again", "A01 A13"),
    DURASIM_FAULT(server_error, request, fault, standard, plain,
                  "request failed (500), then sent again", "A02 B02"),
    DURASIM_FAULT(server_error_applied, request, fault, standard, plain,
                  "request applied but answered with 500, then sent again", "A03"),
    DURASIM_FAULT(answer_delayed, request, fault, standard, odd,
                  "request applied, answer delayed past the next deadline", "A12 H09"),
    DURASIM_FAULT(crash_before_sending, request, fault, standard, crash,
                  "crash before the request is sent", "C02 C05 C12 C15 C24 C25"),
    DURASIM_FAULT(crash_after_applying, request, fault, standard, crash,
                  "crash after the request is applied, before its answer arrives",
                  "C06 C13 C14 C21 C22 C25 C26"),
    DURASIM_FAULT(throttled_for_good, request, fault, thorough, plain,
                  "request and its repetitions throttled (429)", "A13", "request_lost_for_good"),
    DURASIM_FAULT(request_delayed, request, fault, thorough, odd,
                  "request delayed past the next deadline, then applied", "A12"),
    DURASIM_FAULT(request_duplicated, request, fault, thorough, plain,
                  "request duplicated on its way, the second copy is answered", "A06",
                  "answer_lost"),
    DURASIM_FAULT(answer_after_timeout, request, fault, thorough, odd,
                  "request applied, answer delayed past the invocation timeout", "A05 D05"),
    DURASIM_FAULT(answer_without_token, request, fault, thorough, exotic,
                  "request applied, but its answer holds no token", "A10", "answer_lost_for_good"),
    DURASIM_FAULT(token_refused, request, fault, thorough, exotic,
                  "request refused for its token, although that is the newest", "A08",
                  "request_lost_for_good"),
    DURASIM_FAULT(token_refused_applied, request, fault, thorough, exotic,
                  "request applied, but its answer refuses the token, which is used now", "A07",
                  "answer_lost_for_good"),
    DURASIM_FAULT(overtaken_before_sending, request, fault, thorough, harsh,
                  "overtaken before the request is sent by a later invocation, then goes on",
                  "D06 C18"),
    DURASIM_FAULT(request_rejected, request, fault, all, exotic,
                  "request rejected for good (400), which ends the execution", "A09"),
    DURASIM_FAULT(stopped_before_applying, request, fault, all, exotic,
                  "execution stopped by an operator while the request is under way", "G04"),
    DURASIM_FAULT(crash_before_body, before_body, fault, standard, crash, "crash before the body",
                  "C04 C05 C07 C26"),
    DURASIM_FAULT(crash_before_body_start_delivered, before_body, fault, standard, crash,
                  "crash before the body (its START was delivered)", "C06 C07"),
    DURASIM_FAULT(crash_at_effect, effect, fault, standard, crash,
                  "crash inside the body, just before an effect", "C08 C09"),
    DURASIM_FAULT(crash_after_body, after_body, fault, standard, crash,
                  "crash after the body, before its result is recorded", "C09 C10 C11 C12 C26 C28"),
    DURASIM_FAULT(crash_after_body_start_delivered, after_body, fault, standard, crash,
                  "crash after the body, before its result is recorded (its START was delivered)",
                  "C09 C10 C12"),
    DURASIM_FAULT(body_outlives_invocation, after_body, fault, standard, odd,
                  "body outlives the invocation, killed at the timeout after its effects",
                  "D05 E06 E08"),
    DURASIM_FAULT(overtaken_before_body, before_body, fault, hostile, harsh,
                  "overtaken before the body by a later invocation, then goes on", "D06 C18"),
    DURASIM_FAULT(overtaken_after_body, after_body, fault, hostile, harsh,
                  "overtaken after the body by a later invocation, then goes on", "D06 C18"),
    DURASIM_FAULT(crash_at_effect_start_delivered, effect, fault, thorough, crash,
                  "crash inside the body, just before an effect (its START was delivered)", "C08"),
    DURASIM_FAULT(body_fails, before_body, fault, all, plain, "body fails before its effects",
                  "E02 E03 E04"),
    DURASIM_FAULT(body_fails_after_effects, after_body, fault, all, plain,
                  "body fails after its effects", "E07 E02"),
    DURASIM_FAULT(cold_start, invocation_start, shape, standard, plain, "cold start", "D11 C01"),
    DURASIM_FAULT(late_delivery, invocation_start, fault, standard, odd,
                  "delivered late, after the next deadline", "D10"),
    DURASIM_FAULT(redelivery_after_end, invocation_start, fault, standard, odd,
                  "delivered once more after the invocation has ended", "D01 G07"),
    DURASIM_FAULT(concurrent_delivery_older_first, invocation_start, fault, hostile, harsh,
                  "delivered twice at once, the older delivery goes first", "D02"),
    DURASIM_FAULT(concurrent_delivery_newer_first, invocation_start, fault, hostile, harsh,
                  "delivered twice at once, the newer delivery goes first", "D02"),
    DURASIM_FAULT(crash_at_start, invocation_start, fault, thorough, crash,
                  "crash before the handler runs", "C01 C03 D07 G08"),
    DURASIM_FAULT(stale_redelivery, invocation_start, fault, thorough, harsh,
                  "delivered once more after the next invocation has ended", "D03"),
    DURASIM_FAULT(clock_ahead, invocation_start, fault, thorough, odd,
                  "the function's clock is a day ahead of the service", "H02 H03"),
    DURASIM_FAULT(clock_behind, invocation_start, fault, thorough, odd,
                  "the function's clock is a day behind the service", "H02 H03"),
    DURASIM_FAULT(clock_drifts, invocation_start, fault, thorough, odd,
                  "the function's clock gains a second at each look", "H02"),
    DURASIM_FAULT(clock_steps_back, invocation_start, fault, thorough, odd,
                  "the function's clock is set back by an hour after the first look", "H02 H03"),
    DURASIM_FAULT(pages_of_one, state, shape, thorough, odd, "state in pages of one operation",
                  "B01"),
    DURASIM_FAULT(pages_of_two, state, shape, thorough, odd, "state in pages of two operations",
                  "B01"),
    DURASIM_FAULT(empty_first_page, state, shape, thorough, odd,
                  "the first page of the state is empty", "B01"),
    DURASIM_FAULT(operations_reversed, state, shape, thorough, exotic,
                  "the operations of the state come in reverse order", "B06"),
    DURASIM_FAULT(insides_told, state, shape, thorough, exotic,
                  "the state tells what is inside completed contexts", "B04"),
    DURASIM_FAULT(children_replayed, record, shape, thorough, odd,
                  "the context's result is left out of the record, its children are replayed",
                  "B05"),
    DURASIM_FAULT(crash_before_response, invocation_end, fault, standard, crash,
                  "crash before the response", "C17 C19 C20"),
    DURASIM_FAULT(response_lost, invocation_end, fault, standard, plain,
                  "response lost, seen as a timeout by the service", "C20 D05"),
    DURASIM_FAULT(response_delayed, invocation_end, fault, thorough, odd,
                  "response delayed past the next deadline", "F11"),
    DURASIM_FAULT(spurious_wake_up, invocation_end, fault, thorough, odd,
                  "invoked again although nothing has happened", "D08 H04 I02"),
    DURASIM_FAULT(stopped_while_suspended, invocation_end, fault, all, exotic,
                  "execution stopped by an operator while it is suspended", "G04"),
    DURASIM_FAULT(delivery_after_completion, execution_end, fault, standard, odd,
                  "delivered once more after the execution is over", "D04 C22"),
    DURASIM_FAULT(flush_now, flush, order, thorough, odd,
                  "a START that could wait for the next request is sent at once", "I03 I04 C15"),
    DURASIM_FAULT(request_yields, turn, order, thorough, odd,
                  "the request arrives after all else that can happen in this instant", "D12"),
    DURASIM_FAULT(delivery_yields, turn, order, thorough, odd,
                  "delivered after all else that can happen in this instant", "D12 F10"),
    DURASIM_FAULT(timer_deferred, clock, order, thorough, odd,
                  "fires last of all that is due at this instant, in a wake-up of its own",
                  "H06 D09 F08 F10"),
    DURASIM_FAULT(timer_late, timer, fault, thorough, odd, "timer late, after the next deadline",
                  "H04 D10"),
    DURASIM_FAULT(callback_early, callback, environment, thorough, plain,
                  "callback answered before the handler is told its id", "F01"),
    DURASIM_FAULT(callback_twice, callback, environment, thorough, plain, "callback answered twice",
                  "F06"),
    DURASIM_FAULT(callback_twice_other, callback, environment, thorough, plain,
                  "callback answered, then answered otherwise", "F07"),
    DURASIM_FAULT(callback_at_timeout, callback, environment, all, plain,
                  "callback answered in the instant of its timeout", "F08 F03"),
    DURASIM_FAULT(callback_late, callback, environment, all, plain,
                  "callback answered after its timeout", "F03 F09"),
    DURASIM_FAULT(callback_never, callback, environment, all, plain, "callback never answered",
                  "F03 F05"),
    DURASIM_FAULT(callback_fails, callback, environment, all, plain,
                  "callback answered by a failure", "F02"),
    DURASIM_FAULT(callback_malformed, callback, environment, all, odd,
                  "callback answered by what is no JSON", "F12"),
    DURASIM_FAULT(heartbeats_stop, callback, environment, all, plain,
                  "callback gets no heartbeat and no answer", "F04"),
    DURASIM_FAULT(invoke_early, invoke, environment, thorough, plain,
                  "invoked function ends before its START is answered", "C27 G05"),
    DURASIM_FAULT(invoke_fails, invoke, environment, all, plain, "invoked function fails", "G02"),
    DURASIM_FAULT(invoke_times_out, invoke, environment, all, plain, "invoked function times out",
                  "G03"),
    DURASIM_FAULT(invoke_stopped, invoke, environment, all, plain, "invoked function is stopped",
                  "G04"),
    DURASIM_FAULT(invoke_throttled, invoke, environment, all, plain,
                  "invoked function is throttled and never starts", "G06"),
    DURASIM_FAULT(full_jitter, jitter, data, always, plain, "retry delay at its shortest", "H05"),
    DURASIM_FAULT(starts_on_leap_day, start, shape, calendar, plain,
                  "the simulation begins on 29 February", "H07"),
    DURASIM_FAULT(starts_at_month_end, start, shape, calendar, plain,
                  "the simulation begins on 31 January", "H07"),
    DURASIM_FAULT(starts_at_summer_time, start, shape, calendar, plain,
                  "the simulation begins before the change to daylight-saving time", "H07"),
    DURASIM_FAULT(starts_at_winter_time, start, shape, calendar, plain,
                  "the simulation begins before the change from daylight-saving time", "H07"),
    DURASIM_FAULT(starts_at_year_end, start, shape, calendar, plain,
                  "the simulation begins on 31 December", "H07"),
    DURASIM_FAULT(starts_before_2038, start, shape, calendar, plain,
                  "the simulation begins before seconds need more than 32 bits", "H07"),
};
#undef DURASIM_FAULT

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].fault) != i + 1) return false;
  }
  return kRows.size() + 1 == kFaultCount;
}
static_assert(rows_are_in_order());

}  // namespace

std::span<const FaultInfo> fault_catalogue() { return kRows; }

const FaultInfo& fault_info(Fault fault) {
  if (fault == Fault::none) throw std::invalid_argument("no fault: every site offers that");
  return kRows.at(static_cast<std::size_t>(fault) - 1);
}

namespace {

FaultClass class_by_site(const FaultInfo& info) {
  if (info.crash) return FaultClass::crashes;
  switch (info.site) {
    case request:
      return FaultClass::requests;
    case invocation_start:
    case state:
    case record:
    case invocation_end:
    case execution_end:
      return FaultClass::deliveries;
    case callback:
    case invoke:
      return FaultClass::answers;
    default:
      return FaultClass::timing;
  }
}

}  // namespace

FaultClass class_of(Fault fault) {
  switch (fault) {
    case Fault::body_outlives_invocation:
    case Fault::answer_after_timeout:
      return FaultClass::crashes;
    case Fault::overtaken_before_sending:
    case Fault::overtaken_before_body:
    case Fault::overtaken_after_body:
    case Fault::concurrent_delivery_older_first:
    case Fault::concurrent_delivery_newer_first:
      return FaultClass::overlaps;
    case Fault::clock_ahead:
    case Fault::clock_behind:
    case Fault::clock_drifts:
    case Fault::clock_steps_back:
      return FaultClass::timing;
    case Fault::body_fails:
    case Fault::body_fails_after_effects:
    case Fault::request_rejected:
    case Fault::stopped_before_applying:
    case Fault::stopped_while_suspended:
      return FaultClass::failures;
    default:
      return class_by_site(fault_info(fault));
  }
}

}  // namespace durasim
