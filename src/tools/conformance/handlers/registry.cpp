#include "tools/conformance/handlers/registry.hpp"

namespace conformance {

const Registration* find_handler(std::string_view id) {
  for (const auto handlers :
       {step_handlers(), wait_handlers(), child_handlers(), callback_handlers(), invoke_handlers(),
        wait_for_condition_handlers(), wait_for_callback_handlers()}) {
    for (const Registration& registration : handlers) {
      if (registration.id == id) return &registration;
    }
  }
  return nullptr;
}

}  // namespace conformance
