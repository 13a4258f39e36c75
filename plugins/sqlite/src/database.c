#include "database.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#ifndef DATA_DIRECTORY
#define DATA_DIRECTORY "/data"
#endif

// The most memory that SQLite takes, in bytes: more than half of what a call has by default.
constexpr sqlite3_int64 HEAP_BYTES = 40 << 20;

// What a statement may be and do, as SQLite advises for statements of strangers.
static const struct {
  int limit, value;
} limits[] = {
    {SQLITE_LIMIT_LENGTH, 1'000'000},
    {SQLITE_LIMIT_SQL_LENGTH, 100'000},
    {SQLITE_LIMIT_COLUMN, 200},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 50},
    {SQLITE_LIMIT_VDBE_OP, 25'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 32},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
};

bool database_error(error_t* error, uint8_t tag, const char* text) {
  *error = (error_t){.tag = tag, .val.failed = text_copy(text)};
  return false;
}

bool database_failed(sqlite3* database, error_t* error) {
  switch (sqlite3_errcode(database)) {
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      *error = (error_t){.tag = ERROR(TOO_LARGE)};
      return false;
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_IOERR:
    case SQLITE_NOTADB:
      return database_error(error, ERROR(UNREADABLE), sqlite3_errmsg(database));
    default:
      return database_error(error, ERROR(FAILED), sqlite3_errmsg(database));
  }
}

// The URI of the file. `immutable` says that nobody changes it, so nothing is locked.
static char* uri(const char* file) {
  sqlite3_str* uri = sqlite3_str_new(nullptr);
  sqlite3_str_appendall(uri, "file:" DATA_DIRECTORY "/");
  for (; *file; file++) {
    const unsigned char byte = *file;
    const bool plain = isalnum(byte) || strchr("-._~/", byte);
    sqlite3_str_appendf(uri, plain ? "%c" : "%%%02X", byte);
  }
  sqlite3_str_appendall(uri, "?immutable=1");
  return sqlite3_str_finish(uri);
}

static void restrain(sqlite3* database) {
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    sqlite3_limit(database, limits[i].limit, limits[i].value);
  }
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

// Opens the file and reads its schema, so that what is no database is known at once.
static int open_file(const char* file, sqlite3** database) {
  char* name = uri(file);
  const int code = sqlite3_open_v2(name, database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  sqlite3_free(name);
  if (code != SQLITE_OK) return code;
  restrain(*database);
  return sqlite3_exec(*database, "SELECT 1 FROM sqlite_schema", nullptr, nullptr, nullptr);
}

sqlite3* database_open(error_t* error) {
  const char* file = getenv("DATABASE");
  if (!file) {
    database_error(error, ERROR(UNREADABLE), "the server does not say which file it is");
    return nullptr;
  }
  sqlite3_hard_heap_limit64(HEAP_BYTES);
  sqlite3* database = nullptr;
  if (open_file(file, &database) == SQLITE_OK) return database;
  database_failed(database, error);
  sqlite3_close(database);
  return nullptr;
}
