// Tests of the tools on this machine, with the sample database: `make test`.

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/text.h"
#include "../src/tools.h"

#define list_tables exports_samples_sqlite_tools_list_tables
#define describe_table exports_samples_sqlite_tools_describe_table
#define query exports_samples_sqlite_tools_query

static error_t error;
static query_result_t result;

// What the linker of the component looks for; on this machine there is none.
void __component_type_object_force_link_plugin(void) {}

static bool equal(plugin_string_t text, const char* expected) {
  return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

static plugin_string_t text(const char* literal) {
  plugin_string_t text;
  plugin_string_dup(&text, literal);
  return text;
}

static bool ask(const char* sql, uint32_t max_rows) {
  plugin_string_t statement = text(sql);
  return query(&statement, &(values_t){}, max_rows, &result, &error);
}

static bool ask_with(const char* sql, value_t parameter) {
  plugin_string_t statement = text(sql);
  values_t values = {.ptr = malloc(sizeof parameter), .len = 1};
  *values.ptr = parameter;
  return query(&statement, &values, 100, &result, &error);
}

static bool is_refused(const char* sql, uint8_t tag) { return !ask(sql, 100) && error.tag == tag; }

static void tables_and_views_are_listed_by_name(void) {
  tables_t tables;
  assert(list_tables(&tables, &error));
  assert(tables.len == 5);
  assert(equal(tables.ptr[0].name, "authors") && tables.ptr[0].kind == TABLE_KIND(TABLE));
  assert(equal(tables.ptr[2].name, "books_on_loan") && tables.ptr[2].kind == TABLE_KIND(VIEW));
  assert(equal(tables.ptr[4].name, "titles") && tables.ptr[4].kind == TABLE_KIND(VIRTUAL));
}

static void a_description_names_keys_and_what_they_refer_to(void) {
  plugin_string_t name = text("Books");
  description_t books;
  assert(describe_table(&name, &books, &error));
  assert(books.columns.len == 7);
  assert(books.columns.ptr[0].primary_key && !books.columns.ptr[1].primary_key);
  assert(!books.columns.ptr[1].nullable && books.columns.ptr[6].nullable);
  assert(books.columns.ptr[2].references.is_some);
  assert(equal(books.columns.ptr[2].references.val.table, "authors"));
  assert(equal(books.columns.ptr[2].references.val.column.val, "id"));
}

static void a_table_that_is_not_there_is_named(void) {
  plugin_string_t name = text("nope");
  description_t none;
  assert(!describe_table(&name, &none, &error));
  assert(error.tag == ERROR(NO_SUCH_TABLE) && equal(error.val.no_such_table, "nope"));
}

static void values_keep_their_type(void) {
  assert(ask("SELECT id, title, weight_kg, barcode, NULL FROM books WHERE id = 1", 100));
  const value_t* row = result.rows.ptr[0].ptr;
  assert(row[0].tag == VALUE(INTEGER) && row[0].val.integer == 1);
  assert(row[1].tag == VALUE(TEXT) && equal(row[1].val.text, "Pride and Prejudice"));
  assert(row[2].tag == VALUE(REAL) && row[2].val.real == 0.31);
  assert(row[3].tag == VALUE(BLOB) && row[3].val.blob.len == 2 && row[3].val.blob.ptr[0] == 0x59);
  assert(row[4].tag == VALUE(NULL));
}

static void parameters_are_values_and_never_sql(void) {
  assert(ask_with("SELECT ?", (value_t){.tag = VALUE(TEXT), .val.text = text("'; DROP TABLE books")}));
  assert(equal(result.rows.ptr[0].ptr[0].val.text, "'; DROP TABLE books"));
  assert(ask_with("SELECT count(*) FROM books WHERE pages > ?",
                  (value_t){.tag = VALUE(INTEGER), .val.integer = 400}));
  assert(result.rows.ptr[0].ptr[0].val.integer == 4);
  assert(is_refused("SELECT ?", ERROR(WRONG_PARAMETERS)));
  assert(error.val.wrong_parameters.expected == 1 && error.val.wrong_parameters.found == 0);
}

static void rows_end_where_the_caller_wants(void) {
  assert(ask("SELECT id FROM books", 7));
  assert(result.rows.len == 7 && !result.more);
  assert(ask("SELECT id FROM books", 6));
  assert(result.rows.len == 6 && result.more);
}

static void rows_end_before_they_are_too_many_bytes(void) {
  assert(ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(400000) FROM n",
             1000));
  assert(result.rows.len == 3 && result.more);
}

static void only_reading_is_allowed(void) {
  assert(is_refused("DELETE FROM books", ERROR(NOT_READ_ONLY)));
  assert(is_refused("INSERT INTO titles VALUES ('x') RETURNING rowid", ERROR(NOT_READ_ONLY)));
  assert(is_refused("PRAGMA journal_mode = wal", ERROR(NOT_READ_ONLY)));
  assert(is_refused("ATTACH 'other.db' AS other", ERROR(NOT_READ_ONLY)));
  assert(is_refused("VACUUM INTO 'copy.db'", ERROR(NOT_READ_ONLY)));
  assert(is_refused("BEGIN", ERROR(NOT_READ_ONLY)));
}

static void one_statement_at_a_time(void) {
  assert(ask("SELECT 1; -- and nothing else", 100));
  assert(is_refused("SELECT 1; SELECT 2", ERROR(SEVERAL_STATEMENTS)));
  assert(is_refused("-- nothing", ERROR(INVALID_SQL)));
}

static void errors_say_what_sqlite_says(void) {
  assert(is_refused("SELEC 1", ERROR(INVALID_SQL)));
  assert(equal(error.val.invalid_sql, "near \"SELEC\": syntax error"));
  assert(is_refused("SELECT abs(-9223372036854775807 - 1)", ERROR(FAILED)));
  assert(equal(error.val.failed, "integer overflow"));
  assert(is_refused("SELECT zeroblob(2000000)", ERROR(TOO_LARGE)));
}

static void text_that_is_not_utf8_is_a_blob(void) {
  assert(ask("SELECT CAST(x'C3A9' AS TEXT), CAST(x'C3' AS TEXT)", 100));
  assert(result.rows.ptr[0].ptr[0].tag == VALUE(TEXT));
  assert(result.rows.ptr[0].ptr[1].tag == VALUE(BLOB));
}

static void utf8_is_told_from_what_looks_like_it(void) {
  const char* good[] = {"", "a", "é", "€", "🦀", "\uD7FF", "\uE000", "\U0010FFFF"};
  const char* bad[] = {
      "\x80",     "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
      "\xE2\x82", "\xFF"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert(text_is_utf8((const uint8_t*)good[i], strlen(good[i])));
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert(!text_is_utf8((const uint8_t*)bad[i], strlen(bad[i])));
  }
  assert(equal(text_copy("a\xFFz"), "a?z"));
}

static void a_file_that_is_no_database_is_unreadable(void) {
  setenv("DATABASE", "library.sql", true);
  assert(is_refused("SELECT 1", ERROR(UNREADABLE)));
  setenv("DATABASE", "missing.db", true);
  assert(is_refused("SELECT 1", ERROR(UNREADABLE)));
  unsetenv("DATABASE");
  assert(is_refused("SELECT 1", ERROR(UNREADABLE)));
}

int main(void) {
  setenv("DATABASE", "library.db", true);
  tables_and_views_are_listed_by_name();
  a_description_names_keys_and_what_they_refer_to();
  a_table_that_is_not_there_is_named();
  values_keep_their_type();
  parameters_are_values_and_never_sql();
  rows_end_where_the_caller_wants();
  rows_end_before_they_are_too_many_bytes();
  only_reading_is_allowed();
  one_statement_at_a_time();
  errors_say_what_sqlite_says();
  text_that_is_not_utf8_is_a_blob();
  utf8_is_told_from_what_looks_like_it();
  a_file_that_is_no_database_is_unreadable();
  puts("13 passed, 0 failed");
}
