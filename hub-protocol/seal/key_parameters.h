// What OpenSSL must be told beside the key, internal to this folder: the signer id of SM2.
#pragma once

#include <memory>

#include "hub-protocol/model/directory.h"

struct ossl_param_st;  // OSSL_PARAM

namespace qianzhi::seal {

// Holds views into the record, which must outlive it.
class KeyParameters {
 public:
  explicit KeyParameters(const KeyRecord& key);
  ~KeyParameters();
  const ossl_param_st* get() const { return list_.get(); }

 private:
  std::unique_ptr<ossl_param_st[]> list_;
};

}  // namespace qianzhi::seal
