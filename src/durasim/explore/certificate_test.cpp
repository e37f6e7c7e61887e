#include "durasim/explore/certificate.hpp"

#include <gtest/gtest.h>

namespace certificate_test {

using durasim::Certificate;

TEST(Certificate, IsWrittenWith32DigitsAndReadAgain) {
  const Certificate certificate{0x0123456789abcdef, 7};
  EXPECT_EQ(certificate.text(), "0123456789abcdef0000000000000007");
  EXPECT_EQ(Certificate::from_text(certificate.text()), certificate);
  EXPECT_EQ(Certificate::from_text("0123"), std::nullopt);
  EXPECT_EQ(Certificate::from_text("0123456789abcdefx000000000000007"), std::nullopt);
}

TEST(Certificate, IsASumOf128Bits) {
  Certificate sum{1, ~0ULL};
  sum.add({2, 3});
  EXPECT_EQ(sum, (Certificate{4, 2}));
}

TEST(Certificate, OfARunTellsScheduleChoicesStatesAndVerdict) {
  durasim::RunResult run;
  run.executions = 1;
  run.states = {5, 6};
  run.decisions.push_back(
      {{durasim::SiteKind::request, durasim::ChoiceKind::fault, 1, {}, 1}, 3, 0});
  const Certificate first = certify({}, run);
  EXPECT_EQ(certify({}, run), first);
  EXPECT_NE(certify({{{0, 1}}}, run), first);
  durasim::RunResult other = run;
  other.states = {6, 5};
  EXPECT_NE(certify({}, other), first);
  other = run;
  other.findings.emplace_back();
  EXPECT_NE(certify({}, other), first);
  other = run;
  other.decisions[0].bound = 4;
  EXPECT_NE(certify({}, other), first);
  other = run;
  other.decisions[0].site.occurrence = 2;
  EXPECT_NE(certify({}, other), first);
}

}  // namespace certificate_test
