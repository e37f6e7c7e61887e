#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim {

TEST(OracleIdentifiers, AreStableAndDistinct) {
  EXPECT_EQ(to_string(Oracle::replay_agreement), "replay-agreement");
  EXPECT_EQ(to_string(Oracle::simulator), "simulator");
  std::set<std::string_view> identifiers;
  for (std::size_t i = 0; i < kOracleCount; ++i)
    identifiers.insert(to_string(static_cast<Oracle>(i)));
  EXPECT_EQ(identifiers.size(), kOracleCount);
  EXPECT_FALSE(identifiers.contains("?"));
}

TEST(OracleIdentifiers, AreTheHeadingsOfTheirPage) {
  std::ifstream page(DURASIM_SOURCE_DIR "/docs/reference/oracles.md");
  std::set<std::string> headings;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) headings.insert(line.substr(3));
  }
  std::set<std::string> identifiers;
  for (std::size_t i = 0; i < kOracleCount; ++i)
    identifiers.emplace(to_string(static_cast<Oracle>(i)));
  EXPECT_EQ(headings, identifiers);
}

TEST(OracleSets, HoldWhatTheyAreToldTo) {
  constexpr OracleSet all = OracleSet::all();
  for (std::size_t i = 0; i < kOracleCount; ++i) {
    const auto oracle = static_cast<Oracle>(i);
    EXPECT_TRUE(all.contains(oracle));
    EXPECT_FALSE(OracleSet::none().contains(oracle));
    EXPECT_FALSE(all.without(oracle).contains(oracle));
    EXPECT_EQ(all.without(oracle).with(oracle), all);
  }
  EXPECT_TRUE(all.without(Oracle::progress).contains(Oracle::hygiene));
}

TEST(OracleSets, DecideWhichMonitorsWatch) {
  Findings findings;
  EXPECT_TRUE(make_monitors(OracleSet::none(), findings).empty());
  EXPECT_EQ(make_monitors(OracleSet::none().with(Oracle::hygiene), findings).size(), 1U);
  EXPECT_EQ(make_monitors(OracleSet::all(), findings).size(),
            make_monitors(OracleSet::all().without(Oracle::hygiene), findings).size() + 1);
}

TEST(FindingSignature, HasEightHexadecimalCharacters) {
  const std::string signature = Finding{}.signature();
  EXPECT_EQ(signature.size(), 8U);
  EXPECT_EQ(signature.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(FindingSignature, DependsOnOracleOperationAndLineOnly) {
  Finding finding;
  finding.oracle = Oracle::effects;
  finding.operation = "charge";
  finding.file = "/here/payment.cpp";
  finding.line = 12;
  const std::string signature = finding.signature();

  Finding other = finding;
  other.what = "another sentence";
  other.remedy = "another remedy";
  other.file = "/there/payment.cpp";
  EXPECT_EQ(other.signature(), signature);

  other = finding;
  other.oracle = Oracle::progress;
  EXPECT_NE(other.signature(), signature);
  other = finding;
  other.operation = "refund";
  EXPECT_NE(other.signature(), signature);
  other = finding;
  other.line = 13;
  EXPECT_NE(other.signature(), signature);
}

TEST(FindingSignature, IsTheSameInEveryProcess) {
  Finding finding;
  finding.oracle = Oracle::effects;
  finding.operation = "charge";
  finding.file = "/here/payment.cpp";
  finding.line = 12;
  EXPECT_EQ(finding.signature(), "ab865f0a");
}

TEST(Findings, TakeNothingFromAnOracleThatIsOff) {
  Findings findings(OracleSet::all().without(Oracle::effects));
  Finding finding;
  finding.oracle = Oracle::effects;
  findings.add(finding);
  EXPECT_TRUE(findings.empty());
  finding.oracle = Oracle::hygiene;
  findings.add(finding);
  EXPECT_FALSE(findings.empty());
}

TEST(Findings, DropASecondFindingThatSaysTheSame) {
  Findings findings;
  EXPECT_TRUE(findings.empty());
  Finding finding;
  finding.oracle = Oracle::effects;
  finding.what = "something took effect";
  finding.path = oracle::op(1);
  findings.add(finding);
  finding.at += std::chrono::hours(1);
  findings.add(finding);
  EXPECT_EQ(findings.all().size(), 1U);

  finding.path = oracle::op(2);
  findings.add(finding);
  finding.oracle = Oracle::hygiene;
  findings.add(finding);
  finding.what = "something else took effect";
  findings.add(finding);
  EXPECT_EQ(findings.all().size(), 4U);
}

}  // namespace durasim
