//! Notes as resources.

use crate::error::NoteError;
use crate::exports::samples::notes::tools::Entry;
use crate::exports::toolcell::plugin::resources::{
    Guest, ReadError, Reading, ResourcePage, ResourceTemplate, TemplatePage,
};
use crate::toolcell::plugin::content::{Annotations, Body, Contents, ResourceLink, Role};
use crate::{Notes, name, notebook};

/// The family of all notes; `+` lets a name have slashes.
const TEMPLATE: &str = "notes:///{+name}";

const PLAIN: &str = "text/plain";

/// Resources on a page of the list: each is read, and a call has 100 operations by default.
const PAGE_SIZE: usize = 40;

impl Guest for Notes {
    /// A caller that nobody knows has no notes, which is no reason for its list of resources to fail.
    fn list_resources(cursor: Option<String>) -> Result<ResourcePage, String> {
        let listed =
            notebook().and_then(|notebook| notebook.list("", &cursor.unwrap_or_default(), PAGE_SIZE));
        match listed {
            Ok(listing) => Ok(ResourcePage {
                resources: listing.notes.into_iter().map(link).collect(),
                next: listing.next,
            }),
            Err(NoteError::Anonymous) => Ok(ResourcePage { resources: Vec::new(), next: None }),
            Err(error) => Err(error.to_string()),
        }
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, String> {
        let template = ResourceTemplate {
            uri_template: TEMPLATE.to_owned(),
            name: "note".to_owned(),
            title: Some("Note".to_owned()),
            description: Some("A note of the caller by its name, such as garden/roses.".to_owned()),
            mime_type: Some(PLAIN.to_owned()),
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        Ok(TemplatePage { templates: vec![template], next: None })
    }

    /// Without a freshness, contents are private and stale at once: the next call may change them.
    fn read_resource(uri: String) -> Result<Reading, ReadError> {
        let name = name::of_uri(&uri).ok_or(ReadError::NotFound)?;
        let note = notebook().and_then(|notebook| notebook.read(name)).map_err(|error| match error {
            NoteError::Missing(_) => ReadError::NotFound,
            other => ReadError::Failed(other.to_string()),
        })?;
        let contents =
            Contents { uri, mime_type: Some(PLAIN.to_owned()), body: Body::Text(note.text), meta: None };
        Ok(Reading { contents: vec![contents], freshness: None })
    }
}

/// Describes a note as a resource. The name is its title as well: its first line is text, and may be anything.
fn link(entry: Entry) -> ResourceLink {
    ResourceLink {
        uri: name::uri(&entry.name),
        name: entry.name,
        title: None,
        description: None,
        mime_type: Some(PLAIN.to_owned()),
        size: Some(entry.bytes.into()),
        annotations: Some(Annotations {
            audience: vec![Role::User, Role::Assistant],
            priority: None,
            last_modified: Some(entry.modified),
        }),
        icons: Vec::new(),
        meta: None,
    }
}
