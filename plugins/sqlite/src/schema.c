// The tools that tell what there is to select from.

#include <string.h>

#include "database.h"
#include "memory.h"
#include "text.h"

static const char tables_sql[] =
    "SELECT name, type, ncol FROM pragma_table_list"
    " WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE "
    "'\\'"
    " ORDER BY name";

static const char definition_sql[] =
    "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";

static const char columns_sql[] =
    "SELECT c.name, c.type, c.\"notnull\" OR c.pk, c.pk, r.\"table\", r.\"to\""
    " FROM pragma_table_xinfo(?1) AS c"
    " LEFT JOIN pragma_foreign_key_list(?1) AS r ON r.\"from\" = c.name COLLATE NOCASE"
    " WHERE c.hidden <> 1 GROUP BY c.cid ORDER BY c.cid";

static const char* text(sqlite3_stmt* row, int column) {
  const unsigned char* text = sqlite3_column_text(row, column);
  return text ? (const char*)text : "";
}

static uint8_t table_kind(const char* type) {
  if (strcmp(type, "view") == 0) return TABLE_KIND(VIEW);
  if (strcmp(type, "virtual") == 0) return TABLE_KIND(VIRTUAL);
  return TABLE_KIND(TABLE);
}

// Prepares a statement of this file, about a table if there is a name.
static sqlite3_stmt* prepare(sqlite3* database, const char* sql, const plugin_string_t* table) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  if (table)
    sqlite3_bind_text64(statement, 1, (const char*)table->ptr, table->len, SQLITE_STATIC, SQLITE_UTF8);
  return statement;
}

// Ends a statement that was stepped to its end. If it failed on the way, fills in `error` and returns false.
static bool finish(sqlite3* database, sqlite3_stmt* statement, error_t* error) {
  return (statement && sqlite3_finalize(statement) == SQLITE_OK) || database_failed(database, error);
}

static bool read_tables(sqlite3* database, tables_t* tables, error_t* error) {
  *tables = (tables_t){};
  sqlite3_stmt* statement = prepare(database, tables_sql, nullptr);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    tables->ptr = memory_grow(tables->ptr, tables->len, sizeof(table_t));
    tables->ptr[tables->len++] = (table_t){
        .name = text_copy(text(statement, 0)),
        .kind = table_kind(text(statement, 1)),
        .columns = (uint32_t)sqlite3_column_int(statement, 2),
    };
  }
  return finish(database, statement, error);
}

static bool read_definition(sqlite3* database, const plugin_string_t* table, plugin_string_t* sql,
                            error_t* error) {
  sqlite3_stmt* statement = prepare(database, definition_sql, table);
  const bool found = sqlite3_step(statement) == SQLITE_ROW;
  if (found) *sql = text_copy(text(statement, 1));
  if (!finish(database, statement, error)) return false;
  if (found) return true;
  *error = (error_t){.tag = ERROR(NO_SUCH_TABLE)};
  plugin_string_dup_n(&error->val.no_such_table, (const char*)table->ptr, table->len);
  return false;
}

static option_reference_t reference(sqlite3_stmt* row) {
  if (sqlite3_column_type(row, 4) == SQLITE_NULL) return (option_reference_t){};
  option_reference_t reference = {.is_some = true, .val.table = text_copy(text(row, 4))};
  reference.val.column.is_some = sqlite3_column_type(row, 5) != SQLITE_NULL;
  if (reference.val.column.is_some) reference.val.column.val = text_copy(text(row, 5));
  return reference;
}

static bool read_columns(sqlite3* database, const plugin_string_t* table, columns_t* columns,
                         error_t* error) {
  *columns = (columns_t){};
  sqlite3_stmt* statement = prepare(database, columns_sql, table);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    columns->ptr = memory_grow(columns->ptr, columns->len, sizeof(column_t));
    columns->ptr[columns->len++] = (column_t){
        .name = text_copy(text(statement, 0)),
        .type = text_copy(text(statement, 1)),
        .nullable = !sqlite3_column_int(statement, 2),
        .primary_key = sqlite3_column_int(statement, 3) > 0,
        .references = reference(statement),
    };
  }
  return finish(database, statement, error);
}

bool exports_samples_sqlite_tools_list_tables(tables_t* tables, error_t* error) {
  sqlite3* database = database_open(error);
  const bool done = database && read_tables(database, tables, error);
  sqlite3_close(database);
  return done;
}

bool exports_samples_sqlite_tools_describe_table(plugin_string_t* table, description_t* description,
                                                 error_t* error) {
  sqlite3* database = database_open(error);
  const bool done = database && read_definition(database, table, &description->sql, error) &&
                    read_columns(database, table, &description->columns, error);
  sqlite3_close(database);
  plugin_string_free(table);
  return done;
}
