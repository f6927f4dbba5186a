//! `recburn models`.

use crate::commands::experiment::set_options;
use crate::commands::opening::Opening;
use crate::output::{Output, bold, table};
use anyhow::Result;
use clap::{Args, Subcommand};
use recburn::classical::{self, methods};
use recburn::models::{Schema, find, nominal_schema, zoo};
use recburn::prelude::diagram;
use recburn::recipe::{Recipe, Training};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;

/// The models: list, show
#[derive(Subcommand)]
pub enum Models {
    /// List the models
    List(List),
    /// Show a model: formula, options, presets, summary, diagram
    Show(Show),
}

impl Models {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        match self {
            Self::List(list) => list.run(output),
            Self::Show(show) => show.run(output),
        }
    }
}

const LIST_HELP: &str = "\
Examples:
  recburn models list
  recburn models list mf        models with `mf` in their name or formula
  recburn models list '*_mf'    a * matches anything";

/// List the models
#[derive(Args)]
#[command(after_help = LIST_HELP)]
pub struct List {
    /// Part of a name or formula, or a pattern with *
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    about: &'static str,
    presets: Vec<&'static str>,
}

impl List {
    fn run(&self, output: &Output) -> Result<()> {
        let filter = self.filter.as_deref().unwrap_or("");
        let of_steps = zoo().into_iter().map(|entry| (entry.name, entry.about));
        let whole = methods().into_iter().map(|entry| (entry.name, entry.about));
        let listed: Vec<Listed> = of_steps
            .chain(whole)
            .filter(|(name, about)| matches(filter, name) || matches(filter, about))
            .map(|(name, about)| {
                let presets = Recipe::presets(name)?;
                Ok(Listed {
                    name,
                    about,
                    presets: presets.into_iter().map(|(name, _)| name).collect(),
                })
            })
            .collect::<Result<_>>()?;
        let mut rows = vec![["model", "score", "presets"].map(str::to_string).to_vec()];
        for model in &listed {
            rows.push(vec![
                model.name.to_string(),
                model.about.to_string(),
                model.presets.join(", "),
            ]);
        }
        let text = match listed.is_empty() {
            true => format!("no model matches `{filter}`"),
            false => table(&rows),
        };
        output.answer(&listed, text)
    }
}

/// Whether the text contains the parts of the pattern in order; a pattern without `*` may match anywhere.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    if !pattern.contains('*') {
        return text.contains(first);
    }
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    true
}

const SHOW_HELP: &str = "\
Examples:
  recburn models show concat_mlp
  recburn models show biased_mf --preset small18 --data ml-latest-small
  recburn models show residual_mf -o hidden=64 --users 1000 --items 2000 --diagram out/residual";

/// Show a model: formula, options, presets, summary, diagram
#[derive(Args)]
#[command(after_help = SHOW_HELP)]
pub struct Show {
    /// Name of the model
    #[arg(value_name = "MODEL")]
    name: String,
    /// Named hyper-parameters
    #[arg(long, value_name = "NAME", default_value = "default")]
    preset: String,
    /// An option of the model, may be repeated; the value is JSON or a word
    #[arg(long, short = 'o', value_name = "NAME=VALUE")]
    option: Vec<String>,
    /// Rows of the user tables
    #[arg(long, value_name = "N", default_value_t = 943)]
    users: usize,
    /// Rows of the item tables
    #[arg(long, value_name = "N", default_value_t = 1_682)]
    items: usize,
    /// Take the sizes of the tables from this data set
    #[arg(long, value_name = "NAME|PATH", conflicts_with_all = ["users", "items"])]
    data: Option<String>,
    /// Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1)
    #[arg(long, value_name = "COLUMNS")]
    columns: Option<String>,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Write diagram.svg, .png, .mmd (Mermaid) and .dot (Graphviz) into this folder
    #[arg(long, value_name = "DIR")]
    diagram: Option<PathBuf>,
}

/// Advice on penalties, shown for every model that has one.
const PENALTIES: &str = "\
  l2 is a penalty on whole tables, as in Keras (l2_on = table): with adam or adagrad every row moves at every step, so
  exact training slows down as the tables grow relative to the batch. For tables of a million weights or more, use
    -o l2_on=batch   a penalty only on the rows of the batch, by how often they occur (RecBole, MyMediaLite)
    --rule adamw     decoupled weight decay (Keras, PyTorch), with -o l2=0: exact, at the cost of the batch
";

#[derive(Serialize)]
struct Preset {
    name: &'static str,
    source: String,
    options: Value,
    training: Training,
}

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    about: &'static str,
    options: Value,
    presets: Vec<Preset>,
    parameters: usize,
    graph: recburn::graph::Graph,
}

#[derive(Serialize)]
struct Whole {
    name: &'static str,
    about: &'static str,
    options: Value,
}

impl Show {
    fn run(&self, output: &Output) -> Result<()> {
        if let Ok(entry) = classical::find(&self.name) {
            return self.whole(&entry, output);
        }
        let entry = find(&self.name)?;
        let mut preset = Recipe::preset(entry.name, &self.preset)?;
        set_options(entry.name, &mut preset.options, &self.option)?;
        let schema = self.schema(&preset.training.ids, output)?;
        let graph = entry.graph(&preset.options, &schema)?;
        if let Some(folder) = &self.diagram {
            diagram(&graph)?.save(folder, "diagram")?;
            let text = |name: &str, text: String| {
                recburn::files::write_whole(folder.join(name), text.as_bytes())
            };
            text("diagram.mmd", graph.mermaid())?;
            text("diagram.dot", graph.dot())?;
        }
        let mut text = format!(
            "{}: {}\n\n{}\n",
            bold(entry.name),
            entry.about,
            graph.summary()
        );
        text += &format!("{} (preset {}):\n", bold("options"), self.preset);
        for (name, value) in preset.options.as_object().into_iter().flatten() {
            text += &format!("  {name} = {value}\n");
        }
        if preset.options.get("l2").is_some() {
            text += PENALTIES;
        }
        text += &format!("{}:\n", bold("presets"));
        let presets: Vec<Preset> = Recipe::presets(entry.name)?
            .into_iter()
            .map(|(name, recipe)| Preset {
                name,
                source: recipe.source,
                options: recipe.options,
                training: recipe.training,
            })
            .collect();
        for preset in &presets {
            text += &format!(
                "  {}: {}, on {}\n",
                preset.name, preset.source, preset.training.data
            );
        }
        match &self.diagram {
            Some(folder) => text += &format!("diagram: {}\n", folder.display()),
            None => text += &format!("{} (Mermaid):\n{}", bold("diagram"), graph.mermaid()),
        }
        let shown = Shown {
            name: entry.name,
            about: entry.about,
            options: preset.options,
            presets,
            parameters: graph.parameters().total(),
            graph,
        };
        output.answer(&shown, text)
    }

    /// Shows a model that is fitted as a whole, which has no graph.
    fn whole(&self, entry: &classical::Entry, output: &Output) -> Result<()> {
        let mut options = (entry.options)();
        set_options(entry.name, &mut options, &self.option)?;
        entry.from_options(options.clone())?;
        let mut text = format!(
            "{}: {}\n\n{}:\n",
            bold(entry.name),
            entry.about,
            bold("options")
        );
        for (name, value) in options.as_object().into_iter().flatten() {
            text += &format!("  {name} = {value}\n");
        }
        text += "It is fitted as a whole: it has no graph, no epochs and no tables of embeddings.";
        let shown = Whole {
            name: entry.name,
            about: entry.about,
            options,
        };
        output.answer(&shown, text)
    }

    /// What the data offer; without data, what MovieLens 100K does.
    fn schema(&self, ids: &str, output: &Output) -> Result<Schema> {
        let opening = Opening {
            columns: self.columns.clone(),
            data_dir: self.data_dir.clone(),
            ..Opening::default() // --items is the size of a table here
        };
        opening.check(self.data.as_deref())?;
        let Some(data) = &self.data else {
            return Ok(nominal_schema(self.users, self.items));
        };
        let how = opening.how(ids)?;
        let dataset = how.open(data)?;
        output.warn(&dataset.warnings)?;
        Ok(dataset.schema_for(&dataset.ratings))
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_without_a_star_stands_anywhere_and_one_with_it_spans_the_name() {
        assert!(matches("mf", "biased_mf") && matches("", "gmf"));
        assert!(matches("*_mf", "biased_mf") && !matches("*_mf", "concat_mlp"));
        assert!(matches("c*t*p", "concat_mlp") && !matches("c*x*p", "concat_mlp"));
        assert!(matches("g*", "gmf") && !matches("mf*", "gmf"));
    }
}
