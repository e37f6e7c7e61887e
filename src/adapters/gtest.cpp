#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <durasim/framework.hpp>
#include <durasim/report.hpp>

#include <algorithm>
#include <memory>
#include <vector>

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
                          static_cast<std::uint32_t>(std::max(0, result.line_number())), result.message(),
                          result.skipped()});
    }
    return failures;
  }

 private:
  testing::TestPartResultArray results_;
  testing::ScopedFakeTestPartResultReporter reporter_;
  bool break_on_failure_;
  bool throw_on_failure_;
};

class GoogleTest final : public TestFramework {
 public:
  void begin_run() override { captures_.push_back(std::make_unique<Capture>()); }

  std::vector<Failure> end_run() override {
    std::vector<Failure> failures = captures_.back()->failures();
    captures_.pop_back();
    return failures;
  }

  void report(const Failure& failure) override {
    const auto kind = failure.skip ? testing::TestPartResult::kSkip : testing::TestPartResult::kNonFatalFailure;
    GTEST_MESSAGE_AT_(failure.file.empty() ? "unknown file" : failure.file.c_str(), static_cast<int>(failure.line),
                      failure.message.c_str(), kind);
  }

  std::string current_test() const override {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return test == nullptr ? "" : std::string(test->test_suite_name()) + "." + test->name();
  }

  std::string filter_for(const std::string& test) const override { return "--gtest_filter=" + shell_quoted(test); }

 private:
  std::vector<std::unique_ptr<Capture>> captures_;
};

[[maybe_unused]] const bool installed = [] {
  static GoogleTest framework;
  install_test_framework(&framework);
  // With --gtest_throw_on_failure a failed expectation ends the test by throwing.
  register_test_abort([](const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const testing::AssertionException&) {
      return true;
    } catch (...) {
      return false;
    }
  });
  return true;
}();

}  // namespace
}  // namespace durasim
