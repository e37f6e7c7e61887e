#include "durasim/guard/stack.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "durasim/guard/frame_words.hpp"

/// Places in the source, from return addresses. binutils' addr2line reads them: it knows what was
/// inlined, and compilers bring it.
namespace durasim::guard {
namespace {

constexpr std::size_t kDeepest = 48;
constexpr std::size_t kMostShown = 4;  // places of one finding

/// An address as a file has it.
struct Spot {
  std::string module;
  std::uintptr_t offset = 0;
  std::string symbol;  // the exported one, if there is one
};

std::string demangled(const char* symbol) {
  if (symbol == nullptr) return {};
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : symbol;
}

/// What stands at a return address is the call's successor.
Spot spot_of(void* back) {
  const auto address = reinterpret_cast<std::uintptr_t>(back) - 1;
  Dl_info info{};
  link_map* map = nullptr;
  if (dladdr1(reinterpret_cast<void*>(address), &info, reinterpret_cast<void**>(&map),
              RTLD_DL_LINKMAP) == 0 ||
      map == nullptr)
    return {};
  const bool is_program = map->l_name == nullptr || *map->l_name == '\0';
  return {is_program ? "/proc/self/exe" : map->l_name, address - map->l_addr,
          demangled(info.dli_sname)};
}

std::string output_of(const std::string& command) {
  std::string output;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  if (!pipe) return output;
  std::array<char, 4096> block{};
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe.get()))
    output.append(block.data(), size);
  return output;
}

std::string quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char character : text)
    quoted += character == '\'' ? "'\\''" : std::string(1, character);
  return quoted + "'";
}

/// addr2line would see itself under this name.
std::string file_of(const std::string& module) {
  if (module != "/proc/self/exe") return module;
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(module.c_str(), nullptr),
                                                         &std::free);
  return path ? path.get() : module;
}

/// Innermost first: what was inlined, then the function itself.
std::vector<std::vector<Frame>> frames_of(std::span<const Spot> spots) {
  std::vector<std::vector<Frame>> found(spots.size());
  std::map<std::string, std::vector<std::size_t>> by_module;
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (!spots[i].module.empty()) by_module[spots[i].module].push_back(i);
  }
  for (const auto& [module, places] : by_module) {
    std::string command = "addr2line -a -f -C -i -e " + quoted(file_of(module));
    for (const std::size_t place : places) command += fmt::format(" {:#x}", spots[place].offset);
    const auto answers = parse_addr2line(output_of(command + " 2>/dev/null"));
    for (std::size_t i = 0; i < places.size() && i < answers.size(); ++i)
      found[places[i]] = answers[i];
  }
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (found[i].empty()) found[i].push_back({});
    Frame& last = found[i].back();
    if (last.function.empty()) last.function = spots[i].symbol;
    last.in_program = spots[i].module == "/proc/self/exe";
  }
  return found;
}

/// Nobody writes the name of a call operator, or of libstdc++'s inner functions.
std::string called_as(std::string name) {
  const std::size_t last = name.rfind("::");
  if (last != std::string::npos && (name.compare(last, 5, "::_M_") == 0 || name.ends_with("()")))
    name.resize(last);
  return name + "()";
}

guarded::Place describe(const char* function, std::span<void* const> stack) {
  std::vector<Spot> spots;
  spots.reserve(stack.size());
  for (void* const back : stack) spots.push_back(spot_of(back));
  guarded::Place place;
  place.callee = std::string(function) + "()";
  std::size_t shown = 0;
  for (const auto& frames : frames_of(spots)) {
    for (const Frame& frame : frames) {
      if (is_end_of_handler(frame)) return place;
      if (!is_users(frame)) {
        if (shown == 0 && is_of_standard_library(frame))
          place.callee = called_as(short_name(frame.function));
        continue;
      }
      if (shown == kMostShown) return place;
      if (shown++ == 0) {
        place.file = frame.file;
        place.line = frame.line;
        place.chain = words(frame);
      } else {
        place.chain += ", called " + words(frame);
      }
    }
  }
  return place;
}

}  // namespace

guarded::Place locate(const char* function, const void* back) {
  std::array<void*, kDeepest> stack{};
  const auto depth = static_cast<std::size_t>(backtrace(stack.data(), static_cast<int>(kDeepest)));
  const std::span<void* const> all(stack.data(), depth);
  const auto from = static_cast<std::size_t>(std::ranges::find(all, back) - all.begin());
  const std::span<void* const> above = all.subspan(from == depth ? 0 : from);
  // A handler may make a call in each of a million runs; the symbols are read once. Calls in tail
  // position of different functions may leave the same stack.
  using Call = std::pair<std::string_view, std::vector<void*>>;
  static thread_local std::map<Call, guarded::Place> known;
  Call key(function, std::vector<void*>(above.begin(), above.end()));
  const auto at = known.find(key);
  if (at != known.end()) return at->second;
  return known.emplace(std::move(key), describe(function, above)).first->second;
}

}  // namespace durasim::guard
