#include <durasim/schedule.hpp>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

/// Schedule files on disk.
namespace durasim {
namespace {

struct CloseStream {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using Stream = std::unique_ptr<std::FILE, CloseStream>;

std::string errno_text(int error) { return std::generic_category().message(error); }

[[noreturn]] void cannot_write(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(fmt::format("cannot write {}: {}", file.string(), why));
}

/// Beside `file`, so that a rename stays within one file system; no other writer has the same name.
std::filesystem::path temporary_beside(const std::filesystem::path& file) {
  static std::atomic<unsigned> count{0};
  std::filesystem::path temporary = file;
  temporary += fmt::format(".{}-{}.tmp", ::getpid(), ++count);
  return temporary;
}

/// Returns 0, or the errno of what failed. On disk before it returns: a rename alone could outlive
/// a power failure that the content does not.
int write_whole(const std::filesystem::path& file, const std::string& text) {
  Stream stream(std::fopen(file.c_str(), "wb"));
  if (!stream) return errno;
  const bool written = std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size() &&
                       std::fflush(stream.get()) == 0 && ::fsync(::fileno(stream.get())) == 0;
  if (!written) return errno;
  return std::fclose(stream.release()) == 0 ? 0 : errno;
}

/// Returns 0, or the errno of what failed.
int read_whole(const std::filesystem::path& file, std::string& text) {
  const Stream stream(std::fopen(file.c_str(), "rb"));
  if (!stream) return errno;
  std::array<char, 16'384> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), stream.get())) {
    text.append(buffer.data(), count);
  }
  return std::ferror(stream.get()) == 0 ? 0 : errno;
}

}  // namespace

ScheduleFile ScheduleFile::load(const std::filesystem::path& file) {
  std::string text;
  if (const int error = read_whole(file, text)) {
    throw ScheduleError(fmt::format("cannot read {}: {}", file.string(), errno_text(error)));
  }
  return from_json(text, file.string());
}

void ScheduleFile::save(const std::filesystem::path& file) const {
  std::error_code failed;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) cannot_write(file, failed.message());
  const std::filesystem::path temporary = temporary_beside(file);
  const int error = write_whole(temporary, to_json());
  if (error == 0) std::filesystem::rename(temporary, file, failed);
  if (error == 0 && !failed) return;
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  cannot_write(file, error != 0 ? errno_text(error) : failed.message());
}

}  // namespace durasim
