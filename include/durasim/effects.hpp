#pragma once

#include <cstdint>
#include <map>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include <durable/model.hpp>
#include <durable/serdes.hpp>
#include <durasim/clock.hpp>

namespace durasim {

class World;

/// What reached the outside world. Fakes write it; oracles and tests read it.
class Effects {
 public:
  /// A receiver that deduplicates by key: the first value given for `key` takes effect and is returned,
  /// now and whenever the key comes again.
  template <class T>
  T apply(std::string_view kind, std::string_view key, const T& value,
          const std::source_location& where = std::source_location::current()) {
    return durable::deserialize<T>(apply_text(kind, key, durable::serialize<T>(value), where));
  }
  /// A receiver that does not: every call takes effect.
  void record(std::string_view kind, std::string_view key = {},
              const std::source_location& where = std::source_location::current());

  /// How often something took effect, in all or for one key.
  std::size_t count(std::string_view kind) const;
  std::size_t count(std::string_view kind, std::string_view key) const;
  /// How often it was asked for, in all or with one key.
  std::size_t calls(std::string_view kind) const;
  std::size_t calls(std::string_view kind, std::string_view key) const;

  // Guarantees. A finding names the declaration and the two places that together break it.

  /// Declares that `kind` takes effect at most `limit` times; checked whenever it does.
  void at_most(std::size_t limit, std::string_view kind,
               const std::source_location& where = std::source_location::current());
  /// Declares that `kind` takes effect exactly `count` times; checked at the end of the run too.
  void exactly(std::size_t count, std::string_view kind,
               const std::source_location& where = std::source_location::current());
  /// Declares that no key of `kind` takes effect twice, whoever deduplicates.
  void once_per_key(std::string_view kind,
                    const std::source_location& where = std::source_location::current());
  /// Declares that the key of `kind` tells one operation from all others of its execution, and does so in
  /// each of its attempts: no call without a key, the same key whenever the operation's body runs, and no
  /// key of another operation. Checked whenever it is asked for; once_per_key is included.
  void idempotent_by_key(std::string_view kind,
                         const std::source_location& where = std::source_location::current());

 private:
  friend class World;
  explicit Effects(World& world) : world_(&world) {}

  struct Entry {
    std::string kind;
    std::string key;
    std::string value;
    bool applied = true;
    std::uint32_t execution = 0;  // 0: made by the test itself
    Timestamp at{};
    std::uint32_t invocation = 0;  // of its execution
    std::uint64_t body_run = 0;    // tells the runs of bodies apart; 0: not made by a body
    durable::OperationPath path = {};
    std::string operation = {};       // its name
    std::source_location place = {};  // of the step; of the call where there is none
  };
  /// So that neither a look-up nor a count goes through all entries.
  struct Key {
    std::size_t applied = 0;
    std::size_t calls = 0;
    std::size_t first = 0;  // place of the entry that took effect first
  };
  struct Kind {
    std::size_t applied = 0;
    std::size_t calls = 0;
    std::size_t last_applied = 0;  // place of an entry, if there is one
    std::map<std::string, Key, std::less<>> keys;
  };
  struct Guarantee {
    enum class Rule : std::uint8_t { at_most, exactly, once_per_key, idempotent_by_key } rule;
    std::size_t count;
    std::string kind;
    std::source_location where;
  };

  std::string apply_text(std::string_view kind, std::string_view key, std::string value,
                         const std::source_location& where);
  const Key* find(std::string_view kind, std::string_view key) const;
  static constexpr std::size_t kNone = ~std::size_t{0};
  static bool by_key(const Guarantee& guarantee) {
    return guarantee.rule == Guarantee::Rule::once_per_key ||
           guarantee.rule == Guarantee::Rule::idempotent_by_key;
  }

  Entry entry(std::string_view kind, std::string_view key, std::string_view value, bool applied,
              const std::source_location& where) const;
  void note(std::string_view kind, std::string_view key, std::string_view value, bool applied,
            const std::source_location& where);
  // guarantees.cpp
  // They judge the last entry. `before`: the entry that took effect before it, for a rule about keys
  // with the same key.
  void check(const Guarantee& guarantee, std::size_t before);
  void check_key(const Guarantee& guarantee);
  void check_at_end();
  void broken(const Guarantee& guarantee, const std::string& what, std::string remedy);
  std::string maker_of(const Entry& entry) const;
  std::string story_of(const Entry& first, const Entry& second) const;

  World* world_;
  std::vector<Entry> entries_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::vector<Guarantee> guarantees_;
};

}  // namespace durasim
