//! Long lists, page by page.

use serde_json::{Value, json};
use toolcell_tests::{Revision, Server, fixture};

fn gallery(page_size: usize) -> Server {
    let plugin = fixture::plugin("gallery", &fixture::sample("gallery"));
    Server::start(&format!("[lists]\npage-size = {page_size}\n{plugin}"))
}

fn names(page: &Value) -> Vec<String> {
    let tools = page["tools"].as_array().unwrap_or_else(|| panic!("{page}"));
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn following_the_cursors_gives_every_tool_once_and_in_order() {
    let whole = names(&gallery(1000).client(Revision::Modern).ask("tools/list", json!({})));
    assert!(whole.len() > 14, "{whole:?}");
    let server = gallery(7);
    for revision in Revision::ALL {
        let client = server.client(revision);
        let (mut seen, mut params) = (Vec::new(), json!({}));
        loop {
            let page = client.ask("tools/list", params);
            let on_page = names(&page);
            let left = whole.len() - seen.len();
            assert_eq!(on_page.len(), left.min(7), "{revision:?}: a page is full, or the last");
            seen.extend(on_page);
            let Some(cursor) = page.get("nextCursor") else { break };
            assert!(seen.len() < whole.len(), "{revision:?}: the last page has no cursor");
            params = json!({"cursor": cursor});
        }
        assert_eq!(seen, whole, "{revision:?}");
    }
}

#[test]
fn a_list_that_fits_its_page_has_no_cursor() {
    let server = gallery(100);
    let page = server.client(Revision::Modern).ask("tools/list", json!({}));
    assert_eq!(page.get("nextCursor"), None);
}

#[test]
fn a_made_up_cursor_is_refused() {
    let server = gallery(7);
    let foreign = gallery(5).client(Revision::Modern).ask("tools/list", json!({}))["nextCursor"].clone();
    for revision in Revision::ALL {
        let client = server.client(revision);
        for cursor in [json!("7"), json!(""), json!("AAAAAAAAAAcAAAAAAAAAAA"), foreign.clone()] {
            let (status, code, message) = client.send("tools/list", json!({"cursor": cursor})).refusal();
            assert_eq!((status, code), (200, -32602), "{revision:?} {cursor}");
            assert!(
                message.contains("params.cursor")
                    && message.contains("the list may have changed, start again"),
                "{message}"
            );
        }
        let (status, code, message) = client.send("tools/list", json!({"cursor": 7})).refusal();
        assert_eq!((status, code), (200, -32602), "{revision:?}: {message}");
        assert_eq!(names(&client.ask("tools/list", json!({}))).len(), 7, "and the next list is fine");
    }
}
