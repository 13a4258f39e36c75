//! The memory that bytes take on their way through a call; a test file of its own, because the peak is
//! that of the process.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use toolcell_host::codec::guest::{self, Budgets, Plan};
use toolcell_host::codec::{AnswerForm, Function, ResultBody};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

const SIZE: usize = 4 << 20;

/// `run: func(file: file) -> file`, with `record file { name: string, data: list<u8> }`, which answers
/// with what it is given.
const COMPONENT: &str = r#"(component
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $next))
      (global.set $next (i32.and (i32.add (i32.add (local.get $at) (local.get 3)) (i32.const 7)) (i32.const -8)))
      (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1))))
      (local.get $at))
    (func (export "run") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1))
      (i32.store (i32.const 8) (local.get 2)) (i32.store (i32.const 12) (local.get 3))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "run" (core func $run))
  (type $record (record (field "name" string) (field "data" (list u8))))
  (export $file "file" (type $record))
  (func (export "run") (param "file" $file) (result $file)
    (canon lift (core func $run) (memory (core memory $memory)) (realloc (core func $realloc)))))"#;

fn plan() -> Plan {
    let file = serde_json::json!({"record": [{"name": "name", "type": "string"}, {"name": "data", "type": "bytes"}]});
    let function = serde_json::json!({"params": [{"name": "file", "type": file}], "result": file});
    let function: Function = serde_json::from_value(function).unwrap();
    Plan::new(function.check().unwrap())
}

/// Current and highest resident size in bytes.
fn resident() -> [usize; 2] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    ["VmRSS:", "VmHWM:"].map(|key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    })
}

/// The text of a call with so many bytes of data.
fn arguments(size: usize) -> Bytes {
    let data = STANDARD.encode(vec![7; size]);
    Bytes::from(format!(r#"{{"file":{{"name":"big","data":"{data}"}}}}"#))
}

#[tokio::test]
async fn four_megabytes_of_bytes_in_and_out_peak_at_five_times_their_size() {
    let engine = Engine::default();
    let component = Component::new(&engine, wat::parse_str(COMPONENT).unwrap()).unwrap();
    let plan = Arc::new(plan());
    let budgets = Budgets { input_bytes: 2 * SIZE, output_bytes: 2 * SIZE, answer: AnswerForm::Content };
    let arguments = arguments(SIZE);
    let body_bytes = arguments.len();
    // Forget the peaks of compiling and of making the request, but count the request.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let base = resident()[0] - body_bytes;

    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_async(&mut store, &component).await.unwrap();
    let func = instance.get_func(&mut store, "run").unwrap();
    let reply = guest::call(&mut store, func, &plan, arguments, budgets).await.unwrap();

    let ResultBody::Json(json) = &reply.encoded.body else { panic!("a record is JSON") };
    assert_eq!(json.len() + r#"{"file":}"#.len(), body_bytes, "what went in came out");
    let peak = resident()[1] - base;
    println!("peak over base: {peak} bytes for {SIZE} bytes of data");
    assert!(peak > 2 * SIZE, "the measurement sees the guest's memory and the answer: {peak}");
    assert!(peak <= 5 * SIZE, "{peak} bytes");
}
