#include "durasim/sim/cold_image.hpp"

#include <bit>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include <durable/executor.hpp>
#include <durable/operation_inputs.hpp>

#include "durasim/core/packed.hpp"

/// What goes to a cold process, and what comes back. Both are images of one program: what is static lies at
/// the same address in both.
namespace durasim {
namespace {

using Kind = TraceEvent::Kind;

thread_local ColdDoubts* current_doubts = nullptr;

template <class T>
void add_bytes(PackedWriter& out, const T& value) {
  out.add(std::string_view(reinterpret_cast<const char*>(&value), sizeof value));
}

template <class T>
T bytes(PackedReader& in) {
  T value;
  std::memcpy(static_cast<void*>(&value), in.text().data(), sizeof value);
  return value;
}

/// As numbers from the root: an index is that of one process.
void add(PackedWriter& out, durable::OperationPath path) {
  std::vector<std::uint32_t> numbers;
  for (; !path.is_root(); path = path.parent()) numbers.push_back(path.number());
  out.add(numbers.size());
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) out.add(*number);
}

durable::OperationPath path_in(PackedReader& in) {
  durable::OperationPath path;
  for (std::uint64_t left = in.number(); left > 0; --left)
    path = path.child(in.as<std::uint32_t>());
  return path;
}

void add(PackedWriter& out, const durable::Text& text) {
  out.add(std::uint64_t{text.present()});
  out.add(text.view());
}

durable::Text text_in(PackedReader& in) {
  const bool present = in.number() != 0;
  const std::string text = in.text();
  return present ? durable::Text(text) : durable::Text();
}

void add(PackedWriter& out, const durable::ErrorPtr& error) {
  out.add(std::uint64_t{error != nullptr});
  if (error == nullptr) return;
  for (const std::string* text : {&error->type, &error->message, &error->data}) out.add(*text);
  out.add(error->stack_trace.size());
  for (const std::string& line : error->stack_trace) out.add(line);
}

durable::ErrorPtr error_in(PackedReader& in) {
  if (in.number() == 0) return nullptr;
  durable::ErrorObject error;
  for (std::string* text : {&error.type, &error.message, &error.data}) *text = in.text();
  error.stack_trace.resize(in.number());
  for (std::string& line : error.stack_trace) line = in.text();
  return std::make_shared<const durable::ErrorObject>(std::move(error));
}

void add(PackedWriter& out, Timestamp time) {
  out.add(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Timestamp time_in(PackedReader& in) { return Timestamp(Duration(in.as<Duration::rep>())); }

void add(PackedWriter& out, const durable::Operation& operation) {
  add(out, operation.path);
  out.add(operation.virtual_contexts);
  out.add(static_cast<std::uint64_t>(operation.type));
  out.add(static_cast<std::uint64_t>(operation.status));
  out.add(static_cast<std::uint64_t>(operation.sub_type));
  out.add(std::uint64_t{operation.replay_children});
  out.add(operation.attempt);
  for (const durable::Text* text : {&operation.name, &operation.result, &operation.callback_id})
    add(out, *text);
  add(out, operation.error);
  for (const Timestamp time : {operation.started_at, operation.ended_at, operation.due_at})
    add(out, time);
}

durable::Operation operation_in(PackedReader& in) {
  durable::Operation operation;
  operation.path = path_in(in);
  operation.virtual_contexts = in.as<std::uint8_t>();
  operation.type = in.as<durable::OperationType>();
  operation.status = in.as<durable::OperationStatus>();
  operation.sub_type = in.as<durable::OperationSubType>();
  operation.replay_children = in.number() != 0;
  operation.attempt = in.as<std::uint32_t>();
  for (durable::Text* text : {&operation.name, &operation.result, &operation.callback_id})
    *text = text_in(in);
  operation.error = error_in(in);
  for (Timestamp* time : {&operation.started_at, &operation.ended_at, &operation.due_at})
    *time = time_in(in);
  return operation;
}

void add_issued(PackedWriter& out, const TraceEvent& event) {
  out.add(static_cast<std::uint64_t>(event.type));
  out.add(static_cast<std::uint64_t>(event.sub_type));
  out.add(event.name);
  out.add(event.inputs);
  add_bytes(out, event.body);
  add_bytes(out, event.where);
  const auto inputs = event.issued->inputs;
  out.add(inputs.size());
  for (const durable::OperationInput& input : inputs) {
    out.add(input.name);
    out.add(static_cast<std::uint64_t>(input.form));
    out.add(static_cast<std::uint64_t>(input.number));
    out.add(input.text);
  }
}

/// A durable call as it came: the event refers to this. Its options did not come.
struct Issued {
  durable::IssuedOperation operation;
  std::deque<std::string> texts;
  std::vector<durable::OperationInput> inputs;

  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  void read(PackedReader& in, TraceEvent& event) {
    event.type = in.as<durable::OperationType>();
    event.sub_type = in.as<durable::OperationSubType>();
    event.name = keep(in.text());
    event.inputs = in.number();
    event.body = bytes<const std::type_info*>(in);
    event.where = bytes<std::source_location>(in);
    inputs.resize(in.number());
    for (durable::OperationInput& input : inputs) {
      input.name = keep(in.text());
      input.form = in.as<durable::OperationInput::Form>();
      input.number = in.as<std::int64_t>();
      input.text = keep(in.text());
    }
    operation = {event.path, event.type, event.sub_type, event.name,
                 inputs,     {},         event.body,     event.where};
    event.issued = &operation;
  }
};

}  // namespace

ColdDoubts::ColdDoubts() : outer_(current_doubts) { current_doubts = this; }
ColdDoubts::~ColdDoubts() { current_doubts = outer_; }

void ColdDoubts::add(const std::string& reason) {
  if (current_doubts != nullptr && current_doubts->text_.empty()) current_doubts->text_ = reason;
}

std::string ColdRequest::pack() const {
  PackedWriter out;
  out.add(execution);
  out.add(function);
  out.add(event.execution_arn);
  add_bytes(out, event.token);
  add(out, event.input);
  add(out, event.started_at);
  out.add(event.operations.size());
  for (const durable::Operation& operation : event.operations) add(out, operation);
  return out.take();
}

ColdRequest ColdRequest::unpack(std::string_view packed) {
  PackedReader in(packed);
  ColdRequest request;
  request.execution = in.as<std::uint32_t>();
  request.function = in.text();
  request.event.execution_arn = in.text();
  request.event.token = bytes<durable::CheckpointToken>(in);
  request.event.input = text_in(in);
  request.event.started_at = time_in(in);
  request.event.operations.resize(in.number());
  for (durable::Operation& operation : request.event.operations) operation = operation_in(in);
  return request;
}

std::string pack_cold(const TraceEvent& event) {
  PackedWriter out;
  out.add(static_cast<std::uint64_t>(event.kind));
  add(out, event.path);
  out.add(static_cast<std::uint64_t>(event.outcome));
  add(out, event.payload);
  add(out, event.error);
  if (event.kind == Kind::operation_issued) add_issued(out, event);
  PackedWriter framed;
  framed.add(out.take());
  return framed.take();
}

bool unpack_cold(std::string_view packed, const TraceEvent& started,
                 const std::function<void(TraceEvent&)>& on) {
  constexpr std::size_t kFrame = sizeof(std::uint64_t);
  while (packed.size() >= kFrame) {
    const std::uint64_t size = PackedReader(packed).number();
    if (packed.size() - kFrame < size) break;  // the process ended while it said this
    PackedReader in(packed.substr(kFrame, size));
    packed.remove_prefix(kFrame + size);
    TraceEvent event;
    event.kind = in.as<Kind>();
    event.execution = started.execution;
    event.shadow = event.cold = true;
    event.path = path_in(in);
    event.outcome = in.as<durable::InvocationOutcome::Status>();
    event.payload = text_in(in);
    event.error = error_in(in);
    Issued issued;
    if (event.kind == Kind::operation_issued) issued.read(in, event);
    on(event);
    if (event.kind == Kind::replay_ended) return true;
  }
  return false;
}

}  // namespace durasim
