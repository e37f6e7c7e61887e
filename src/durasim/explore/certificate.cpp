#include "durasim/explore/certificate.hpp"

#include <charconv>

#include <fmt/format.h>

#include "durasim/core/hash.hpp"

namespace durasim {
namespace {

/// Two hashes of the same numbers that begin differently.
class WideHash {
 public:
  WideHash() { second_.add(std::uint64_t{1}); }
  void add(std::uint64_t number) {
    first_.add(number);
    second_.add(number);
  }
  Certificate value() const { return {first_.value(), second_.value()}; }

 private:
  Hash64 first_;
  Hash64 second_;
};

constexpr std::size_t kDigits = 16;  // of 64 bits

}  // namespace

void Certificate::add(const Certificate& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
}

std::string Certificate::text() const { return fmt::format("{:016x}{:016x}", high, low); }

std::optional<Certificate> Certificate::from_text(std::string_view text) {
  if (text.size() != 2 * kDigits) return std::nullopt;
  const auto read = [&](std::string_view half, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(half.data(), half.data() + kDigits, number, 16);
    return error == std::errc() && end == half.data() + kDigits;
  };
  Certificate certificate;
  if (!read(text.substr(0, kDigits), certificate.high) ||
      !read(text.substr(kDigits), certificate.low))
    return std::nullopt;
  return certificate;
}

Certificate certify(const Schedule& schedule, const RunResult& run) {
  WideHash hash;
  hash.add(schedule.choices.size());
  for (const Schedule::Choice& fault : schedule.choices)
    hash.add(std::uint64_t{fault.position} << 32U | fault.alternative);
  hash.add(run.decisions.size());
  for (const Decision& decision : run.decisions) {
    hash.add(std::uint64_t{decision.site.execution} << 32U | decision.site.occurrence);
    hash.add(decision.site.path.hash());
    hash.add(std::uint64_t{decision.bound} << 48U | std::uint64_t{decision.answer} << 32U |
             static_cast<std::uint64_t>(decision.site.kind) << 16U |
             static_cast<std::uint64_t>(decision.fault));
  }
  hash.add(run.executions);
  for (const std::uint64_t state : run.states) hash.add(state);
  hash.add(run.findings.size());
  return hash.value();
}

}  // namespace durasim
