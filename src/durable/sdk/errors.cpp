#include <durable/errors.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>

#include <fmt/format.h>

#include <durable/serdes.hpp>

#include "durable/sdk/engine.hpp"

namespace durable {

OperationError::OperationError(std::string code, std::string operation, OperationPath path,
                               ErrorObject error)
    : Error(std::move(code),
            fmt::format("{} failed: {}: {}", describe(operation, path), error.type, error.message)),
      operation_(std::move(operation)),
      path_(path),
      error_(std::move(error)) {}

StepError::StepError(std::string operation, OperationPath path, ErrorObject error)
    : StepError("StepError", std::move(operation), path, std::move(error)) {}

StepError::StepError(std::string code, std::string operation, OperationPath path, ErrorObject error)
    : OperationError(std::move(code), std::move(operation), path, std::move(error)) {}

StepInterruptedError::StepInterruptedError(std::string operation, OperationPath path,
                                           ErrorObject error)
    : StepError(std::string(kStepInterrupted), std::move(operation), path, std::move(error)) {}

std::string describe(std::string_view name, OperationPath path) {
  if (name.empty()) return fmt::format("operation {}", path.to_string());
  return fmt::format("\"{}\" (operation {})", name, path.to_string());
}

std::string describe(const std::source_location& where) {
  const std::string_view file = where.file_name();
  return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), where.line());
}

std::string current_exception_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "unknown";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type->name();
}

ErrorObject current_exception_error(std::string_view by) {
  try {
    throw;
  } catch (const OperationError& error) {
    return {error.code(), detail::valid_utf8(error.what()), error.error().data};
  } catch (const Error& error) {
    return {error.code(), detail::valid_utf8(error.what())};
  } catch (const std::exception& error) {
    return {current_exception_type(), detail::valid_utf8(error.what())};
  } catch (...) {
    const std::string type = current_exception_type();
    return {
        type,
        fmt::format(
            "{} threw an exception of type {}, which is not a std::exception and so has no message",
            by, type)};
  }
}

void check_name(const Name& name) {
  if (name.text().size() > kNameLimit) {
    throw ValidationError(fmt::format(
        "the name of the operation at {} has {} characters; at most {} are allowed: \"{}...\"",
        describe(name.where()), name.text().size(), kNameLimit, name.text().substr(0, 40)));
  }
  for (std::size_t i = 0; i < name.text().size(); ++i) {
    const auto character = static_cast<unsigned char>(name.text()[i]);
    if (character < 0x20 || character > 0x7e) {
      throw ValidationError(
          fmt::format("the name of the operation at {} has byte 0x{:02x} at position {}; a name is "
                      "printable ASCII",
                      describe(name.where()), character, i));
    }
  }
}

}  // namespace durable
