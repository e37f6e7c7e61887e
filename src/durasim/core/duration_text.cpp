#include "durasim/core/duration_text.hpp"

#include <fmt/format.h>

namespace durasim {

std::string duration_text(Duration duration) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(duration);
  const auto rest = (duration - whole).count();
  const std::string fraction = rest == 0 ? "" : fmt::format(".{:03}", rest);
  if (whole < minutes(2)) return fmt::format("{}{}s", whole.count(), fraction);
  const auto h = duration_cast<hours>(whole);
  const auto m = duration_cast<minutes>(whole - h);
  const auto s = whole - h - m;
  if (h < hours(24))
    return fmt::format("{}h {:02}m {:02}{}s", h.count(), m.count(), s.count(), fraction);
  return fmt::format("{}d {:02}h {:02}m {:02}{}s", h.count() / 24, h.count() % 24, m.count(),
                     s.count(), fraction);
}

}  // namespace durasim
