#include "hub-protocol/seal/key_parameters.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace qianzhi::seal {

KeyParameters::KeyParameters(const KeyRecord& key) : list_(new ossl_param_st[2]) {
  ossl_param_st* next = list_.get();
  // The library reads it, whatever its signature says.
  if (!key.signer_id.empty())
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, const_cast<char*>(key.signer_id.data()),
                                                key.signer_id.size());
  *next = OSSL_PARAM_construct_end();
}

KeyParameters::~KeyParameters() = default;

}  // namespace qianzhi::seal
