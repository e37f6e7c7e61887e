#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <durable/model.hpp>

/// The first seam of the SDK: messages to the service and their answers.
namespace durable {

/// How a message to the service, or a body given to an executor, ends.
enum class Fate : std::uint8_t {
  ok,
  error,  ///< ends the invocation (a message: after retries); reported to the service
  dead,   ///< the sandbox died: unwind, report nothing
  never   ///< no answer will come: the caller stays where it is
};

/// An error answer of the service, or of the network when `http_status` is 0.
struct ServiceError {
  int http_status = 0;
  std::string code;
  std::string message;
};

/// A request of an invocation.
struct Request {
  /// CheckpointDurableExecution, whose updates are all applied, in order, or none; or
  /// GetDurableExecutionState, which changes nothing and gives no new token.
  enum class Kind : std::uint8_t { checkpoint, get_state };

  CheckpointToken token;
  /// The same for every transmission of one request, so that the service applies it once.
  std::uint64_t client_token = 0;
  /// Which transmission this is, counted from 1.
  std::uint32_t transmission = 1;
  std::vector<OperationUpdate> updates;
  Kind kind = Kind::checkpoint;
  /// Of a get_state: where its page begins.
  std::uint32_t marker = 0;
};

struct Response {
  Fate fate = Fate::ok;
  /// Absent after updates that ended the execution.
  std::optional<CheckpointToken> token = {};
  /// Every operation that changed since the invocation last heard; of a get_state, those of its page.
  std::vector<Operation> operations = {};
  /// Where the next page of them begins; 0 if there is none.
  std::uint32_t next_marker = 0;
  /// Present where the fate is error.
  std::optional<ServiceError> error = {};
};

/// Sends requests once each; retries are the SDK's.
class ServiceClient {
 public:
  virtual ~ServiceClient() = default;

  /// The answer, if it is there at once; otherwise it comes later through Engine::deliver.
  virtual std::optional<Response> send(const Request& request) = 0;
};

}  // namespace durable
