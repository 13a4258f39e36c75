//! Measures what canonical NaNs cost (ADR 30): the same loops, compiled with and without them.
//!
//! It is an example of `toolcell-cli`, so that it has the compiler of the product; it compiles for this processor. In each
//! round, it runs both kinds of machine code one after the other. It prints the CPU time of each, and the median of their
//! ratios with the range.
//!
//! Usage: `float [ROUNDS] [COMPONENT]...`; for each component, it prints the length of both kinds of machine code.

use std::fs;

use wasmtime::error::Context as _;
use wasmtime::{Engine, Instance, Module, Store, TypedFunc};

/// The times that a loop's function is called in a round.
const CALLS: u32 = 20;

/// Kernels of plugins that compute. Each exports `run`, which takes some milliseconds.
const LOOPS: [(&str, &str); 6] = [
    ("f64, dependent steps (orbit of a point)", ORBIT),
    ("f64, independent steps (dot product)", DOT),
    ("f32, with memory (blur of an image)", BLUR),
    ("f64x2 (dot product)", DOT_F64X2),
    ("f32x4 (dot product)", DOT_F32X4),
    ("i64, no float (hash)", HASH),
];

/// Four operations in a chain: each waits for the one before.
const ORBIT: &str = r#"(module (func (export "run") (result f64)
    (local $at i32) (local $x f64) (local $y f64) (local $z f64)
    (local.set $x (f64.const 0.25))
    (loop $again
        (local.set $z (f64.sub (f64.mul (local.get $x) (local.get $x)) (f64.mul (local.get $y) (local.get $y))))
        (local.set $y (f64.add (f64.mul (f64.mul (f64.const 2) (local.get $x)) (local.get $y)) (f64.const 0.01)))
        (local.set $x (f64.add (local.get $z) (f64.const 0.2)))
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 1000000))))
    (f64.add (local.get $x) (local.get $y))))"#;

/// Two loads, a product and a sum for each pair of 65,536 bytes.
const DOT: &str = r#"(module (memory 2) (func (export "run") (result f64)
    (local $round i32) (local $at i32) (local $sum f64)
    (loop $rounds
        (local.set $at (i32.const 0))
        (loop $again
            (local.set $sum (f64.add (local.get $sum)
                (f64.mul (f64.load (local.get $at)) (f64.load offset=65536 (local.get $at)))))
            (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65536))))
        (br_if $rounds
            (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 128))))
    (local.get $sum)))"#;

/// The mean of three neighbours, written beside them.
const BLUR: &str = r#"(module (memory 2) (func (export "run") (result f64)
    (local $round i32) (local $at i32)
    (loop $rounds
        (local.set $at (i32.const 0))
        (loop $again
            (f32.store offset=65536 (local.get $at)
                (f32.mul (f32.const 0.333) (f32.add (f32.load (local.get $at))
                    (f32.add (f32.load offset=4 (local.get $at)) (f32.load offset=8 (local.get $at))))))
            (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 65528))))
        (br_if $rounds
            (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 64))))
    (f64.promote_f32 (f32.load offset=65536 (i32.const 0)))))"#;

const DOT_F64X2: &str = r#"(module (memory 2) (func (export "run") (result f64)
    (local $round i32) (local $at i32) (local $sum v128)
    (loop $rounds
        (local.set $at (i32.const 0))
        (loop $again
            (local.set $sum (f64x2.add (local.get $sum)
                (f64x2.mul (v128.load (local.get $at)) (v128.load offset=65536 (local.get $at)))))
            (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 65536))))
        (br_if $rounds
            (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 256))))
    (f64x2.extract_lane 0 (local.get $sum))))"#;

const DOT_F32X4: &str = r#"(module (memory 2) (func (export "run") (result f64)
    (local $round i32) (local $at i32) (local $sum v128)
    (loop $rounds
        (local.set $at (i32.const 0))
        (loop $again
            (local.set $sum (f32x4.add (local.get $sum)
                (f32x4.mul (v128.load (local.get $at)) (v128.load offset=65536 (local.get $at)))))
            (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 65536))))
        (br_if $rounds
            (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 256))))
    (f64.promote_f32 (f32x4.extract_lane 0 (local.get $sum)))))"#;

const HASH: &str = r#"(module (func (export "run") (result f64)
    (local $at i32) (local $hash i64)
    (loop $again
        (local.set $hash (i64.xor (i64.rotl (local.get $hash) (i64.const 5)) (i64.extend_i32_u (local.get $at))))
        (local.set $hash (i64.mul (local.get $hash) (i64.const 0x517cc1b727220a95)))
        (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 2000000))))
    (f64.convert_i64_s (local.get $hash))))"#;

/// The NaNs of compiled code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nans {
    /// Those of the processor.
    Native,
    /// The same on every processor.
    Canonical,
}

impl Nans {
    fn engine(self) -> wasmtime::Result<Engine> {
        let mut config = toolcell_host::sandbox::engine::config();
        config.cranelift_nan_canonicalization(self == Self::Canonical);
        Engine::new(&config)
    }
}

/// One loop as compiled code, ready to run.
struct Loop {
    store: Store<()>,
    run: TypedFunc<(), f64>,
}

impl Loop {
    fn new(engine: &Engine, text: &str) -> wasmtime::Result<Self> {
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = Instance::new(&mut store, &Module::new(engine, wat::parse_str(text)?)?, &[])?;
        let run = instance.get_typed_func(&mut store, "run")?;
        Ok(Self { store, run })
    }

    /// Runs it some times; returns the CPU time of one call, in milliseconds.
    fn time(&mut self) -> wasmtime::Result<f64> {
        let start = cpu_ms()?;
        for _ in 0..CALLS {
            std::hint::black_box(self.run.call(&mut self.store, ())?);
        }
        Ok((cpu_ms()? - start) / f64::from(CALLS))
    }
}

fn main() -> wasmtime::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(15), |rounds| rounds.parse::<usize>());
    let rounds = rounds.context("ROUNDS is a number")?;
    let engines = [Nans::Native.engine()?, Nans::Canonical.engine()?];
    println!("| loop | native ms | canonical ms | ratio |\n|---|--:|--:|--:|");
    for (name, text) in LOOPS {
        compare(name, text, &engines, rounds)?;
    }
    println!("\n| component | native bytes | canonical bytes | ratio |\n|---|--:|--:|--:|");
    for file in arguments {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {file}"))?;
        let [native, canonical] = engines.each_ref().map(|engine| engine.precompile_component(&bytes));
        let (native, canonical) = (native?.len(), canonical?.len());
        println!("| {file} | {native} | {canonical} | {:.3} |", canonical as f64 / native as f64);
    }
    Ok(())
}

/// Prints a row of the table of loops.
fn compare(name: &str, text: &str, engines: &[Engine; 2], rounds: usize) -> wasmtime::Result<()> {
    let (mut native, mut canonical) = (Loop::new(&engines[0], text)?, Loop::new(&engines[1], text)?);
    let mut times = Vec::new();
    for _ in 0..rounds {
        times.push((native.time()?, canonical.time()?));
    }
    let (native, ..) = summary(times.iter().map(|times| times.0));
    let (canonical, ..) = summary(times.iter().map(|times| times.1));
    let (ratio, least, most) = summary(times.iter().map(|(native, canonical)| canonical / native));
    println!("| {name} | {native:.2} | {canonical:.2} | {ratio:.2} ({least:.2}-{most:.2}) |");
    Ok(())
}

/// Returns the median of the values, the smallest and the largest.
fn summary(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0], values[values.len() - 1])
}

/// Returns the CPU time of this thread so far.
fn cpu_ms() -> wasmtime::Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e6)
}
