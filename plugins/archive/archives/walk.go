package archives

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"wit"
	types "wit/archives"
)

const (
	// maxEntries is how many entries an archive may have.
	maxEntries = 10_000
	// maxUnpacked is how many bytes one call unpacks: what takes a second or so.
	maxUnpacked = 16 << 20
)

// errDone ends a walk before its end, without anything being wrong.
var errDone = errors.New("done")

// An entry is one of an archive, with its content.
type entry struct {
	types.Entry
	// body is what is in it. It can be read until the visit ends.
	body func() io.Reader
}

// walk visits every entry of an archive, until visit returns an error, which it returns.
func walk(archive []byte, visit func(entry) error) (types.Format, error) {
	count := 0
	counted := func(found entry) error {
		if count++; count > maxEntries {
			return types.MakeArchiveErrorTooManyEntries(maxEntries)
		}
		return visit(found)
	}
	switch {
	case len(archive) == 0:
		return 0, types.MakeArchiveErrorUnreadable()
	case bytes.HasPrefix(archive, []byte("PK")):
		return types.FormatZip, readable(walkZip(archive, counted))
	case bytes.HasPrefix(archive, []byte("\x1f\x8b")):
		return types.FormatTarGzip, readable(walkGzip(archive, counted))
	default:
		return types.FormatTar, readable(walkTar(bytes.NewReader(archive), counted))
	}
}

func walkZip(archive []byte, visit func(entry) error) error {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	budget := newBudget(maxUnpacked)
	for _, file := range reader.File {
		found := entry{
			Entry: types.Entry{
				Name:     valid(file.Name),
				Kind:     kindOf(file.Mode()),
				Size:     file.UncompressedSize64,
				Modified: stamp(file.Modified),
			},
			body: func() io.Reader {
				body, err := file.Open()
				if err != nil {
					return failing{err}
				}
				return budget.reader(body)
			},
		}
		if err := visit(found); err != nil {
			return err
		}
	}
	return nil
}

func walkGzip(archive []byte, visit func(entry) error) error {
	reader, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return err
	}
	// What a tar skips is unpacked too.
	return walkTar(newBudget(maxUnpacked).reader(reader), visit)
}

func walkTar(archive io.Reader, visit func(entry) error) error {
	reader := tar.NewReader(archive)
	// A file with holes is longer than the bytes that it takes.
	budget := newBudget(maxUnpacked)
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		found := entry{
			Entry: types.Entry{
				Name:     valid(header.Name),
				Kind:     kindOf(header.FileInfo().Mode()),
				Size:     uint64(header.Size),
				Modified: stamp(header.ModTime),
			},
			body: func() io.Reader { return budget.reader(reader) },
		}
		if header.Typeflag == tar.TypeLink {
			found.Kind = types.EntryKindLink
		}
		if err := visit(found); err != nil {
			return err
		}
	}
}

func kindOf(mode fs.FileMode) types.EntryKind {
	switch {
	case mode.IsRegular():
		return types.EntryKindFile
	case mode.IsDir():
		return types.EntryKindDirectory
	case mode&fs.ModeSymlink != 0:
		return types.EntryKindLink
	}
	return types.EntryKindOther
}

// valid is a name as Unicode has it; what is none in it is replaced.
func valid(name string) string {
	return strings.ToValidUTF8(name, string(utf8.RuneError))
}

func stamp(modified time.Time) wit.Option[string] {
	if modified.IsZero() || modified.Unix() == 0 {
		return wit.None[string]()
	}
	return wit.Some(modified.UTC().Format(time.RFC3339))
}

// readable makes of an error of a reader one that the WIT knows.
func readable(err error) error {
	var known types.ArchiveError
	if err == nil || errors.Is(err, errDone) || errors.As(err, &known) {
		return err
	}
	return types.MakeArchiveErrorUnreadable()
}
