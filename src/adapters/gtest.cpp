#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <durasim/framework.hpp>

namespace durasim {
namespace {

/// Collects the failures of one run; switches off what would act on them at once.
class Capture {
 public:
  Capture()
      : reporter_(testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results_),
        break_on_failure_(GTEST_FLAG_GET(break_on_failure)),
        throw_on_failure_(GTEST_FLAG_GET(throw_on_failure)) {
    GTEST_FLAG_SET(break_on_failure, false);
    GTEST_FLAG_SET(throw_on_failure, false);
  }
  ~Capture() {
    GTEST_FLAG_SET(break_on_failure, break_on_failure_);
    GTEST_FLAG_SET(throw_on_failure, throw_on_failure_);
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  std::vector<Failure> failures() const {
    std::vector<Failure> failures;
    for (int i = 0; i < results_.size(); ++i) {
      const testing::TestPartResult& result = results_.GetTestPartResult(i);
      if (result.passed()) continue;
      failures.push_back({result.file_name() == nullptr ? "" : result.file_name(),
                          static_cast<std::uint32_t>(std::max(0, result.line_number())),
                          result.message(), result.skipped()});
    }
    return failures;
  }

 private:
  testing::TestPartResultArray results_;
  testing::ScopedFakeTestPartResultReporter reporter_;
  bool break_on_failure_;
  bool throw_on_failure_;
};

/// Counts the tests that this process starts.
class TestCounter final : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo&) override { ++started; }
  static inline std::uint64_t started = 0;
};

const testing::TestInfo* running_test() {
  return testing::UnitTest::GetInstance()->current_test_info();
}

/// Which tests run, how often and in which order, and where that is written: not for a single one.
bool selects_tests(const std::string& argument) {
  return argument.starts_with("--gtest_") &&
         !argument.starts_with("--gtest_also_run_disabled_tests");
}

class GoogleTest final : public TestFramework {
 public:
  void begin_run() override { captures_.push_back(std::make_unique<Capture>()); }

  std::vector<Failure> end_run() override {
    std::vector<Failure> failures = captures_.back()->failures();
    captures_.pop_back();
    return failures;
  }

  void report(const Failure& failure) override {
    const testing::TestInfo* test = running_test();
    if (failure.skip && test != nullptr && test->result()->Skipped()) return;
    const auto kind =
        failure.skip ? testing::TestPartResult::kSkip : testing::TestPartResult::kNonFatalFailure;
    GTEST_MESSAGE_AT_(failure.file.empty() ? "unknown file" : failure.file.c_str(),
                      static_cast<int>(failure.line), failure.message.c_str(), kind);
  }

  void leave_test(const Failure& skip) override {
    // GoogleTest takes this exception as the end of a test that has said why it ends.
    throw testing::AssertionException({testing::TestPartResult::kSkip, skip.file.c_str(),
                                       static_cast<int>(skip.line), skip.message.c_str()});
  }

  std::string current_test() const override {
    const testing::TestInfo* test = running_test();
    return test == nullptr ? "" : std::string(test->test_suite_name()) + "." + test->name();
  }

  std::string current_file() const override {
    const testing::TestInfo* test = running_test();
    return test == nullptr || test->file() == nullptr ? "" : test->file();
  }

  std::uint64_t test_run() const override { return TestCounter::started; }

  std::vector<std::string> arguments_for(const std::string& test,
                                         const std::vector<std::string>& given) const override {
    std::vector<std::string> arguments{"--gtest_filter=" + test};
    for (const std::string& argument : given) {
      if (!selects_tests(argument)) arguments.push_back(argument);
    }
    return arguments;
  }

 private:
  std::vector<std::unique_ptr<Capture>> captures_;
};

[[maybe_unused]] const bool installed = [] {
  static GoogleTest framework;
  install_test_framework(&framework);
  testing::UnitTest::GetInstance()->listeners().Append(new TestCounter);  // GoogleTest owns it
  // With --gtest_throw_on_failure a failed expectation ends the test by throwing this.
  register_test_abort([](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const testing::internal::GoogleTestFailureException&) {
      return true;
    } catch (...) {
      return false;
    }
  });
  return true;
}();

}  // namespace
}  // namespace durasim
