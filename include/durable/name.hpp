#pragma once

#include <concepts>
#include <source_location>
#include <string_view>

namespace durable {

/// The name of a durable operation, made implicitly from text where the call is written, so that it
/// knows that place. Empty means unnamed.
/// Shape:   at most 256 printable ASCII characters; checked by the durable call.
class Name {
 public:
  template <class Characters>
    requires std::convertible_to<const Characters&, std::string_view>
  Name(const Characters& text,  // NOLINT(google-explicit-constructor): implicit by design
       std::source_location where = std::source_location::current())
      : text_(text), where_(where) {}

  std::string_view text() const { return text_; }
  const std::source_location& where() const { return where_; }

 private:
  std::string_view text_;
  std::source_location where_;
};

}  // namespace durable
