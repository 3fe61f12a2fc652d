// What OpenSSL must be told beside the key, internal to this folder: the signer id of SM2.
#pragma once

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>

#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

// Holds views into the record, which must outlive it.
class KeyParameters {
 public:
  explicit KeyParameters(const KeyRecord& key) {
    if (key.signer_id.empty()) return;
    // The library reads it, whatever its signature says.
    list_[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, const_cast<char*>(key.signer_id.data()),
                                                 key.signer_id.size());
  }
  const OSSL_PARAM* get() const { return list_.data(); }

 private:
  std::array<OSSL_PARAM, 2> list_{OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
};

}  // namespace qianzhi::seal
