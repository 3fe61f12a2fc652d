#include "hub-protocol/hub/file_clerk.h"

#include "hub-protocol/envelope/file_form.h"
#include "hub-protocol/hub/answer.h"
#include "hub-protocol/hub/identity.h"

namespace qianzhi::hub {

FileClerk::FileClerk(const Handlers& handlers, Conversations& conversations, const Clock& clock,
                     std::function<void(const std::string&, const Error&)> report,
                     std::function<void(const Error&)> fatal, Breakpoint breakpoint)
    : handlers_(handlers),
      conversations_(conversations),
      clock_(clock),
      report_(std::move(report)),
      fatal_(std::move(fatal)),
      breakpoint_(std::move(breakpoint)) {}

void FileClerk::reach(std::string_view point) const {
  if (breakpoint_) breakpoint_(point);
}

// It goes to the key that signed the request, which is all that a reader must have.
Bytes FileClerk::reply_file(const Party& party, const Opened& opened, wire::FileMessage reply,
                            const Digest& file) const {
  reply.set_version(file_version);
  reply.set_direction(wire::FILE_REPLY);
  reply.set_answers(file.bytes());
  reply.clear_readers();
  reply.add_readers(public_key_of(opened.signer).bytes());
  return framed(party.seal(content_of(reply), {opened.signer}));
}

namespace {

wire::FileMessage head_of(const wire::FileMessage& request) {
  wire::FileMessage reply;
  reply.set_agent(request.agent());
  reply.set_conversation(request.conversation());
  reply.set_number(request.number());
  reply.set_begun(request.begun());
  reply.set_call(request.call());
  return reply;
}

}  // namespace

FileAnswer FileClerk::problem(const Party& party, const Opened& opened, const wire::FileMessage& request,
                              const Digest& file, const Error& error, FileOutcome outcome) {
  report_(request.agent(), error);
  wire::FileMessage reply = head_of(request);
  const Answer answer = problem_answer(error);
  reply.set_status(static_cast<std::uint32_t>(answer.status));
  reply.set_body(answer.body);
  return {outcome, reply_file(party, opened, std::move(reply), file)};
}

FileAnswer FileClerk::start_again(const Party& party, const Opened& opened, const wire::FileMessage& request,
                                  const Digest& file, const Error& error, Micros begin_after) {
  report_(request.agent(), error);
  wire::FileMessage reply = head_of(request);
  reply.set_status(begin_again);
  reply.set_body(problem_answer(error).body);
  reply.set_begin_after(begin_after);
  return {FileOutcome::begins_again, reply_file(party, opened, std::move(reply), file)};
}

FileAnswer FileClerk::answer(const Party& party, const FileName& name, std::string_view body, const Digest& file,
                             const std::string& only) {
  if (name.is_reply) throw Error(ErrorKind::rejected, "QZ-LINK-124", "a reply where requests come");
  const Opened opened = party.open(body, clock_.now());
  const Identity caller = identity_of(opened.signer);
  if (!only.empty() && caller.agent != only) throw Error(ErrorKind::rejected, "QZ-LINK-131", caller.agent);
  if (caller.agent != name.agent)
    throw Error(ErrorKind::rejected, "QZ-LINK-124", "signed by " + caller.agent + ", named " + name.agent);
  const wire::FileMessage request = message_of(opened.content, name, public_key_of(party.certificate()));
  if (!is_call(request.call())) throw Error(ErrorKind::rejected, "QZ-LINK-124", "no such call");
  try {
    require_known(caller, *handlers_.directory_in_force(), clock_.now());
  } catch (const Error& error) {
    return problem(party, opened, request, file, error, FileOutcome::unwelcome);
  }
  return judge(party, opened, request, file);
}

FileAnswer FileClerk::judge(const Party& party, const Opened& opened, const wire::FileMessage& request,
                            const Digest& file) {
  const std::string& agent = request.agent();
  const std::string id = to_hex(request.conversation());
  const auto known = conversations_.find(agent, id);
  const std::uint64_t last = known ? known->number : 0;
  if (request.number() < last) return {FileOutcome::dropped, {}};
  if (known && request.number() == last) {
    if (known->request != file) throw Error(ErrorKind::rejected, "QZ-LINK-125", to_text(name_of(request)));
    Bytes kept = conversations_.reply(agent, id);
    if (!kept.empty()) return {FileOutcome::repeated, std::move(kept)};
  }
  if (request.number() > last + 1 || (known && request.number() == last)) {
    const Error error(ErrorKind::rejected, "QZ-LINK-126",
                      "number " + std::to_string(request.number()) + " after " + std::to_string(last));
    return start_again(party, opened, request, file, error, request.begun());
  }
  const Micros forgotten = conversations_.forgotten_until(agent);
  if (!known && request.begun() <= forgotten)
    return start_again(party, opened, request, file,
                       Error(ErrorKind::rejected, "QZ-LINK-127", to_text(request.begun())), forgotten);
  const Answer result = answer_of([&] { return run_call(handlers_, agent, request.call(), request.body()); },
                                  [&](const Error& error) { report_(agent, error); }, fatal_);
  reach("file.before_keep");
  wire::FileMessage reply = head_of(request);
  reply.set_status(static_cast<std::uint32_t>(result.status));
  reply.set_body(result.body);
  Bytes octets = reply_file(party, opened, std::move(reply), file);
  conversations_.keep(agent, id, {request.begun(), request.number(), file}, octets);
  reach("file.after_keep");
  return {FileOutcome::answered, std::move(octets)};
}

}  // namespace qianzhi::hub
