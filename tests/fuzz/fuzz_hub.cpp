// Any octets as the body of a request to the shipped exchange on a real store: the first says which of the five calls
// and who calls. A caller may be refused, but nothing it sends may look like damage of the hub's own store, which would
// end the process.
#include <cstdint>

#include "tests/fuzz/fixed_hub.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;

namespace {

test::FixedHub& fixed() {
  static test::FixedHub made;
  return made;
}

constexpr const char* callers[] = {"commerce-01", "tax-01", "quality-01"};

template <class Request>
Request parsed(std::string_view octets) {
  Request request;
  // What does not parse is a 400 of the connection: the exchange never sees it.
  if (!request.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::rejected, "QZ-LINK-110", {});
  return request;
}

void check_page(const wire::Page& page, const std::string& caller) {
  if (page.state() == wire::DENIED) QZ_ASSERT(page.batches_size() == 0);
  const auto granted = fixed().world.directory.entitlement(caller, page.stream().topic(), fixed().world.clock.now());
  for (const std::string& octets : page.batches()) {
    const seal::Parsed batch = seal::Parsed::from(octets);
    QZ_ASSERT(batch.header().stream.agent == page.stream().agent());
    batch.check_contents();
    batch.check_entitled(granted);
  }
}

void call(int which, const std::string& caller, std::string_view octets) {
  hub::Exchange& exchange = *fixed().world.hub;
  switch (which) {
    case 0: exchange.session(caller, parsed<wire::SessionRequest>(octets)); return;
    case 1: {
      auto request = parsed<wire::PostRequest>(octets);
      // No session named: the present one.
      if (request.session().empty()) request.set_session(fixed().world.open(caller).session());
      const wire::PostReply reply = exchange.post(caller, request);
      QZ_ASSERT(reply.verdicts_size() <= request.batches_size());
      return;
    }
    case 2: {
      const auto request = parsed<wire::FetchRequest>(octets);
      const wire::FetchReply reply = exchange.fetch(caller, request);
      QZ_ASSERT(!reply.stopped().empty() || reply.pages_size() == request.marks_size());
      for (const wire::Page& page : reply.pages()) check_page(page, caller);
      return;
    }
    case 3: {
      const auto request = parsed<wire::DirectoryRequest>(octets);
      QZ_ASSERT(exchange.directory(caller, request).parts_size() == request.parts_size());
      return;
    }
    default: exchange.applied(caller, parsed<wire::AppliedRequest>(octets));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  test::errors_only([&] { call(data[0] % 5, callers[data[0] / 5 % 3], octets); },
                    [](const Error& error) { QZ_ASSERT(error.kind() == ErrorKind::rejected); });
  fixed().world.hub->check();
  if (!fixed().is_as_at_first()) fixed().restart();
  return 0;
}
