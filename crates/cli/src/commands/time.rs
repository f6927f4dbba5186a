//! Times as flags.

use recburn::train::Trainer;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// A time such as 2s, 500ms, 1m or 1.5 (seconds).
pub fn time(text: &str) -> Result<Duration, String> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic());
    let (number, unit) = text.split_at(unit.unwrap_or(text.len()));
    let seconds = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err("a time is a number with ms, s, m or h, such as 2s".to_string()),
    };
    let number: f64 = number
        .trim()
        .parse()
        .map_err(|_| "a time is a number with ms, s, m or h, such as 2s".to_string())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())
}

/// How often something is written: after so many epochs, or after every one and whenever this much time has passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Every {
    Epochs(usize),
    Time(Duration),
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(epochs) = text.parse() {
            return Ok(Self::Epochs(epochs));
        }
        let wrong = || "a number of epochs, or a time with ms, s, m or h, such as 10m".to_string();
        match text.ends_with(|last: char| last.is_ascii_alphabetic()) {
            true => time(text).map(Self::Time).map_err(|_| wrong()),
            false => Err(wrong()),
        }
    }
}

impl Every {
    /// A trainer that writes its checkpoints to this folder so often.
    pub fn checkpoint(self, trainer: Trainer, folder: &Path) -> Trainer {
        match self {
            Self::Epochs(0) => trainer,
            Self::Epochs(epochs) => trainer.checkpoint(folder, epochs),
            Self::Time(time) => trainer.checkpoint(folder, 1).checkpoint_within(time),
        }
    }
}

/// Where training continues from.
pub fn continuing(trainer: &Trainer) -> String {
    let epochs = trainer.history().epochs.len();
    match trainer.steps_within() {
        0 => format!("continuing after epoch {epochs}"),
        step => format!("continuing after step {step} of epoch {}", epochs + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(time("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1.5"), Ok(Duration::from_millis(1_500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "-1s", "1y", "1e300s", "NaN"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        let every = ["2", "10m", "1.5"].map(str::parse);
        assert_eq!(every[0], Ok(Every::Epochs(2)));
        assert_eq!(every[1], Ok(Every::Time(Duration::from_secs(600))));
        assert!(every[2].is_err());
    }
}
