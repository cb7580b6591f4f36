//! The judgement of a claim on proven rows.

mod absence;
mod conditions;
mod content;
mod disclosure;
mod hidden;
mod scene;
mod selection;
mod table;
