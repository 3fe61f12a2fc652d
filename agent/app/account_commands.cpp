#include "agent/app/account_commands.h"

#include <cstdio>
#include <iostream>
#include <vector>

#include "agent/app/control_commands.h"
#include "agent/app/kept.h"
#include "agent/app/questions.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

namespace {

std::string new_password() {
  std::string password;
  if (Questions::is_anybody_there()) {
    const Questions questions(true);
    password = questions.ask_secret("密码", "password");
    if (questions.ask_secret("再输一次", "once more") != password)
      throw Error(ErrorKind::misuse, "QZ-CLI-033", "两次不同 / the two differ");
  } else {
    std::getline(std::cin, password);
    if (!password.empty() && password.back() == '\r') password.pop_back();
  }
  if (password.empty()) throw Error(ErrorKind::misuse, "QZ-CLI-033", "没有密码 / no password");
  return password;
}

}  // namespace

int send_account(const std::filesystem::path& config_file, const std::string& verb, const std::string& name,
                 const std::string& role) {
  const config::Config config = load_or_throw(config_file);
  std::vector<std::string> words = {verb, name};
  if (!role.empty()) words.push_back(role);
  std::fputs(service::ask_control(control_socket_of(config), words, new_password()).c_str(), stdout);
  return 0;
}

}  // namespace qianzhi::app
