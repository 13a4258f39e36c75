// The tool that runs a statement of the caller's.

#include <string.h>

#include "database.h"
#include "memory.h"
#include "text.h"

// Bytes of values after which no further row is returned.
constexpr size_t RESULT_BYTES = 1'000'000;

// What a value counts beside the bytes of its text: about as much as it takes in JSON.
constexpr size_t VALUE_BYTES = 16;

// Lets a statement select and call functions; SQLite asks for everything that it would do.
static int allow_reading(void*, int action, const char*, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

// Fills in `error` with why a statement cannot be prepared, and returns false.
static bool refused(sqlite3* database, error_t* error) {
  switch (sqlite3_errcode(database)) {
    case SQLITE_AUTH:
      *error = (error_t){.tag = ERROR(NOT_READ_ONLY)};
      return false;
    case SQLITE_ERROR:
      return database_error(error, ERROR(INVALID_SQL), sqlite3_errmsg(database));
    default:
      return database_failed(database, error);
  }
}

// Whether anything but comments and white space is left of the caller's SQL.
static bool is_more(sqlite3* database, const char* rest, const char* end) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database, rest, (int)(end - rest), &statement, nullptr);
  const bool more = code != SQLITE_OK || statement;
  sqlite3_finalize(statement);
  return more;
}

static bool prepare(sqlite3* database, const plugin_string_t* sql, sqlite3_stmt** statement, error_t* error) {
  const char *start = (const char*)sql->ptr, *rest = nullptr;
  if (memchr(start, 0, sql->len))
    return database_error(error, ERROR(INVALID_SQL), "there is a NUL in the statement");
  sqlite3_set_authorizer(database, allow_reading, nullptr);
  const int code = sqlite3_prepare_v2(database, start, (int)sql->len, statement, &rest);
  sqlite3_set_authorizer(database, nullptr, nullptr);  // a full-text index has statements of its own
  if (code != SQLITE_OK) return refused(database, error);
  if (!*statement) return database_error(error, ERROR(INVALID_SQL), "there is no statement");
  if (!sqlite3_stmt_readonly(*statement)) {
    *error = (error_t){.tag = ERROR(NOT_READ_ONLY)};
    return false;
  }
  if (is_more(database, rest, start + sql->len)) {
    *error = (error_t){.tag = ERROR(SEVERAL_STATEMENTS)};
    return false;
  }
  return true;
}

static int bind_value(sqlite3_stmt* statement, int at, const value_t* value) {
  switch (value->tag) {
    case VALUE(INTEGER):
      return sqlite3_bind_int64(statement, at, value->val.integer);
    case VALUE(REAL):
      return sqlite3_bind_double(statement, at, value->val.real);
    case VALUE(TEXT): {
      const plugin_string_t text = value->val.text;
      return sqlite3_bind_text64(statement, at, (const char*)text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
    }
    case VALUE(BLOB):
      return sqlite3_bind_blob64(statement, at, value->val.blob.ptr, value->val.blob.len, SQLITE_STATIC);
    default:
      return sqlite3_bind_null(statement, at);
  }
}

static bool bind(sqlite3* database, sqlite3_stmt* statement, const values_t* values, error_t* error) {
  const size_t expected = (size_t)sqlite3_bind_parameter_count(statement);
  if (expected != values->len) {
    *error = (error_t){.tag = ERROR(WRONG_PARAMETERS), .val.wrong_parameters = {expected, values->len}};
    return false;
  }
  for (size_t i = 0; i < expected; i++) {
    if (bind_value(statement, (int)i + 1, &values->ptr[i]) != SQLITE_OK)
      return database_failed(database, error);
  }
  return true;
}

// Text or bytes of a column. Text is a blob if it is not UTF-8.
static value_t read_bytes(sqlite3_stmt* row, int column, bool is_text) {
  const void* bytes = is_text ? sqlite3_column_text(row, column) : sqlite3_column_blob(row, column);
  const size_t length = (size_t)sqlite3_column_bytes(row, column);
  uint8_t* copy = memory_new(length, 1);
  if (length) memcpy(copy, bytes, length);
  if (is_text && text_is_utf8(copy, length)) return (value_t){.tag = VALUE(TEXT), .val.text = {copy, length}};
  return (value_t){.tag = VALUE(BLOB), .val.blob = {copy, length}};
}

static value_t read_value(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
      return (value_t){.tag = VALUE(INTEGER), .val.integer = sqlite3_column_int64(row, column)};
    case SQLITE_FLOAT:
      return (value_t){.tag = VALUE(REAL), .val.real = sqlite3_column_double(row, column)};
    case SQLITE_TEXT:
      return read_bytes(row, column, true);
    case SQLITE_BLOB:
      return read_bytes(row, column, false);
    default:
      return (value_t){.tag = VALUE(NULL)};
  }
}

// Adds the row that the statement stands on, and returns how many bytes it counts.
static size_t add_row(sqlite3_stmt* statement, rows_t* rows) {
  const int width = sqlite3_column_count(statement);
  values_t row = {.ptr = memory_new((size_t)width, sizeof(value_t)), .len = (size_t)width};
  size_t bytes = 0;
  for (int i = 0; i < width; i++) {
    row.ptr[i] = read_value(statement, i);
    bytes += VALUE_BYTES + (size_t)sqlite3_column_bytes(statement, i);
  }
  rows->ptr = memory_grow(rows->ptr, rows->len, sizeof(values_t));
  rows->ptr[rows->len++] = row;
  return bytes;
}

static plugin_list_string_t column_names(sqlite3_stmt* statement) {
  const int width = sqlite3_column_count(statement);
  plugin_list_string_t names = {.ptr = memory_new((size_t)width, sizeof(plugin_string_t)),
                                .len = (size_t)width};
  for (int i = 0; i < width; i++) {
    const char* name = sqlite3_column_name(statement, i);
    names.ptr[i] = text_copy(name ? name : "");
  }
  return names;
}

static bool collect(sqlite3* database, sqlite3_stmt* statement, uint32_t max_rows, query_result_t* result,
                    error_t* error) {
  *result = (query_result_t){.columns = column_names(statement)};
  size_t bytes = 0;
  int code = SQLITE_ROW;
  while (!result->more && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    result->more = result->rows.len == max_rows || bytes > RESULT_BYTES;
    if (!result->more) bytes += add_row(statement, &result->rows);
  }
  if (code == SQLITE_ROW || code == SQLITE_DONE) return true;
  exports_samples_sqlite_tools_query_result_free(result);
  return database_failed(database, error);
}

bool exports_samples_sqlite_tools_query(plugin_string_t* sql, values_t* parameters, uint32_t max_rows,
                                        query_result_t* result, error_t* error) {
  sqlite3* database = database_open(error);
  sqlite3_stmt* statement = nullptr;
  const bool done = database && prepare(database, sql, &statement, error) &&
                    bind(database, statement, parameters, error) &&
                    collect(database, statement, max_rows, result, error);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  plugin_string_free(sql);
  exports_samples_sqlite_tools_list_value_free(parameters);
  return done;
}
