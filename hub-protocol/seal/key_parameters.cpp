#include "hub-protocol/seal/key_parameters.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace qianzhi::seal {

bool tell_signer_id(evp_pkey_ctx_st* operation, const KeyRecord& key) {
  if (key.signer_id.empty()) return true;
  // The library reads it, whatever its signature says.
  const OSSL_PARAM list[] = {
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, const_cast<char*>(key.signer_id.data()),
                                        key.signer_id.size()),
      OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(operation, list) == 1;
}

}  // namespace qianzhi::seal
