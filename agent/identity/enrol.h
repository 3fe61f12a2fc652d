// From a token on paper to a working identity: the keys are made here, stay here, and only their public halves leave.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/client/tunnel.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::identity {

struct EnrolOptions {
  std::string token;
  std::filesystem::path out;  // folder; made if it is not there, mode 0700
  std::string hub = {};       // HOST:PORT; empty: the token's
  seal::Algorithm signing = seal::Algorithm::ed25519;
  std::string proxy = {};  // http://host:port; empty: none
};

struct Enrolled {
  std::string agent;
  std::string department;
  std::string url;
  bool waits = false;   // for a second officer's approval
  bool works = false;   // a call with the new identity was answered
  std::string trouble;  // why not; empty
  bool has_root_key = false;
  std::string encryption_key;  // name of the file of the one that the directory has
};

// What lies in the folder afterwards, all mode 0600: tls.pem (key, then certificates), signing.key, encryption.key
// (X25519), encryption-sm2.key (for an SM directory), queue.key, trust.crt, directory.pub and, if the exchange has one,
// directory-root.pub. tls.pem comes last: with it the
// enrolment is done, without it the same call may be repeated and goes on with the keys that are there. Nothing that is
// there is ever overwritten.
// Throws Error: rejected QZ-AGT-120 a mistyped token; misuse QZ-AGT-121 the folder has an identity; misuse QZ-AGT-128
// the hub's answer cannot be used; misuse QZ-LINK-152 the hub's certificate is not from the CA of the token; the hub's
// own code if it refuses; QZ-LINK-... if it is not reached; QZ-BASE-011.
Enrolled enrol(const EnrolOptions& options);

}  // namespace qianzhi::identity
