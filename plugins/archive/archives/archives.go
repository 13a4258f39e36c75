// Package archives looks into archives and packs them. It never unpacks more than its bounds allow, whatever an
// archive says of itself.
package archives

import (
	"errors"
	"io"
	"math"
	"path"
	"unicode/utf8"

	"wit"
	types "wit/archives"
)

// ListArchive lists what is in an archive.
func ListArchive(archive []byte) (types.Listing, error) {
	var listing types.Listing
	format, err := walk(archive, func(found entry) error {
		listing.Entries = append(listing.Entries, found.Entry)
		listing.TotalSize = sum(listing.TotalSize, found.Size)
		return nil
	})
	listing.Format = format
	return listing, err
}

// ReadEntry reads one file in an archive.
func ReadEntry(archive []byte, name string, maxBytes uint32) (types.Content, error) {
	var content types.Content
	_, err := walk(archive, func(found entry) error {
		if found.Name != name {
			return nil
		}
		if found.Kind != types.EntryKindFile {
			return types.MakeArchiveErrorNotAFile()
		}
		data, err := io.ReadAll(limited(found.body(), maxBytes))
		if err != nil {
			return err
		}
		content = contentOf(data)
		return errDone
	})
	switch {
	case errors.Is(err, errDone):
		return content, nil
	case err == nil:
		return content, types.MakeArchiveErrorNoSuchEntry()
	}
	return content, err
}

// SearchArchive finds the lines with a text in all text files of an archive.
func SearchArchive(archive []byte, text string, ignoreCase bool, names wit.Option[string]) (types.SearchResult, error) {
	pattern := names.Or("*")
	if _, err := path.Match(pattern, ""); err != nil {
		return types.SearchResult{}, types.MakeArchiveErrorBadPattern()
	}
	search := newSearch(text, ignoreCase)
	_, err := walk(archive, func(found entry) error {
		matches, _ := path.Match(pattern, path.Base(found.Name))
		if !matches || found.Kind != types.EntryKindFile {
			return nil
		}
		return search.file(found.Name, found.body())
	})
	if errors.Is(err, errDone) {
		err = nil
	}
	return search.result, err
}

// sum adds sizes up to the largest number: an archive may claim any.
func sum(sizes, size uint64) uint64 {
	return min(sizes, math.MaxUint64-size) + size
}

// contentOf is text where the bytes are.
func contentOf(data []byte) types.Content {
	if utf8.Valid(data) {
		return types.MakeContentText(string(data))
	}
	return types.MakeContentBytes(data)
}
