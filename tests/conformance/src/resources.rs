//! Resources, all of them with the prefix `test://`.

use crate::Conformance;
use crate::content::{PIXEL_PNG, contents};
use crate::exports::toolcell::plugin::resources::{
    CacheScope, Freshness, Guest, ReadError, Reading, ResourcePage, ResourceTemplate, TemplatePage,
};
use crate::toolcell::plugin::content::{Body, Contents, ResourceLink};

const TEXT: &str = "test://static-text";
const BINARY: &str = "test://static-binary";
const WATCHED: &str = "test://watched-resource";
const TEMPLATE: &str = "test://template/{id}/data";

/// The contents are part of the plugin and never change, so any time would do.
const FRESHNESS: Freshness = Freshness { ttl_ms: 60_000, scope: CacheScope::Public };

impl Guest for Conformance {
    fn list_resources(_cursor: Option<String>) -> Result<ResourcePage, String> {
        let resources = vec![
            resource(TEXT, "static-text", "A text that never changes.", "text/plain"),
            resource(BINARY, "static-binary", "An image that never changes.", "image/png"),
            resource(WATCHED, "watched-resource", "A text that clients may want to watch.", "text/plain"),
        ];
        Ok(ResourcePage { resources, next: None })
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, String> {
        let template = ResourceTemplate {
            uri_template: TEMPLATE.to_owned(),
            name: "template-data".to_owned(),
            title: None,
            description: Some("Data for any id.".to_owned()),
            mime_type: Some("application/json".to_owned()),
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        Ok(TemplatePage { templates: vec![template], next: None })
    }

    fn read_resource(uri: String) -> Result<Reading, ReadError> {
        let contents = match uri.as_str() {
            TEXT => text(&uri, "This is the content of the static text resource."),
            BINARY => contents(&uri, "image/png", Body::Blob(PIXEL_PNG.to_owned())),
            WATCHED => text(&uri, "This is the content of the watched resource."),
            _ => contents(&uri, "application/json", Body::Text(data(id(&uri).ok_or(ReadError::NotFound)?))),
        };
        Ok(Reading { contents: vec![contents], freshness: Some(FRESHNESS) })
    }
}

fn resource(uri: &str, name: &str, description: &str, mime_type: &str) -> ResourceLink {
    ResourceLink {
        uri: uri.to_owned(),
        name: name.to_owned(),
        title: None,
        description: Some(description.to_owned()),
        mime_type: Some(mime_type.to_owned()),
        size: None,
        annotations: None,
        icons: Vec::new(),
        meta: None,
    }
}

fn text(uri: &str, text: &str) -> Contents {
    contents(uri, "text/plain", Body::Text(text.to_owned()))
}

/// Returns the id in a URI of the template: letters, digits and hyphens, so that it needs no escaping in JSON.
fn id(uri: &str) -> Option<&str> {
    let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    (!id.is_empty() && id.chars().all(plain)).then_some(id)
}

fn data(id: &str) -> String {
    format!(r#"{{"id":"{id}","templateTest":true,"data":"Data for ID: {id}"}}"#)
}
