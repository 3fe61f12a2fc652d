#include "hub-protocol/envelope/message.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

constexpr std::string_view content_prefix = "qianzhi file 1\n";
constexpr std::size_t conversation_octets = 16;

}  // namespace

Bytes content_of(const wire::FileMessage& message) { return Bytes(content_prefix) + message.SerializeAsString(); }

FileName name_of(const wire::FileMessage& message) {
  return {message.agent(), to_hex(message.conversation()), message.number(), message.direction() == wire::FILE_REPLY};
}

wire::FileMessage message_of(std::string_view content, const FileName& name, const Digest& reader) {
  const auto refuse = [](std::string_view what) { throw Error(ErrorKind::rejected, "QZ-LINK-124", what); };
  if (content.substr(0, content_prefix.size()) != content_prefix) refuse("the signed content is no message of ours");
  content.remove_prefix(content_prefix.size());
  wire::FileMessage message;
  if (!message.ParseFromArray(content.data(), static_cast<int>(content.size()))) refuse("the message cannot be parsed");
  if (message.version() != file_version) refuse("version " + std::to_string(message.version()));
  if (message.direction() != wire::FILE_REQUEST && message.direction() != wire::FILE_REPLY) refuse("the direction");
  if (message.conversation().size() != conversation_octets || name_of(message) != name)
    refuse("it belongs under another name");
  const Bytes own = reader.bytes();
  if (std::find(message.readers().begin(), message.readers().end(), own) == message.readers().end())
    refuse("it was meant for somebody else");
  return message;
}

}  // namespace qianzhi
