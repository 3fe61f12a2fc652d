// What one kind of database gives the contract suite: a fresh database, a department that runs SQL in it, and the
// adapter under test. The assertions in *_contract.cpp know nothing of the database; a new adapter adds a fixture only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::test::contract {

using Rows = std::vector<std::vector<std::string>>;

class Fixture {
 public:
  virtual ~Fixture() = default;

  virtual adapter::Adapter& adapter() = 0;
  virtual adapter::Connection connection() = 0;
  virtual adapter::CaptureMode mode() const = 0;

  // As the department or its DBA: a script; what it commits is committed when this returns.
  virtual void run(const std::string& sql) = 0;
  // Values as text, NULL as "<null>".
  virtual Rows query(const std::string& sql) = 0;

  // Copies the whole database, and later puts the copy in place of the present one. False: not possible here, the
  // tests that need it end early.
  virtual bool save_copy() { return false; }
  virtual void restore_copy() {}

  // Switches capture of the table off behind the agent's back. False: not possible here.
  virtual bool disable_capture(const adapter::SourceSpec& /*spec*/, const std::string& /*table*/) { return false; }

  // As the plan is asked to name it.
  virtual std::string canary_table() const { return "qianzhi_registry_canary"; }

  // Watermark mode: the column that the plan's install script makes.
  virtual std::string watermark() const { return {}; }
  // As another session of the department: runs the script in a transaction that stays open until commit_other(). False:
  // not possible here.
  virtual bool begin_other(const std::string& /*sql*/) { return false; }
  virtual void commit_other() {}

  // Every value is text, and there are no keys but those of the specification.
  virtual bool is_text_only() const { return false; }

  // Whether its sources answer look(); an adapter need not.
  virtual bool looks() const { return true; }

  // Lookups: a query of one number that runs for minutes; empty: nothing stops one here.
  virtual std::string slow_number() const {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n";
  }
  // Makes a function spoil() that deletes the rows of licence and gives a number. Empty: there are none here.
  virtual std::string spoiling_function() const { return {}; }

  // kill -9 of every adapter process that is running now. False: the adapter runs in this process.
  virtual bool kill_adapter() { return false; }
};

// Whether the adapter is called directly or through its process.
enum class Way { direct, process };

// Each fixture file defines these two.
std::unique_ptr<Fixture> make_fixture(Way way);
std::vector<Way> ways();

}  // namespace qianzhi::test::contract
