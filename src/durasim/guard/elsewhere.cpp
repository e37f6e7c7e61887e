#include "durasim/guard/elsewhere.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <clocale>
#include <cstring>
#include <ctime>
#include <locale>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "durasim/sim/guarded.hpp"

namespace durasim::guard {
namespace {

/// All that is set in a shadow replay, for those who look without asking: among them libc itself, for
/// the time zone.
char zone[] = "TZ=Elsewhere-5:30";
char* elsewhere[] = {zone, nullptr};
constexpr std::string_view kZone = "Elsewhere";

constinit std::atomic<char**> home = nullptr;  // what `environ` was; nullptr: nobody is away
thread_local bool away = false;

/// A program that has chosen no locale is in "C" on every machine. What has been chosen may be missing.
class Locale {
 public:
  void leave() {
    const char* const name = std::setlocale(LC_ALL, nullptr);
    if (name != nullptr && std::strcmp(name, "C") != 0) c_ = name;
    if (std::locale() != std::locale::classic()) cpp_ = std::locale::global(std::locale::classic());
    if (!c_.empty()) std::setlocale(LC_ALL, "C");
  }
  void come_back() {
    if (cpp_ != std::locale::classic())
      std::locale::global(std::exchange(cpp_, std::locale::classic()));
    if (!c_.empty()) std::setlocale(LC_ALL, std::exchange(c_, {}).c_str());
  }

 private:
  std::string c_;
  std::locale cpp_ = std::locale::classic();
};

thread_local Locale chosen;

char* found_in(char** entries, std::string_view name) {
  for (; entries != nullptr && *entries != nullptr; ++entries) {
    const std::string_view entry = *entries;
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return *entries + name.size() + 1;
  }
  return nullptr;
}

bool is_number(std::string_view value) {
  return !value.empty() && value.size() < 10 &&
         std::ranges::all_of(value, [](unsigned char digit) { return std::isdigit(digit) != 0; });
}

/// Set to it, or set at all: both say yes.
bool is_switch(std::string_view value) {
  constexpr std::string_view all[] = {"", "0", "1", "true", "false", "yes", "no", "on", "off"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char letter) { return std::tolower(letter); });
  return std::ranges::find(all, lower) != std::end(all);
}

void go() {
  char** nobody = nullptr;
  if (!home.compare_exchange_strong(nobody, environ)) return;  // another thread's handler is there
  environ = elsewhere;
  away = true;
  chosen.leave();
}

void come_back() {
  if (!away) return;
  chosen.come_back();
  away = false;
  environ = home;
  home = nullptr;
  if (tzname[0] == kZone) tzset();
}

const bool set = [] {
  guarded::travel = [](bool there) { there ? go() : come_back(); };
  return true;
}();

}  // namespace

char* value_at_home(const char* name) {
  char** const before = home;
  return found_in(before != nullptr ? before : environ, name);
}

char* value_elsewhere(const char* name) {
  const std::string_view sought = name;
  char* const value = value_at_home(name);
  if (char* const there = found_in(elsewhere, sought)) return there;
  if (sought.starts_with("LC_") || sought == "LANG" || sought == "LANGUAGE") return nullptr;
  static thread_local std::map<std::string, std::string, std::less<>> values;  // getenv's last long
  std::string& other = values[std::string(sought)];
  if (value == nullptr) {
    other = "1";
  } else if (is_switch(value)) {
    return nullptr;
  } else {
    other = is_number(value) ? std::to_string(std::stoul(value) + 1)
                             : std::string(value) + "-elsewhere";
  }
  return other.data();
}

AtHome::AtHome() : was_away_(away) {
  if (was_away_) come_back();
}
AtHome::~AtHome() {
  if (was_away_) go();
}

}  // namespace durasim::guard
