//! A small disk, which can be full.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The unit in which a tmpfs takes space.
const PAGE: usize = 4 << 10;

/// A tmpfs, unmounted at the end.
pub struct SmallDisk {
    home: TempDir,
}

impl SmallDisk {
    /// With so many bytes. Where nothing can be mounted, as by most users, the test says so and passes.
    pub fn of(bytes: usize) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(home.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { home });
        }
        println!("skipped: no tmpfs can be mounted here");
        None
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Fills it up to so many bytes, rounded up to whole pages.
    pub fn fill(&self, left: usize) {
        self.empty();
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.filler())
            .unwrap();
        while file.write_all(&[7; PAGE]).is_ok() {}
        let length = file.metadata().unwrap().len() as usize / PAGE;
        let kept = length.checked_sub(left.div_ceil(PAGE)).unwrap();
        file.set_len((kept * PAGE) as u64).unwrap();
    }

    /// Takes the filling out.
    pub fn empty(&self) {
        let _ = fs::remove_file(self.filler());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // At once for everybody, although a process may still have a file open.
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
        assert!(unmounted.unwrap().success());
    }
}
