//! Interfaces of the host as components in text form import them.

use crate::component::{NUMBER, Parts};

/// An interface: its imports, the core functions for them, and the names under which core code imports these.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Import {
    pub(crate) imports: &'static str,
    pub(crate) lowers: &'static str,
    pub(crate) exports: &'static str,
}

impl Import {
    /// Makes the parts of a component with this core code, which returns a number.
    pub(crate) fn parts<'a>(&self, core: &'a str) -> Parts<'a> {
        let Self { imports, lowers, exports } = *self;
        Parts { imports, lowers, exports, core, lift: NUMBER }
    }
}

/// `now`, `subscribe` (to a duration), `block` and `drop`.
pub(crate) const POLL: Import = Import {
    imports: r#"
        (import "wasi:io/poll@0.2.6" (instance $poll
            (export "pollable" (type $p (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $p))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
            (alias outer 1 $pollable (type $outer))
            (export "pollable" (type $q (eq $outer)))
            (export "now" (func (result u64)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))"#,
    lowers: r#"
        (core func $block (canon lower (func $poll "[method]pollable.block")))
        (core func $now (canon lower (func $clock "now")))
        (core func $subscribe (canon lower (func $clock "subscribe-duration")))
        (core func $drop (canon resource.drop $pollable))"#,
    exports: r#"(export "block" (func $block)) (export "subscribe" (func $subscribe))
        (export "now" (func $now)) (export "drop" (func $drop))"#,
};

/// `random`, which takes a length and an address for pointer and length.
pub(crate) const RANDOM: Import = Import {
    imports: r#"(import "wasi:random/random@0.2.6" (instance $random
        (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))"#,
    lowers: r#"(core func $random (canon lower (func $random "get-random-bytes")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "random" (func $random))"#,
};

/// `random` of bytes that need not be secret.
pub(crate) const INSECURE_RANDOM: Import = Import {
    imports: r#"(import "wasi:random/insecure@0.2.6" (instance $random
        (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))))"#,
    lowers: r#"(core func $random (canon lower (func $random "get-insecure-random-bytes")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "random" (func $random))"#,
};

/// `get`, which reads the environment.
pub(crate) const ENVIRONMENT: Import = Import {
    imports: r#"(import "wasi:cli/environment@0.2.6" (instance $environment
        (type $entry (tuple string string))
        (type $entries (list $entry))
        (export "get-environment" (func (result $entries)))))"#,
    lowers: r#"(core func $get (canon lower (func $environment "get-environment")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "get" (func $get))"#,
};

/// `report` of `toolcell:plugin/progress`.
pub(crate) const PROGRESS: Import = Import {
    imports: r#"(import "toolcell:plugin/progress@0.1.0" (instance $progress
        (export "report" (func (param "progress" float64)
            (param "total" (option float64)) (param "message" (option string))))))"#,
    lowers: r#"(core func $report (canon lower (func $progress "report")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "report" (func $report))"#,
};

/// `write` of `toolcell:plugin/log`: level, message, fields.
pub(crate) const LOG: Import = Import {
    imports: r#"(import "toolcell:plugin/log@0.1.0" (instance $log
        (type $plain (enum "debug" "info" "notice" "warning" "error" "critical" "alert" "emergency"))
        (export "level" (type $level (eq $plain)))
        (type $field (tuple string string))
        (type $fields (list $field))
        (export "write" (func (param "level" $level) (param "message" string) (param "fields" $fields)))))"#,
    lowers: r#"(core func $write (canon lower (func $log "write")
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "write" (func $write))"#,
};

/// `get` (a handle of stdout), `write` (and wait), `write-now` (without asking whether there is room).
pub(crate) const STDOUT: Import = Import {
    imports: r#"
        (import "wasi:io/error@0.2.6" (instance $error (export "error" (type (sub resource)))))
        (alias export $error "error" (type $error-type))
        (import "wasi:io/streams@0.2.6" (instance $streams
            (export "output-stream" (type $out (sub resource)))
            (alias outer 1 $error-type (type $outer))
            (export "error" (type $inner (eq $outer)))
            (type $plain (variant (case "last-operation-failed" (own $inner)) (case "closed")))
            (export "stream-error" (type $failed (eq $plain)))
            (type $written (result (error $failed)))
            (export "[method]output-stream.write"
                (func (param "self" (borrow $out)) (param "contents" (list u8)) (result $written)))
            (export "[method]output-stream.blocking-write-and-flush"
                (func (param "self" (borrow $out)) (param "contents" (list u8)) (result $written)))))
        (alias export $streams "output-stream" (type $stream-type))
        (import "wasi:cli/stdout@0.2.6" (instance $std
            (alias outer 1 $stream-type (type $outer))
            (export "output-stream" (type $inner (eq $outer)))
            (export "get-stdout" (func (result (own $inner))))))"#,
    lowers: r#"
        (core func $get (canon lower (func $std "get-stdout")))
        (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
        (core func $write-now (canon lower (func $streams "[method]output-stream.write")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "get" (func $get)) (export "write" (func $write))
        (export "write-now" (func $write-now))"#,
};

/// `exit`.
pub(crate) const EXIT: Import = Import {
    imports: r#"(import "wasi:cli/exit@0.2.6" (instance $exit
        (export "exit" (func (param "status" (result))))))"#,
    lowers: r#"(core func $exit (canon lower (func $exit "exit")))"#,
    exports: r#"(export "exit" (func $exit))"#,
};

/// `fields` (makes some HTTP headers) and `append`.
pub(crate) const FIELDS: Import = Import {
    imports: r#"(import "wasi:http/types@0.2.6" (instance $types
        (export "fields" (type $fields (sub resource)))
        (type $plain (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
        (export "header-error" (type $failed (eq $plain)))
        (type $done (result (error $failed)))
        (export "[constructor]fields" (func (result (own $fields))))
        (export "[method]fields.append" (func
            (param "self" (borrow $fields)) (param "name" string) (param "value" (list u8)) (result $done)))))"#,
    lowers: r#"
        (core func $fields (canon lower (func $types "[constructor]fields")))
        (core func $append (canon lower (func $types "[method]fields.append")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))"#,
    exports: r#"(export "fields" (func $fields)) (export "append" (func $append))"#,
};
