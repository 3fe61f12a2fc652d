#include <openssl/crypto.h>

#include <algorithm>

#include "hub-protocol/admin/call.h"
#include "hub-protocol/admin/pages.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::admin {

std::vector<std::string> name_words(std::string_view name) { return split_words(name); }

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool has_word = false;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      has_word = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (has_word) words.push_back(word);
      word.clear();
      has_word = false;
    } else {
      word += c;
      has_word = true;
    }
  }
  if (has_word) words.push_back(word);
  return words;
}

bool same_secret(std::string_view given, std::string_view expected) {
  return !expected.empty() && given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), given.size()) == 0;
}

std::string call_verb(const Visit& visit, std::vector<std::string> words, std::string_view attachment,
                      std::string_view action) {
  const accounts::Visitor& visitor = *visit.visitor;
  if (!visitor.is_complete) throw Error(ErrorKind::rejected, "QZ-HUB-285", "");
  std::string said;
  for (const std::string& word : words) {
    if (std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }))
      throw Error(ErrorKind::rejected, "QZ-HUB-288", "control characters");
    said += (said.empty() ? "" : " ") + word;
  }
  if (words.size() > 1 && words[0] == "account" && words[1] == "password")
    throw Error(ErrorKind::rejected, "QZ-HUB-284", "/account");
  const auto asks = [&](const char* format) { return std::find(words.begin(), words.end(), format) != words.end(); };
  if (!asks("--json") && !asks("--csv")) words.emplace_back("--json");
  visit.registry.note({{audit::ActorKind::operator_, visitor.account.name},
                       std::string(action),
                       said,
                       "",
                       "",
                       "",
                       {{"address", visit.request.address}}});
  return visit.run(words, attachment);
}

namespace {

Reply sign_in(Visit& visit, const Fields& form) {
  const auto field = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  try {
    std::string code = field("code");
    code.erase(std::remove(code.begin(), code.end(), ' '), code.end());
    const std::string token = visit.entry.sign_in(field("name"), field("password"), code, visit.request.address);
    Reply reply = web::redirect_to("/");
    reply.headers.emplace_back("Set-Cookie", session_cookie_header(token));
    return reply;
  } catch (const Error& error) {
    return sign_in_page(visit, &error);
  }
}

Reply sign_out(Visit& visit) {
  visit.entry.sign_out(*visit.visitor);
  Reply reply = web::redirect_to("/sign-in");
  reply.headers.emplace_back("Set-Cookie", session_cookie_header(""));
  return reply;
}

Reply own_account(Visit& visit, Fields form) {
  try {
    if (visit.request.path == "/account/password") {
      if (form["next"] != form["again"])
        throw Error(ErrorKind::misuse, "QZ-HUB-276", visit.text("两次输入不同", "the two differ"));
      visit.entry.change_password(*visit.visitor, form["present"], form["next"], visit.request.address);
    } else {
      std::string code = form["code"];
      code.erase(std::remove(code.begin(), code.end(), ' '), code.end());
      visit.entry.finish_second_factor(*visit.visitor, code);
    }
    return web::redirect_to("/account");
  } catch (const Error& error) {
    return account_page(visit, &error);
  }
}

}  // namespace

Reply form_reply(Visit& visit) {
  const std::string_view type = visit.request.header("content-type");
  std::optional<Fields> form;
  if (type.substr(0, type.find(';')) == "application/x-www-form-urlencoded") form = web::form_from(visit.request.body);
  if (!form) throw Error(ErrorKind::rejected, "QZ-HUB-288", "a form is expected");
  if (visit.request.path == "/sign-in") return sign_in(visit, *form);
  if (!visit.visitor) return web::redirect_to("/sign-in?ended=1");
  if (!same_secret((*form)["csrf"], visit.visitor->csrf)) {
    visit.registry.note(
        {{audit::ActorKind::operator_, visit.visitor->account.name}, "form.refused", visit.request.path, "QZ-HUB-284"});
    throw Error(ErrorKind::rejected, "QZ-HUB-284", "csrf");
  }
  const std::string& path = visit.request.path;
  if (path == "/sign-out") return sign_out(visit);
  if (path == "/account/password" || path == "/account/second-factor") return own_account(visit, *form);
  if (!visit.visitor->is_complete) return web::redirect_to("/account");
  if (path.compare(0, 6, "/verb/") == 0) return verb_form_reply(visit, *form);
  return not_found_page(visit);
}

}  // namespace qianzhi::admin
