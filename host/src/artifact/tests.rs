//! Both ways in, and what neither lets through.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;

use cap_std::ambient_authority;
use rustix::fs::SealFlags;

use super::*;

fn package() -> (tempfile::TempDir, Dir) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("bundle")).unwrap();
    fs::write(root.path().join("outside.cwasm"), "code").unwrap();
    let dir = Dir::open_ambient_dir(root.path().join("bundle"), ambient_authority()).unwrap();
    (root, dir)
}

#[test]
fn a_file_of_the_package_is_taken() {
    let (root, dir) = package();
    fs::write(root.path().join("bundle/a.cwasm"), "code").unwrap();
    assert!(Code::mapped(&dir, "a.cwasm").is_ok());
}

#[test]
fn a_missing_file_is_named_with_what_to_run() {
    let (_root, dir) = package();
    let error = Code::mapped(&dir, "gone.cwasm").unwrap_err().to_string();
    assert!(error.contains("`gone.cwasm`") && error.contains("toolcell build"), "{error}");
}

#[test]
fn what_lies_outside_of_the_package_is_refused() {
    let (root, dir) = package();
    symlink("../outside.cwasm", root.path().join("bundle/link.cwasm")).unwrap();
    let absolute = root.path().join("outside.cwasm").display().to_string();
    symlink(&absolute, root.path().join("bundle/absolute.cwasm")).unwrap();
    for name in ["link.cwasm", "absolute.cwasm", "../outside.cwasm", &absolute] {
        let error = Code::mapped(&dir, name).unwrap_err();
        assert!(matches!(error, CodeError::Open { .. }), "{name}: {error}");
    }
}

#[test]
fn what_is_not_a_regular_file_is_refused_at_once() {
    let (root, dir) = package();
    fs::create_dir(root.path().join("bundle/folder.cwasm")).unwrap();
    let pipe = root.path().join("bundle/pipe.cwasm");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    for name in ["folder.cwasm", "pipe.cwasm"] {
        let error = Code::mapped(&dir, name).unwrap_err();
        assert!(matches!(error, CodeError::NotAFile { .. }), "{name}: {error}");
    }
}

#[test]
fn a_huge_file_is_refused_before_it_is_read_and_so_is_an_endless_one() {
    let (root, dir) = package();
    let huge = File::create(root.path().join("bundle/huge.cwasm")).unwrap();
    huge.set_len(1 << 40).unwrap(); // takes no room on the disk
    symlink("/dev/zero", root.path().join("bundle/endless.cwasm")).unwrap();
    for refused in [Code::mapped(&dir, "huge.cwasm"), Code::copied(&dir, "huge.cwasm", Digest::of(b""))] {
        let error = refused.unwrap_err();
        assert!(matches!(error, CodeError::TooLarge { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("`huge.cwasm` is larger than 1073741824 bytes"), "{text}");
    }
    assert!(Code::copied(&dir, "endless.cwasm", Digest::of(b"")).is_err());
}

#[test]
fn bytes_with_the_right_digest_are_taken() {
    assert!(Code::verified(b"code", Digest::of(b"code")).is_ok());
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let bytes: Vec<u8> = (0..=255).collect();
    let expected = Digest::of(&bytes);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = Code::verified(&flipped, expected).unwrap_err();
        assert!(matches!(error, CodeError::Digest { .. }), "bit {bit}: {error}");
    }
    for length in 0..bytes.len() {
        assert!(Code::verified(&bytes[..length], expected).is_err(), "cut at {length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(Code::verified(&longer, expected).is_err(), "one byte more");
}

#[test]
fn verified_code_can_never_change_again() {
    let mut code = Code::verified(b"code", Digest::of(b"code")).unwrap();
    assert!(code.file.write_all(b"evil").is_err(), "through the descriptor");
    assert!(code.file.set_len(0).is_err(), "by cutting");
    assert!(code.file.set_len(100).is_err(), "by growing");
    let path = format!("/proc/self/fd/{}", code.file.as_raw_fd());
    let again = fs::OpenOptions::new().write(true).open(&path);
    assert!(again.and_then(|mut file| file.write_all(b"evil")).is_err(), "through another one");
    assert!(rustix::fs::fcntl_add_seals(&code.file, SealFlags::empty()).is_err(), "seals are final");
    assert_eq!(digest(&mut code.file).unwrap(), Digest::of(b"code"));
}

#[test]
fn the_digests_are_told_apart_in_the_error() {
    let error = Code::verified(b"evil", Digest::of(b"code")).unwrap_err().to_string();
    let (found, expected) = (Digest::of(b"evil").to_string(), Digest::of(b"code").to_string());
    assert!(error.contains(&found) && error.contains(&expected), "{error}");
}
