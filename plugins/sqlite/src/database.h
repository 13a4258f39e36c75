// The database of the grants: the file DATABASE of the environment, in the directory /data.

#pragma once

#include <sqlite3.h>

#include "tools.h"

// Opens the database; it is read as it lies there, without a lock and without a journal.
// Fills in `error` and returns null if that fails.
sqlite3* database_open(error_t* error);

// Fills in `error` with why a statement that ran has failed, and returns false.
bool database_failed(sqlite3* database, error_t* error);

// Fills in `error` with a case that carries a text, and returns false.
bool database_error(error_t* error, uint8_t tag, const char* text);
