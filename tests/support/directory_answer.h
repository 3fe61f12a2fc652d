// A hub that answers with one directory.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/seal/directory.h"

namespace qianzhi::test {

// meanwhile: what happens before its first answer arrives.
class DirectoryAnswer final : public HubLink {
 public:
  explicit DirectoryAnswer(seal::SealedDirectory sealed, std::function<void()> meanwhile = {})
      : sealed_(std::move(sealed)), meanwhile_(std::move(meanwhile)) {}

  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    wire::DirectoryReply reply;
    reply.set_signed_root(sealed_.signed_root);
    for (const std::string& part : request.parts()) {
      reply.add_parts(sealed_.parts.at(Digest::from_bytes(part)));
      asked_.push_back(Digest::from_bytes(part));
    }
    most_ = std::max(most_, request.parts_size());
    if (meanwhile_) std::exchange(meanwhile_, {})();
    return reply;
  }
  wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
  wire::PostReply post(const wire::PostRequest&) override { return {}; }
  wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }

  // Parts that were asked for, and the most in one request.
  const std::vector<Digest>& asked() const { return asked_; }
  int most() const { return most_; }

 private:
  seal::SealedDirectory sealed_;
  std::function<void()> meanwhile_;
  std::vector<Digest> asked_;
  int most_ = 0;
};

}  // namespace qianzhi::test
