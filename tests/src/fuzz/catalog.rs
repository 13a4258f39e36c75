//! The catalog of a bundle, as a server reads it.

use std::collections::BTreeSet;

use serde_json::Value;
use toolcell_host::catalog::{
    Catalog, Contents, Detail, Index, ItemList, ListPage, Provider, ScopeSet, Shown,
};
use toolcell_host::digest::Digest;

/// The bits that are changed in a catalog that was written, one at a time.
const CHANGES: usize = 8;

/// Reads the bytes as the file `catalog.bin`, and as the JSON of a catalog, which is written and read, whole and with
/// changed bits. A file is refused with what to run; or it is the same when the host writes it again, and its pages hold
/// every tool once.
pub fn catalog(data: &[u8]) {
    check(data);
    let Ok(catalog) = serde_json::from_slice::<Catalog>(data) else { return };
    match catalog.to_bytes() {
        Err(error) => assert!(error.to_string().contains("toolcell build"), "{error}"),
        Ok(written) => {
            check(&written);
            change(data, written);
        }
    }
}

/// Changes single bits, at places that depend on the input alone.
fn change(data: &[u8], written: Vec<u8>) {
    for number in 0..CHANGES {
        let Digest(random) = Digest::of(&[data, &[number as u8]].concat());
        let place =
            usize::from_le_bytes(random[..8].try_into().expect("a digest has 32 bytes")) % written.len();
        let mut changed = written.clone();
        changed[place] ^= 1 << (random[8] % 8);
        check(&changed);
    }
}

fn check(file: &[u8]) {
    let read = Index::read(file.to_vec().into()).and_then(|index| Ok((index.contents()?, index)));
    let (Contents { catalog, left_out }, index) = match read {
        Ok(read) => read,
        Err(error) => return assert!(error.to_string().contains("toolcell build"), "{error}"),
    };
    let written = catalog.to_bytes().unwrap_or_else(|error| panic!("refused when written again: {error}"));
    let again = Index::read(written.clone().into()).expect("what was written is read");
    let contents = again.contents().expect("what was written is read as a whole");
    assert!(contents.left_out.is_empty(), "{:?}", contents.left_out);
    assert_eq!(contents.catalog.to_bytes().expect("it was written before"), written);
    if left_out.is_empty() {
        check_answers(&index, &catalog);
    }
    check_answers(&again, &catalog);
}

/// Checks what a server that needs single parts of the catalog gets.
fn check_answers(index: &Index, catalog: &Catalog) {
    check_pages(index, catalog.tools.len());
    for function in index.functions() {
        let function = function.expect("every function was read before");
        assert_eq!(function.plugin().name, catalog.plugins[function.entry().plugin].name);
        // A plan that does not hold is refused in one line by the first call.
        if let Err(error) = function.entry().signature.check() {
            assert!(!error.to_string().is_empty());
        }
    }
    for tool in &catalog.tools {
        let found = index.tool(&tool.name).expect("every tool was read before").expect("every tool is found");
        assert_eq!(found.name, tool.name);
    }
    for Provider { role, .. } in &catalog.providers {
        assert!(index.offers(*role) && !index.providers(*role).is_empty());
    }
}

fn check_pages(index: &Index, tools: usize) {
    let every: ScopeSet = index.contents().expect("it was read before").catalog.functions().fold(
        ScopeSet::NONE,
        |mut all, function| {
            all.extend(function.required_scopes.iter().cloned());
            all
        },
    );
    let page = |at, detail| -> ListPage {
        index
            .page(ItemList::Tools, Shown::Covered(&every), at, detail)
            .expect("a list that is whole")
            .expect("a page follows")
    };
    let whole = index.page(ItemList::Tools, Shown::All, 0, Detail::Full).expect("a list that is whole");
    assert_eq!(whole.expect("a first page"), page(0, Detail::Full), "every scope shows everything");
    let mut start = Some(0);
    let (mut count, mut starts) = (0, BTreeSet::new());
    while let Some(at) = start {
        assert!(starts.insert(at), "page {at} comes twice");
        let (full, plain) = (page(at, Detail::Full), page(at, Detail::Plain));
        assert_eq!(plain.next, full.next);
        let items: Vec<Value> = serde_json::from_slice(&full.items).expect("a page is JSON");
        count += items.len();
        start = full.next;
    }
    assert_eq!(count, tools);
}
