// The interface `tools` of wit/world.wit. `toolcell build` makes plugin.h from the WIT.

#include "plugin.h"

#include <stdlib.h>
#include <string.h>

typedef exports_example_{{snake}}_tools_page_error_t page_error_t;

// The server. plugin.toml, toolcell.toml and the cases name it, too.
static const char HOST[] = "example.com";

// Sends a request, and waits until the response begins; false if there is none.
static bool get(plugin_string_t* path, wasi_http_types_own_incoming_response_t* response) {
  const wasi_http_types_own_outgoing_request_t request =
      wasi_http_types_constructor_outgoing_request(wasi_http_types_constructor_fields());  // GET, without headers
  const wasi_http_types_borrow_outgoing_request_t borrowed = wasi_http_types_borrow_outgoing_request(request);
  wasi_http_types_scheme_t scheme = {.tag = WASI_HTTP_TYPES_SCHEME_HTTPS};
  plugin_string_t authority;
  plugin_string_set(&authority, HOST);
  wasi_http_types_method_outgoing_request_set_scheme(borrowed, &scheme);
  wasi_http_types_method_outgoing_request_set_authority(borrowed, &authority);
  wasi_http_types_method_outgoing_request_set_path_with_query(borrowed, path);

  wasi_http_types_own_future_incoming_response_t sent;
  wasi_http_types_error_code_t code;
  if (!wasi_http_outgoing_handler_handle(request, NULL, &sent, &code)) return false;
  const wasi_http_types_borrow_future_incoming_response_t future =
      wasi_http_types_borrow_future_incoming_response(sent);
  wasi_io_poll_method_pollable_block(
      wasi_io_poll_borrow_pollable(wasi_http_types_method_future_incoming_response_subscribe(future)));
  wasi_http_types_result_result_own_incoming_response_error_code_void_t answer;
  wasi_http_types_method_future_incoming_response_get(future, &answer);
  if (answer.val.ok.is_err) return false;
  *response = answer.val.ok.val.ok;
  return true;
}

// Reads the body of a response; false if it breaks off.
static bool read_body(wasi_http_types_own_incoming_body_t body, plugin_string_t* page) {
  wasi_http_types_own_input_stream_t stream;
  wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream);
  *page = (plugin_string_t){};
  plugin_list_u8_t part;
  wasi_io_streams_stream_error_t end;
  while (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(stream), 65536,
                                                           &part, &end)) {
    page->ptr = realloc(page->ptr, page->len + part.len + 1);
    memcpy(page->ptr + page->len, part.ptr, part.len);
    page->len += part.len;
    plugin_list_u8_free(&part);
  }
  return end.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
}

bool exports_example_{{snake}}_tools_read_page(plugin_string_t* path, plugin_string_t* page, page_error_t* error) {
  *error = (page_error_t){.tag = EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_PAGE_ERROR_NO_ANSWER};
  wasi_http_types_own_incoming_response_t response;
  if (!get(path, &response)) return false;
  const wasi_http_types_borrow_incoming_response_t borrowed = wasi_http_types_borrow_incoming_response(response);
  const uint16_t status = wasi_http_types_method_incoming_response_status(borrowed);
  if (status != 200) {
    *error = (page_error_t){.tag = EXPORTS_EXAMPLE_{{SNAKE}}_TOOLS_PAGE_ERROR_STATUS, .val.status = status};
    return false;
  }
  wasi_http_types_own_incoming_body_t body;
  wasi_http_types_method_incoming_response_consume(borrowed, &body);
  return read_body(body, page);
}
