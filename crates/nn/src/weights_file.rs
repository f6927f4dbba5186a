//! Safetensors files of 32-bit floats, read and written a few numbers at a time.

use crate::weights::{Weight, WeightsError, finite, header_of};
use safetensors::tensor::{Dtype, Metadata, SafeTensorError};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The length of the number at the beginning, which is that of the header.
const LENGTH: usize = 8;

/// The longest header that is read, as in the library.
const MOST_HEADER: u64 = 100_000_000;

/// Numbers read at a time, 1 MiB.
const AT_ONCE: usize = 1 << 18;

/// A safetensors file whose header has been read. Its numbers stay in the file until they are asked for.
#[derive(Debug)]
pub struct WeightsFile {
    path: PathBuf,
    file: File,
    metadata: Metadata,
    /// Where the numbers begin.
    begin: u64,
}

impl WeightsFile {
    /// Opens a file.
    ///
    /// # Errors
    /// [`WeightsError::Read`], and [`WeightsError::Format`] where it is none.
    pub fn open(path: &Path) -> Result<Self, WeightsError> {
        let read = |source| WeightsError::Read {
            path: path.to_path_buf(),
            source,
        };
        let format = |error: SafeTensorError| WeightsError::Format {
            path: path.to_path_buf(),
            reason: error.to_string(),
        };
        let mut file = File::open(path).map_err(read)?;
        let whole = file.metadata().map_err(read)?.len();
        let mut length = [0; LENGTH];
        if whole < LENGTH as u64 {
            return Err(format(SafeTensorError::HeaderTooSmall));
        }
        file.read_exact(&mut length).map_err(read)?;
        let length = u64::from_le_bytes(length);
        if length > MOST_HEADER {
            return Err(format(SafeTensorError::HeaderTooLarge));
        }
        let begin = LENGTH as u64 + length;
        if begin > whole {
            return Err(format(SafeTensorError::InvalidHeaderLength));
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header).map_err(read)?;
        let header = std::str::from_utf8(&header)
            .map_err(|error| format(SafeTensorError::InvalidHeader(error)))?;
        let metadata: Metadata = serde_json::from_str(header)
            .map_err(|error| format(SafeTensorError::InvalidHeaderDeserialization(error)))?;
        if metadata.data_len() as u64 != whole - begin {
            return Err(format(SafeTensorError::MetadataIncompleteBuffer));
        }
        Ok(Self {
            path: path.to_path_buf(),
            file,
            metadata,
            begin,
        })
    }

    /// The names of its tensors, in the order of the file.
    pub fn names(&self) -> Vec<String> {
        self.metadata.offset_keys()
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.metadata.info(name)?.shape)
    }

    /// Passes on the numbers of a tensor in their order, whole rows of `row` numbers at a time.
    ///
    /// # Errors
    /// If there is no such tensor, it has other numbers, or one of them is not finite; and what the system refuses.
    pub fn each(
        &mut self,
        name: &str,
        row: usize,
        mut take: impl FnMut(&[f32]),
    ) -> Result<(), WeightsError> {
        let Some(info) = self.metadata.info(name) else {
            return Err(WeightsError::Missing {
                name: name.to_string(),
                seen: self.names().join(", "),
            });
        };
        if info.dtype != Dtype::F32 {
            return Err(WeightsError::Numbers {
                path: self.path.clone(),
                name: name.to_string(),
                seen: info.dtype.to_string(),
            });
        }
        let (from, to) = info.data_offsets;
        let (begin, mut left) = (self.begin + from as u64, (to - from) / size_of::<f32>());
        let path = &self.path;
        let failed = |source: io::Error| WeightsError::Read {
            path: path.clone(),
            source,
        };
        self.file.seek(SeekFrom::Start(begin)).map_err(failed)?;
        let row = row.max(1);
        let most = (AT_ONCE / row).max(1) * row;
        let mut bytes = vec![0; most.min(left) * size_of::<f32>()];
        let mut numbers = Vec::with_capacity(most.min(left));
        let mut first = 0;
        while left > 0 {
            let count = most.min(left);
            let bytes = &mut bytes[..count * size_of::<f32>()];
            self.file.read_exact(bytes).map_err(failed)?;
            let (four, _) = bytes.as_chunks();
            numbers.clear();
            numbers.extend(four.iter().map(|&four| f32::from_le_bytes(four)));
            finite(path, name, &numbers, first)?;
            take(&numbers);
            first += count;
            left -= count;
        }
        Ok(())
    }

    /// A whole tensor.
    ///
    /// # Errors
    /// As [`WeightsFile::each`].
    pub fn read(&mut self, name: &str) -> Result<Weight, WeightsError> {
        let shape = self.shape(name).unwrap_or_default().to_vec();
        let mut values = Vec::with_capacity(shape.iter().product());
        self.each(name, 1, |numbers| values.extend_from_slice(numbers))?;
        Ok(Weight { shape, values })
    }
}

/// Takes the numbers of a tensor as they come.
pub type Sink<'a> = dyn FnMut(&[f32]) -> Result<(), WeightsError> + 'a;

/// Writes a safetensors file, completely or not at all, of tensors of these shapes. `fill` is called for each of them in the
/// order of their names, and passes its numbers on, so that they need not be in memory together. Numbers that do not fill
/// their shape, or are not finite, are refused.
///
/// # Errors
/// Those of `fill`, and [`WeightsError`].
pub fn write_numbers<E: From<WeightsError>>(
    path: &Path,
    shapes: &BTreeMap<String, Vec<usize>>,
    mut fill: impl FnMut(&str, &mut Sink<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let header = header_of(shapes, &BTreeMap::new());
    let mut failed = None;
    let written = recburn_files::write_with(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        for (name, shape) in shapes {
            let mut seen = 0;
            let filled = fill(name, &mut |numbers: &[f32]| {
                finite(path, name, numbers, seen)?;
                seen += numbers.len();
                let mut each = numbers.iter();
                each.try_for_each(|number| file.write_all(&number.to_le_bytes()))?;
                Ok(())
            });
            let counted = filled.and_then(|()| match seen == shape.iter().product::<usize>() {
                true => Ok(()),
                false => Err(E::from(WeightsError::Count {
                    name: name.clone(),
                    shape: shape.clone(),
                    seen,
                })),
            });
            if let Err(error) = counted {
                failed = Some(error);
                return Err(io::Error::other("its numbers are refused"));
            }
        }
        Ok(())
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(written.map_err(WeightsError::from)?),
    }
}
