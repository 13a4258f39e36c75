// Package tools implements the interface of the same name in wit/world.wit.
package tools

import (
	"strings"

	"wit"
	"wit/outgoinghandler"
	"wit/streams"
	"wit/tools"
	"wit/types"
)

// host is the server. plugin.toml, toolcell.toml and the cases name it, too.
const host = "example.com"

// ReadPage reads a page.
func ReadPage(path string) (string, error) {
	response := get(path)
	if response == nil {
		return "", tools.MakePageErrorNoAnswer()
	}
	if response.Status() != 200 {
		return "", tools.MakePageErrorStatus(response.Status())
	}
	page, whole := read(response)
	if !whole {
		return "", tools.MakePageErrorNoAnswer()
	}
	return strings.ToValidUTF8(string(page), "\uFFFD"), nil
}

// get sends a request, and waits until the response begins; nil if there is none.
func get(path string) *types.IncomingResponse {
	request := types.MakeOutgoingRequest(types.MakeFields()) // GET, without headers
	request.SetScheme(wit.Some(types.MakeSchemeHttps()))
	request.SetAuthority(wit.Some(host))
	request.SetPathWithQuery(wit.Some(path))
	sent := outgoinghandler.Handle(request, wit.None[*types.RequestOptions]())
	if sent.IsErr() {
		return nil
	}
	sent.Ok().Subscribe().Block()
	answer, _ := sent.Ok().Get().Get()
	if answer.Ok().IsErr() {
		return nil
	}
	return answer.Ok().Ok()
}

// read reads the body of a response, and tells whether it is whole.
func read(response *types.IncomingResponse) ([]byte, bool) {
	stream := response.Consume().Ok().Stream().Ok()
	var page []byte
	for {
		part := stream.BlockingRead(65536)
		if part.IsErr() {
			return page, part.Err().Tag() == streams.StreamErrorClosed
		}
		page = append(page, part.Ok()...)
	}
}
