//! Names fields of log lines as OpenTelemetry does, where its conventions have a name for them.
//!
//! The rest keeps the name that it has in the code. Lines for people keep short names: a terminal is no place for
//! `gen_ai.tool.name`. Conventions: <https://github.com/open-telemetry/semantic-conventions-genai>, for MCP, and
//! <https://opentelemetry.io/docs/specs/semconv/faas/>, for functions.

/// Returns the name that a field has in a line of JSON.
pub(super) fn name(field: &'static str) -> &'static str {
    match field {
        "cold" => "faas.coldstart",
        "error_type" => "error.type",
        "http_method" => "http.request.method",
        "method" => "mcp.method.name",
        "operation" => "gen_ai.operation.name",
        "prompt" => "gen_ai.prompt.name",
        "request" => "faas.invocation_id",
        "revision" => "mcp.protocol.version",
        "status_code" => "rpc.response.status_code",
        "tool" => "gen_ai.tool.name",
        own => own,
    }
}
