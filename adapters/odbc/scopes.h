// What ends by itself, however it is left.
#pragma once

#include <memory>

#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

// An error leaves no half-done transaction behind: the next call finds a fresh connection.
class DropUnlessDone {
 public:
  explicit DropUnlessDone(std::unique_ptr<Session>& session) : session_(session) {}
  ~DropUnlessDone() {
    if (!done_) session_.reset();
  }
  DropUnlessDone(const DropUnlessDone&) = delete;
  DropUnlessDone& operator=(const DropUnlessDone&) = delete;
  void done() { done_ = true; }

 private:
  std::unique_ptr<Session>& session_;
  bool done_ = false;
};

// A transaction that only reads; all that is read in it belongs to one moment, where the database can do that.
class Snapshot {
 public:
  explicit Snapshot(Session& session) : session_(session) {
    if (!session.dialect().begin_read.empty())
      session.run(std::string(session.dialect().begin_read), "beginning to read");
  }
  ~Snapshot() { session_.rollback(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Session& session_;
};

}  // namespace qianzhi::odbc
