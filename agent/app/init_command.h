// The first verbs: init, from an identity and a database to a configuration that can be checked, planned and run; demo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/app/matter_verbs.h"

namespace qianzhi::app {

struct InitCommand {
  std::filesystem::path config;
  std::string token;  // enrols first; empty: an identity is there
  std::string hub;    // HOST:PORT; empty: the token's
  std::filesystem::path identity = "/var/lib/qianzhi/identity";
  std::string type;                   // of the department's database; empty: asked
  std::vector<std::string> settings;  // of it: "dsn=...", "file=..."
  std::filesystem::path password_file;
  std::vector<std::string> publish;  // TOPIC=TABLE; empty: what the names of tables and columns tell
  std::string receive;  // "none", "same" or a SQLite file; empty: asked, and "none" where nothing is granted
  std::uint16_t page = 8420;
  bool yes = false;    // asks nothing
  bool force = false;  // in the place of a configuration that is there
};

// Writes nothing but the configuration (into the folder above the identity's where this user may not write to its
// place; it is then told how to install it), a file with the database's password (0600), the queue with the hub's
// directory in it, and, with a token, the identity. Connects to the database and reads its tables' names and columns;
// changes nothing there. Asked again after a failure it goes on with what is there. 0; 78: it was written, and lines of
// it wait for a person. Throws what enrol(), the hub's link and adapters throw; Error(misuse): QZ-AGT-170 an answer is
// missing, -171 the configuration is there already, -172 no identity, -173 no such topic or table.
int init(const InitCommand& command);

// The program qianzhi-demo beside this one, in its place, with these words: a throw-away exchange with invented data.
// Throws Error(misuse, QZ-AGT-174) if it is not there.
int demo(const std::vector<std::string>& words);

// init and demo. line and config must live until what was parsed is carried out.
void add_first_verbs(CLI::App& app, InitCommand& line, const std::filesystem::path& config, const AddVerb& add);

}  // namespace qianzhi::app
