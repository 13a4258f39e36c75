package archives

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	types "wit/archives"
)

const (
	// maxHits is how many hits a search returns.
	maxHits = 100
	// maxShown is how many characters of a line are shown.
	maxShown = 200
	// maxLine is how many bytes of a line are looked at.
	maxLine = 64 << 10
)

type search struct {
	text   string
	fold   func(string) string
	result types.SearchResult
}

func newSearch(text string, ignoreCase bool) *search {
	fold := func(line string) string { return line }
	if ignoreCase {
		fold = strings.ToLower
	}
	return &search{text: fold(text), fold: fold}
}

// file searches a file, unless it is not text.
func (s *search) file(name string, body io.Reader) error {
	reader := bufio.NewReaderSize(body, maxLine)
	if start, err := reader.Peek(512); err != nil && err != io.EOF {
		return err
	} else if bytes.IndexByte(start, 0) >= 0 {
		return nil
	}
	s.result.Searched++
	for number := uint32(1); ; number++ {
		line, err := nextLine(reader)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.Contains(s.fold(line), s.text) {
			continue
		}
		if len(s.result.Hits) == maxHits {
			s.result.More = true
			return errDone
		}
		s.result.Hits = append(s.result.Hits, types.Hit{Name: name, Line: number, Text: shown(line)})
	}
}

// nextLine reads a line, and leaves out what is beyond maxLine of it.
func nextLine(reader *bufio.Reader) (string, error) {
	start, isCut, err := reader.ReadLine()
	line := valid(string(start))
	for isCut && err == nil {
		_, isCut, err = reader.ReadLine()
	}
	return line, err
}

func shown(line string) string {
	count := 0
	for at := range line {
		if count++; count > maxShown {
			return line[:at]
		}
	}
	return line
}
