//! Every text of a refusal, in one golden file: `TOOLCELL_BLESS=1` rewrites it.

use std::fmt::Write as _;
use std::time::Duration;

use super::*;
use crate::golden::{self, samples};

fn text(text: &str) -> String {
    text.to_owned()
}

fn forbidden() -> Vec<Forbidden> {
    samples! {
        Forbidden::Origin { .. } => Forbidden::Origin { origin: text("https://evil.org") },
        Forbidden::RepeatedOrigin => Forbidden::RepeatedOrigin,
        Forbidden::Host { .. } => Forbidden::Host { host: text("evil.org") },
        Forbidden::NoHost => Forbidden::NoHost,
        Forbidden::Identity => Forbidden::Identity,
        Forbidden::Edge => Forbidden::Edge,
    }
}

fn media_types() -> Vec<MediaTypeError> {
    samples! {
        MediaTypeError::ContentTypes => MediaTypeError::ContentTypes,
        MediaTypeError::ContentType { .. } => MediaTypeError::ContentType { found: text("text/html") },
        MediaTypeError::ContentEncoding => MediaTypeError::ContentEncoding,
    }
}

fn parse_errors() -> Vec<ParseError> {
    let reason = text("expected value at line 1 column 1");
    samples! {
        ParseError::Truncated => ParseError::Truncated,
        ParseError::NotUtf8 => ParseError::NotUtf8,
        ParseError::ByteOrderMark => ParseError::ByteOrderMark,
        ParseError::TooDeep => ParseError::TooDeep,
        ParseError::NotJson { .. } => ParseError::NotJson { reason },
        ParseError::Event => ParseError::Event,
        ParseError::Uri => ParseError::Uri,
        ParseError::Base64 => ParseError::Base64,
    }
}

fn shapes() -> Vec<ShapeError> {
    let path = text("params.arguments");
    samples! {
        ShapeError::NotAMessage { .. } => ShapeError::NotAMessage { found: "a string" },
        ShapeError::RepeatedMember { .. } => ShapeError::RepeatedMember { path: "params.name" },
        ShapeError::RepeatedName { .. } => ShapeError::RepeatedName { path, name: text("a\"b") },
        ShapeError::NoVersion => ShapeError::NoVersion,
        ShapeError::Version => ShapeError::Version,
        ShapeError::NoMethod => ShapeError::NoMethod,
        ShapeError::Method { .. } => ShapeError::Method { found: "a number" },
        ShapeError::MethodAndResult => ShapeError::MethodAndResult,
        ShapeError::Params { .. } => ShapeError::Params { found: "an array" },
        ShapeError::Id { .. } => ShapeError::Id { found: "null" },
        ShapeError::Response => ShapeError::Response,
        ShapeError::LargeBatch => ShapeError::LargeBatch,
        ShapeError::EmptyBatch => ShapeError::EmptyBatch,
        ShapeError::Batch => ShapeError::Batch,
        ShapeError::BatchedRevision => ShapeError::BatchedRevision,
        ShapeError::BatchedInitialize => ShapeError::BatchedInitialize,
        ShapeError::Arguments => ShapeError::Arguments,
        ShapeError::Argument { .. } => ShapeError::Argument { path: text("params.arguments.region") },
    }
}

fn envelopes() -> Vec<EnvelopeError> {
    samples! {
        EnvelopeError::NoMeta => EnvelopeError::NoMeta,
        EnvelopeError::Meta { .. } => EnvelopeError::Meta { found: "null" },
        EnvelopeError::NoVersion => EnvelopeError::NoVersion,
        EnvelopeError::Version { .. } => EnvelopeError::Version { found: "a number" },
        EnvelopeError::NoCapabilities => EnvelopeError::NoCapabilities,
        EnvelopeError::Capabilities { .. } => EnvelopeError::Capabilities { found: "an array" },
    }
}

fn headers() -> Vec<HeaderError> {
    let header = || text("Mcp-Name");
    let (path, expected, found) = (|| text("params.name"), || text("make_slug"), || text("sort_lines"));
    samples! {
        HeaderError::Repeated { .. } => HeaderError::Repeated { header: header() },
        HeaderError::Contradictory { .. } => HeaderError::Contradictory { header: header() },
        HeaderError::NotAscii { .. } => HeaderError::NotAscii { header: header() },
        HeaderError::Encoding { .. } => HeaderError::Encoding { header: header(), found: text("=?base64?*?=") },
        HeaderError::Missing { .. } =>
            HeaderError::Missing { header: header(), path: path(), expected: expected() },
        HeaderError::Differs { .. } =>
            HeaderError::Differs { header: header(), path: path(), expected: expected(), found: found() },
        HeaderError::Unexpected { .. } =>
            HeaderError::Unexpected { header: text("Mcp-Param-Region"), path: text("params.arguments.region") },
        HeaderError::NoHandshake { .. } => HeaderError::NoHandshake {
            header: text("MCP-Protocol-Version"),
            found: text("2026-07-28"),
        },
    }
}

fn params() -> Vec<ParamsError> {
    let path = text("params.arguments.tone");
    let choices = vec![text("formal"), text("friendly")];
    let answer = text("params.inputResponses['name']: expected an object, found null");
    let mut all = samples! {
        ParamsError::Missing { .. } => ParamsError::Missing { path: path.clone(), expected: Expected::String },
        ParamsError::Unfit { .. } => unfit(Expected::Object),
        ParamsError::Choice { .. } => ParamsError::Choice { path, choices },
        ParamsError::UnknownArgument { .. } => ParamsError::UnknownArgument { name: text("mood") },
        ParamsError::UnknownTool { .. } => ParamsError::UnknownTool { name: text("make_slugs") },
        ParamsError::UnknownPrompt { .. } => ParamsError::UnknownPrompt { name: text("greetings") },
        ParamsError::UnknownTemplate { .. } => ParamsError::UnknownTemplate { template: text("notes://{id}") },
        ParamsError::State => ParamsError::State,
        ParamsError::Cursor { .. } => ParamsError::Cursor { found: text("AAAA") },
        ParamsError::CursorPastEnd => ParamsError::CursorPastEnd,
        ParamsError::Answer { .. } => ParamsError::Answer { reason: answer },
        ParamsError::Plugin { .. } => ParamsError::Plugin { reason: text("WORDS OF THE PLUGIN") },
    };
    all.extend(expected().into_iter().skip(1).map(unfit));
    all
}

fn unfit(expected: Expected) -> ParamsError {
    ParamsError::Unfit { path: text("params.PATH"), expected, found: text("FOUND") }
}

fn expected() -> Vec<Expected> {
    samples! {
        Expected::Object => Expected::Object,
        Expected::TextNames => Expected::TextNames,
        Expected::Texts => Expected::Texts,
        Expected::Members { .. } => Expected::Members { most: MAX_RESPONSES },
        Expected::String => Expected::String,
        Expected::Text => Expected::Text,
        Expected::Bytes { .. } => Expected::Bytes { most: MAX_URI_BYTES },
        Expected::Uri => Expected::Uri,
        Expected::SchemeUri => Expected::SchemeUri,
        Expected::PlainUri => Expected::PlainUri,
        Expected::ReferenceType => Expected::ReferenceType,
        Expected::Level => Expected::Level,
        Expected::ProgressToken => Expected::ProgressToken,
    }
}

/// One fault of each kind that has no reasons of its own.
fn single() -> Vec<Fault> {
    let words = || text("WORDS OF auth");
    let required = serde_json::value::to_raw_value(&json!({"sampling": {}})).unwrap();
    samples! {
        Fault::Forbidden(_) => Forbidden::NoHost.into(),
        Fault::Unauthorized { .. } => Fault::Unauthorized { reason: words() },
        Fault::Credentials { .. } => Fault::Credentials { reason: words() },
        Fault::Scope { .. } => Fault::Scope { reason: words() },
        Fault::Unavailable => Fault::Unavailable,
        Fault::NothingToServe => Fault::NothingToServe,
        Fault::HttpMethod { .. } => Fault::HttpMethod { method: text("GET") },
        Fault::MediaType(_) => MediaTypeError::ContentTypes.into(),
        Fault::NotAcceptable => Fault::NotAcceptable,
        Fault::TooLarge { .. } => Fault::TooLarge { limit: 1 << 20 },
        Fault::TooSlow { .. } => Fault::TooSlow { idle: Duration::from_secs(10), total: Duration::from_secs(60) },
        Fault::Parse(_) => ParseError::NotUtf8.into(),
        Fault::Shape(_) => ShapeError::NoMethod.into(),
        Fault::Envelope(_) => EnvelopeError::NoMeta.into(),
        Fault::HeaderMismatch(_) => HeaderError::NotAscii { header: text("Mcp-Name") }.into(),
        Fault::Version { .. } => Fault::Version { requested: text("2027-01-01") },
        Fault::Method { .. } => Fault::Method { method: text("tools/undo") },
        Fault::Params(_) => ParamsError::State.into(),
        Fault::ResourceNotFound { .. } => Fault::ResourceNotFound { uri: text("notes://1") },
        Fault::Capability { .. } => Fault::Capability { required },
        Fault::Failed { .. } => Fault::Failed { reason: text("WORDS OF THE PLUGIN") },
        Fault::Internal => Fault::Internal,
    }
}

/// Every fault with every reason, in the order of [`Fault`]'s variants.
fn all() -> Vec<Fault> {
    fn each<E: Into<Fault>>(errors: Vec<E>) -> Vec<Fault> {
        errors.into_iter().map(Into::into).collect()
    }
    single()
        .into_iter()
        .flat_map(|fault| match fault {
            Fault::Forbidden(_) => each(forbidden()),
            Fault::MediaType(_) => each(media_types()),
            Fault::Parse(_) => each(parse_errors()),
            Fault::Shape(_) => each(shapes()),
            Fault::Envelope(_) => each(envelopes()),
            Fault::HeaderMismatch(_) => each(headers()),
            Fault::Params(_) => each(params()),
            fault => vec![fault],
        })
        .collect()
}

#[test]
fn every_refusal_is_golden() {
    let mut golden = String::from("code            modern  legacy  message\n");
    for fault in all() {
        let (code, legacy_code) = (fault.code(Era::Modern), fault.code(Era::Legacy));
        let status = |era| fault.status(era).as_u16();
        let codes = if code == legacy_code { code.to_string() } else { format!("{code}/{legacy_code}") };
        writeln!(golden, "{codes:<16}{:<8}{:<8}{fault}", status(Era::Modern), status(Era::Legacy)).unwrap();
    }
    let policy = [
        PolicyError::Origin(text("app.example.com")),
        PolicyError::OpenOrigin(text("*")),
        PolicyError::Host(text("https://a.example")),
    ];
    for error in policy {
        writeln!(golden, "{:<32}{error}", "at start").unwrap();
    }
    golden::compare("protocol/golden/faults.txt", &golden);
}
