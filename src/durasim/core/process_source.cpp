#include "durasim/core/process_source.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "durasim/core/packed.hpp"
#include "durasim/core/threads.hpp"

namespace durasim {
namespace {

bool write_all(int channel, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(channel, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool read_exactly(int channel, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::read(channel, to, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// Until the other end is closed. False if it was silent for so many seconds; 0: for however long.
bool read_all(int channel, std::uint32_t seconds, std::string& text) {
  std::array<char, 4096> buffer{};
  const int patience = seconds == 0 ? -1 : static_cast<int>(std::min(seconds, 86'400U)) * 1000;
  for (;;) {
    pollfd one{channel, POLLIN, 0};
    const int ready = ::poll(&one, 1, patience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t count = ::read(channel, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

/// In a forked process: it ends when the one that forked it does.
void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Of a process that has said all it had to say. One that does not end by itself is ended, and is said to
/// have ended well; whatever else ends it, be it SIGKILL, is not our doing.
int status_of(pid_t process) {
  constexpr int kLooks = 1000;
  for (int i = 0; i < kLooks; ++i) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) == process) return status;
    ::poll(nullptr, 0, 1);
  }
  ::kill(process, SIGKILL);
  const int status = wait_for(process);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : status;
}

/// Three numbers and a text.
bool send(int channel, const ProcessSource::Answer& answer) {
  PackedWriter out;
  out.add(static_cast<std::uint64_t>(answer.status));
  out.add(static_cast<std::uint64_t>(answer.silent));
  out.add(answer.said);
  return write_all(channel, out.take());
}

bool receive(int channel, ProcessSource::Answer& answer) {
  std::array<std::uint64_t, 3> head{};
  if (!read_exactly(channel, reinterpret_cast<char*>(head.data()), sizeof head)) return false;
  answer.status = static_cast<int>(head[0]);
  answer.silent = head[1] != 0;
  answer.said.resize(head[2]);
  return read_exactly(channel, answer.said.data(), answer.said.size());
}

[[noreturn]] void be_source(const ProcessSource::Serve& serve, std::uint32_t patience,
                            int channel) {
  for (ProcessSource::Answer request; receive(channel, request);) {
    const auto answer = ProcessSource::ask_child(serve, request.said, patience);
    if (!answer || !send(channel, *answer)) break;
  }
  ::_exit(0);
}

}  // namespace

std::optional<ProcessSource::Answer> ProcessSource::ask_child(const Serve& serve,
                                                              std::string_view request,
                                                              std::uint32_t patience) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
  const pid_t parent = ::getpid();
  const bool among_threads = is_among_threads();
  std::cout.flush();
  std::fflush(nullptr);  // or the child would write it as well
  const pid_t child = ::fork();
  if (child == 0) {
    end_with(parent);
    forked_among_threads(among_threads);
    ::close(ends[0]);
    try {
      serve(request, [&](std::string_view said) { write_all(ends[1], said); });
    } catch (...) {  // whoever asks comes to it as well
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  Answer answer;
  if (child > 0) {
    answer.silent = !read_all(ends[0], patience, answer.said);
    if (answer.silent) ::kill(child, SIGKILL);
    answer.status = answer.silent ? wait_for(child) : status_of(child);
  }
  ::close(ends[0]);
  if (child < 0) return std::nullopt;
  return answer;
}

ProcessSource::ProcessSource(Serve serve, std::uint32_t patience) : owner_(::getpid()) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  std::cout.flush();
  std::fflush(nullptr);  // or what they print would come with what this process has not written yet
  const bool among_threads = is_among_threads();
  source_ = ::fork();
  if (source_ == 0) {
    end_with(owner_);
    forked_among_threads(among_threads);
    ::close(ends[0]);
    be_source(serve, patience, ends[1]);
  }
  ::close(ends[1]);
  channel_ = ends[0];
}

ProcessSource::~ProcessSource() {
  if (channel_ >= 0) ::close(channel_);
  if (source_ <= 0 || owner_ != ::getpid()) return;
  ::kill(source_, SIGKILL);
  wait_for(source_);
}

bool ProcessSource::is_own() const { return owner_ == ::getpid() && source_ > 0; }

std::optional<ProcessSource::Answer> ProcessSource::ask(std::string_view request) const {
  Answer asked;
  asked.said = request;
  Answer answer;
  if (!send(channel_, asked) || !receive(channel_, answer)) return std::nullopt;
  return answer;
}

}  // namespace durasim
