#include <durable/text.hpp>

#include <atomic>
#include <new>

namespace durable {

/// A long text; its characters follow.
struct Text::Shared {
  std::atomic<std::size_t> owners;
  std::size_t size;

  char* characters() { return reinterpret_cast<char*>(this + 1); }
};

Text::Text(std::string_view text) {
  if (text.size() <= kInPlace) {
    text.copy(bytes_.data(), text.size());
    bytes_[15] = static_cast<char>(text.size() + 1);
    return;
  }
  Shared* const made = new (::operator new(sizeof(Shared) + text.size())) Shared{1, text.size()};
  text.copy(made->characters(), text.size());
  std::memcpy(bytes_.data(), &made, sizeof made);  // NOLINT(bugprone-*): the pointer itself
  bytes_[15] = kSharedTag;
}

std::string_view Text::shared_view() const { return {shared()->characters(), shared()->size}; }

void Text::add_owner() const { shared()->owners.fetch_add(1, std::memory_order_relaxed); }

void Text::drop_owner() const {
  Shared* const text = shared();
  if (text->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  text->~Shared();
  ::operator delete(text);
}

}  // namespace durable
