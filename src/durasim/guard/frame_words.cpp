#include "durasim/guard/frame_words.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace durasim::guard {
namespace {

constexpr std::string_view kLambdaIn = "a lambda in ";
constexpr std::string_view kInner = "_V2::";  // of libstdc++'s clocks: nobody writes it

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void set_place(Frame& frame, std::string_view place) {
  place = place.substr(0, place.find(" ("));  // (discriminator 3)
  const std::size_t colon = place.rfind(':');
  if (place.starts_with("??") || colon == std::string_view::npos) return;
  const std::string_view digits = place.substr(colon + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), frame.line);
  if (frame.line != 0) frame.file = place.substr(0, colon);
}

/// Without arguments, of functions and of templates.
std::string without_arguments(std::string_view function) {
  constexpr std::string_view call = "operator()";
  std::string kept;
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    if (depth == 0 && function.substr(i).starts_with(call)) {
      kept += call;
      i += call.size() - 1;
      continue;
    }
    // g++ writes it so in debug information, and {lambda()#1} in symbols.
    if (depth == 0 && function.substr(i).starts_with("<lambda")) kept += "{lambda";
    if (function.substr(i).starts_with("[abi:"))
      i = std::min(function.find(']', i), function.size() - 1) + 1;
    if (i >= function.size()) break;
    const char character = function[i];
    if (character == '(' || character == '<') ++depth;
    if (depth == 0) kept += character;
    if (character == ')' || character == '>') depth = std::max(0, depth - 1);
  }
  return kept;
}

}  // namespace

std::vector<std::vector<Frame>> parse_addr2line(std::string_view output) {
  std::vector<std::vector<Frame>> addresses;
  while (!output.empty()) {
    const std::string_view line = next_line(output);
    if (line.starts_with("0x")) {
      addresses.emplace_back();
      continue;
    }
    if (addresses.empty()) return addresses;
    Frame frame;
    if (line != "??") frame.function = line;
    set_place(frame, next_line(output));
    addresses.back().push_back(std::move(frame));
  }
  return addresses;
}

std::string short_name(std::string_view function) {
  std::string name = without_arguments(function);
  std::string in;
  for (const std::string_view lambda : {"::{lambda", "::'lambda", "::$_"}) {
    const std::size_t at = name.find(lambda);
    if (at == std::string::npos) continue;
    name.resize(at);
    in = kLambdaIn;
  }
  if (name.ends_with(" const")) name.resize(name.size() - std::string_view(" const").size());
  if (const std::size_t type = name.rfind(' '); type != std::string::npos) name.erase(0, type + 1);
  if (const std::size_t at = name.find(kInner); at != std::string::npos)
    name.erase(at, kInner.size());
  if (const std::size_t at = name.find("::::"); at != std::string::npos) name.erase(at, 2);
  if (name.starts_with("::")) name.erase(0, 2);              // what is left of an unnamed namespace
  if (name.ends_with("_Test::TestBody")) name = "the test";  // as GoogleTest calls its body
  return in + name;
}

std::string words(const Frame& frame) {
  std::string function = short_name(frame.function);
  if (frame.file.empty()) return "in " + function;
  if (function.starts_with("std::")) function.clear();  // a lambda that went into what calls it
  const std::string_view file = std::string_view(frame.file).substr(frame.file.rfind('/') + 1);
  return fmt::format("at {}:{}{}{}", file, frame.line, function.empty() ? "" : " in ", function);
}

namespace {

/// By the function's namespace and by the folder: a user may have folders of these names too, or names of
/// ours in folders of their own.
bool is_of_known_library(const Frame& frame) {
  constexpr std::string_view namespaces[] = {"durable::", "durasim::", "nlohmann::", "testing::"};
  constexpr std::string_view folders[] = {"include/durable/", "include/durasim/", "src/durable/",
                                          "src/durasim/",     "/nlohmann/",       "/gtest/",
                                          "/gmock/",          "/googletest/"};
  const std::string name = short_name(frame.function);
  std::string_view function = name;
  if (function.starts_with(kLambdaIn)) function.remove_prefix(kLambdaIn.size());
  // Of what was inlined, g++ names lambdas and templates of lambdas without their namespace; those of our own
  // tests are a user's.
  const bool is_bare = !contains(function, "::") && !frame.file.ends_with("_test.cpp") &&
                       (function == "operator()" || contains(frame.file, "include/dura"));
  return (is_bare ||
          std::ranges::any_of(namespaces, [&](auto own) { return function.starts_with(own); })) &&
         std::ranges::any_of(folders, [&](auto own) { return contains(frame.file, own); });
}

}  // namespace

bool is_users(const Frame& frame) {
  if (frame.file.empty()) {
    const std::string name = short_name(frame.function);
    constexpr std::string_view ours[] = {
        "std::", "durable::", "durasim::", "boost::", "nlohmann::", "__", "_"};
    return frame.in_program && !name.empty() &&
           std::ranges::none_of(ours, [&](auto prefix) { return name.starts_with(prefix); });
  }
  // Not all of /usr: images of containers build what is the user's in /usr/src/app.
  constexpr std::string_view systems[] = {"/usr/include/", "/usr/lib", "/usr/local/include/",
                                          "/usr/src/googletest/"};
  const std::string_view file = frame.file;
  return std::ranges::none_of(systems, [&](auto folder) { return file.starts_with(folder); }) &&
         !contains(file, "/include/c++/") && !is_of_known_library(frame);
}

bool is_of_standard_library(const Frame& frame) {
  return short_name(frame.function).starts_with("std::");
}

bool is_end_of_handler(const Frame& frame) {
  return frame.function.starts_with("durable::Engine::run_handler");
}

}  // namespace durasim::guard
