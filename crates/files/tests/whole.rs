//! What stands in the folder after success and after every kind of failure.

#![allow(clippy::unwrap_used)]

use recburn_files::{write_folder, write_whole};
use std::fs;
use std::io;
use std::path::Path;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            let entry = entry.expect("an entry is readable");
            entry.file_name().to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_and_nothing_else_is_left() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("report.json");
    write_whole(&path, b"old and rather long")?;
    write_whole(&path, b"new")?;
    assert_eq!(fs::read(&path)?, b"new");
    assert_eq!(names(home.path()), ["report.json"]);
    Ok(())
}

#[test]
fn missing_parents_are_made() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    write_whole(home.path().join("a/b/c.txt"), b"1")?;
    write_folder(home.path().join("d/e"), |folder| {
        fs::write(folder.join("f"), b"2")
    })?;
    assert_eq!(fs::read(home.path().join("a/b/c.txt"))?, b"1");
    assert_eq!(fs::read(home.path().join("d/e/f"))?, b"2");
    Ok(())
}

#[test]
fn a_file_that_cannot_take_its_name_leaves_nothing_behind() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("taken");
    fs::create_dir(&path)?;
    let error = write_whole(&path, b"1").expect_err("a folder stands there");
    assert!(error.to_string().contains("taken"), "{error}");
    assert_eq!(names(home.path()), ["taken"]);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_new_file_is_no_more_private_than_its_neighbours() -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir()?;
    let mode = |name: &str| -> io::Result<u32> {
        Ok(fs::metadata(home.path().join(name))?.permissions().mode())
    };
    fs::write(home.path().join("plain"), b"")?;
    write_whole(home.path().join("whole"), b"")?;
    assert_eq!(mode("plain")?, mode("whole")?);

    fs::create_dir(home.path().join("plain_folder"))?;
    write_folder(home.path().join("whole_folder"), |_| Ok::<_, io::Error>(()))?;
    assert_eq!(mode("plain_folder")?, mode("whole_folder")?);

    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(home.path().join("whole"), private)?;
    write_whole(home.path().join("whole"), b"again")?;
    assert_eq!(mode("whole")? & 0o777, 0o600);
    Ok(())
}

#[test]
fn a_folder_is_replaced_whole() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    write_folder(&path, |folder| {
        fs::write(folder.join("weights"), b"old")?;
        fs::write(folder.join("only_old"), b"old")
    })?;
    write_folder(&path, |folder| {
        fs::create_dir(folder.join("deep"))?;
        fs::write(folder.join("deep/weights"), b"new")
    })?;
    assert_eq!(names(&path), ["deep"]);
    assert_eq!(fs::read(path.join("deep/weights"))?, b"new");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
#[test]
fn a_folder_has_its_name_at_any_moment_of_being_replaced() -> io::Result<()> {
    use std::sync::atomic::{AtomicBool, Ordering};
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    let write = |text: &str| write_folder(&path, |folder| fs::write(folder.join("weights"), text));
    write("0")?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| -> io::Result<()> {
        let looked = scope.spawn(|| {
            let mut absent = 0;
            while !done.load(Ordering::Relaxed) {
                absent += usize::from(!path.is_dir());
            }
            absent
        });
        let written = (1..=100).try_for_each(|round| write(&round.to_string()));
        done.store(true, Ordering::Relaxed);
        assert_eq!(
            looked.join().expect("it only looks"),
            0,
            "times without a folder"
        );
        written
    })?;
    assert_eq!(fs::read(path.join("weights"))?, b"100");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[test]
fn a_failing_filler_leaves_the_old_folder_alone() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    write_folder(&path, |folder| fs::write(folder.join("weights"), b"old"))?;
    let error = write_folder(&path, |folder| {
        assert_eq!(folder.parent(), Some(home.path()));
        fs::write(folder.join("weights"), b"half")?;
        Err(io::Error::other("out of ink"))
    })
    .expect_err("the filler failed");
    assert_eq!(error.to_string(), "out of ink");
    assert_eq!(fs::read(path.join("weights"))?, b"old");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[test]
fn a_failing_first_write_leaves_nothing() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    write_folder(&path, |_| Err(io::Error::other("out of ink"))).expect_err("the filler failed");
    assert!(names(home.path()).is_empty());
    Ok(())
}

#[test]
fn a_swap_that_fails_puts_the_old_folder_back() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    write_folder(&path, |folder| fs::write(folder.join("weights"), b"old"))?;
    // A filler that takes its own folder away makes the swap fail.
    write_folder(&path, |folder| fs::remove_dir(folder)).expect_err("nothing to put in place");
    assert_eq!(fs::read(path.join("weights"))?, b"old");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[test]
fn a_panicking_filler_leaves_the_old_folder_alone() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    write_folder(&path, |folder| fs::write(folder.join("weights"), b"old"))?;
    let outcome = std::panic::catch_unwind(|| {
        write_folder(&path, |folder| -> io::Result<()> {
            fs::write(folder.join("weights"), b"half")?;
            panic!("on purpose")
        })
    });
    assert!(outcome.is_err());
    assert_eq!(fs::read(path.join("weights"))?, b"old");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[test]
fn a_file_in_the_way_of_a_folder_is_refused_before_the_work() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("model");
    fs::write(&path, b"a file")?;
    let error = write_folder(&path, |_| -> io::Result<()> {
        panic!("must not be asked to fill")
    })
    .expect_err("a file stands there");
    assert!(error.to_string().contains("model"), "{error}");
    assert_eq!(names(home.path()), ["model"]);
    Ok(())
}

#[test]
fn a_path_without_a_name_is_refused() {
    assert!(write_whole("/", b"").is_err());
    assert!(write_folder("..", |_| Ok::<_, io::Error>(())).is_err());
}

/// A leftover of yesterday: a folder with a file in it.
#[cfg(unix)]
fn leftover(path: &std::path::Path) {
    std::fs::create_dir_all(path).unwrap();
    std::fs::write(path.join("weights"), "half").unwrap();
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
    let folder = std::fs::File::open(path).unwrap();
    folder.set_modified(yesterday).unwrap();
}

#[cfg(unix)]
#[test]
fn what_a_killed_process_left_is_cleared_away_by_the_next_writing() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let left = [
        ".run.aB3xYz.partial",
        ".run.q1.old",
        ".run.json.Zz9.partial",
    ]
    .map(at);
    // Of other targets, or nobody's.
    let others = [
        ".run2.aB3xYz.partial",
        ".run.a.b.partial",
        ".run.partial",
        "run.aB3.partial",
    ]
    .map(at);
    for path in left.iter().chain(&others) {
        leftover(path);
    }
    recburn_files::write_folder(at("run"), |folder| std::fs::write(folder.join("a"), "b")).unwrap();
    assert!(!left[0].exists() && !left[1].exists() && left[2].exists());
    recburn_files::write_whole(at("run.json"), b"{}").unwrap();
    assert!(!left[2].exists());
    assert!(others.iter().all(|path| path.exists()));
}

#[cfg(unix)]
#[test]
fn a_folder_that_a_killed_process_moved_aside_is_put_back() {
    let home = tempfile::tempdir().unwrap();
    let run = home.path().join("run");
    assert!(!recburn_files::restore(&run).unwrap());
    let aside = home.path().join(".run.x7.old");
    std::fs::create_dir_all(aside.join("run")).unwrap();
    std::fs::write(aside.join("run/a"), "whole").unwrap();
    leftover(&aside);
    std::fs::remove_file(aside.join("weights")).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    std::fs::File::open(&aside)
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert!(recburn_files::restore(&run).unwrap());
    assert_eq!(std::fs::read_to_string(run.join("a")).unwrap(), "whole");
    assert!(!aside.exists());
    // What is there is not replaced.
    assert!(!recburn_files::restore(&run).unwrap());
}

#[cfg(unix)]
#[test]
fn of_several_folders_that_were_moved_aside_the_last_one_is_put_back_at_once() {
    let home = tempfile::tempdir().unwrap();
    let run = home.path().join("run");
    // Each had been replaced but the last one, and the removal of the first one was cut short.
    for (aside, seconds, file) in [
        (".run.a1.old", 60, "b"),
        (".run.c3.old", 0, "a"),
        (".run.b2.old", 30, "a"),
    ] {
        let aside = home.path().join(aside);
        std::fs::create_dir_all(aside.join("run")).unwrap();
        std::fs::write(aside.join("run").join(file), seconds.to_string()).unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
        let folder = std::fs::File::open(&aside).unwrap();
        folder.set_modified(then).unwrap();
    }
    assert!(recburn_files::restore(&run).unwrap());
    assert_eq!(std::fs::read_to_string(run.join("a")).unwrap(), "0");
    // Nothing is left of the others, nor of what is put back where nothing was missing.
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    leftover(&home.path().join(".run.d4.old"));
    assert!(!recburn_files::restore(&run).unwrap());
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_removed_folder_is_gone_with_its_contents() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    assert!(!recburn_files::remove_folder(&folder).unwrap());
    fs::create_dir_all(folder.join("deep")).unwrap();
    fs::write(folder.join("deep/file"), "text").unwrap();
    assert!(recburn_files::remove_folder(&folder).unwrap());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}
