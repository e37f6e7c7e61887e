#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tools/trace/runs.hpp"

namespace trace_determinism_test {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(TraceDeterminism, TheSameScheduleTwiceGivesTheSameTrace) {
  for (const trace_runs::Run& run : trace_runs::all()) {
    const auto first = trace_runs::trace(run);
    const auto second = trace_runs::trace(run);
    EXPECT_EQ(first.trace_hash, second.trace_hash)
        << run.name << "\n"
        << durasim::first_difference(first.trace, second.trace);
  }
}

TEST(TraceDeterminism, TheRunsDifferFromEachOther) {
  std::set<std::string> hashes;
  for (const trace_runs::Run& run : trace_runs::all())
    hashes.insert(trace_runs::trace(run).trace_hash);
  EXPECT_EQ(hashes.size(), 12U);
}

TEST(TraceDeterminism, WhatRunsInBetweenLeavesNoMark) {
  const trace_runs::Run run = trace_runs::all()[2];
  const auto before = trace_runs::trace(run);
  durasim::verify(&never_waits::scenario, {.max_faults = 1, .name = "in between"});
  const std::vector<char> padding(1'000'003);  // other addresses
  EXPECT_EQ(before.trace, trace_runs::trace(run).trace);
}

// When the format changes on purpose: raise Trace::kFormatVersion, and write the file anew with trace_canon.
TEST(TraceGolden, OneCanonicalTextIsKeptWithItsFormatVersion) {
  const trace_runs::Run run = trace_runs::all()[2];
  const std::string golden = read(DURASIM_SOURCE_DIR "/fixtures/golden/payment-three-faults.trace");
  ASSERT_FALSE(golden.empty());
  EXPECT_EQ(golden.substr(0, golden.find('\n')),
            "durasim-trace " + std::to_string(durasim::Trace::kFormatVersion));
  EXPECT_EQ(durasim::first_difference(golden, trace_runs::trace(run).trace), "");
}

}  // namespace trace_determinism_test
