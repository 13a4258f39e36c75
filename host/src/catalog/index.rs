//! Answers from the catalog's file in place: finds names, hands out pages as they stand, and reads the record of a
//! function when it is first called.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use cap_std::fs::Dir;
use serde::de::DeserializeOwned;

use super::error::CatalogError;
use super::file::{self, Trust};
use super::format::{Catalog, FunctionEntry, Plugin, Prompt, Provider, ProviderRole, Tool};
use super::item::{FunctionRef, Item};
use super::layout::{FunctionRow, Header, RecordRow, Row, Section, Words};
use super::list::{self, Detail, ItemList, ListPage, Shown};
use super::root::{PluginRecord, Root};
use crate::digest::Digest;
use crate::lazy_table::LazyTable;

/// The name of the root in errors.
const ROOT: &str = "the part that describes the server";

/// The row of an item, and its place in the list.
type Placed = (usize, FunctionRow);

/// A catalog that is ready to answer. Making it reads the same amount for three tools as for a thousand.
#[derive(Debug)]
pub struct Index {
    pub(super) file: Bytes,
    pub(super) header: Header,
    pub(super) root: Root,
    plugins: LazyTable<Arc<PluginRecord>>,
    pub(super) tools: LazyTable<Arc<Item<Tool>>>,
    pub(super) prompts: LazyTable<Arc<Item<Prompt>>>,
    pub(super) providers: LazyTable<Arc<Item<Provider>>>,
    pages: list::Pages,
}

impl Index {
    /// Opens the catalog of the bundle in `directory`. If it is trusted, it is used where it is; if not, a copy is
    /// verified as a whole, and a plugin of which a part cannot be read is left out and logged.
    ///
    /// # Errors
    ///
    /// Fails with the fault and the command that corrects it.
    pub fn open(directory: &Dir, trust: Trust) -> Result<Self, CatalogError> {
        let index = Self::read(file::open(directory, trust)?)?;
        match trust {
            Trust::Package => Ok(index),
            Trust::Verified => index.verified(),
        }
    }

    /// Tells whether it is the index of these bytes of a catalog.
    pub fn is(&self, catalog: &[u8]) -> bool {
        self.file == catalog
    }

    /// Makes an index of a catalog in memory.
    ///
    /// # Errors
    ///
    /// As [`Catalog::to_bytes`].
    pub fn of(catalog: &Catalog) -> Result<Self, CatalogError> {
        Self::read(catalog.to_bytes()?.into())
    }

    /// Makes an index of a catalog's bytes, and checks the header and what every process needs.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub fn read(file: Bytes) -> Result<Self, CatalogError> {
        if file.len() as u64 > Catalog::MAX_BYTES {
            return Err(CatalogError::TooLarge);
        }
        let header = Header::read(&file)?;
        let section = |section: Section| header.sections[section as usize].of(&file).unwrap_or_default();
        let root = RecordRow::read(section(Section::Root), 0);
        let root =
            root.and_then(|RecordRow(record)| record.of(&file)).ok_or_else(|| CatalogError::damaged(ROOT))?;
        let root: Root = json(root, ROOT)?;
        let count = |of: Section, row| section(of).len() / row;
        let tools = count(Section::Tools, FunctionRow::BYTES);
        let prompts = count(Section::Prompts, FunctionRow::BYTES);
        let pages = list::Pages::new(tools.div_ceil(root.room()), prompts.div_ceil(root.room()));
        Ok(Self {
            plugins: LazyTable::new(count(Section::Plugins, RecordRow::BYTES)),
            tools: LazyTable::new(tools),
            prompts: LazyTable::new(prompts),
            providers: LazyTable::new(count(Section::Providers, FunctionRow::BYTES)),
            pages,
            file,
            header,
            root,
        })
    }

    /// Returns what every process needs, whatever it serves.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Returns the digest of the catalog: a cursor or a cached list belongs to one digest.
    pub fn digest(&self) -> &Digest {
        &self.header.digest
    }

    /// Returns the tool `name`.
    ///
    /// # Errors
    ///
    /// Its part of the file cannot be read.
    pub fn tool(&self, name: &str) -> Result<Option<Arc<Item<Tool>>>, CatalogError> {
        let place = self.find(ItemList::Tools, name)?;
        place.map(|place| self.item(&self.tools, Section::Tools, place)).transpose()
    }

    /// Returns the prompt `name` that is a function of its own.
    ///
    /// # Errors
    ///
    /// Its part of the file cannot be read.
    pub fn prompt(&self, name: &str) -> Result<Option<Arc<Item<Prompt>>>, CatalogError> {
        let place = self.find(ItemList::Prompts, name)?;
        place.map(|place| self.item(&self.prompts, Section::Prompts, place)).transpose()
    }

    /// Tells whether a tool or prompt has a name, also one whose part of the file cannot be read.
    pub fn has(&self, list: ItemList, name: &str) -> bool {
        !matches!(self.find(list, name), Ok(None))
    }

    /// Returns the number of items of a list.
    pub fn len(&self, list: ItemList) -> usize {
        self.count_of(list.rows())
    }

    /// Tells whether a plugin provides something at run time.
    pub fn offers(&self, role: ProviderRole) -> bool {
        self.places(role).next().is_some()
    }

    /// Returns the providers with a role. One whose part of the file cannot be read is left out and logged: the others
    /// still serve.
    pub fn providers(&self, role: ProviderRole) -> Vec<Arc<Item<Provider>>> {
        let read = |place| match self.item(&self.providers, Section::Providers, place) {
            Ok(provider) => Some(provider),
            Err(error) => {
                tracing::error!(%error, "a plugin does not answer");
                None
            }
        };
        self.places(role).filter_map(read).collect()
    }

    fn places(&self, role: ProviderRole) -> impl Iterator<Item = usize> {
        let has_role = move |row: FunctionRow| ProviderRole::ALL.get(row.role as usize) == Some(&role);
        let rows = 0..self.count_of(Section::Providers);
        rows.filter(move |place| self.row(Section::Providers, *place).is_ok_and(has_role))
    }

    /// Returns every function that can be called: tools, prompts, providers.
    pub fn functions(&self) -> impl Iterator<Item = Result<FunctionRef, CatalogError>> {
        let tools = (0..self.count_of(Section::Tools))
            .map(|place| self.item(&self.tools, Section::Tools, place).map(FunctionRef::Tool));
        let prompts = (0..self.count_of(Section::Prompts))
            .map(|place| self.item(&self.prompts, Section::Prompts, place).map(FunctionRef::Prompt));
        let providers = (0..self.count_of(Section::Providers))
            .map(|place| self.item(&self.providers, Section::Providers, place).map(FunctionRef::Provider));
        tools.chain(prompts).chain(providers)
    }

    /// Returns the number of functions that can be called.
    pub fn function_count(&self) -> usize {
        [Section::Tools, Section::Prompts, Section::Providers]
            .map(|section| self.count_of(section))
            .iter()
            .sum()
    }

    /// Returns every plugin.
    pub fn plugins(&self) -> impl Iterator<Item = Result<Plugin, CatalogError>> {
        let places = 0..self.plugin_count();
        places.map(|place| self.plugin(place).map(|record| record.plugin.clone()))
    }

    /// Returns the number of plugins.
    pub fn plugin_count(&self) -> usize {
        self.count_of(Section::Plugins)
    }

    /// Returns the position of a function among [`Index::functions`].
    pub fn position(&self, function: &FunctionRef) -> usize {
        match function {
            FunctionRef::Tool(tool) => tool.place,
            FunctionRef::Prompt(prompt) => self.count_of(Section::Tools) + prompt.place,
            FunctionRef::Provider(provider) => {
                self.count_of(Section::Tools) + self.count_of(Section::Prompts) + provider.place
            }
        }
    }

    /// Tells whether every caller sees the same list.
    pub fn is_uniform(&self, list: ItemList) -> bool {
        !match list {
            ItemList::Tools => self.root.guards_tools,
            ItemList::Prompts => self.root.guards_prompts,
        }
    }

    /// Returns the number of items that are shown.
    ///
    /// # Errors
    ///
    /// The list is damaged.
    pub fn count(&self, list: ItemList, shown: Shown<'_>) -> Result<usize, CatalogError> {
        Ok(self.picked(list, shown)?.map_or_else(|| self.count_of(list.rows()), |rows| rows.len()))
    }

    /// Returns the page of the items that are shown, from item `start`; `None` if no page starts there.
    ///
    /// # Errors
    ///
    /// The list is damaged.
    pub fn page(
        &self,
        list: ItemList,
        shown: Shown<'_>,
        start: usize,
        detail: Detail,
    ) -> Result<Option<ListPage>, CatalogError> {
        let size = self.root.room();
        let picked = self.picked(list, shown)?;
        let count = picked.as_ref().map_or_else(|| self.count_of(list.rows()), Vec::len);
        if start == 0 && count == 0 {
            return Ok(Some(ListPage::EMPTY));
        }
        if start >= count || !start.is_multiple_of(size) {
            return Ok(None);
        }
        let next = (start + size < count).then_some(start + size);
        let items = match picked {
            None => self.whole_page(list, start / size, detail)?.clone(),
            Some(rows) => self.array(list, &rows[start..count.min(start + size)], detail)?,
        };
        Ok(Some(ListPage { items, next }))
    }

    /// Returns the rows of the items that are shown, with their places; `None` if the whole list is.
    fn picked(&self, list: ItemList, shown: Shown<'_>) -> Result<Option<Vec<Placed>>, CatalogError> {
        let scopes = match shown {
            Shown::Covered(scopes) if !self.is_uniform(list) => scopes,
            Shown::Covered(_) | Shown::All => return Ok(None),
        };
        let covered: Vec<bool> = self.root.scopes.iter().map(|required| scopes.covers(required)).collect();
        let mut picked = Vec::new();
        for place in 0..self.count_of(list.rows()) {
            let row = self.row(list.rows(), place)?;
            if covered.get(row.scopes as usize).copied().unwrap_or(false) {
                picked.push((place, row));
            }
        }
        Ok(Some(picked))
    }

    /// Returns a page of the whole list, as it stands in the file.
    pub(super) fn whole_page(
        &self,
        list: ItemList,
        page: usize,
        detail: Detail,
    ) -> Result<&Bytes, CatalogError> {
        let (rows, size) = (list.rows(), self.root.room());
        self.pages.of(list, detail).get_or_try_init(page, || {
            let damaged = || CatalogError::damaged(format!("a page of its {}s", rows.word()));
            let last = (page * size + size).min(self.count_of(rows)) - 1;
            let (first, last) = (self.row(rows, page * size)?, self.row(rows, last)?);
            let (start, end) = (first.entry(detail).start, last.entry(detail).end());
            let range = (start as usize).checked_sub(1).zip(end.and_then(|end| end.checked_add(1)));
            let bytes = range.and_then(|(start, end)| self.file.get(start..end)).ok_or_else(damaged)?;
            let expected = self.number(list.checksums(detail), page);
            (expected == Some(crc32fast::hash(bytes))).then(|| self.file.slice_ref(bytes)).ok_or_else(damaged)
        })
    }

    /// Writes items as a JSON array.
    fn array(&self, list: ItemList, rows: &[Placed], detail: Detail) -> Result<Bytes, CatalogError> {
        let mut json = Vec::with_capacity(
            rows.iter().map(|(_, row)| row.entry(detail).length as usize + 1).sum::<usize>() + 1,
        );
        json.push(b'[');
        for (at, (place, row)) in rows.iter().enumerate() {
            self.whole_page(list, place / self.root.room(), detail)?; // checks the entry
            if at > 0 {
                json.push(b',');
            }
            json.extend_from_slice(row.entry(detail).of(&self.file).unwrap_or_default());
        }
        json.push(b']');
        Ok(json.into())
    }

    /// Looks a name up.
    pub(super) fn find(&self, list: ItemList, name: &str) -> Result<Option<usize>, CatalogError> {
        let (mut low, mut high) = (0, self.count_of(list.rows()));
        while low < high {
            let middle = low + (high - low) / 2;
            let damaged = || CatalogError::damaged("the names of its tools");
            let place = self.number(list.order(), middle).ok_or_else(damaged)? as usize;
            let found = self.row(list.rows(), place)?.name.of(&self.file).ok_or_else(damaged)?;
            match found.cmp(name.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(Some(place)),
                Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    pub(super) fn item<T>(
        &self,
        table: &LazyTable<Arc<Item<T>>>,
        section: Section,
        place: usize,
    ) -> Result<Arc<Item<T>>, CatalogError>
    where
        T: DeserializeOwned,
        for<'c> FunctionEntry<'c>: From<&'c T>,
    {
        let read = || {
            let part = format!("{} {place}", section.word());
            let row = self.row(section, place)?;
            let item: T =
                json(row.record.of(&self.file).ok_or_else(|| CatalogError::damaged(part.as_str()))?, &part)?;
            let function = FunctionEntry::from(&item);
            let name = row.name.of(&self.file).filter(|name| !name.is_empty());
            if function.plugin != row.plugin as usize
                || name.is_some_and(|name| name != function.name.as_bytes())
            {
                return Err(CatalogError::damaged(part.as_str()));
            }
            let plugin = self.plugin(function.plugin)?;
            Ok(Arc::new(Item { item, plugin, place }))
        };
        table.get_or_try_init(place, read).cloned()
    }

    pub(super) fn plugin(&self, place: usize) -> Result<Arc<PluginRecord>, CatalogError> {
        let part = format!("plugin {place}");
        if place >= self.plugin_count() {
            return Err(CatalogError::damaged(part.as_str()));
        }
        let read = || {
            let row = RecordRow::read(self.section(Section::Plugins), place);
            let bytes = row
                .and_then(|RecordRow(record)| record.of(&self.file))
                .ok_or_else(|| CatalogError::damaged(part.as_str()))?;
            json(bytes, &part).map(Arc::new)
        };
        self.plugins.get_or_try_init(place, read).cloned()
    }

    pub(super) fn row(&self, section: Section, place: usize) -> Result<FunctionRow, CatalogError> {
        let row = FunctionRow::read(self.section(section), place);
        row.ok_or_else(|| CatalogError::damaged(format!("{} {place}", section.word())))
    }

    fn number(&self, section: Section, place: usize) -> Option<u32> {
        let start = place.checked_mul(4)?;
        Some(Words(self.section(section).get(start..start.checked_add(4)?)?).next())
    }

    pub(super) fn count_of(&self, section: Section) -> usize {
        let row = if section == Section::Plugins { RecordRow::BYTES } else { FunctionRow::BYTES };
        self.section(section).len() / row
    }

    fn section(&self, section: Section) -> &[u8] {
        self.header.sections[section as usize].of(&self.file).unwrap_or_default()
    }
}

/// Reads a part of the file.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8], part: &str) -> Result<T, CatalogError> {
    serde_json::from_slice(bytes).map_err(|reason| CatalogError::Malformed { part: part.to_owned(), reason })
}
