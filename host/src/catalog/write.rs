//! Writes the catalog's file. The same catalog gives the same bytes.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::error::CatalogError;
use super::format::{Catalog, FunctionEntry, Listed, ProviderRole};
use super::layout::{FunctionRow, HEADER_BYTES, Header, Record, RecordRow, Row, Section, Span};
use super::root::{PluginRecord, Root};
use super::scope::ScopeSet;
use crate::digest::Digest;

impl Catalog {
    /// Writes the file that [`super::Index`] reads.
    ///
    /// # Errors
    /// Fails if a function names a plugin that is not there, two tools or prompts have one name, or the file would be
    /// too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CatalogError> {
        for function in self.functions() {
            check_plugin(self, function)?;
        }
        check_names(self.tools.iter().map(|tool| tool.name.as_str()))?;
        check_names(self.prompts.iter().map(|prompt| prompt.name.as_str()))?;
        let bytes = Writer::default().write(self);
        if bytes.len() as u64 > Catalog::MAX_BYTES { Err(CatalogError::TooLarge) } else { Ok(bytes) }
    }
}

fn check_plugin(catalog: &Catalog, function: FunctionEntry<'_>) -> Result<(), CatalogError> {
    if function.plugin < catalog.plugins.len() {
        return Ok(());
    }
    Err(CatalogError::NoSuchPlugin { tool: function.name.to_owned(), plugin: function.plugin })
}

fn check_names<'c>(names: impl Iterator<Item = &'c str>) -> Result<(), CatalogError> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(CatalogError::SameName { tool: name.to_owned() });
        }
    }
    Ok(())
}

/// A file in the making: what follows the header.
#[derive(Default)]
struct Writer {
    body: Vec<u8>,
    sections: [Span; Section::ALL.len()],
    scopes: Vec<ScopeSet>,
}

/// The pages of one list in one form.
#[derive(Default)]
struct Pages {
    entries: Vec<Span>,
    checksums: Vec<u32>,
}

impl Writer {
    /// Lists come before what only calls need, so that a server that lists touches few pages of memory.
    fn write(mut self, catalog: &Catalog) -> Vec<u8> {
        let size = catalog.page_size.max(1);
        let tools = self.list(&catalog.tools, size);
        let prompts = self.list(&catalog.prompts, size);
        let tool_rows = self.listed_rows(&catalog.tools, &tools);
        let prompt_rows = self.listed_rows(&catalog.prompts, &prompts);
        let providers = catalog.providers.iter().map(|provider| {
            let role = ProviderRole::ALL.iter().position(|role| *role == provider.role).unwrap_or_default();
            FunctionRow { role: number(role), ..self.row(FunctionEntry::from(provider), provider) }
        });
        let providers: Vec<_> = providers.collect();
        let plugins: Vec<_> = (0..catalog.plugins.len()).map(|at| self.plugin(catalog, at)).collect();
        self.rows(Section::Providers, &providers);
        self.rows(Section::Plugins, &plugins);
        self.rows(Section::Tools, &tool_rows);
        self.rows(Section::Prompts, &prompt_rows);
        self.order(Section::ToolOrder, &catalog.tools, |tool| &tool.name);
        self.order(Section::PromptOrder, &catalog.prompts, |prompt| &prompt.name);
        let [full, plain] = &tools;
        self.numbers(Section::ToolPages, full.checksums.iter().copied());
        self.numbers(Section::PlainToolPages, plain.checksums.iter().copied());
        let [full, plain] = &prompts;
        self.numbers(Section::PromptPages, full.checksums.iter().copied());
        self.numbers(Section::PlainPromptPages, plain.checksums.iter().copied());
        let root = Root::of(catalog, std::mem::take(&mut self.scopes));
        let root = self.record(&root);
        self.rows(Section::Root, &[RecordRow(root)]);
        self.finish(catalog.format)
    }

    fn finish(self, format: u32) -> Vec<u8> {
        let header = Header {
            format,
            digest: Digest::of(&self.body),
            length: (HEADER_BYTES + self.body.len()) as u64,
            sections: self.sections,
        };
        [&header.to_bytes()[..], &self.body].concat()
    }

    fn list<T>(&mut self, items: &[Listed<T>], size: usize) -> [Pages; 2] {
        [self.pages(items, size, |item| &item.entry), self.pages(items, size, |item| &item.plain_entry)]
    }

    fn pages<T>(
        &mut self,
        items: &[Listed<T>],
        size: usize,
        entry: fn(&Listed<T>) -> &Box<RawValue>,
    ) -> Pages {
        let mut pages = Pages::default();
        items.chunks(size).for_each(|page| self.page(page.iter().map(entry), &mut pages));
        pages
    }

    /// Writes a page as a JSON array.
    fn page<'e>(&mut self, entries: impl Iterator<Item = &'e Box<RawValue>>, pages: &mut Pages) {
        let start = self.body.len();
        for (at, entry) in entries.enumerate() {
            self.body.push(if at == 0 { b'[' } else { b',' });
            pages.entries.push(self.put(entry.get().as_bytes()));
        }
        self.body.push(b']');
        pages.checksums.push(crc32fast::hash(&self.body[start..]));
    }

    fn listed_rows<T: Serialize>(
        &mut self,
        items: &[Listed<T>],
        [full, plain]: &[Pages; 2],
    ) -> Vec<FunctionRow>
    where
        for<'c> FunctionEntry<'c>: From<&'c T>,
    {
        let rows = items.iter().zip(full.entries.iter().zip(&plain.entries));
        rows.map(|(item, (full, plain))| {
            let function = FunctionEntry::from(&item.item);
            let name = self.put(function.name.as_bytes());
            FunctionRow { name, full: *full, plain: *plain, ..self.row(function, &item.item) }
        })
        .collect()
    }

    fn row(&mut self, function: FunctionEntry<'_>, record: &impl Serialize) -> FunctionRow {
        FunctionRow {
            record: self.record(record),
            name: Span::default(),
            plugin: number(function.plugin),
            scopes: self.scopes(function.required_scopes),
            role: 0,
            full: Span::default(),
            plain: Span::default(),
        }
    }

    fn scopes(&mut self, scopes: &ScopeSet) -> u32 {
        let known = self.scopes.iter().position(|known| known == scopes);
        number(known.unwrap_or_else(|| {
            self.scopes.push(scopes.clone());
            self.scopes.len() - 1
        }))
    }

    fn plugin(&mut self, catalog: &Catalog, at: usize) -> RecordRow {
        let own = catalog.functions().filter(|function| function.plugin == at);
        let mut stacks: Vec<_> = own.map(|function| function.limits.stack_bytes).collect();
        stacks.sort_unstable();
        stacks.dedup();
        RecordRow(self.record(&PluginRecord { plugin: catalog.plugins[at].clone(), stacks }))
    }

    fn record(&mut self, value: &impl Serialize) -> Record {
        let json = serde_json::to_vec(value).unwrap_or_default();
        Record { span: self.put(&json), checksum: crc32fast::hash(&json) }
    }

    fn put(&mut self, bytes: &[u8]) -> Span {
        let start = number(HEADER_BYTES + self.body.len());
        self.body.extend_from_slice(bytes);
        Span { start, length: number(bytes.len()) }
    }

    fn rows(&mut self, section: Section, rows: &[impl Row]) {
        let mut table = Vec::new();
        rows.iter().for_each(|row| row.write(&mut table));
        self.sections[section as usize] = self.put(&table);
    }

    fn numbers(&mut self, section: Section, numbers: impl Iterator<Item = u32>) {
        let table: Vec<u8> = numbers.flat_map(u32::to_le_bytes).collect();
        self.sections[section as usize] = self.put(&table);
    }

    fn order<T>(&mut self, section: Section, items: &[Listed<T>], name: fn(&T) -> &str) {
        let mut places: Vec<_> = (0..items.len()).collect();
        places.sort_by_key(|place| name(&items[*place].item));
        self.numbers(section, places.into_iter().map(number));
    }
}

/// Files are smaller than 4 GiB: a larger one is refused by its length.
fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
