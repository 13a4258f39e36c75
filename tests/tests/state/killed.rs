//! The file while the process that writes it is killed: it opens again, and holds everything that was confirmed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use toolcell_cli::state::FileStore;
use toolcell_host::clock::Clock;
use toolcell_host::state_store::{
    Condition, Increment, Partition, Put, Quota, StateStore as _, Value, weight,
};

use super::{Dice, times};

/// Kills in `make test`; `make soak` has 1,000.
const KILLS: u64 = 50;

/// The longest time that a writer lives, in milliseconds.
const LONGEST_LIFE_MS: u64 = 40;

/// The variable with the directory, for the process that is killed.
const DIRECTORY: &str = "TOOLCELL_TEST_STATE_DIRECTORY";

/// Entries that are written over and over.
const ENTRIES: i64 = 40;

fn partition() -> Partition {
    Partition { name: "killed".to_owned(), quota: Some(Quota { bytes: 1 << 20, keys: 100 }) }
}

/// The value of an entry: every byte is the same, and its length depends on it.
fn value(number: i64) -> Vec<u8> {
    let byte = b'a' + u8::try_from(number.rem_euclid(26)).unwrap();
    vec![byte; 100 + 97 * usize::from(byte - b'a')]
}

/// Writes until it is killed; only a process that a test below has started does anything.
#[test]
fn a_writer_lives_until_it_is_killed() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = FileStore::of(Path::new(&directory), Clock::system());
        let partition = partition();
        loop {
            let number =
                store.increment(&partition, "count", Increment { delta: 1, ttl_ms: None }).await.unwrap();
            let name = format!("entry-{}", number % ENTRIES);
            if number % 7 == 0 {
                store.delete(&partition, &name, Condition::Always).await.unwrap();
            } else {
                let value = Value::of(value(number));
                let put = Put { value, condition: Condition::Always, ttl_ms: None };
                store.put(&partition, &name, put).await.unwrap();
            }
            println!("\nwritten {number}");
            std::io::stdout().flush().unwrap();
        }
    });
}

/// Starts a writer, kills it, and returns the last number that it has confirmed.
fn write_and_kill(directory: &Path, life: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_writer_lives_until_it_is_killed", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let number = |line: String| line.strip_prefix("written ").map(|number| number.parse().unwrap());
    // Its life begins with its first write, or it would end before it has opened the file.
    let mut last = lines.by_ref().map_while(Result::ok).find_map(number);
    std::thread::sleep(life);
    child.kill().unwrap();
    child.wait().unwrap();
    last = lines.map_while(Result::ok).filter_map(number).last().or(last);
    last
}

/// Opens the file and compares every entry with what it must be.
fn check(directory: &Path, confirmed: i64) -> i64 {
    let store = FileStore::of(directory, Clock::system());
    store.open().unwrap_or_else(|problem| panic!("{problem}"));
    let entries = store.entries(&partition().name).unwrap();
    let (mut count, mut bytes) = (0, 0);
    for (name, entry) in &entries {
        bytes += weight(name, &entry.value);
        match entry.value.clone() {
            Value::Number(number) => count = number,
            Value::Bytes(bytes) => {
                let first = i64::from(bytes[0] - b'a');
                assert_eq!(bytes, value(first), "{name} is torn");
            }
        }
    }
    assert!((confirmed..=confirmed + 1).contains(&count), "{confirmed} were confirmed, {count} are there");
    let partitions = store.partitions().unwrap();
    let (_, usage) = partitions.first().expect("there is a partition");
    assert_eq!((usage.keys, usage.bytes), (entries.len() as u64, bytes), "the usage is counted wrongly");
    count
}

#[test]
fn a_process_that_is_killed_leaves_a_file_with_everything_that_it_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let (kills, mut dice) = (times("TOOLCELL_SOAK_STATE_KILLS", KILLS), Dice(0x5eed));
    let mut confirmed = 0;
    for _ in 0..kills {
        let life = Duration::from_micros(dice.of_below(LONGEST_LIFE_MS * 1000));
        let written = write_and_kill(directory.path(), life).expect("it has written");
        assert!(written > confirmed, "{written} after {confirmed}");
        confirmed = check(directory.path(), written);
    }
    println!("{kills} kills, {confirmed} increments");
    assert!(confirmed >= i64::try_from(kills).unwrap());
}
