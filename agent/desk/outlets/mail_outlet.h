// A notice as a mail. Its Message-ID begins with half of the token. What fails before the text was handed over is tried
// again or, where the server says so for good (5xx), refused; what fails after that is uncertain, as SMTP cannot be
// asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/outlets/outlet.h"

namespace qianzhi::desk {

class MailOutlet final : public Outlet {
 public:
  MailOutlet(MailConfig config, Micros timeout);
  bool is_repeatable() const override { return false; }
  Delivery send(const Notice& notice) override;

 private:
  std::string text_of(const Notice& notice, const std::vector<std::string>& receivers) const;

  MailConfig config_;
  Micros timeout_;
};

// One plain address: no name, no space, no bracket, no control character, one "@", at most 254 octets of ASCII.
bool is_mail_address(std::string_view text);

}  // namespace qianzhi::desk
