#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json_fwd.hpp>

#include <durable/errors.hpp>

/// How values become the text that is recorded, and back: compact JSON.
namespace durable {

/// The compact JSON text of a value.
/// Shape:   anything nlohmann::json converts; std::optional, std::chrono durations and time points, also
///          in containers, pairs and tuples; structs with DURABLE_JSON.
/// Errors:  SerDesError, with a JSON pointer, for NaN, infinities and invalid UTF-8.
template <class T>
std::string serialize(const T& value);

/// The value of a text that `serialize` wrote.
/// Errors:  SerDesError, with a JSON pointer, for other JSON, or an integer outside the range of T.
template <class T>
T deserialize(std::string_view text);

/// The operation whose value is converted. Valid during the call.
struct SerdesContext {
  std::string_view operation;  ///< its name
  OperationPath path;
  std::string_view execution_arn;
};

/// Turns the JSON of a value into the text that is recorded, and back: to encrypt it, say. This one
/// writes plain JSON; derive from it and override both.
/// Shape:   the text is UTF-8. One object serves all steps, executions and threads it is given to.
/// Replay:  asked to read whatever is recorded, at every invocation; what was written by an earlier
///          version of the handler too.
/// Errors:  an exception out of serialize ends the execution as failed; one out of deserialize is
///          thrown to the handler as SerDesError. Both name the operation.
/// Source:  docs/reference/serdes.md
class Serdes {
 public:
  virtual ~Serdes() = default;

  virtual std::string serialize(const nlohmann::json& value, const SerdesContext& context) const;
  virtual nlohmann::json deserialize(std::string_view text, const SerdesContext& context) const;
};

namespace detail {

/// A step's result that cannot be recorded. Not a std::exception: no retry would help.
struct UnserializableResult {
  std::string message;
};

// Compiled once, so that including this header stays cheap.
std::string dump(const nlohmann::json& value);
nlohmann::json parse(std::string_view text);
std::string serialize_integer(long long value);
std::string serialize_unsigned(unsigned long long value);
std::string serialize_string(std::string_view value);
bool parse_boolean(std::string_view text);
long long parse_integer(std::string_view text, long long lowest, long long highest);
unsigned long long parse_unsigned(std::string_view text, unsigned long long highest);
std::string parse_string(std::string_view text);
bool is_utf8(std::string_view text);
/// The text with what is not UTF-8 replaced, for messages, which are recorded as JSON.
std::string valid_utf8(std::string text);
/// Throws SerDesError where an integer of `original` is another one in `converted`.
void check_integers(const nlohmann::json& original, const nlohmann::json& converted);
/// Throw SerDesError for what is not an object, or not an array of that size.
void check_object(const nlohmann::json& value);
const nlohmann::json& checked_array(const nlohmann::json& value,
                                    std::size_t size = static_cast<std::size_t>(-1));
/// `text` is what was read, or empty where it is not to be quoted.
[[noreturn]] void conversion_failed(std::string_view text, const char* why);

}  // namespace detail
}  // namespace durable

/// Stands in a struct, names it and its members, and gives it its JSON conversion. It is
/// NLOHMANN_DEFINE_TYPE_INTRUSIVE for members of all types that durable::serialize takes; an optional
/// member may be absent from what is read.
#define DURABLE_JSON(Type, ...)                                                         \
  friend void to_json(nlohmann::json& durable_json, const Type& durable_value) {        \
    durable_json = nlohmann::json::object();                                            \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(DURABLE_DETAIL_WRITE_MEMBER, __VA_ARGS__)) \
  }                                                                                     \
  friend void from_json(const nlohmann::json& durable_json, Type& durable_value) {      \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(DURABLE_DETAIL_READ_MEMBER, __VA_ARGS__))  \
  }
#define DURABLE_DETAIL_WRITE_MEMBER(member) \
  durable_json[#member] = ::durable::detail::to_json_value(durable_value.member);
#define DURABLE_DETAIL_READ_MEMBER(member) \
  ::durable::detail::read_member(durable_json, #member, durable_value.member);

#include <durable/detail/serdes_impl.hpp>  // IWYU pragma: keep
