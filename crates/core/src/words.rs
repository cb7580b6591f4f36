//! The row's vocabularies as words, for storage that keeps them as text.

use crate::row::{Context, Kind, Outcome, Source};

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word that stands for it in the canonical row and in storage.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What the word stands for; `None` where it is not in the vocabulary.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(Kind { Http = "http", Model = "model", Tool = "tool", Gap = "gap" });
words!(Source { Tap = "tap", RecordTool = "recordTool", Postgres = "postgres" });
words!(Outcome { Complete = "complete", Aborted = "aborted", Error = "error" });
words!(Context { Certain = "certain", Uncertain = "uncertain" });
