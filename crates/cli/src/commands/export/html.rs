//! A model as a page that needs no service.

use crate::commands::saved::{Saved, unverified};
use crate::output::{Output, place};
use anyhow::Result;
use recburn::data::thousands;
use recburn::files::write_whole;
use recburn::pick_device;
use recburn_serve::exported_page;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    name: &'a str,
    items: usize,
    bytes: usize,
}

/// Writes the page, whole or not at all.
pub fn write(saved: &Saved, out: &Path, output: &Output) -> Result<()> {
    let output = output.next_to(out);
    let folder = saved.folder()?;
    let page = exported_page(&folder, &pick_device(saved.device.as_deref())?)?;
    if !page.verified {
        output.note(Some(unverified(&folder.display().to_string())))?;
    }
    write_whole(out, page.html.as_bytes())?;
    let text = format!(
        "{}: {} items, {:.1} MB, in {}: open it in a browser",
        page.name,
        thousands(page.items),
        page.html.len() as f64 / 1e6,
        place(out)
    );
    let written = Written {
        file: out,
        name: &page.name,
        items: page.items,
        bytes: page.html.len(),
    };
    output.answer(&written, text)
}
