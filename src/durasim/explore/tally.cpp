#include "durasim/explore/tally.hpp"

namespace durasim {

void Tally::add(const Tally& other) {
  runs += other.runs;
  executions += other.executions;
  widen(margins, other.margins);
  certificate.add(other.certificate);
}

void Tally::pack(PackedWriter& out) const {
  out.add(runs);
  out.add(executions);
  for (const Margin& margin : margins) {
    out.add(margin.used);
    out.add(margin.limit);
  }
  out.add(certificate.high);
  out.add(certificate.low);
}

Tally Tally::unpack(PackedReader& in) {
  Tally tally;
  tally.runs = in.number();
  tally.executions = in.number();
  for (std::size_t i = 0; i < kMarginCount; ++i) {
    const std::uint64_t used = in.number();
    tally.margins[i] = {tally.executions == 0 ? "" : kMarginNames[i], used, in.number()};
  }
  tally.certificate.high = in.number();
  tally.certificate.low = in.number();
  return tally;
}

}  // namespace durasim
