#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <durasim/explore.hpp>

namespace durasim {

/// How often durable states were met.
class StateCounts {
 public:
  void add(std::uint64_t state, std::uint64_t runs) {
    std::uint64_t& known = runs_[state];
    if (known == 1) --once_;
    if (known == 0 && runs == 1) ++once_;
    known += runs;
    all_ += runs;
  }
  std::uint64_t states() const { return runs_.size(); }

  /// Each state and the number of runs that met it, by state.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sorted() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> states(runs_.begin(), runs_.end());
    std::sort(states.begin(), states.end());
    return states;
  }

  /// By Good and Turing: the share of what was met once is that of what was not met yet.
  std::string unseen() const {
    const double share = all_ == 0 ? 1 : static_cast<double>(once_) / static_cast<double>(all_);
    return fmt::format(
        "about {:.2g} % of the durable states that further runs meet are new (Good-Turing, f1/N = "
        "{}/{})",
        100 * share, once_, all_);
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> runs_;
  std::uint64_t once_ = 0;  ///< states that one run only has met
  std::uint64_t all_ = 0;   ///< meetings of a run with a state
};

/// Adds to a search's result, which knows its failures and why it ended, what its report says of them,
/// and `more`.
inline void summarize(Verification& result, const StateCounts& states,
                      const std::vector<Verification::Note>& more = {}) {
  result.durable_states = states.states();
  for (std::size_t i = 1; i < result.failures.size(); ++i) {
    const Verification::Failure& one = result.failures[i];
    result.notes.push_back(
        {"another", fmt::format("failure, in run {}: {}: {}; {}", one.run, to_string(one.oracle),
                                one.what, one.file.filename().string())});
  }
  result.notes.insert(result.notes.end(), more.begin(), more.end());
  result.notes.push_back(
      {"search", fmt::format("stopped {}; {}", result.stopped, states.unseen())});
}

}  // namespace durasim
