//! Pages as resources.

use crate::exports::toolcell::plugin::resources::{
    CacheScope, Freshness, Guest, ReadError, Reading, ResourcePage, ResourceTemplate, TemplatePage,
};
use crate::library::{Library, Page};
use crate::toolcell::plugin::content::{Annotations, Body, Contents, ResourceLink, Role};
use crate::{Docs, GRANTED, uri};

/// The family of all pages; `+` lets a path have slashes.
pub(crate) const TEMPLATE: &str = "docs:///{+path}";

const MARKDOWN: &str = "text/markdown";

/// Resources on a page of the list.
const PAGE_SIZE: usize = 50;

/// Pages change seldom. They are kept for their reader alone, because the deployer may want a token for them.
const FRESHNESS: Freshness = Freshness { ttl_ms: 60_000, scope: CacheScope::Private };

impl Guest for Docs {
    fn list_resources(cursor: Option<String>) -> Result<ResourcePage, String> {
        list(&Library::new(GRANTED), cursor.as_deref()).map_err(|cause| cause.kind().to_string())
    }

    fn list_templates(_cursor: Option<String>) -> Result<TemplatePage, String> {
        let template = ResourceTemplate {
            uri_template: TEMPLATE.to_owned(),
            name: "page".to_owned(),
            title: Some("Page of the documentation".to_owned()),
            description: Some("A page by its path, such as guides/backup.md.".to_owned()),
            mime_type: Some(MARKDOWN.to_owned()),
            annotations: None,
            icons: Vec::new(),
            meta: None,
        };
        Ok(TemplatePage { templates: vec![template], next: None })
    }

    fn read_resource(uri: String) -> Result<Reading, ReadError> {
        read(&Library::new(GRANTED), &uri).ok_or(ReadError::NotFound)
    }
}

/// The page as a link.
pub(crate) fn link(page: &Page) -> ResourceLink {
    let last_modified = page.modified.and_then(iso_time::format);
    ResourceLink {
        uri: uri::of(&page.path),
        name: page.path.clone(),
        title: Some(page.title().to_owned()),
        description: None,
        mime_type: Some(MARKDOWN.to_owned()),
        size: Some(page.text.len() as u64),
        annotations: Some(Annotations {
            audience: vec![Role::User, Role::Assistant],
            priority: None,
            last_modified,
        }),
        icons: Vec::new(),
        meta: None,
    }
}

/// The page with its text.
pub(crate) fn contents(page: &Page) -> Contents {
    Contents {
        uri: uri::of(&page.path),
        mime_type: Some(MARKDOWN.to_owned()),
        body: Body::Text(page.text.clone()),
        meta: None,
    }
}

/// Lists the pages after `cursor`, which is the path of the last page listed before.
fn list(library: &Library, cursor: Option<&str>) -> std::io::Result<ResourcePage> {
    let mut paths = library.paths()?;
    paths.retain(|path| cursor.is_none_or(|last| path.as_str() > last));
    let more = paths.len() > PAGE_SIZE;
    paths.truncate(PAGE_SIZE);
    let next = if more { paths.last().cloned() } else { None };
    let pages = paths.iter().filter_map(|path| library.page(path));
    Ok(ResourcePage { resources: pages.map(|page| link(&page)).collect(), next })
}

/// Reads what `uri` names; nothing where there is no such page.
fn read(library: &Library, uri: &str) -> Option<Reading> {
    let page = library.page(&uri::path(uri)?)?;
    Some(Reading { contents: vec![contents(&page)], freshness: Some(FRESHNESS) })
}

#[cfg(test)]
mod tests {
    use super::{Library, PAGE_SIZE, list, read};
    use crate::library::tests::sample;
    use crate::toolcell::plugin::content::Body;

    #[test]
    fn every_page_that_is_listed_can_be_read() {
        let listed = list(&sample(), None).unwrap();
        assert_eq!((listed.resources.len(), listed.next), (3, None));
        for resource in listed.resources {
            let reading = read(&sample(), &resource.uri).unwrap();
            assert!(
                matches!(&reading.contents[0].body, Body::Text(text) if text.len() as u64 == resource.size.unwrap())
            );
        }
    }

    #[test]
    fn a_uri_that_leads_outside_is_not_found() {
        for uri in [
            "docs:///../README.md",
            "docs:///%2E%2E/README.md",
            "docs:///..%2FREADME.md",
            "docs:////etc/a.md",
        ] {
            assert!(read(&sample(), uri).is_none(), "{uri}");
        }
    }

    #[test]
    fn a_long_list_comes_in_pages_without_loss() {
        let directory = std::env::temp_dir().join(format!("toolcell-docs-list-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        for number in 0..PAGE_SIZE + 1 {
            std::fs::write(directory.join(format!("{number:03}.md")), "# Page\n").unwrap();
        }
        let library = Library::new(&directory);
        let first = list(&library, None).unwrap();
        let second = list(&library, first.next.as_deref()).unwrap();
        assert_eq!((first.resources.len(), second.resources.len(), second.next), (PAGE_SIZE, 1, None));
        assert_eq!(second.resources[0].uri, "docs:///050.md");
        std::fs::remove_dir_all(directory).unwrap();
    }
}
