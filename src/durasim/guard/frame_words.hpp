#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How frames of a stack are told.
namespace durasim::guard {

struct Frame {
  std::string function;  ///< demangled; empty if unknown
  std::string file;      ///< empty if unknown
  std::uint32_t line = 0;
  bool in_program = true;  ///< not in a shared library
};

/// What addr2line -a -f -C -i has printed: for each address its frames, innermost first.
std::vector<std::vector<Frame>> parse_addr2line(std::string_view output);

/// "shop::stamp" of "shop::stamp<int>(Order const&)"; "a lambda in ship" of a lambda's operator().
std::string short_name(std::string_view function);
/// "at shop.cpp:12 in stamp"
std::string words(const Frame& frame);

/// Not of the system's headers, nor of durasim or a library that it brings; without debug information: a
/// function of the program's.
bool is_users(const Frame& frame);
bool is_of_standard_library(const Frame& frame);
/// What called the handler.
bool is_end_of_handler(const Frame& frame);

}  // namespace durasim::guard
