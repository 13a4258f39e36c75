//! The catalog of a bundle, as a server reads it.

use std::collections::BTreeSet;

use serde_json::Value;
use toolcell_host::catalog::{Detail, Index};

/// Reads `catalog.json`. It is refused with what to run; or it is the same when the host writes it again, and its pages
/// hold every tool once.
pub fn catalog(data: &[u8]) {
    let index = match Index::read(data) {
        Ok(index) => index,
        Err(error) => {
            assert!(error.to_string().contains("toolcell build"), "{error}");
            return;
        }
    };
    let written = serde_json::to_vec(index.catalog()).expect("a catalog is JSON");
    let again = Index::read(&written).unwrap_or_else(|error| panic!("refused when written again: {error}"));
    assert!(again.left_out().is_empty(), "{:?}", again.left_out());
    assert_eq!(serde_json::to_vec(again.catalog()).expect("a catalog is JSON"), written);
    check_pages(&index);
    for place in index.functions() {
        assert!(index.function(place).plugin < index.catalog().plugins.len());
    }
    for tool in &index.catalog().tools {
        // A plan that does not hold is refused in one line by the first call.
        if let Err(error) = tool.function.check() {
            assert!(!error.to_string().is_empty());
        }
    }
}

fn check_pages(index: &Index) {
    let mut start = Some(0);
    let (mut count, mut starts) = (0, BTreeSet::new());
    while let Some(at) = start {
        assert!(starts.insert(at), "page {at} comes twice");
        let page = index.page(at, Detail::Full).expect("a page follows");
        let plain = index.page(at, Detail::Plain).expect("a page of each form");
        assert_eq!(plain.next, page.next);
        let items: Vec<Value> = serde_json::from_slice(&page.items).expect("a page is JSON");
        count += items.len();
        start = page.next;
    }
    assert_eq!(count, index.catalog().tools.len());
    assert!(index.catalog().tools.iter().all(|tool| index.tool(&tool.name).is_some()));
}
