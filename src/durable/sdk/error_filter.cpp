#include <algorithm>
#include <locale>
#include <regex>

#include <fmt/format.h>

#include <durable/errors.hpp>
#include <durable/retry.hpp>

/// Which failures a retry strategy is for.
namespace durable::retry {
namespace {

/// libstdc++ matches in time polynomial in the message's length and without recursion over it, which
/// the small stack of a handler would not bear.
constexpr auto kGrammar = std::regex::ECMAScript | std::regex_constants::__polynomial;

/// "CardDeclined" names payment::CardDeclined too.
bool names(std::string_view wanted, std::string_view type) {
  if (!type.ends_with(wanted)) return false;
  return type.size() == wanted.size() ||
         (!wanted.empty() && type.substr(0, type.size() - wanted.size()).ends_with("::"));
}

}  // namespace

struct ErrorPattern::Regex {
  std::regex compiled;
};

bool ErrorPattern::is_in(std::string_view message) const {
  if (!regex_) return message.find(text_) != std::string_view::npos;
  return std::regex_search(message.begin(), message.end(), regex_->compiled);
}

ErrorPattern regex(std::string_view expression) {
  ErrorPattern pattern(expression);
  auto made = std::make_shared<ErrorPattern::Regex>();
  made->compiled.imbue(std::locale::classic());
  try {
    made->compiled.assign(pattern.text_, kGrammar);
  } catch (const std::regex_error& error) {
    throw ValidationError(
        fmt::format("\"{}\" is not a regular expression of ECMAScript without back-references: {}",
                    expression, error.what()));
  }
  pattern.regex_ = std::move(made);
  return pattern;
}

bool ErrorFilter::admits(const ErrorObject& error) const {
  if (admits_all()) return true;
  return std::any_of(messages.begin(), messages.end(),
                     [&](const ErrorPattern& pattern) { return pattern.is_in(error.message); }) ||
         std::any_of(types.begin(), types.end(),
                     [&](const std::string& type) { return names(type, error.type); });
}

}  // namespace durable::retry
