//! Every kind of finding: its id, why it is one, and what to do in general. docs/checking-a-plugin.md shows the table.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lint {
    /// It has no tool, prompt or resource.
    NothingOffered,
    /// Its resources may have any URI.
    AnyUri,
    /// It carries no manifest.
    NotPacked,
    /// A function is no tool.
    NotATool,
    /// There are many tools.
    ManyTools,
    /// An entry of `[check]` matches nothing.
    NeedlessAllow,
    /// QuickJS gets 64-bit integers wrong.
    LossyInteger,
    /// An import was taken away.
    StubbedImport,
    /// It can send requests and declares none.
    UndeclaredHttp,
    /// It asks, and may send a request twice because of that.
    UnguardedRequest,
    /// There is more debug information than a person left in on purpose.
    DebugInformation,
    /// It is very large.
    LargeComponent,
    /// A comment in the WIT reaches nobody.
    LostDocumentation,
    /// An item of the WIT is left out.
    UnstableItem,
    /// A name is long.
    LongName,
    /// Two names are almost the same.
    SimilarNames,
    /// Something has no description.
    MissingDescription,
    /// A case or flag has no description.
    MissingCaseDescription,
    /// A description repeats the name.
    EmptyDescription,
    /// A description is long.
    LongDescription,
    /// Hints are missing.
    MissingAnnotations,
    /// Hints contradict each other.
    ContradictoryAnnotations,
    /// A tool reaches less than it says.
    NeedlessOpenWorld,
    /// A tool has many parameters.
    ManyParameters,
    /// Arguments nest deep.
    DeepNesting,
    /// An option of an option.
    NestedOption,
    /// A tuple among the arguments.
    PositionalTuple,
    /// A result among the arguments.
    ResultArgument,
    /// A variant of two forms.
    MixedVariant,
    /// Bytes among the arguments.
    BytesArgument,
    /// A 64-bit integer among the arguments.
    WideInteger,
    /// A float that may be no number.
    UnboundedFloat,
    /// Very many flags.
    ManyFlags,
    /// Very many cases.
    ManyCases,
    /// A pattern takes a large table.
    LargePattern,
    /// A pattern that clients do not all understand.
    UnportablePattern,
    /// An array in a handwritten schema says nothing about its items.
    UntypedArray,
    /// Items of a list that have several forms.
    ChoiceInList,
    /// Content where it is not content.
    NestedContent,
}

/// Describes a kind of finding.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The kind.
    pub lint: Lint,
    /// Its name, which stays.
    pub id: &'static str,
    /// The reason to change it.
    pub why: &'static str,
    /// The remedy, if the finding itself has none.
    pub remedy: &'static str,
}

impl Lint {
    /// Returns the description of this kind.
    pub fn rule(self) -> Rule {
        RULES[self as usize]
    }

    /// Its name, which stays.
    pub fn id(self) -> &'static str {
        self.rule().id
    }
}

impl Serialize for Lint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// The table that the documentation shows.
pub fn table() -> String {
    let mut table = String::from("| id | why | what to do |\n|---|---|---|\n");
    for Rule { id, why, remedy, .. } in RULES {
        let _ = writeln!(table, "| `{id}` | {why} | {remedy} |");
    }
    table
}

/// Every kind, in the order of [`Lint`].
pub const RULES: [Rule; 39] = [
    Rule {
        lint: Lint::NothingOffered,
        id: "nothing-offered",
        why: "a server refuses a plugin without a tool, prompt or resource",
        remedy: "export a function from an interface with a package name",
    },
    Rule {
        lint: Lint::AnyUri,
        id: "any-uri",
        why: "if a plugin's resources may have any URI, no other plugin with resources can be served with it",
        remedy: "write `uris` under [resources] in plugin.toml",
    },
    Rule {
        lint: Lint::NotPacked,
        id: "not-packed",
        why: "a component that is not packed has signatures instead of descriptions, which tell a model \
              little",
        remedy: "run `toolcell pack` in the folder with its plugin.toml",
    },
    Rule {
        lint: Lint::NotATool,
        id: "not-a-tool",
        why: "the component exports a function that no client can call",
        remedy: "export it from an interface with a package name",
    },
    Rule {
        lint: Lint::ManyTools,
        id: "many-tools",
        why: "every client sends all tools to its model with each request, and OpenAI's API accepts at \
              most 128 tools from all servers together",
        remedy: "split the plugin, or replace similar tools by one with an additional parameter",
    },
    Rule {
        lint: Lint::NeedlessAllow,
        id: "needless-allow",
        why: "an accepted finding that no longer occurs would hide a new one",
        remedy: "remove the entry from plugin.toml",
    },
    Rule {
        lint: Lint::LossyInteger,
        id: "lossy-integer",
        why: "componentize-qjs silently rounds 64-bit integers beyond 2^53, and the largest end the call",
        remedy: "use s32, f64 or string, limit the parameter to 2^53 - 1 in plugin.toml, or build with \
              StarlingMonkey (npm @bytecodealliance/componentize-js)",
    },
    Rule {
        lint: Lint::StubbedImport,
        id: "stubbed-import",
        why: "a toolchain's `--stub-wasi` removes imports of the WIT: calling one ends in a trap, and \
              random numbers repeat",
        remedy: "build without `--stub-wasi`: the host safely denies imports that are not granted",
    },
    Rule {
        lint: Lint::UndeclaredHttp,
        id: "undeclared-http",
        why: "`toolcell build` cannot tell the deployer which requests to allow, and all of them are refused",
        remedy: "write [needs.http.\"HOST\"] with `why`, `methods` and `paths` in plugin.toml, or build without `wasi:http`",
    },
    Rule {
        lint: Lint::UnguardedRequest,
        id: "unguarded-request",
        why: "a call that asks runs again from its start after each question, and sends its requests again",
        remedy: "import `toolcell:plugin/memo` and set a memo after such a request, or send `call.idempotency-key` with it; \
                 if all of them come after the last question, accept the finding under [check]",
    },
    Rule {
        lint: Lint::DebugInformation,
        id: "debug-information",
        why: "debug information makes a component large and slow to load, and has no use",
        remedy: "strip it: `strip = true` in [profile.release] of Cargo.toml, `-s` for clang and zig, \
              `-ldflags=-s` for Go, or `wasm-tools strip`",
    },
    Rule {
        lint: Lint::LargeComponent,
        id: "large-component",
        why: "machine code is two to three times as large as its component, and a Lambda package may have \
              250 MB unpacked",
        remedy: "optimise for size, remove unused code, or split the plugin",
    },
    Rule {
        lint: Lint::LostDocumentation,
        id: "lost-documentation",
        why: "WIT parsers drop documentation between a gate (`@since` and similar) and its item, and \
              within parentheses",
        remedy: "write it above the gate; for a parameter, write a line `@param NAME ...` in the \
              function's comment",
    },
    Rule {
        lint: Lint::UnstableItem,
        id: "unstable-item",
        why: "WIT is read without features, so an item behind `@unstable` does not become a tool and has \
              no description",
        remedy: "remove the gate, or write `@since(version = ...)`",
    },
    Rule {
        lint: Lint::LongName,
        id: "long-name",
        why: "clients add the server's name or a prefix to it, and drop tools whose names exceed 60 or 64 \
              characters",
        remedy: "choose a shorter name",
    },
    Rule {
        lint: Lint::SimilarNames,
        id: "similar-names",
        why: "a model easily confuses two tools whose names differ in one letter",
        remedy: "name the tools after their differences",
    },
    Rule {
        lint: Lint::MissingDescription,
        id: "missing-description",
        why: "a model uses descriptions to choose tools and arguments, and to read fields",
        remedy: "write a `///` comment above it in the WIT",
    },
    Rule {
        lint: Lint::MissingCaseDescription,
        id: "missing-case-description",
        why: "a model chooses a case or flag by its meaning, which the name often does not show",
        remedy: "write a `///` comment above each in the WIT",
    },
    Rule {
        lint: Lint::EmptyDescription,
        id: "empty-description",
        why: "a description that repeats the name, or has fewer than three words, tells a model nothing",
        remedy: "describe what it does, when to use it, and what it returns",
    },
    Rule {
        lint: Lint::LongDescription,
        id: "long-description",
        why: "OpenAI's API refuses descriptions of tools beyond 1024 characters, and some clients truncate \
              them there",
        remedy: "put the most important facts first, and move details to parameters and fields",
    },
    Rule {
        lint: Lint::MissingAnnotations,
        id: "missing-annotations",
        why: "without hints, clients assume that a tool is destructive and reaches the outside world, and \
              ask the user before each call",
        remedy: "write `annotations` for the tool in plugin.toml",
    },
    Rule {
        lint: Lint::ContradictoryAnnotations,
        id: "contradictory-annotations",
        why: "clients use the hints to decide whether to ask the user before a call",
        remedy: "decide whether the tool changes anything",
    },
    Rule {
        lint: Lint::NeedlessOpenWorld,
        id: "needless-open-world",
        why: "a component that imports neither the network nor `ask` cannot reach an open world, and \
              clients warn their users for nothing",
        remedy: "write `open-world-hint = false`",
    },
    Rule {
        lint: Lint::ManyParameters,
        id: "many-parameters",
        why: "with more than 10 parameters, models omit or invent arguments",
        remedy: "split the tool, combine related parameters in a record, or remove some",
    },
    Rule {
        lint: Lint::DeepNesting,
        id: "deep-nesting",
        why: "strict modes of model APIs accept 5 levels including the arguments, and models make mistakes \
              beyond that",
        remedy: "flatten the type, or split it into parameters",
    },
    Rule {
        lint: Lint::NestedOption,
        id: "nested-option",
        why: "its value is `{\"some\": ...}` in JSON, which no model expects",
        remedy: "use an enum or variant with a case for each kind of missing value",
    },
    Rule {
        lint: Lint::PositionalTuple,
        id: "positional-tuple",
        why: "its items have no names, and if their types differ, many clients do not tell models which is where: \
              they drop the schema keyword for it (`prefixItems`)",
        remedy: "use a record",
    },
    Rule {
        lint: Lint::ResultArgument,
        id: "result-argument",
        why: "a result is for what a function returns; models do not expect one as an argument",
        remedy: "use a variant with descriptive cases, or two parameters",
    },
    Rule {
        lint: Lint::MixedVariant,
        id: "mixed-variant",
        why: "in JSON, cases without payload are strings and cases with payload are objects; models \
              confuse them and write `{\"CASE\": null}` or `{\"CASE\": {}}`",
        remedy: "give every case a payload, or none",
    },
    Rule {
        lint: Lint::BytesArgument,
        id: "bytes-argument",
        why: "a model would have to write base64 letter by letter, and WIT sets no limit",
        remedy: "accept text, a path or a URI",
    },
    Rule {
        lint: Lint::WideInteger,
        id: "wide-integer",
        why: "JSON numbers hold integers only up to 2^53 - 1; larger ones are decimal text, which the schema can only \
              say in words",
        remedy: "use u32 or s32, or `minimum` and `maximum` within 2^53 - 1 in plugin.toml",
    },
    Rule {
        lint: Lint::UnboundedFloat,
        id: "unbounded-float",
        why: "without bounds, the tool may receive NaN and infinities, and the description offers them to models",
        remedy: "write `minimum` or `maximum` for the parameter in plugin.toml",
    },
    Rule {
        lint: Lint::ManyFlags,
        id: "many-flags",
        why: "models choose badly among more than 16 flags",
        remedy: "split the flags by topic, or make the common ones parameters of type bool",
    },
    Rule {
        lint: Lint::ManyCases,
        id: "many-cases",
        why: "clients send every case to the model with each request, and models choose badly among more \
              than 40",
        remedy: "accept a string and describe how to find its values, or split the type",
    },
    Rule {
        lint: Lint::LargePattern,
        id: "large-pattern",
        why: "the server holds a pattern as a table, which takes memory and time at the first call, and refuses \
              tables of more than 1 MiB",
        remedy: "repeat less in the pattern, and limit lengths with `max-length`",
    },
    Rule {
        lint: Lint::UnportablePattern,
        id: "unportable-pattern",
        why: "some clients turn a pattern into a grammar for the whole string, which knows no `(?`, no classes such \
              as `\\d`, and no lazy repetition; llama.cpp then refuses the tool",
        remedy: "anchor the pattern with `^` and `$`, and write `[0-9]` for `\\d`, `[A-Za-z0-9_]` for `\\w`, and \
              `(...)` for `(?:...)`",
    },
    Rule {
        lint: Lint::UntypedArray,
        id: "untyped-array",
        why: "VS Code and the APIs of OpenAI and Google refuse a tool with an array without `items`",
        remedy: "write `items` in the input schema",
    },
    Rule {
        lint: Lint::ChoiceInList,
        id: "choice-in-list",
        why: "in JSON Schema, such items are `anyOf`, of which some clients keep one form for all items of a list",
        remedy: "make the items records with a field of that type: in a field, clients keep all forms, and none is \
              left out",
    },
    Rule {
        lint: Lint::NestedContent,
        id: "nested-content",
        why: "content blocks inside another type reach clients as JSON and are not displayed",
        remedy: "return `block`, `list<block>` or `tuple<list<block>, RECORD>`",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_rule_and_an_id_of_its_own() {
        for (at, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.lint as usize, at, "{}", rule.id);
            assert_eq!(RULES.iter().filter(|other| other.id == rule.id).count(), 1, "{}", rule.id);
        }
        assert_eq!(Lint::NestedContent as usize + 1, RULES.len(), "the last kind has the last rule");
    }
}
