//! Cards as Markdown.

use crate::card::{Card, RunEntry};
use crate::describe::ties;
use crate::figures::Group;
use recburn_data::{TiedLast, thousands};
use std::fmt::Write;

impl Card {
    /// The card as Markdown: measures next to those of the baselines, the protocol, the runs, the options and the machine.
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "# {} under {}\n\n",
            in_line(&self.model),
            self.protocol.name
        );
        if let Some(verdict) = &self.verdict {
            text += &format!("**{}**\n\n", in_line(verdict));
        }
        text += &self.measures();
        text += "\n## Protocol\n\n";
        for line in self.protocol.describe().lines() {
            text += &format!("- {line}\n");
        }
        text += &self.data_lines();
        text += "\n## Runs\n\n";
        text += &self.runs_table();
        text += &format!(
            "\n## Options\n\n```json\n{}\n```\n",
            serde_json::to_string_pretty(&self.options).unwrap_or_default()
        );
        text + &self.machine_lines()
    }

    fn measures(&self) -> String {
        let names = self.baselines.iter().map(|baseline| baseline.name.clone());
        let mut header = vec!["measure".to_string(), self.model.clone()];
        let is_folded = self.summary.iter().any(|one| one.fold_deviation.is_some());
        let is_seeded = self.summary.iter().any(|one| one.seed_deviation.is_some());
        if is_folded {
            header.push("± folds".to_string());
        }
        if is_seeded {
            header.push("± seeds".to_string());
        }
        header.extend(names);
        let mut text = row(&header);
        text += &rule(header.len(), 1);
        for one in &self.summary {
            let mut cells = vec![one.measure.clone(), figure(Some(one.mean))];
            if is_folded {
                cells.push(figure(one.fold_deviation));
            }
            if is_seeded {
                cells.push(figure(one.seed_deviation));
            }
            let others = self.baselines.iter();
            cells.extend(others.map(|baseline| figure(baseline.mean.get(&one.measure))));
            text += &row(&cells);
        }
        text
    }

    fn data_lines(&self) -> String {
        let data = &self.data;
        let mut text = format!(
            "- At hand: {} ratings by {} users of {} items, checksum of the file {}.\n",
            thousands(data.ratings),
            thousands(data.users),
            thousands(data.items),
            data.checksum
        );
        let is_by_time = self
            .protocol
            .folds
            .iter()
            .any(|fold| ties(&fold.split).is_some());
        if let Some(tied) = data.tied_last.filter(|_| is_by_time) {
            text += &format!("- {}.\n", TiedLast::from(tied));
        }
        if !data.features.is_empty() {
            text += &format!("- Features at hand: {}.\n", data.features.join(", "));
        }
        text
    }

    fn runs_table(&self) -> String {
        let measures = self.protocol.task.main_measures();
        let headline = measures.first().cloned().unwrap_or_default();
        let mut header: Vec<String> = [
            "split",
            "fingerprint",
            "seed",
            "train / valid / test",
            "cold rows",
        ]
        .map(String::from)
        .into();
        header.extend(measures.iter().cloned());
        header.extend([format!("{headline}, warm"), format!("{headline}, cold")]);
        header.extend(["fit s", "fit CPU s", "score s", "epochs", "peak MiB"].map(String::from));
        let mut text = row(&header);
        text += &rule(header.len(), 2);
        for run in &self.runs {
            text += &row(&cells(run, &measures, &headline));
        }
        text
    }

    fn machine_lines(&self) -> String {
        let machine = &self.machine;
        let mut text = format!(
            "\n## Machine\n\n{}, {}, {}, {}.",
            in_line(machine.processor.as_deref().unwrap_or("unknown processor")),
            count(machine.cores, "core"),
            count(machine.threads, "thread"),
            machine.system
        );
        for (name, version) in &self.versions {
            // Writing to memory does not fail.
            let _ = write!(text, " {name} {version}.");
        }
        text + "\n"
    }
}

fn cells(run: &RunEntry, measures: &[String], headline: &str) -> Vec<String> {
    let figures = &run.figures;
    let of = |group: &Option<Group>| {
        let group = group.as_ref();
        figure(group.and_then(|group| group.measures.get(headline)))
    };
    let rows = [run.rows.train, run.rows.valid, run.rows.test].map(thousands);
    let mut cells = vec![
        run.fold.clone(),
        run.fingerprint.to_string(),
        run.seed.to_string(),
        rows.join(" / "),
        thousands(run.cold.rows),
    ];
    let own = measures.iter();
    cells.extend(own.map(|measure| figure(figures.all.measures.get(measure))));
    cells.extend([of(&figures.warm), of(&figures.cold)]);
    let seconds = |seconds: f64| format!("{seconds:.2}");
    cells.extend([
        seconds(run.fit.seconds),
        run.fit.cpu_seconds.map_or_else(none, seconds),
        seconds(run.score.seconds),
        run.epochs.map_or_else(none, |epochs| epochs.to_string()),
        run.peak_memory
            .map_or_else(none, |bytes| thousands((bytes >> 20) as usize)),
    ]);
    cells
}

fn count(count: usize, of: &str) -> String {
    match count {
        1 => format!("1 {of}"),
        _ => format!("{count} {of}s"),
    }
}

/// A cell without a value.
fn none() -> String {
    "–".to_string()
}

/// Four digits after the point.
pub(crate) fn figure(value: Option<f64>) -> String {
    // An empty sum is -0.0.
    value.map_or_else(none, |value| format!("{:.4}", value + 0.0))
}

/// A row of a table.
pub(crate) fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| in_line(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The line below the header; columns after the first few hold numbers.
pub(crate) fn rule(columns: usize, texts: usize) -> String {
    let one = |column: usize| if column < texts { " --- |" } else { " ---: |" };
    format!("|{}\n", (0..columns).map(one).collect::<String>())
}

/// Text that cannot end a cell or a line.
pub(crate) fn in_line(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
