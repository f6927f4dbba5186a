//! Common callbacks.

mod csv_log;
mod early_stopping;
mod interrupt;
mod plateau;
mod progress;
mod schedule;
mod watched;

pub use csv_log::CsvLog;
pub use early_stopping::EarlyStopping;
pub use interrupt::Interrupt;
pub use plateau::Plateau;
pub use progress::Progress;
pub use schedule::Schedule;
pub use watched::Best;
