//! The judgement of a claim on proven rows.

mod absence;
mod conditions;
mod content;
mod hidden;
mod scene;
mod selection;
