// `qianzhi account`: who may sign in to the status page from other machines. The running agent keeps the accounts.
#pragma once

#include <filesystem>
#include <string>

namespace qianzhi::app {

// The password is asked for on a terminal, twice, else read from standard input up to the end of its first line. verb:
// "account-add" or "account-password". Throws as service::ask_control() does, and Error(misuse, QZ-CLI-033) if there is
// no password, or the second is another.
int send_account(const std::filesystem::path& config, const std::string& verb, const std::string& name,
                 const std::string& role);

}  // namespace qianzhi::app
