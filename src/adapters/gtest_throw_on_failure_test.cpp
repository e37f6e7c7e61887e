#include <stdexcept>
#include <string>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/durasim.hpp>

/// --gtest_throw_on_failure: what GoogleTest throws ends a test, and is no failure of user code.
namespace gtest_throw_on_failure_test {

using durasim::Simulation;

int work(durable::Context& ctx) {
  return ctx.step("work", [] { return 1; });
}

/// Sets a flag of GoogleTest for as long as it lives.
class ThrowOnFailure {
 public:
  ThrowOnFailure() : before_(GTEST_FLAG_GET(throw_on_failure)) {
    GTEST_FLAG_SET(throw_on_failure, true);
  }
  ~ThrowOnFailure() { GTEST_FLAG_SET(throw_on_failure, before_); }
  ThrowOnFailure(const ThrowOnFailure&) = delete;
  ThrowOnFailure& operator=(const ThrowOnFailure&) = delete;

 private:
  bool before_;
};

TEST(GtestAdapterThrowOnFailure, IsOffWhileScenariosRunAndOnAgainAfterwards) {
  const ThrowOnFailure flag;
  int continued = 0;
  std::string thrown;
  testing::TestPartResultArray told;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &told);
    try {
      durasim::verify([&](Simulation& sim) {
        sim.function("work", &work);
        sim.run("work");
        EXPECT_TRUE(false) << "told in the end";
        ++continued;
      });
    } catch (const std::runtime_error& failure) {
      thrown = failure.what();
    }
  }
  EXPECT_GT(continued, 0);
  EXPECT_EQ(told.size(), 1);
  EXPECT_NE(thrown.find("told in the end"), std::string::npos);
  EXPECT_TRUE(GTEST_FLAG_GET(throw_on_failure));
  EXPECT_FALSE(GTEST_FLAG_GET(break_on_failure));
}

TEST(GtestAdapterThrowOnFailure, EndsTheRunFromWithinABodyThatWouldBeRetried) {
  for (const bool in_body : {true, false}) {
    int attempts = 0;
    bool caught = false;
    testing::TestPartResultArray told;
    const auto run = [&] {
      const ThrowOnFailure flag;
      Simulation sim;
      sim.function("work", [&](durable::Context& ctx) {
        try {
          ctx.step("work", [&] {
            ++attempts;
            if (in_body) ADD_FAILURE() << "in the body";
          });
          ADD_FAILURE() << "in the handler";
        } catch (const durable::Error&) {
          caught = true;
        }
      });
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &told);
      sim.run("work");
    };
    EXPECT_THROW(run(), testing::internal::GoogleTestFailureException);
    EXPECT_EQ(told.size(), 1);
    EXPECT_EQ(attempts, 1);
    EXPECT_FALSE(caught);
  }
}

TEST(GtestAdapterThrowOnFailure, KnowsWhatGoogleTestItselfThrows) {
  const testing::TestPartResult failure(testing::TestPartResult::kFatalFailure, "a.cpp", 1,
                                        "failed");
  EXPECT_TRUE(durasim::is_test_abort(
      std::make_exception_ptr(testing::internal::GoogleTestFailureException(failure))));
  EXPECT_TRUE(
      durasim::is_test_abort(std::make_exception_ptr(testing::AssertionException(failure))));
  EXPECT_FALSE(durasim::is_test_abort(std::make_exception_ptr(std::runtime_error("failed"))));
}

}  // namespace gtest_throw_on_failure_test
