#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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
  T apply(std::string_view kind, std::string_view key, const T& value) {
    return durable::deserialize<T>(apply_text(kind, key, durable::serialize<T>(value)));
  }
  /// A receiver that does not: every call takes effect.
  void record(std::string_view kind, std::string_view key = {});

  /// How often something took effect, in all or for one key.
  std::size_t count(std::string_view kind) const;
  std::size_t count(std::string_view kind, std::string_view key) const;
  /// How often it was asked for.
  std::size_t attempts(std::string_view kind) const;

  /// Declares that `kind` takes effect at most `limit` times; checked whenever it does.
  void at_most(std::size_t limit, std::string_view kind);
  /// Declares that `kind` takes effect exactly `count` times; checked at the end of the run too.
  void exactly(std::size_t count, std::string_view kind);
  /// Declares that no key of `kind` takes effect twice, whoever deduplicates.
  void once_per_key(std::string_view kind);

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
  };
  /// So that neither a look-up nor a count goes through all entries.
  struct Key {
    std::size_t applied = 0;
    std::size_t first = 0;  // place of the entry that took effect first
  };
  struct Kind {
    std::size_t applied = 0;
    std::size_t attempts = 0;
    std::map<std::string, Key, std::less<>> keys;
  };
  struct Guarantee {
    enum class Rule : std::uint8_t { at_most, exactly, once_per_key } rule;
    std::size_t count;
    std::string kind;
  };

  std::string apply_text(std::string_view kind, std::string_view key, std::string value);
  const Key* find(std::string_view kind, std::string_view key) const;
  void note(std::string_view kind, std::string_view key, std::string_view value, bool applied);
  void check(const Guarantee& guarantee, std::string_view key);
  void check_at_end();

  World* world_;
  std::vector<Entry> entries_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::vector<Guarantee> guarantees_;
};

}  // namespace durasim
