package archives

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"wit"
	types "wit/archives"
)

var changed = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// file is something to put into an archive.
type file struct {
	name, content string
}

var sample = []file{
	{"docs/", ""},
	{"docs/readme.md", "Hello\nWorld hello\n"},
	{"logo.bin", "\x00\xff\x01"},
}

func zipped(t *testing.T, files ...file) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	for _, file := range files {
		header := &zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: changed}
		into, err := writer.CreateHeader(header)
		check(t, err)
		if !strings.HasSuffix(file.name, "/") {
			_, err = io.WriteString(into, file.content)
			check(t, err)
		}
	}
	check(t, writer.Close())
	return archive.Bytes()
}

func tarred(t *testing.T, files ...file) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	for _, file := range files {
		header := &tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.content)), ModTime: changed}
		check(t, writer.WriteHeader(header))
		_, err := io.WriteString(writer, file.content)
		check(t, err)
	}
	check(t, writer.Close())
	return archive.Bytes()
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	writer := gzip.NewWriter(&archive)
	_, err := writer.Write(content)
	check(t, err)
	check(t, writer.Close())
	return archive.Bytes()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func formats(t *testing.T, files ...file) map[types.Format][]byte {
	t.Helper()
	plain := tarred(t, files...)
	return map[types.Format][]byte{
		types.FormatZip:     zipped(t, files...),
		types.FormatTar:     plain,
		types.FormatTarGzip: gzipped(t, plain),
	}
}

func TestListArchive(t *testing.T) {
	for format, archive := range formats(t, sample...) {
		got, err := ListArchive(archive)
		check(t, err)
		modified := wit.Some("2026-11-24T12:00:00Z")
		want := types.Listing{
			Format: format,
			Entries: []types.Entry{
				{Name: "docs/", Kind: types.EntryKindDirectory, Modified: modified},
				{Name: "docs/readme.md", Kind: types.EntryKindFile, Size: 18, Modified: modified},
				{Name: "logo.bin", Kind: types.EntryKindFile, Size: 3, Modified: modified},
			},
			TotalSize: 21,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("format %d: got %+v, want %+v", format, got, want)
		}
	}
}

func TestReadEntry(t *testing.T) {
	tests := []struct {
		name  string
		entry string
		max   uint32
		want  types.Content
		err   error
	}{
		{"text", "docs/readme.md", 18, types.MakeContentText("Hello\nWorld hello\n"), nil},
		{"bytes", "logo.bin", 18, types.MakeContentBytes([]byte("\x00\xff\x01")), nil},
		{"one byte too many", "docs/readme.md", 17, types.Content{}, types.MakeArchiveErrorTooLarge(17)},
		{"a directory", "docs/", 18, types.Content{}, types.MakeArchiveErrorNotAFile()},
		{"no entry", "readme.md", 18, types.Content{}, types.MakeArchiveErrorNoSuchEntry()},
	}
	for format, archive := range formats(t, sample...) {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s in format %d", test.name, format), func(t *testing.T) {
				got, err := ReadEntry(archive, test.entry, test.max)
				if !reflect.DeepEqual(got, test.want) || err != test.err {
					t.Errorf("got %+v, %v; want %+v, %v", got, err, test.want, test.err)
				}
			})
		}
	}
}

func TestSearchArchive(t *testing.T) {
	first := types.Hit{Name: "docs/readme.md", Line: 1, Text: "Hello"}
	second := types.Hit{Name: "docs/readme.md", Line: 2, Text: "World hello"}
	tests := []struct {
		name       string
		text       string
		ignoreCase bool
		names      wit.Option[string]
		want       types.SearchResult
		err        error
	}{
		{"case counts", "hello", false, wit.None[string](), types.SearchResult{Hits: []types.Hit{second}, Searched: 1}, nil},
		{"case does not", "HELLO", true, wit.Some("*.md"), types.SearchResult{Hits: []types.Hit{first, second}, Searched: 1}, nil},
		{"no file", "hello", false, wit.Some("*.go"), types.SearchResult{}, nil},
		{"no pattern", "hello", false, wit.Some("[a"), types.SearchResult{}, types.MakeArchiveErrorBadPattern()},
	}
	for format, archive := range formats(t, sample...) {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s in format %d", test.name, format), func(t *testing.T) {
				got, err := SearchArchive(archive, test.text, test.ignoreCase, test.names)
				if !reflect.DeepEqual(got, test.want) || err != test.err {
					t.Errorf("got %+v, %v; want %+v, %v", got, err, test.want, test.err)
				}
			})
		}
	}
}

func TestSearchIsBounded(t *testing.T) {
	many := strings.Repeat("x\n", maxHits+1)
	long := strings.Repeat("é", maxLine) + "x\n"
	archive := zipped(t, file{"many", many}, file{"long", long})
	got, err := SearchArchive(archive, "x", false, wit.None[string]())
	check(t, err)
	if len(got.Hits) != maxHits || !got.More {
		t.Errorf("got %d hits, more: %t", len(got.Hits), got.More)
	}
	got, err = SearchArchive(archive, "é", false, wit.Some("long"))
	check(t, err)
	if shown := []rune(got.Hits[0].Text); len(shown) != maxShown {
		t.Errorf("got %d characters", len(shown))
	}
}

func TestHostileArchives(t *testing.T) {
	zeros := strings.Repeat("\n", maxUnpacked+1)
	bomb := file{"bomb", zeros}
	names := make([]file, maxEntries+1)
	for at := range names {
		names[at].name = fmt.Sprint(at)
	}
	whole := zipped(t, sample...)
	tooLarge := types.MakeArchiveErrorTooLarge(maxUnpacked)
	tests := []struct {
		name    string
		archive []byte
		err     error
	}{
		{"nothing", nil, types.MakeArchiveErrorUnreadable()},
		{"no archive", []byte("hello"), types.MakeArchiveErrorUnreadable()},
		{"half a zip", whole[:len(whole)/2], types.MakeArchiveErrorUnreadable()},
		{"no gzip", []byte("\x1f\x8b\x00"), types.MakeArchiveErrorUnreadable()},
		{"a bomb in a zip", zipped(t, bomb), tooLarge},
		{"a bomb in a tar.gz", gzipped(t, tarred(t, bomb)), tooLarge},
		{"a gzip that is a bomb", gzipped(t, make([]byte, 2*maxUnpacked)), nil},
		{"many names", tarred(t, names...), types.MakeArchiveErrorTooManyEntries(maxEntries)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := SearchArchive(test.archive, "x", false, wit.None[string]()); err != test.err {
				t.Errorf("got %v, want %v", err, test.err)
			}
		})
	}
}

func TestSizesAddUpToTheLargest(t *testing.T) {
	if got := sum(math.MaxUint64-1, 2); got != math.MaxUint64 {
		t.Errorf("got %d", got)
	}
}

func TestNamesAreUnicode(t *testing.T) {
	listing, err := ListArchive(zipped(t, file{"caf\xe9", ""}))
	check(t, err)
	if got := listing.Entries[0].Name; got != "caf\uFFFD" {
		t.Errorf("got %q", got)
	}
}

func TestCreateZip(t *testing.T) {
	text := types.MakeContentText("Hello\n")
	archive, err := CreateZip([]types.NewFile{
		{Name: "a/b.txt", Content: text},
		{Name: "c", Content: types.MakeContentBytes([]byte{0, 255})},
	})
	check(t, err)
	for name, want := range map[string]types.Content{"a/b.txt": text, "c": types.MakeContentBytes([]byte{0, 255})} {
		if got, err := ReadEntry(archive, name, 100); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestCreateZipRefusesNames(t *testing.T) {
	for _, name := range []string{"", ".", "/a", "../a", "a/../b", "a/", "a//b"} {
		_, err := CreateZip([]types.NewFile{{Name: name}})
		if want := types.MakePackErrorBadName(name); err != error(want) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	twice := types.NewFile{Name: "a", Content: types.MakeContentText("")}
	_, err := CreateZip([]types.NewFile{twice, twice})
	if want := types.MakePackErrorRepeatedName("a"); err != error(want) {
		t.Errorf("got %v", err)
	}
}
