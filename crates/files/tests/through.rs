//! Only nothing or a regular file is renamed over: links, devices, pipes and sockets are still there afterwards.

use recburn_files::{WholeFile, is_stdout, write_folder, write_whole};
use std::fs;
use std::io::{self, Write};

#[test]
fn a_folder_in_the_place_of_a_file_is_refused_before_the_work_and_says_what_it_is() -> io::Result<()>
{
    let home = tempfile::tempdir()?;
    let path = home.path().join("results");
    fs::create_dir(&path)?;
    for path in [path.clone(), path.join("")] {
        let error = WholeFile::begin(&path).map(|_| ()).expect_err("a folder");
        let text = error.to_string();
        assert!(
            text.contains("results") && text.contains("folder"),
            "{text}"
        );
    }
    // A name that only a folder can have, where there is nothing yet.
    let error = write_whole(home.path().join("new/"), b"1").expect_err("a folder's name");
    assert!(error.to_string().contains("folder"), "{error}");
    assert_eq!(fs::read_dir(home.path())?.count(), 1);
    Ok(())
}

#[test]
fn standard_output_is_a_dash_and_no_folder() {
    assert!(is_stdout("-") && is_stdout("/dev/stdout"));
    assert!(!is_stdout("./-") && !is_stdout("a-"));
    let error = write_folder("-", |_| Ok::<_, io::Error>(())).expect_err("no folder");
    assert!(error.to_string().contains("standard output"), "{error}");
}

#[test]
fn a_file_that_is_dropped_before_its_end_leaves_nothing() -> io::Result<()> {
    let home = tempfile::tempdir()?;
    let path = home.path().join("rows.csv");
    let mut file = WholeFile::begin(&path)?;
    file.write_all(b"half")?;
    drop(file);
    let mut file = WholeFile::begin(&path)?;
    file.write_all(b"all but the name")?;
    drop(file.finish()?);
    assert_eq!(fs::read_dir(home.path())?.count(), 0);
    Ok(())
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::process::Command;

    fn is_link(path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink())
    }

    #[test]
    fn the_file_behind_links_is_replaced_and_the_links_stay() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        fs::create_dir(home.path().join("disk"))?;
        let file = home.path().join("disk/rows.csv");
        fs::write(&file, b"old")?;
        // A link to a link, each relative to its own folder.
        symlink("disk/rows.csv", home.path().join("near"))?;
        symlink("../near", home.path().join("disk/far"))?;
        let far = home.path().join("disk/far");
        write_whole(&far, b"new")?;
        assert!(is_link(&far) && is_link(&home.path().join("near")));
        assert!(!is_link(&file));
        assert_eq!(fs::read(&file)?, b"new");
        assert_eq!(fs::read_dir(home.path().join("disk"))?.count(), 2);
        Ok(())
    }

    #[test]
    fn a_link_to_nothing_yet_makes_the_file_it_names() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let link = home.path().join("link");
        symlink("to/be/made.csv", &link)?;
        write_whole(&link, b"new")?;
        assert!(is_link(&link));
        assert_eq!(fs::read(home.path().join("to/be/made.csv"))?, b"new");
        Ok(())
    }

    #[test]
    fn links_in_a_circle_are_refused() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        symlink("b", home.path().join("a"))?;
        symlink("a", home.path().join("b"))?;
        let error = write_whole(home.path().join("a"), b"new").expect_err("a circle");
        assert!(error.to_string().contains("cannot write"), "{error}");
        assert!(is_link(&home.path().join("a")) && is_link(&home.path().join("b")));
        Ok(())
    }

    #[test]
    fn a_folder_behind_a_link_is_replaced_and_the_link_stays() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let link = home.path().join("latest");
        fs::create_dir(home.path().join("run"))?;
        fs::write(home.path().join("run/old"), b"")?;
        symlink("run", &link)?;
        write_folder(&link, |folder| fs::write(folder.join("new"), b"1"))?;
        assert!(is_link(&link));
        assert!(home.path().join("run/new").exists() && !home.path().join("run/old").exists());
        Ok(())
    }

    #[test]
    fn a_device_behind_a_link_is_written_to() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let link = home.path().join("nowhere");
        symlink("/dev/null", &link)?;
        write_whole(&link, b"into the void")?;
        assert!(is_link(&link));
        assert!(fs::metadata("/dev/null")?.file_type().is_char_device());
        // A device that takes nothing says so.
        if Path::new("/dev/full").exists() {
            let error = write_whole("/dev/full", b"1").expect_err("no room");
            assert!(error.to_string().contains("/dev/full"), "{error}");
        }
        Ok(())
    }

    #[test]
    fn a_named_pipe_is_written_through_and_stays() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let pipe = home.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe)
        });
        write_whole(&pipe, b"through")?;
        assert_eq!(reader.join().expect("the reader ends")?, b"through");
        assert!(fs::symlink_metadata(&pipe)?.file_type().is_fifo());
        Ok(())
    }

    #[test]
    fn a_socket_is_written_through_and_stays() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let path = home.path().join("socket");
        let listener = UnixListener::bind(&path)?;
        let reader = std::thread::spawn(move || -> io::Result<Vec<u8>> {
            let mut seen = Vec::new();
            listener.accept()?.0.read_to_end(&mut seen)?;
            Ok(seen)
        });
        write_whole(&path, b"through")?;
        assert_eq!(reader.join().expect("the reader ends")?, b"through");
        assert!(fs::symlink_metadata(&path)?.file_type().is_socket());
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_by_its_number_is_written_into_and_not_replaced() -> io::Result<()> {
        use std::os::fd::AsRawFd;
        use std::os::unix::fs::MetadataExt;
        let home = tempfile::tempdir()?;
        let path = home.path().join("log");
        let mut log = fs::File::create(&path)?;
        log.write_all(b"before ")?;
        let number = fs::metadata(&path)?.ino();
        write_whole(format!("/dev/fd/{}", log.as_raw_fd()), b"after")?;
        assert_eq!(fs::read(&path)?, b"before after");
        assert_eq!(fs::metadata(&path)?.ino(), number);
        Ok(())
    }
}
