use cap_std::fs::Dir;

use super::*;

fn catalog(names: &[&str], page_size: usize) -> Catalog {
    let tool = |name: &&str| {
        format!(
            r#"{{"item":{{"name":"{name}","plugin":0,"export":{{"function":"f"}},"function":{{"params":[]}},
            "limits":{{"memory_bytes":1,"table_elements":1,"instances":1,"stack_bytes":1,"hostcall_bytes":1,
            "handles":1,"output_bytes":1,"input_bytes":1,"log_bytes":1,"notifications":1,"deadline_ms":1}}}},
            "entry":{{"name":"{name}","title":"T"}},"plain_entry":{{"name":"{name}"}}}}"#
        )
    };
    let tools: Vec<_> = names.iter().map(tool).collect();
    let digest = "0".repeat(64);
    let json = format!(
        r#"{{"format":5,"engine":{{"wasmtime":"48.0.8","configuration":1,"target":"t","cpu":"c"}},
        "server":{{"name":"s","version":"1"}},"http":{{"max_body_bytes":1}},"list_ttl_ms":1,
        "page_size":{page_size},"plugins":[{{"name":"p","component":"{digest}","code":"{digest}","code_bytes":1,"grants":{{}}}}],
        "tools":[{}]}}"#,
        tools.join(",")
    );
    serde_json::from_str(&json).unwrap()
}

/// Three tools; the second and third require a scope of their own name.
fn guarded(page_size: usize) -> Index {
    let mut catalog = catalog(&["a", "b", "c"], page_size);
    for tool in &mut catalog.tools[1..] {
        tool.item.required_scopes = [tool.item.name.parse().unwrap()].into_iter().collect();
    }
    Index::of(&catalog).unwrap()
}

fn page(index: &Index, start: usize, detail: Detail) -> Option<ListPage> {
    index.page(ItemList::Tools, Shown::Covered(&ScopeSet::NONE), start, detail).unwrap()
}

fn names(page: &ListPage) -> Vec<String> {
    let tools: Vec<serde_json::Value> = serde_json::from_slice(&page.items).unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_follow_one_another_and_hold_every_tool_once() {
    let index = Index::of(&catalog(&["b", "a", "c"], 2)).unwrap();
    let first = page(&index, 0, Detail::Full).unwrap();
    assert_eq!((names(&first), first.next), (vec!["b".into(), "a".into()], Some(2)));
    let last = page(&index, 2, Detail::Full).unwrap();
    assert_eq!((names(&last), last.next), (vec!["c".into()], None));
    assert!(page(&index, 1, Detail::Full).is_none() && page(&index, 4, Detail::Full).is_none());
    assert_eq!(page(&index, 2, Detail::Plain).unwrap().items, r#"[{"name":"c"}]"#);
}

#[test]
fn a_caller_is_shown_the_tools_that_its_scopes_cover_page_by_page() {
    let table = [("", "a"), ("b", "a b"), ("c", "a c"), ("b c", "a b c"), ("x", "a")];
    for size in 1..=4 {
        let index = guarded(size);
        assert!(!index.is_uniform(ItemList::Tools) && index.is_uniform(ItemList::Prompts));
        for (scopes, expected) in table {
            let scopes: ScopeSet =
                scopes.split_whitespace().map(|scope| scope.parse::<Scope>().unwrap()).collect();
            let shown = Shown::Covered(&scopes);
            let page = |start| index.page(ItemList::Tools, shown, start, Detail::Plain).unwrap();
            let (mut seen, mut start) = (Vec::new(), 0);
            loop {
                let page = page(start).unwrap();
                let on_page = names(&page);
                assert!((1..=size).contains(&on_page.len()), "{on_page:?}");
                seen.extend(on_page);
                let Some(next) = page.next else { break };
                start = next;
            }
            assert_eq!(seen.join(" "), expected, "{scopes:?} {size}");
            assert_eq!(index.count(ItemList::Tools, shown).unwrap(), seen.len());
            assert!(page(seen.len().next_multiple_of(size)).is_none());
        }
    }
    assert!(page(&guarded(2), 1, Detail::Plain).is_none());
    assert!(Index::of(&catalog(&["a"], 2)).unwrap().is_uniform(ItemList::Tools));
}

#[test]
fn a_guarded_list_that_is_shown_as_a_whole_is_handed_out_as_it_stands_in_the_file() {
    let index = guarded(2);
    for (start, expected, next) in [(0, "a b", Some(2)), (2, "c", None)] {
        let page = index.page(ItemList::Tools, Shown::All, start, Detail::Full).unwrap().unwrap();
        assert_eq!((names(&page).join(" ").as_str(), page.next), (expected, next));
        assert!(index.file.as_ptr_range().contains(&page.items.as_ptr()), "nothing is copied");
    }
    assert_eq!(index.count(ItemList::Tools, Shown::All).unwrap(), 3);
    assert!(index.page(ItemList::Tools, Shown::All, 4, Detail::Full).unwrap().is_none());
}

#[test]
fn an_empty_catalog_has_one_empty_page() {
    let index = Index::of(&catalog(&[], 2)).unwrap();
    assert_eq!(page(&index, 0, Detail::Plain).unwrap().items, "[]");
    assert!(page(&index, 2, Detail::Plain).is_none());
}

#[test]
fn every_name_is_found_and_no_other() {
    let all: Vec<String> = (0..300).map(|at| format!("tool_{}", at * 7919 % 1000)).collect();
    let borrowed: Vec<&str> = all.iter().map(String::as_str).collect();
    let index = Index::of(&catalog(&borrowed, 100)).unwrap();
    for (place, name) in all.iter().enumerate() {
        let tool = index.tool(name).unwrap().unwrap();
        assert_eq!((&tool.name, tool.place(), &*tool.plugin().name), (name, place, "p"));
    }
    for other in ["", "tool", "tool_", "tool_0000", "zzz", "tool_1001"] {
        assert!(index.tool(other).unwrap().is_none(), "{other}");
    }
    assert!(index.prompt("tool_0").unwrap().is_none());
}

#[test]
fn a_catalog_is_written_and_read_without_loss_and_twice_the_same() {
    let catalog = catalog(&["b", "a", "c"], 2);
    let bytes = catalog.to_bytes().unwrap();
    let index = Index::read(bytes.clone().into()).unwrap();
    let Contents { catalog: again, left_out } = index.verified().unwrap().contents().unwrap();
    assert_eq!(left_out, []);
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&catalog).unwrap());
    assert_eq!(again.to_bytes().unwrap(), bytes);
}

/// What a client gets of everything; `None` where the server says that something is damaged.
fn answers(index: &Index) -> Vec<Option<String>> {
    let lists = [Detail::Full, Detail::Plain].into_iter().flat_map(|detail| {
        [0, 2].map(|start| {
            let page = index.page(ItemList::Tools, Shown::Covered(&ScopeSet::NONE), start, detail);
            page.ok().map(|page| format!("{page:?}"))
        })
    });
    let tools = ["a", "b", "c"].into_iter().map(|name| match index.tool(name) {
        // An unknown tool is no answer of another one.
        Ok(Some(tool)) => Some(format!("{:?} {:?}", *tool, tool.plugin())),
        Ok(None) | Err(_) => None,
    });
    lists.chain(tools).collect()
}

#[test]
fn a_changed_bit_anywhere_is_noticed_or_changes_no_answer() {
    let bytes = catalog(&["b", "a", "c"], 2).to_bytes().unwrap();
    let right = answers(&Index::read(bytes.clone().into()).unwrap());
    assert!(right.iter().all(Option::is_some), "{right:?}");
    let (mut refused, mut partly) = (0, 0);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let Ok(index) = Index::read(damaged.into()) else {
            refused += 1;
            continue;
        };
        let answers = answers(&index);
        assert!(index.verified().is_err(), "byte {at}");
        let is_right =
            |(answer, right): (&Option<String>, &Option<String>)| answer.is_none() || answer == right;
        assert!(answers.iter().zip(&right).all(is_right), "byte {at}: {answers:?}");
        partly += usize::from(answers != right);
    }
    assert!(refused > 100 && partly > 500, "{refused} refused, {partly} in part");
}

#[test]
fn a_file_that_was_cut_or_grew_is_refused() {
    let bytes = catalog(&["a"], 2).to_bytes().unwrap();
    for length in 0..bytes.len() {
        assert!(Index::read(bytes[..length].to_vec().into()).is_err(), "{length}");
    }
    assert!(Index::read([&bytes[..], b"\n"].concat().into()).is_err());
}

#[test]
fn a_catalog_that_is_no_file_or_a_huge_one_is_refused_at_once() {
    use std::fs::{File, create_dir, remove_file};

    let root = tempfile::tempdir().unwrap();
    let dir = Dir::open_ambient_dir(root.path(), cap_std::ambient_authority()).unwrap();
    let path = root.path().join(Catalog::FILE);
    for trust in [Trust::Package, Trust::Verified] {
        let refusal = || Index::open(&dir, trust).unwrap_err().to_string();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(refusal().starts_with("catalog.bin is not a regular file"), "{}", refusal());
        remove_file(&path).unwrap();
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(refusal().starts_with("catalog.bin is larger than 67108864 bytes"), "{}", refusal());
        remove_file(&path).unwrap();
        File::create(&path).unwrap();
        assert!(refusal().starts_with("catalog.bin is not a catalog"), "{}", refusal());
        remove_file(&path).unwrap();
        create_dir(&path).unwrap();
        assert!(refusal().starts_with("catalog.bin is not a regular file"), "{}", refusal());
        std::fs::remove_dir(&path).unwrap();
    }
}

#[test]
fn a_catalog_that_contradicts_itself_is_not_written() {
    let two = catalog(&["a", "a"], 2);
    let mut other = catalog(&["a"], 2);
    other.tools[0].item.plugin = 7;
    let mut later = catalog(&["a"], 2);
    later.format = Catalog::FORMAT + 1;
    for (catalog, expected) in [(two, "two tools"), (other, "plugin 7"), (later, "format 5")] {
        let error = Index::of(&catalog).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("toolcell build"), "{error}");
    }
}

#[test]
fn a_plugin_of_which_a_part_cannot_be_read_is_left_out_and_the_others_stay() {
    let mut catalog = catalog(&["a", "b"], 2);
    catalog.plugins.insert(0, Plugin { name: "bad".to_owned(), ..catalog.plugins[0].clone() });
    catalog.tools[1].item.plugin = 1;
    // Deeper than a reader of JSON goes.
    let deep = (0..200).fold(crate::codec::Type::U8, |inner, _| crate::codec::Type::List(Box::new(inner)));
    catalog.tools[0].item.function.result = Some(deep);
    let index = Index::of(&catalog).unwrap();
    let error = index.tool("a").unwrap_err().to_string();
    assert!(error.starts_with("catalog.bin cannot be read in tool 0: recursion limit"), "{error}");
    assert!(index.tool("b").unwrap().is_some());
    let left_out = index.contents().unwrap().left_out;
    assert!(matches!(&left_out[..], [LeftOut { plugin, reason }] if plugin == "bad" && *reason == error));
    let verified = index.verified().unwrap();
    assert_eq!(names(&page(&verified, 0, Detail::Plain).unwrap()), ["b"]);
    assert_eq!(verified.tool("b").unwrap().unwrap().plugin().name, "p");
    assert!(verified.tool("a").unwrap().is_none());
}
