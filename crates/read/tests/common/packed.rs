//! Files packed by gzip and into zip archives.

use std::io::Write;

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

/// Packed by gzip.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(content).expect("memory takes everything");
    packed.finish().expect("memory takes everything")
}

/// A zip archive of these files: packed ones for paths of odd length, others stored as they are.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut sum = Crc::new();
        sum.update(content);
        let deflated = name.len() % 2 == 1;
        let packed = match deflated {
            true => {
                let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
                packed.write_all(content).expect("memory takes everything");
                packed.finish().expect("memory takes everything")
            }
            false => content.to_vec(),
        };
        // What both headers say: version, flags, method, time, date, check sum, sizes, lengths of name and extra field.
        let mut about = Vec::new();
        for number in [20, 0, if deflated { 8 } else { 0 }, 0, 33_u16] {
            about.extend_from_slice(&number.to_le_bytes());
        }
        for number in [sum.sum(), packed.len() as u32, content.len() as u32] {
            about.extend_from_slice(&number.to_le_bytes());
        }
        about.extend_from_slice(&(name.len() as u16).to_le_bytes());
        about.extend_from_slice(&[0; 2]);
        let start = archive.len() as u32;
        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&about);
        archive.extend_from_slice(name.as_bytes());
        archive.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&about);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, count) = (archive.len() as u32, files.len() as u16);
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    archive.extend_from_slice(&start.to_le_bytes());
    archive.extend_from_slice(&[0; 2]);
    archive
}
