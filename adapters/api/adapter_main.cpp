#include "adapters/api/adapter_main.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/channel.h"
#include "adapters/api/codec.h"
#include "adapters/api/memory.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::adapter {

namespace {

// One opened thing a process: what the first open request names stays.
class Server {
 public:
  explicit Server(Adapter& adapter) : adapter_(adapter) {}

  void answer(const wire::Request& request, wire::Reply& reply) {
    using Call = wire::Request::CallCase;
    switch (request.call_case()) {
      case Call::kHello: return greet(request.hello(), *reply.mutable_greeting());
      case Call::kDescribe: return encode(adapter_.describe(decode(request.describe())), *reply.mutable_tables());
      case Call::kPlanSource: return encode(adapter_.plan_source(decode(request.plan_source())), *reply.mutable_plan());
      case Call::kPlanTarget: return encode(adapter_.plan_target(decode(request.plan_target())), *reply.mutable_plan());
      case Call::kOpenSource: return open_source(decode(request.open_source()), reply);
      case Call::kOpenTarget: return open_target(decode(request.open_target()), reply);
      case Call::kOpenLookup: return open_lookup(decode(request.open_lookup()), reply);
      case Call::kFind: return answer_questions(request.find(), *reply.mutable_found());
      case Call::kPreflight: return encode(preflight(), *reply.mutable_findings());
      case Call::CALL_NOT_SET: malformed("a request of another protocol version");
      default: return source_ != nullptr ? answer_source(request, reply) : answer_target(request, reply);
    }
  }
  Channel::Input input() {
    return {[this] { return source_ != nullptr ? source_->input() : -1; }, [this] { return source_->take_input(); }};
  }

 private:
  static void greet(const wire::Hello& hello, const Capabilities& capabilities, wire::Greeting& to) {
    if (hello.protocol() != protocol_version)
      throw Error(ErrorKind::misuse, "QZ-ADP-006", "the agent speaks protocol " + std::to_string(hello.protocol()));
    to.set_protocol(protocol_version);
    to.set_log(capabilities.log);
    to.set_journal(capabilities.journal);
    to.set_snapshot(capabilities.snapshot);
    to.set_write(capabilities.write);
    to.set_watermark(capabilities.watermark);
    to.set_digests(capabilities.digests);
    to.set_canary(capabilities.canary);
    to.set_looks(true);
    to.set_lookup(capabilities.lookup);
  }

  void greet(const wire::Hello& hello, wire::Greeting& to) { greet(hello, adapter_.capabilities(), to); }

  void need_closed() const {
    if (source_ != nullptr || target_ != nullptr || lookup_ != nullptr) malformed("a second open");
  }

  void open_source(const SourceSpec& spec, wire::Reply& reply) {
    need_closed();
    source_ = adapter_.open_source(spec);
    source_tables_ = spec.tables.size();
    reply.mutable_done();
  }

  void open_target(TargetSpec spec, wire::Reply& reply) {
    need_closed();
    target_ = adapter_.open_target(spec);
    target_spec_ = std::move(spec);
    reply.mutable_done();
  }

  void open_lookup(const LookupSpec& spec, wire::Reply& reply) {
    need_closed();
    lookup_ = adapter_.open_lookup(spec);
    reply.mutable_done();
  }

  void answer_questions(const wire::Find& find, wire::Found& found) {
    if (lookup_ == nullptr) malformed("a request before open");
    encode(lookup_->find(find.statement(), decode_questions(find), find.rows_each(), limits_of(find.limits())), found);
  }

  std::vector<Finding> preflight() {
    if (lookup_ != nullptr) return lookup_->preflight();
    return target_ != nullptr ? target_->preflight() : source().preflight();
  }

  static ReadLimits limits_of(const wire::Limits& limits) { return {limits.rows(), limits.octets()}; }

  Source& source() {
    if (source_ == nullptr) malformed("a request before open");
    return *source_;
  }

  void answer_source(const wire::Request& request, wire::Reply& reply) {
    using Call = wire::Request::CallCase;
    switch (request.call_case()) {
      case Call::kPresent: return encode(source().present(), *reply.mutable_position());
      case Call::kReadChanges: {
        const wire::ReadChanges& read = request.read_changes();
        return encode(source().read_changes(decode(read.after()), decode(read.high_water()), limits_of(read.limits()),
                                            read.wait()),
                      *reply.mutable_changes());
      }
      case Call::kForget:
        source().forget(decode(request.forget()));
        reply.mutable_done();
        return;
      case Call::kBeat:
        source().beat(request.beat().text());
        reply.mutable_done();
        return;
      case Call::kReadSnapshot: {
        const wire::ReadPage& read = request.read_snapshot();
        return encode(source().read_snapshot(read.table(), read.cursor(), limits_of(read.limits())),
                      *reply.mutable_page());
      }
      case Call::kReadDigests: {
        const wire::ReadPage& read = request.read_digests();
        return encode(source().read_digests(read.table(), read.cursor(), limits_of(read.limits())),
                      *reply.mutable_page());
      }
      case Call::kReadKeys: {
        const wire::ReadKeys& read = request.read_keys();
        return encode(source().read_keys(read.table(), decode_keys(read), limits_of(read.limits())),
                      *reply.mutable_page());
      }
      case Call::kLook: {
        const wire::Look& look = request.look();
        for (const std::uint64_t table : look.tables())
          if (table >= source_tables_) malformed("a table that is not in the specification");
        return encode(source().look({look.tables().begin(), look.tables().end()}, look.count()),
                      *reply.mutable_tables());
      }
      default: malformed("not a request to a source");
    }
  }

  void answer_target(const wire::Request& request, wire::Reply& reply) {
    using Call = wire::Request::CallCase;
    if (target_ == nullptr) malformed("a request before open");
    switch (request.call_case()) {
      case Call::kMarks: return encode(target_->marks(), *reply.mutable_marks());
      case Call::kApply: return encode(target_->apply(decode(request.apply(), target_spec_)), *reply.mutable_applied());
      case Call::kCommit:
        target_->commit();
        reply.mutable_done();
        return;
      case Call::kRollback:
        target_->rollback();
        reply.mutable_done();
        return;
      case Call::kReadRows: {
        const wire::ReadPage& read = request.read_rows();
        return encode(target_->read_rows(read.table(), read.cursor(), limits_of(read.limits())), *reply.mutable_page());
      }
      default: malformed("not a request to a target");
    }
  }

  Adapter& adapter_;
  std::unique_ptr<Source> source_;
  std::size_t source_tables_ = 0;
  std::unique_ptr<Target> target_;
  TargetSpec target_spec_;
  std::unique_ptr<Lookup> lookup_;
};

bool is_socket(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

void serve(int descriptor, Adapter& adapter) {
  Channel channel(descriptor);
  Server server(adapter);
  channel.set_input(server.input());
  while (const auto frame = channel.receive(nullptr, 0)) {
    wire::Request request;
    if (!request.ParseFromArray(frame->data(), static_cast<int>(frame->size()))) malformed("a request");
    wire::Reply reply;
    try {
      server.answer(request, reply);
    } catch (const Error& error) {
      if (error.code() == "QZ-ADP-004") throw;
      reply.Clear();
      encode(error, *reply.mutable_failure());
    }
    if (reply.ByteSizeLong() > longest_frame) {
      reply.Clear();
      encode(Error(ErrorKind::rejected, "QZ-ADP-005", "the answer is over 64 MiB"), *reply.mutable_failure());
    }
    channel.send(reply.SerializeAsString(), nullptr, 0);
  }
}

int adapter_main(int argc, char** argv, const AdapterFactory& factory) {
  if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
    std::printf("%s %s, protocol %u\n", argv[0], QIANZHI_VERSION, protocol_version);
    return 0;
  }
  const bool help = argc > 1 && std::strcmp(argv[1], "--help") == 0;
  if (help || argc > 1 || !is_socket(adapter_descriptor)) {
    std::fprintf(help ? stdout : stderr,
                 "%s: a database adapter of Qianzhi. The agent starts it; it speaks the protocol of\n"
                 "adapters/ADAPTERS.md over the socket on descriptor %d.\n"
                 "%s：由前置代理启动的数据库适配器，不单独运行。\n",
                 argv[0], adapter_descriptor, argv[0]);
    return help ? 0 : 64;
  }
  keep_freed_memory();
  if (const char* form = std::getenv("QIANZHI_LOG"); form != nullptr && std::strcmp(form, "json") == 0)
    set_log_form(LogForm::json);
  try {
    const SystemClock clock;
    const std::unique_ptr<Adapter> adapter = factory(clock);
    serve(adapter_descriptor, *adapter);
    return 0;
  } catch (const Error& error) {
    if (error.code() == "QZ-ADP-002") return 0;  // the agent went away while we answered
    log("adapter", error);
    return 70;
  }
}

}  // namespace qianzhi::adapter
