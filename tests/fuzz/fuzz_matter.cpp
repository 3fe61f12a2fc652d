// Any content as what an agent says of a matter, validly signed: the first octet says by whom, and of which matter.
// What comes of it is a refusal or a state that everybody can be shown, and never a grant that the directory would not
// open.
#include <cstdint>

#include "tests/fuzz/only_errors.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/matter_world.h"

using namespace qianzhi;

namespace {

constexpr std::size_t most_matters = 200;

struct Fixed {
  test::MatterWorld world;
  Bytes waiting;
  Bytes objected;
  Fixed() {
    world.granted();
    QZ_ASSERT(world.say("tax-01", world.request(world.wish())).empty());
    waiting = world.last;
    QZ_ASSERT(world.say("tax-01", world.objection()).empty());
    objected = world.last;
  }
};

std::unique_ptr<Fixed> fixed;

void check_state() {
  Fixed& now = *fixed;
  seal::open_directory(now.world.sealed.signed_root, now.world.sealed.parts, now.world.directory_key.record());
  for (const char* agent : {"tax-01", "commerce-01", "quality-01"})
    for (const wire::Matter& matter : now.world.seen_by(agent)) {
      QZ_ASSERT(matter.documents_size() > 0 && matter.state() != wire::MATTER_STATE_UNSPECIFIED);
      // Granted by nobody but the operator, who says nothing here.
      QZ_ASSERT(matter.decisions_size() > 0 || matter.state() != wire::MATTER_GRANTED);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  if (!fixed || fixed->world.matters->all().size() > most_matters) fixed = std::make_unique<Fixed>();
  test::errors_only(
      [&] {
        wire::DocumentBody body;
        if (!body.ParseFromArray(data + 1, static_cast<int>(size) - 1)) return;
        static const char* const agents[] = {"tax-01", "commerce-01", "quality-01"};
        const Bytes matters[] = {body.matter(), {}, fixed->waiting, fixed->objected};
        body.set_matter(matters[data[0] / 3 % 4]);
        fixed->world.say(agents[data[0] % 3], body);
        check_state();
      },
      [](const Error& error) { QZ_ASSERT(error.kind() == ErrorKind::rejected); });
  return 0;
}
