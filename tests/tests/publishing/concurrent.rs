//! Publishers that are killed, and several at once.

use toolcell_tests::s3::{Fault, Target, Verb};

use crate::publisher::{Publisher, Ran};

const PUBLISH: &str = "publish --to BUCKET --key ci.key --json";

fn wait_for(publisher: &Publisher, held: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(publisher.server.held(held));
}

#[test]
fn killed_between_any_two_requests_a_publisher_leaves_the_old_release_whole() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    let before = publisher.object("index.json");
    publisher.configure("two");
    let mut killed = 0;
    loop {
        publisher.server.fail_after(killed);
        let ran = publisher.run(PUBLISH);
        publisher.server.heal();
        assert_eq!(publisher.findings(), Vec::<String>::new(), "after {killed} requests");
        if ran.code == 0 {
            break;
        }
        assert_eq!(publisher.object("index.json"), before, "after {killed} requests");
        killed += 1;
    }
    assert!(killed > 5, "a publisher sends more requests than {killed}");
    assert_ne!(publisher.object("index.json"), before);
    // What the killed ones left is no release that anybody sees, and does not stand in the way.
    let index = publisher.index();
    assert!(index.serial > 2 && index.replaces == 1);
    publisher.publish("");
    let collected = publisher.done(&format!("gc BUCKET --keep 3 --public {} --json", publisher.public()));
    assert_eq!(collected["kept"], serde_json::json!([index.serial + 1, index.serial, 1]));
    assert_eq!(publisher.keys("releases/").len(), 3);
    assert_eq!(publisher.findings(), Vec::<String>::new());
}

#[test]
fn an_index_whose_answer_is_lost_is_published() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    publisher.server.fail(Target::of(Verb::Put).with_key("index.json"), Fault::Lost);
    assert_eq!(publisher.publish("")["release"]["serial"], 2);
    assert_eq!((publisher.index().serial, publisher.keys("releases/").len()), (2, 2));
}

#[test]
fn of_two_publishers_with_one_serial_one_wins_and_the_other_is_told() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    publisher.server.fail(Target::of(Verb::Put).with_key("releases/2.json"), Fault::Held);
    let publishers = [publisher.start(PUBLISH), publisher.start(PUBLISH)];
    wait_for(&publisher, 2);
    publisher.server.heal();
    one_wins(&publisher, publishers.map(Ran::of_child));
    assert_eq!(publisher.index().serial, 2);
}

#[test]
fn of_two_publishers_with_two_serials_one_wins_and_the_other_is_told() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    publisher.server.fail(Target::of(Verb::Put).with_key("index.json"), Fault::Held);
    let first = publisher.start(PUBLISH);
    wait_for(&publisher, 1);
    let second = publisher.start(PUBLISH);
    wait_for(&publisher, 2);
    assert_eq!(publisher.keys("releases/"), ["1.json", "2.json", "3.json"]);
    publisher.server.heal();
    one_wins(&publisher, [first, second].map(Ran::of_child));
    assert_eq!(publisher.keys("releases/").len(), 2, "the loser's release is not listed");
}

fn one_wins(publisher: &Publisher, ran: [Ran; 2]) {
    let codes: Vec<_> = ran.iter().map(|ran| ran.code).collect();
    assert!(codes == [0, 3] || codes == [3, 0], "{ran:?}");
    let told = &ran[codes.iter().position(|code| *code == 3).unwrap()].stderr;
    assert!(told.contains("was published to by somebody else"), "{told}");
    assert_eq!(publisher.findings(), Vec::<String>::new());
}

#[test]
fn nothing_is_deleted_while_somebody_publishes() {
    let publisher = Publisher::new();
    publisher.configure("one");
    publisher.publish("");
    publisher.configure("two");
    publisher.server.fail(Target::of(Verb::Put).with_key("index.json"), Fault::Held);
    let publishing = publisher.start(PUBLISH);
    wait_for(&publisher, 1);
    let gc = format!("gc BUCKET --keep 1 --public {}", publisher.public());
    let refused = publisher.run(&gc);
    assert!(refused.code == 3 && refused.stderr.contains("is being published to"), "{}", refused.stderr);
    publisher.server.heal();
    let published = Ran::of_child(publishing);
    assert_eq!(published.code, 0, "{}", published.stderr);
    assert_eq!(publisher.findings(), Vec::<String>::new());
    assert_eq!(publisher.run(&gc).code, 0);
    assert_eq!(publisher.findings(), Vec::<String>::new());
}

#[test]
fn nobody_publishes_while_a_collector_deletes() {
    let publisher = Publisher::new();
    for instructions in ["one", "two"] {
        publisher.configure(instructions);
        publisher.publish("");
    }
    publisher.server.fail(Target::of(Verb::Delete).with_key("objects/"), Fault::Held);
    let gc = format!("gc BUCKET --keep 1 --public {}", publisher.public());
    let collecting = publisher.start(&gc);
    wait_for(&publisher, 1);
    let refused = publisher.run("publish --to BUCKET --key ci.key");
    assert!(refused.code == 3 && refused.stderr.contains("is being collected"), "{}", refused.stderr);
    let other = publisher.run(&gc);
    assert!(other.code == 3 && other.stderr.contains("is being collected already"), "{}", other.stderr);
    publisher.server.heal();
    assert_eq!(Ran::of_child(collecting).code, 0);
    assert_eq!(publisher.index().serial, 2);
    publisher.publish("");
    assert_eq!(publisher.findings(), Vec::<String>::new());
}
