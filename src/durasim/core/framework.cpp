#include <durasim/framework.hpp>

namespace durasim {
namespace {

TestFramework* installed_framework = nullptr;

std::vector<std::function<bool(const std::exception_ptr&)>>& abort_tests() {
  static std::vector<std::function<bool(const std::exception_ptr&)>> tests;
  return tests;
}

}  // namespace

TestFramework* test_framework() { return installed_framework; }
void install_test_framework(TestFramework* framework) { installed_framework = framework; }

void register_test_abort(std::function<bool(const std::exception_ptr&)> is_abort) {
  abort_tests().push_back(std::move(is_abort));
}

bool is_test_abort(const std::exception_ptr& exception) {
  for (const auto& is_abort : abort_tests()) {
    if (is_abort(exception)) return true;
  }
  return false;
}

}  // namespace durasim
