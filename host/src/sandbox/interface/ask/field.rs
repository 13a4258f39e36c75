//! Describes the fields of a form, as plugins do.

use wasmtime::component::{ComponentType, Lift};

/// `field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) required: bool,
    pub(super) kind: FieldKind,
}

/// `field-kind`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(variant)]
pub(super) enum FieldKind {
    #[component(name = "text")]
    Text(TextField),
    #[component(name = "number")]
    Number(NumberField),
    #[component(name = "integer")]
    Integer(IntegerField),
    #[component(name = "boolean")]
    Boolean(BooleanField),
    #[component(name = "choice")]
    Choice(ChoiceField),
    #[component(name = "choices")]
    Choices(ChoicesField),
}

/// `text-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct TextField {
    #[component(name = "min-length")]
    pub(super) min_length: Option<u32>,
    #[component(name = "max-length")]
    pub(super) max_length: Option<u32>,
    pub(super) format: Option<TextFormat>,
    pub(super) default: Option<String>,
}

/// `text-format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift)]
#[component(enum)]
#[expect(dead_code, reason = "guests make values of it")]
#[repr(u8)]
pub(super) enum TextFormat {
    #[component(name = "email")]
    Email,
    #[component(name = "uri")]
    Uri,
    #[component(name = "date")]
    Date,
    #[component(name = "date-time")]
    DateTime,
}

/// `number-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct NumberField {
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) default: Option<f64>,
}

/// `integer-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct IntegerField {
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) default: Option<i64>,
}

/// `boolean-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct BooleanField {
    pub(super) default: Option<bool>,
}

/// `choice`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) title: Option<String>,
}

/// `choice-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct ChoiceField {
    pub(super) choices: Vec<Choice>,
    pub(super) default: Option<String>,
}

/// `choices-field`
#[derive(Clone, Debug, ComponentType, Lift)]
#[component(record)]
pub(super) struct ChoicesField {
    pub(super) choices: Vec<Choice>,
    #[component(name = "min-items")]
    pub(super) min_items: Option<u32>,
    #[component(name = "max-items")]
    pub(super) max_items: Option<u32>,
    pub(super) default: Vec<String>,
}

impl TextFormat {
    /// Returns the format's name in JSON Schema.
    pub(super) fn name(self) -> &'static str {
        match self {
            TextFormat::Email => "email",
            TextFormat::Uri => "uri",
            TextFormat::Date => "date",
            TextFormat::DateTime => "date-time",
        }
    }
}
