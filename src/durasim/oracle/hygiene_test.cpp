#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "durasim/oracle/testing.hpp"

namespace durasim::oracle {

using durable::Misuse;
using ::testing::HasSubstr;

/// The only finding about `misuse`.
inline Finding found(const Misuse& misuse) {
  Script script(make_hygiene);
  TraceEvent event = script.event(TraceEvent::Kind::misuse, 1);
  event.misuse = &misuse;
  script.tell(event);
  script.tell(event);
  EXPECT_EQ(script.findings().size(), 1U);
  return script.findings().empty() ? Finding{} : script.findings()[0];
}

TEST(Hygiene, FindsASwallowedSuspensionWithBothPlaces) {
  const Finding finding = found(
      {Misuse::Kind::suspension_swallowed, op(2), "pause", kHere, kElsewhere,
       "a catch (...) swallowed the unwinding of this call, and the handler went on to another"});
  EXPECT_EQ(finding.oracle, Oracle::hygiene);
  EXPECT_THAT(finding.what, HasSubstr("durable call \"pause\" (operation 2) at testing.hpp:" +
                                      std::to_string(kHere.line())));
  EXPECT_THAT(finding.what,
              HasSubstr("went on to another at testing.hpp:" + std::to_string(kElsewhere.line())));
  EXPECT_THAT(finding.remedy, HasSubstr("catch (const std::exception&)"));
  EXPECT_EQ(finding.operation, "pause");
  EXPECT_EQ(finding.path, op(2));
  EXPECT_EQ(finding.file, kHere.file_name());
  EXPECT_EQ(finding.line, kHere.line());
}

TEST(Hygiene, FindsASwallowedSuspensionAtTheEndOfTheHandler) {
  const Finding finding =
      found({Misuse::Kind::suspension_swallowed, op(2), "pause", kHere, {}, "swallowed"});
  EXPECT_TRUE(finding.what.ends_with(": swallowed"));
}

TEST(Hygiene, FindsACallOnAnotherContext) {
  for (const auto kind : {Misuse::Kind::outer_context, Misuse::Kind::ended_context}) {
    const Finding finding =
        found({kind, op(2), "pause", kHere, {}, "made on the context of the handler"});
    EXPECT_THAT(finding.what, HasSubstr("durable call \"pause\" (operation 2) at testing.hpp:"));
    EXPECT_THAT(finding.remedy, HasSubstr("the Context that the running body is given"));
  }
}

TEST(Hygiene, FindsATermination) {
  const Finding finding =
      found({Misuse::Kind::terminated, op(1), "", kHere, {}, "std::terminate: in a destructor"});
  EXPECT_THAT(finding.what, HasSubstr("durable call (operation 1) at testing.hpp:"));
  EXPECT_THAT(finding.remedy, HasSubstr("destructors"));
  EXPECT_EQ(finding.operation, "1");
}

TEST(Hygiene, FindsATerminationBeforeTheFirstDurableCall) {
  const Finding finding = found({Misuse::Kind::terminated, {}, "", {}, {}, "std::terminate"});
  EXPECT_EQ(finding.what, "the handler: std::terminate");
  EXPECT_EQ(finding.operation, "");
  EXPECT_EQ(finding.line, 0U);
}

TEST(Hygiene, DoesNotRepeatThePlaceThatTheMessageNames) {
  const std::string message =
      "durable call \"pause\" (operation 2) at testing.hpp:" + std::to_string(kHere.line()) +
      " inside the body of a step";
  const Finding finding = found({Misuse::Kind::nested_call, op(2), "pause", kHere, {}, message});
  EXPECT_EQ(finding.what, message);
  EXPECT_FALSE(finding.remedy.empty());
}

TEST(Hygiene, IsSilentAboutEverythingElse) {
  Script script(make_hygiene);
  script.start(1);
  script.issue(1, 1);
  script.body(1, 1);
  script.crash(1);
  EXPECT_TRUE(script.findings().empty());
}

}  // namespace durasim::oracle
