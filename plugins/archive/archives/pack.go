package archives

import (
	"archive/zip"
	"bytes"
	"io/fs"

	types "wit/archives"
)

// CreateZip packs files into a new zip archive.
func CreateZip(files []types.NewFile) ([]byte, error) {
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	seen := make(map[string]bool, len(files))
	for _, file := range files {
		if !fs.ValidPath(file.Name) || file.Name == "." {
			return nil, types.MakePackErrorBadName(file.Name)
		}
		if seen[file.Name] {
			return nil, types.MakePackErrorRepeatedName(file.Name)
		}
		seen[file.Name] = true
		packed, err := writer.Create(file.Name)
		if err != nil {
			return nil, err
		}
		if _, err := packed.Write(bytesOf(file.Content)); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

func bytesOf(content types.Content) []byte {
	if content.Tag() == types.ContentText {
		return []byte(content.Text())
	}
	return content.Bytes()
}
