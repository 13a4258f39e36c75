-- A lending library. `library.db` is made from this: sqlite3 library.db < library.sql

PRAGMA page_size = 1024;

CREATE TABLE authors (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  born INTEGER NOT NULL,
  died INTEGER
);

CREATE TABLE books (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  author INTEGER NOT NULL REFERENCES authors (id),
  published INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  weight_kg REAL NOT NULL,
  barcode BLOB
);

CREATE INDEX books_by_author ON books (author);

CREATE TABLE loans (
  book INTEGER NOT NULL REFERENCES books,
  member TEXT NOT NULL,
  lent TEXT NOT NULL,
  returned TEXT,
  PRIMARY KEY (book, lent)
) WITHOUT ROWID;

CREATE VIEW books_on_loan AS
SELECT books.title, loans.member, loans.lent
FROM loans JOIN books ON books.id = loans.book
WHERE loans.returned IS NULL;

CREATE VIRTUAL TABLE titles USING fts5 (title, content = books, content_rowid = id);

INSERT INTO authors VALUES
  (1, 'Jane Austen', 1775, 1817),
  (2, 'Charlotte Brontë', 1816, 1855),
  (3, 'Mary Shelley', 1797, 1851),
  (4, 'Jules Verne', 1828, 1905),
  (5, 'Kazuo Ishiguro', 1954, NULL);

INSERT INTO books VALUES
  (1, 'Pride and Prejudice', 1, 1813, 432, 0.31, x'59A1'),
  (2, 'Emma', 1, 1815, 474, 0.36, x'59A2'),
  (3, 'Jane Eyre', 2, 1847, 532, 0.4, x'59A3'),
  (4, 'Frankenstein', 3, 1818, 280, 0.22, x'59A4'),
  (5, 'Vingt mille lieues sous les mers', 4, 1870, 610, 0.5, x'59A5'),
  (6, 'Le Tour du monde en quatre-vingts jours', 4, 1872, 318, 0.25, x'59A6'),
  (7, 'The Remains of the Day', 5, 1989, 258, 0.21, NULL);

INSERT INTO titles (titles) VALUES ('rebuild');

INSERT INTO loans VALUES
  (1, 'Ada', '2026-01-12', '2026-02-02'),
  (1, 'Grace', '2026-03-05', NULL),
  (4, 'Grace', '2026-03-05', '2026-03-20'),
  (5, 'Edsger', '2026-03-11', NULL);

VACUUM;
