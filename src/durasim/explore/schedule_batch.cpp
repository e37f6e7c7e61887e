#include "durasim/explore/schedule_batch.hpp"

#include <utility>

#include "durasim/explore/packed_finding.hpp"
#include "durasim/explore/packed_schedule.hpp"

namespace durasim {
namespace {

void pack_numbers(PackedWriter& out, const std::vector<std::uint64_t>& numbers) {
  out.add(numbers.size());
  for (const std::uint64_t number : numbers) out.add(number);
}

std::vector<std::uint64_t> unpack_numbers(PackedReader& in) {
  std::vector<std::uint64_t> numbers(in.number());
  for (std::uint64_t& number : numbers) number = in.number();
  return numbers;
}

void pack_branching(PackedWriter& out, const ScheduleBatch::Branching& branching) {
  out.add(branching.place);
  out.add(branching.footprint);
  out.add(branching.branches.size());
  for (const Branch& branch : branching.branches) {
    pack(out, branch.choice);
    out.add(std::uint64_t{branch.level} << 32U | branch.oddity);
  }
}

ScheduleBatch::Branching unpack_branching(PackedReader& in) {
  ScheduleBatch::Branching branching;
  branching.place = in.number();
  branching.footprint = in.number();
  branching.branches.resize(in.number());
  for (Branch& branch : branching.branches) {
    const Schedule::Choice choice = unpack_choice(in);
    const std::uint64_t rest = in.number();
    branch = {choice, static_cast<std::uint32_t>(rest >> 32U), static_cast<std::uint32_t>(rest)};
  }
  return branching;
}

}  // namespace

void ScheduleBatch::add(const Candidate& candidate, ScheduleOutcome outcome) {
  if (outcome.remarkable) {
    remarkable = true;
    findings = std::move(outcome.findings);
    return;
  }
  fault_offered = fault_offered || outcome.fault_offered;
  executed = executed || outcome.executions > 0;
  if (candidate.counted) {
    outcome.add_to(tally);
    coverage.add(outcome.coverage, &candidate.without);
    census.add(outcome.census);
  }
  std::vector<std::uint64_t>& met = candidate.counted ? states : other_states;
  met.insert(met.end(), outcome.states.begin(), outcome.states.end());
  shadowed.insert(shadowed.end(), outcome.shadowed.begin(), outcome.shadowed.end());
  if (!outcome.branches.empty())
    branching.push_back({made, outcome.coverage.footprint, std::move(outcome.branches)});
  ++made;
}

std::string ScheduleBatch::pack() const {
  PackedWriter out;
  out.add(made);
  tally.pack(out);
  coverage.pack(out);
  census.pack(out);
  out.add(static_cast<std::uint64_t>(fault_offered));
  out.add(static_cast<std::uint64_t>(executed));
  for (const auto* numbers : {&states, &other_states, &shadowed}) pack_numbers(out, *numbers);
  out.add(branching.size());
  for (const Branching& one : branching) pack_branching(out, one);
  out.add(static_cast<std::uint64_t>(remarkable));
  out.add(findings.size());
  for (const Finding& finding : findings) durasim::pack(out, finding);
  return out.take();
}

ScheduleBatch ScheduleBatch::unpack(std::string_view bytes) {
  PackedReader in(bytes);
  ScheduleBatch batch;
  batch.made = in.number();
  batch.tally = Tally::unpack(in);
  batch.coverage = CoverageCounts::unpack(in);
  batch.census = Census::unpack(in);
  batch.fault_offered = in.number() != 0;
  batch.executed = in.number() != 0;
  for (auto* numbers : {&batch.states, &batch.other_states, &batch.shadowed})
    *numbers = unpack_numbers(in);
  batch.branching.resize(in.number());
  for (Branching& one : batch.branching) one = unpack_branching(in);
  batch.remarkable = in.number() != 0;
  batch.findings.resize(in.number());
  for (Finding& finding : batch.findings) finding = unpack_finding(in);
  return batch;
}

}  // namespace durasim
