//! Tools that are known only at run time.

use super::*;

/// A page of one tool with these texts of JSON.
fn page(input_schema: &str, output_schema: Option<&str>) -> Vec<u8> {
    let tool = serde_json::json!({"name": "t", "description": "d", "input_schema": input_schema,
        "output_schema": output_schema, "icons": []});
    serde_json::json!({"tools": [tool], "next": null}).to_string().into_bytes()
}

#[test]
fn tools_are_listed_whole() {
    let json = br#"{"tools":[{"name":"t","title":"T","description":"d","input_schema":"{\"type\":\"object\"}",
        "output_schema":"{\"type\":\"object\",\"required\":[]}",
        "hints":{"read_only":true,"destructive":false,"idempotent":null,"open_world":true},
        "icons":[{"src":"https://x.example/i.png","mime_type":null,"sizes":[],"theme":null}],"meta":"{\"a\":1}"},
        {"name":"u","title":null,"description":"","input_schema":"{\"type\":\"object\"}","output_schema":null,
        "hints":{"read_only":null,"destructive":null,"idempotent":null,"open_world":null},"icons":[],"meta":null}],
        "next":null}"#;
    let expected = r#"[{"name":"p.t","title":"T","description":"d","inputSchema":{"type":"object"},"outputSchema":{"type":"object","required":[]},"annotations":{"readOnlyHint":true,"destructiveHint":false,"openWorldHint":true},"icons":[{"src":"https://x.example/i.png"}],"_meta":{"a":1}},{"name":"p.u","description":"","inputSchema":{"type":"object"}}]"#;
    assert_eq!(items(tool_page(json, RevisionFeatures::FULL, "p.", free).unwrap()), expected);
    let old = r#"[{"name":"t","description":"d","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"destructiveHint":false,"openWorldHint":true},"_meta":{"a":1}},{"name":"u","description":"","inputSchema":{"type":"object"}}]"#;
    assert_eq!(items(tool_page(json, RevisionFeatures::LEAST, "", free).unwrap()), old);
}

#[test]
fn schemas_are_passed_on_byte_for_byte_but_for_whitespace() {
    let schema = "\n{ \"type\" :\t\"object\",\r\n \"x\": [1.0, 1e5, -0, 1E+2], \"x\": \" a\\n\\u00e9\\ud83d\\ude00 \\\" { \", \"\u{e9}\": \"\\/\" }\n";
    let line = "{\"type\":\"object\",\"x\":[1.0,1e5,-0,1E+2],\"x\":\" a\\n\\u00e9\\ud83d\\ude00 \\\" { \",\"\u{e9}\":\"\\/\"}";
    let listed = tool_page(&page(schema, Some(schema)), RevisionFeatures::FULL, "", free).unwrap();
    let expected = format!(r#"{{"name":"t","description":"d","inputSchema":{line},"outputSchema":{line}}}"#);
    assert_eq!(text(listed.items), expected);
}

#[test]
fn only_schemas_of_objects_are_taken() {
    let good = r#"{"type":"object"}"#;
    let sent =
        tool_page(&page(r#"{"\u0074ype":"obj\u0065ct"}"#, None), RevisionFeatures::FULL, "", free).unwrap();
    assert_eq!((sent.count, sent.malformed), (1, 0));
    for bad in [
        "",
        "{}",
        "true",
        "[]",
        "null",
        "\"object\"",
        r#"{"type":"string"}"#,
        r#"{"type":["object"]}"#,
        r#"{"type":null}"#,
        r#"{"type":"object","type":"string"}"#,
        r#"{"properties":{"type":"object"}}"#,
        r#"["type","object"]"#,
        r#"{"type":"object"} {}"#,
        r#"{"type":"object""#,
        r#"{"type":"object",}"#,
    ] {
        let path = first_error(tool_page(&page(bad, None), RevisionFeatures::FULL, "", free));
        assert_eq!(path, "tools[0].input_schema", "{bad}");
        let path = first_error(tool_page(&page(good, Some(bad)), RevisionFeatures::LEAST, "", free));
        assert_eq!(path, "tools[0].output_schema", "{bad}");
    }
}

#[test]
fn a_result_keeps_all_its_parts() {
    let json = br#"{"content":[{"text":{"text":"t"}}],"structured":"{ \"n\": 1.0 }","is_error":false,"meta":"{\"a\": 1}"}"#;
    let expected = ToolResult {
        blocks: br#"[{"type":"text","text":"t"}]"#.into(),
        structured: Some(br#"{"n":1.0}"#.into()),
        is_error: false,
        meta: Some(br#"{"a":1}"#.into()),
    };
    assert_eq!(tool_result(json, RevisionFeatures::FULL), Ok(expected));
    let json = br#"{"content":[],"structured":null,"is_error":true,"meta":null}"#;
    let expected = ToolResult { blocks: b"[]".into(), structured: None, is_error: true, meta: None };
    assert_eq!(tool_result(json, RevisionFeatures::FULL), Ok(expected));
}

#[test]
fn structured_data_alone_is_said_in_words() {
    let json = br#"{"content":[],"structured":"{\n\"n\": 1.0\n}","is_error":false,"meta":null}"#;
    let result = tool_result(json, RevisionFeatures::LEAST).unwrap();
    assert_eq!(text(result.blocks), r#"[{"type":"text","text":"{\"n\":1.0}"}]"#);
    assert_eq!(text(result.structured.unwrap()), r#"{"n":1.0}"#);
}
