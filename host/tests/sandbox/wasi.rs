//! Text of components that import WASI 0.2 or `toolcell:plugin`, with core code that calls it.

/// A component whose core module `$m` sees `libc` (a memory of one page and `realloc`) and the `host`
/// functions that `lowers` defines and `exports` names; it exports `run`, lifted as `lift` says.
fn wired(imports: &str, lowers: &str, exports: &str, core: &str, lift: &str) -> String {
    format!(
        r#"(component
            {imports}
            (core module $libc
                (memory (export "memory") 40)
                (global $next (mut i32) (i32.const 65536))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (local $at i32)
                    (local.set $at (global.get $next))
                    (global.set $next (i32.and
                        (i32.add (i32.add (global.get $next) (local.get 3)) (i32.const 7))
                        (i32.const -8)))
                    (local.get $at)))
            (core instance $libc (instantiate $libc))
            {lowers}
            (core module $m
                (import "libc" "memory" (memory 1))
                {core})
            (core instance $i (instantiate $m
                (with "libc" (instance $libc))
                (with "host" (instance {exports}))))
            (func (export "run") {lift}))"#
    )
}

/// Lifts `run: func() -> u32`.
const NUMBER: &str = r#"(result u32) (canon lift (core func $i "run"))"#;

/// Calls `wasi:cli/exit` with failure or success.
pub(crate) fn exit(status: u32) -> String {
    wired(
        r#"(import "wasi:cli/exit@0.2.6" (instance $exit
            (export "exit" (func (param "status" (result))))))"#,
        r#"(core func $exit (canon lower (func $exit "exit")))"#,
        r#"(export "exit" (func $exit))"#,
        &format!(
            r#"(import "host" "exit" (func $exit (param i32)))
            (func (export "run") (result i32) (call $exit (i32.const {status})) (i32.const 7))"#
        ),
        NUMBER,
    )
}

/// Asks for `length` random bytes and returns how many it got.
pub(crate) fn random(length: u64) -> String {
    wired(
        r#"(import "wasi:random/random@0.2.6" (instance $random
            (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))"#,
        r#"(core func $random (canon lower (func $random "get-random-bytes")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
        r#"(export "random" (func $random))"#,
        &format!(
            r#"(import "host" "random" (func $random (param i64 i32)))
            (func (export "run") (result i32)
                (call $random (i64.const {length}) (i32.const 0)) (i32.load (i32.const 4)))"#
        ),
        NUMBER,
    )
}

/// The same of the bytes that need not be secret.
pub(crate) fn insecure_random(length: u64) -> String {
    random(length)
        .replace("wasi:random/random@", "wasi:random/insecure@")
        .replace("get-random-bytes", "get-insecure-random-bytes")
}

const POLL: &str = r#"
    (import "wasi:io/poll@0.2.6" (instance $poll
        (export "pollable" (type $p (sub resource)))
        (export "[method]pollable.block" (func (param "self" (borrow $p))))))
    (alias export $poll "pollable" (type $pollable))
    (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
        (alias outer 1 $pollable (type $outer))
        (export "pollable" (type $q (eq $outer)))
        (export "now" (func (result u64)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))"#;

const POLL_LOWERS: &str = r#"
    (core func $block (canon lower (func $poll "[method]pollable.block")))
    (core func $now (canon lower (func $clock "now")))
    (core func $subscribe (canon lower (func $clock "subscribe-duration")))"#;

const POLL_EXPORTS: &str = r#"
    (export "block" (func $block)) (export "subscribe" (func $subscribe)) (export "now" (func $now))"#;

/// Sleeps for so many nanoseconds.
pub(crate) fn sleep(nanoseconds: u64) -> String {
    wired(
        POLL,
        POLL_LOWERS,
        POLL_EXPORTS,
        &format!(
            r#"(import "host" "block" (func $block (param i32)))
            (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
            (func (export "run") (result i32)
                (call $block (call $subscribe (i64.const {nanoseconds}))) (i32.const 7))"#
        ),
        NUMBER,
    )
}

/// Makes so many pollables and drops none.
pub(crate) fn pollables(count: u32) -> String {
    repeat(
        POLL,
        POLL_LOWERS,
        POLL_EXPORTS,
        r#"(import "host" "subscribe" (func $subscribe (param i64) (result i32)))"#,
        "(drop (call $subscribe (i64.const 1)))",
        count,
    )
}

/// Makes so many pollables, keeps them all, and lends each to the host once.
pub(crate) fn loans(count: u32) -> String {
    repeat(
        POLL,
        POLL_LOWERS,
        POLL_EXPORTS,
        r#"(import "host" "subscribe" (func $subscribe (param i64) (result i32)))
        (import "host" "block" (func $block (param i32)))"#,
        "(call $block (call $subscribe (i64.const 1)))",
        count,
    )
}

/// Waits for a pollable that it does not have, in a function of this name.
pub(crate) fn refused_in(function: &str) -> String {
    wired(
        POLL,
        POLL_LOWERS,
        POLL_EXPORTS,
        &format!(
            r#"(import "host" "block" (func $block (param i32)))
            (func $"{function}" (call $block (i32.const 77)))
            (func (export "run") (result i32) (call $"{function}") (i32.const 7))"#
        ),
        NUMBER,
    )
}

/// Reads the clock so many times: a flood of cheap calls to the host.
pub(crate) fn clock_reads(count: u32) -> String {
    repeat(
        POLL,
        POLL_LOWERS,
        POLL_EXPORTS,
        r#"(import "host" "now" (func $now (result i64)))"#,
        "(drop (call $now))",
        count,
    )
}

/// Does `step` so many times; `$left` counts down.
fn repeat(imports: &str, lowers: &str, exports: &str, core: &str, step: &str, count: u32) -> String {
    let core = format!(
        r#"{core}
        (func (export "run") (result i32) (local $left i32)
            (local.set $left (i32.const {count}))
            (loop $again
                {step}
                (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
            (i32.const {count}))"#
    );
    wired(imports, lowers, exports, &core, NUMBER)
}

/// Writes `count` times `size` bytes of `x`, after a line that says hello, to stdout or stderr.
pub(crate) fn print(stream: &str, size: u32, count: u32) -> String {
    let imports = format!(
        r#"
        (import "wasi:io/error@0.2.6" (instance $error (export "error" (type (sub resource)))))
        (alias export $error "error" (type $error-type))
        (import "wasi:io/streams@0.2.6" (instance $streams
            (export "output-stream" (type $out (sub resource)))
            (alias outer 1 $error-type (type $outer))
            (export "error" (type $inner (eq $outer)))
            (type $plain (variant (case "last-operation-failed" (own $inner)) (case "closed")))
            (export "stream-error" (type $failed (eq $plain)))
            (type $written (result (error $failed)))
            (export "[method]output-stream.blocking-write-and-flush"
                (func (param "self" (borrow $out)) (param "contents" (list u8)) (result $written)))))
        (alias export $streams "output-stream" (type $stream-type))
        (import "wasi:cli/{stream}@0.2.6" (instance $std
            (alias outer 1 $stream-type (type $outer))
            (export "output-stream" (type $inner (eq $outer)))
            (export "get-{stream}" (func (result (own $inner))))))"#
    );
    let lowers = format!(
        r#"
        (core func $get (canon lower (func $std "get-{stream}")))
        (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#
    );
    let core = r#"
        (import "host" "get" (func $get (result i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (data (i32.const 16) "hello \1b[31m\0a")
        (global $out (mut i32) (i32.const 0))
        (func $start
            (global.set $out (call $get))
            (call $write (global.get $out) (i32.const 16) (i32.const 12) (i32.const 0))
            (memory.fill (i32.const 1024) (i32.const 120) (i32.const 4096)))
        (start $start)"#;
    let step = format!("(call $write (global.get $out) (i32.const 1024) (i32.const {size}) (i32.const 0))");
    let exports = r#"(export "get" (func $get)) (export "write" (func $write))"#;
    repeat(&imports, &lowers, exports, core, &step, count)
}

/// Reports progress 1, 2, 3, ... so many times.
pub(crate) fn progress(count: u32) -> String {
    repeat(
        r#"(import "toolcell:plugin/progress@0.1.0" (instance $progress
            (export "report" (func (param "progress" float64)
                (param "total" (option float64)) (param "message" (option string))))))"#,
        r#"(core func $report (canon lower (func $progress "report")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
        r#"(export "report" (func $report))"#,
        r#"(import "host" "report" (func $report (param f64 i32 f64 i32 i32 i32)))
        (global $done (mut f64) (f64.const 0))"#,
        r#"(global.set $done (f64.add (global.get $done) (f64.const 1)))
        (call $report (global.get $done) (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"#,
        count,
    )
}

/// Writes one message of `size` bytes at level `warning`, through `toolcell:plugin/log`.
pub(crate) fn message(size: u32) -> String {
    messages(size, 1)
}

/// Writes as many such messages.
pub(crate) fn messages(size: u32, count: u32) -> String {
    repeat(
        r#"(import "toolcell:plugin/log@0.1.0" (instance $log
            (type $plain (enum "debug" "info" "notice" "warning" "error" "critical" "alert" "emergency"))
            (export "level" (type $level (eq $plain)))
            (type $field (tuple string string))
            (type $fields (list $field))
            (export "write" (func (param "level" $level) (param "message" string) (param "fields" $fields)))))"#,
        r#"(core func $write (canon lower (func $log "write")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
        r#"(export "write" (func $write))"#,
        r#"(import "host" "write" (func $write (param i32 i32 i32 i32 i32)))
        (data (i32.const 16) "disk is nearly full")"#,
        &format!("(call $write (i32.const 3) (i32.const 16) (i32.const {size}) (i32.const 0) (i32.const 0))"),
        count,
    )
}

/// Reads the key `region` of `wasi:config/store` in the given version; returns the value.
pub(crate) fn config(version: &str) -> String {
    wired(
        &format!(
            r#"(import "wasi:config/store@{version}" (instance $config
            (type $plain (variant (case "upstream" string) (case "io" string)))
            (export "error" (type $error (eq $plain)))
            (type $found (option string))
            (type $result (result $found (error $error)))
            (export "get" (func (param "key" string) (result $result)))))"#
        ),
        r#"(core func $get (canon lower (func $config "get")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
        r#"(export "get" (func $get))"#,
        r#"(import "host" "get" (func $get (param i32 i32 i32)))
        (data (i32.const 16) "region")
        (func (export "run") (result i32)
            (call $get (i32.const 16) (i32.const 6) (i32.const 64))
            ;; result tag, option tag, pointer and length: the option starts at 68, its payload at 72
            (i32.const 68))"#,
        r#"(result (option string)) (canon lift (core func $i "run") (memory (core memory $libc "memory")))"#,
    )
}

/// Makes a TCP socket; returns 0, or 1 and more for the interface's error codes.
pub(crate) fn tcp_socket() -> String {
    wired(
        r#"(import "wasi:sockets/network@0.2.6" (instance $network
            (type $codes (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory"
                "timeout" "concurrency-conflict" "not-in-progress" "would-block" "invalid-state"
                "new-socket-limit" "address-not-bindable" "address-in-use" "remote-unreachable"
                "connection-refused" "connection-reset" "connection-aborted" "datagram-too-large"
                "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
            (export "error-code" (type (eq $codes)))
            (type $families (enum "ipv4" "ipv6"))
            (export "ip-address-family" (type (eq $families)))))
        (alias export $network "error-code" (type $code))
        (alias export $network "ip-address-family" (type $family))
        (import "wasi:sockets/tcp@0.2.6" (instance $tcp (export "tcp-socket" (type (sub resource)))))
        (alias export $tcp "tcp-socket" (type $socket))
        (import "wasi:sockets/tcp-create-socket@0.2.6" (instance $create
            (alias outer 1 $code (type $outer-code))
            (export "error-code" (type $c (eq $outer-code)))
            (alias outer 1 $family (type $outer-family))
            (export "ip-address-family" (type $f (eq $outer-family)))
            (alias outer 1 $socket (type $outer-socket))
            (export "tcp-socket" (type $s (eq $outer-socket)))
            (type $result (result (own $s) (error $c)))
            (export "create-tcp-socket" (func (param "address-family" $f) (result $result)))))"#,
        r#"(core func $create (canon lower (func $create "create-tcp-socket")
            (memory (core memory $libc "memory"))))"#,
        r#"(export "create" (func $create))"#,
        r#"(import "host" "create" (func $create (param i32 i32)))
        (func (export "run") (result i32)
            (call $create (i32.const 0) (i32.const 64))
            (if (i32.load8_u (i32.const 64))
                (then (return (i32.add (i32.const 1) (i32.load8_u (i32.const 68))))))
            (i32.const 0))"#,
        NUMBER,
    )
}

/// The same, and then it panics: a guest that does not cope with being denied.
pub(crate) fn tcp_socket_or_panic() -> String {
    tcp_socket().replace(
        "(then (return (i32.add (i32.const 1) (i32.load8_u (i32.const 68))))))",
        "(then unreachable))",
    )
}

/// Opens a path below the first preopened directory.
///
/// `run: func(path: string, follow: u32, open: u32, access: u32) -> u32` returns 0 where it opened, 1 and
/// more for the error codes of `wasi:filesystem`, and 99 if there is no directory.
pub(crate) fn open_at() -> String {
    let imports = r#"
        (import "wasi:filesystem/types@0.2.6" (instance $types
            (export "descriptor" (type $d (sub resource)))
            (type $codes (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota"
                "exist" "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io"
                "is-directory" "loop" "too-many-links" "message-size" "name-too-long" "no-device"
                "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty"
                "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe"
                "read-only" "invalid-seek" "text-file-busy" "cross-device"))
            (export "error-code" (type $code (eq $codes)))
            (type $pf (flags "symlink-follow"))
            (export "path-flags" (type $path-flags (eq $pf)))
            (type $of (flags "create" "directory" "exclusive" "truncate"))
            (export "open-flags" (type $open-flags (eq $of)))
            (type $df (flags "read" "write" "file-integrity-sync" "data-integrity-sync"
                "requested-write-sync" "mutate-directory"))
            (export "descriptor-flags" (type $descriptor-flags (eq $df)))
            (type $opened (result (own $d) (error $code)))
            (export "[method]descriptor.open-at" (func (param "self" (borrow $d))
                (param "path-flags" $path-flags) (param "path" string) (param "open-flags" $open-flags)
                (param "flags" $descriptor-flags) (result $opened)))))
        (alias export $types "descriptor" (type $descriptor))
        (import "wasi:filesystem/preopens@0.2.6" (instance $preopens
            (alias outer 1 $descriptor (type $outer))
            (export "descriptor" (type $d (eq $outer)))
            (type $entry (tuple (own $d) string))
            (type $entries (list $entry))
            (export "get-directories" (func (result $entries)))))"#;
    let lowers = r#"
        (core func $get (canon lower (func $preopens "get-directories")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $open (canon lower (func $types "[method]descriptor.open-at")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#;
    let core = r#"
        (import "host" "get" (func $get (param i32)))
        (import "host" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
        (func (export "run") (param $path i32) (param $length i32)
                (param $follow i32) (param $how i32) (param $access i32) (result i32)
            (call $get (i32.const 64))
            (if (i32.eqz (i32.load (i32.const 68))) (then (return (i32.const 99))))
            (call $open (i32.load (i32.load (i32.const 64))) (local.get $follow)
                (local.get $path) (local.get $length) (local.get $how) (local.get $access) (i32.const 128))
            (if (i32.load8_u (i32.const 128))
                (then (return (i32.add (i32.const 1) (i32.load8_u (i32.const 132))))))
            (i32.const 0))"#;
    wired(
        imports,
        lowers,
        r#"(export "get" (func $get)) (export "open" (func $open))"#,
        core,
        r#"(param "path" string) (param "follow" u32) (param "open" u32) (param "access" u32) (result u32)
            (canon lift (core func $i "run") (memory (core memory $libc "memory"))
                (realloc (core func $libc "realloc")))"#,
    )
}

/// Returns the environment.
pub(crate) fn environment() -> String {
    wired(
        r#"(import "wasi:cli/environment@0.2.6" (instance $environment
            (type $entry (tuple string string))
            (type $entries (list $entry))
            (export "get-environment" (func (result $entries)))))"#,
        r#"(core func $get (canon lower (func $environment "get-environment")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
        r#"(export "get" (func $get))"#,
        r#"(import "host" "get" (func $get (param i32)))
        (func (export "run") (result i32) (call $get (i32.const 64)) (i32.const 64))"#,
        r#"(result (list (tuple string string)))
            (canon lift (core func $i "run") (memory (core memory $libc "memory")))"#,
    )
}

/// Sends a request to `http://127.0.0.1/`; returns 0 if it was accepted for sending, then `panics` or not.
#[allow(clippy::too_many_lines, reason = "one text of WebAssembly, not a flow of steps")]
pub(crate) fn request(after: &str) -> String {
    let imports = r#"
        (import "wasi:http/types@0.2.6" (instance $types
            (export "fields" (type $fields (sub resource)))
            (export "outgoing-request" (type $request (sub resource)))
            (export "request-options" (type (sub resource)))
            (export "future-incoming-response" (type (sub resource)))
            (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
            (export "DNS-error-payload" (type $dns (eq $dns')))
            (type $tls' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
            (export "TLS-alert-received-payload" (type $tls (eq $tls')))
            (type $size' (record (field "field-name" (option string)) (field "field-size" (option u32))))
            (export "field-size-payload" (type $size (eq $size')))
            (type $code' (variant (case "DNS-timeout") (case "DNS-error" $dns)
                (case "destination-not-found") (case "destination-unavailable")
                (case "destination-IP-prohibited") (case "destination-IP-unroutable")
                (case "connection-refused") (case "connection-terminated") (case "connection-timeout")
                (case "connection-read-timeout") (case "connection-write-timeout")
                (case "connection-limit-reached") (case "TLS-protocol-error")
                (case "TLS-certificate-error") (case "TLS-alert-received" $tls)
                (case "HTTP-request-denied") (case "HTTP-request-length-required")
                (case "HTTP-request-body-size" (option u64)) (case "HTTP-request-method-invalid")
                (case "HTTP-request-URI-invalid") (case "HTTP-request-URI-too-long")
                (case "HTTP-request-header-section-size" (option u32))
                (case "HTTP-request-header-size" (option $size))
                (case "HTTP-request-trailer-section-size" (option u32))
                (case "HTTP-request-trailer-size" $size) (case "HTTP-response-incomplete")
                (case "HTTP-response-header-section-size" (option u32))
                (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
                (case "HTTP-response-trailer-section-size" (option u32))
                (case "HTTP-response-trailer-size" $size)
                (case "HTTP-response-transfer-coding" (option string))
                (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
                (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
                (case "configuration-error") (case "internal-error" (option string))))
            (export "error-code" (type (eq $code')))
            (type $set (result))
            (export "[constructor]fields" (func (result (own $fields))))
            (export "[constructor]outgoing-request"
                (func (param "headers" (own $fields)) (result (own $request))))
            (export "[method]outgoing-request.set-authority"
                (func (param "self" (borrow $request)) (param "authority" (option string)) (result $set)))
            (export "[method]outgoing-request.set-path-with-query" (func
                (param "self" (borrow $request)) (param "path-with-query" (option string)) (result $set)))))
        (alias export $types "outgoing-request" (type $request))
        (alias export $types "request-options" (type $options))
        (alias export $types "future-incoming-response" (type $future))
        (alias export $types "error-code" (type $code))
        (import "wasi:http/outgoing-handler@0.2.6" (instance $handler
            (alias outer 1 $request (type $outer-request))
            (export "outgoing-request" (type $r (eq $outer-request)))
            (alias outer 1 $options (type $outer-options))
            (export "request-options" (type $o (eq $outer-options)))
            (alias outer 1 $future (type $outer-future))
            (export "future-incoming-response" (type $f (eq $outer-future)))
            (alias outer 1 $code (type $outer-code))
            (export "error-code" (type $e (eq $outer-code)))
            (type $sent (result (own $f) (error $e)))
            (export "handle" (func (param "request" (own $r)) (param "options" (option (own $o)))
                (result $sent)))))"#;
    let lowers = r#"
        (core func $fields (canon lower (func $types "[constructor]fields")))
        (core func $request (canon lower (func $types "[constructor]outgoing-request")))
        (core func $authority (canon lower (func $types "[method]outgoing-request.set-authority")
            (memory (core memory $libc "memory"))))
        (core func $path (canon lower (func $types "[method]outgoing-request.set-path-with-query")
            (memory (core memory $libc "memory"))))
        (core func $handle (canon lower (func $handler "handle")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#;
    let exports = r#"(export "fields" (func $fields)) (export "request" (func $request))
        (export "authority" (func $authority)) (export "path" (func $path))
        (export "handle" (func $handle))"#;
    let core = format!(
        r#"
        (import "host" "fields" (func $fields (result i32)))
        (import "host" "request" (func $request (param i32) (result i32)))
        (import "host" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
        (import "host" "path" (func $path (param i32 i32 i32 i32) (result i32)))
        (import "host" "handle" (func $handle (param i32 i32 i32 i32)))
        (data (i32.const 16) "127.0.0.1/")
        (func (export "run") (result i32) (local $r i32)
            (local.set $r (call $request (call $fields)))
            (drop (call $authority (local.get $r) (i32.const 1) (i32.const 16) (i32.const 9)))
            (drop (call $path (local.get $r) (i32.const 1) (i32.const 25) (i32.const 1)))
            (call $handle (local.get $r) (i32.const 0) (i32.const 0) (i32.const 64))
            {after}
            (i32.load8_u (i32.const 64)))"#
    );
    wired(imports, lowers, exports, &core, NUMBER)
}
