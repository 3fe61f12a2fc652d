// What OpenSSL must be told beside the key, internal to this folder: the signer id of SM2.
#pragma once

#include "hub-protocol/model/directory.h"

struct evp_pkey_ctx_st;  // EVP_PKEY_CTX

namespace qianzhi::seal {

// After the operation was initialised, because OpenSSL 3.0.19 takes no parameters with the initialisation of SM2.
// False: the library refuses. True where there is nothing to tell.
bool tell_signer_id(evp_pkey_ctx_st* operation, const KeyRecord& key);

}  // namespace qianzhi::seal
