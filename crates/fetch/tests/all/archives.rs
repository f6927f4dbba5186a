//! What is in the archive: nothing leads out of the folder, nothing grows beyond reason, nothing is half unpacked.

use crate::common::{Reply, Server, archive, entry, md5_of, names, once, run, succeeds, toy};
use recburn_fetch::{Checksum, Entry, FetchError};
use std::fs;
use std::io::{Cursor, Write};
use tempfile::tempdir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The archive has the right checksum and is refused all the same; the folder is empty then.
fn refused(file: Vec<u8>) -> FetchError {
    let home = tempdir().expect("a folder");
    let folder = home.path().join("datasets");
    let server = Server::new(vec![Reply::Good(file.clone())]);
    let (outcome, _) = run(&entry(&server, &file), &folder, &once());
    let error = outcome.expect_err("such an archive is refused");
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
    assert_eq!(names(home.path()), ["datasets"]);
    succeeds(&folder);
    error
}

#[test]
fn what_is_no_zip_is_refused() {
    for file in [
        b"<html>Please sign in to this network</html>".to_vec(),
        toy()[..toy().len() / 2].to_vec(),
    ] {
        let error = refused(file);
        assert!(matches!(error, FetchError::NotAZip { .. }), "{error}");
    }
}

#[test]
fn a_broken_file_in_the_archive_is_refused_whole() {
    let mut file = archive(&[("toy/a", b"first"), ("toy/b", b"the second one")]);
    let at = file
        .windows(6)
        .position(|six| six == b"second")
        .expect("it is stored as it is");
    file[at] = b'S';
    let error = refused(file);
    assert!(matches!(error, FetchError::NotAZip { .. }), "{error}");
    assert!(error.to_string().contains("toy/b"), "{error}");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../evil",
        "toy/../../evil",
        "toy/..",
        "/evil",
        "C:/evil",
        "toy\\..\\evil",
    ] {
        let error = refused(archive(&[("toy/u.data", b"1"), (name, b"2")]));
        assert!(
            matches!(error, FetchError::Unsafe { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn links_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("toy/u.data", "/etc/passwd", SimpleFileOptions::default())
        .expect("a link is added");
    let error = refused(writer.finish().expect("it ends").into_inner());
    assert!(error.to_string().contains("a link"), "{error}");
}

#[test]
fn what_grows_beyond_reason_is_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let deflated =
        SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    writer
        .start_file("toy/u.data", deflated)
        .expect("it begins");
    writer
        .write_all(&vec![0; 20 << 20])
        .expect("memory takes it");
    let honest = writer.finish().expect("it ends").into_inner();
    let error = refused(honest.clone());
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error}");

    // The same with a lie about its size: the length stands 22 bytes into the file's head and 24 into the list's.
    let mut lying = honest;
    for (head, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let at = lying
            .windows(4)
            .position(|four| four == head)
            .expect("every archive has it");
        lying[at + offset..at + offset + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    let error = refused(lying);
    // Whoever counts first: the reader of zip files against the lie, or we against the limit.
    assert!(
        matches!(
            error,
            FetchError::TooLarge { .. } | FetchError::NotAZip { .. }
        ),
        "{error}"
    );

    let names: Vec<String> = (0..1500).map(|number| format!("toy/{number}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let error = refused(archive(&files));
    assert!(error.to_string().contains("1000 files"), "{error}");
}

#[test]
fn another_data_set_is_refused() {
    let error = refused(archive(&[("other/u.data", b"1"), ("toybox", b"2")]));
    assert!(matches!(error, FetchError::NoFolder { .. }), "{error}");
}

#[test]
fn what_lies_beside_the_folder_is_passed_over() {
    let home = tempdir().expect("a folder");
    let file = archive(&[("__MACOSX/toy/._u.data", b"junk"), ("toy/u.data", b"1")]);
    let server = Server::new(vec![Reply::Good(file.clone())]);
    let (outcome, _) = run(&entry(&server, &file), home.path(), &once());
    assert_eq!(names(&outcome.expect("it is good")), ["u.data"]);
    assert_eq!(names(home.path()), ["toy"]);
}

#[test]
fn what_stands_in_the_way_is_left_alone() {
    let home = tempdir().expect("a folder");
    let target = home.path().join("toy");
    fs::write(&target, b"mine").expect("a file");
    let server = Server::new(vec![Reply::Good(toy())]);
    let (outcome, _) = run(&entry(&server, &toy()), home.path(), &once());
    let error = outcome.expect_err("a file is in the way");
    assert!(matches!(error, FetchError::InTheWay { .. }), "{error}");
    assert_eq!(fs::read(&target).expect("still there"), b"mine");
    assert!(server.requests().is_empty());

    // An empty folder is none, and files placed by hand are as good as fetched ones.
    fs::remove_file(&target).expect("it goes");
    fs::create_dir(&target).expect("a folder");
    succeeds(home.path());
    fs::remove_dir_all(&target).expect("it goes");
    fs::create_dir(&target).expect("a folder");
    fs::write(target.join("u.data"), b"by hand").expect("a file");
    let (outcome, told) = run(&entry(&server, &toy()), home.path(), &once());
    assert_eq!(outcome.expect("it is there"), target);
    assert!(told.is_empty() && server.requests().is_empty());
}

#[test]
fn a_checksum_is_read_beside_the_file_where_none_is_pinned() {
    let home = tempdir().expect("a folder");
    let sum = |text: String| Reply::Good(text.into_bytes());
    let right = sum(format!("MD5 (toy.zip) = {}\n", md5_of(&toy())));
    let replies = vec![
        Reply::Status(404),
        sum("<html>".to_string()),
        sum(format!("{}  toy.zip\n", md5_of(b"other"))),
        Reply::Good(toy()),
        right.clone(),
        Reply::Half(toy()),
        right,
        Reply::Good(toy()),
    ];
    let server = Server::new(replies);
    let beside = Entry {
        checksum: Checksum::Beside,
        // Not insisted on: such a file may be replaced.
        bytes: 1,
        ..entry(&server, &toy())
    };
    let fails = || run(&beside, home.path(), &once()).0.expect_err("it fails");
    assert!(matches!(fails(), FetchError::Status { status: 404, .. }));
    assert!(matches!(fails(), FetchError::NoChecksum { .. }));
    assert!(matches!(fails(), FetchError::Checksum { .. }));
    assert!(names(home.path()).is_empty());
    assert!(matches!(fails(), FetchError::CutOff { .. }));
    run(&beside, home.path(), &once()).0.expect("it succeeds");
    let requests = server.requests();
    assert_eq!(requests[6].path, "/toy.zip.md5");
    assert!(requests[7].range.is_some());
    assert_eq!(names(home.path()), ["toy"]);
}
