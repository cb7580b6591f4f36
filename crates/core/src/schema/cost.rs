//! What it costs to check a value, known before it is checked: the library goes on for as long as a schema tells it to,
//! and a few references can make it apply a schema a billion times.

use super::graph::{Graph, Id, Part};
use crate::path::weight;
use serde_json::Value;
use std::collections::BTreeMap;

/// Steps that one check may take: a schema applied to a value is one, and more where it lists or compares much.
const MAX_STEPS: u64 = 10_000_000;

/// How deep schemas may be applied within each other, in the value and in the schema: the library recurses.
const MAX_DEPTH: usize = 640;

/// Entries of a schema's keywords, and of the value's own, that are one step.
const ENTRIES_PER_STEP: u64 = 4;

/// Bytes of a text that count as an entry.
const BYTES_PER_ENTRY: u64 = 16;

/// The schemas that are applied to one value, and whether only to tell what they leave unevaluated.
type Tasks = BTreeMap<(Id, bool), Load>;

#[derive(Default, Clone, Copy)]
struct Load {
    times: u64,
    depth: usize,
}

/// Steps of a check, each as often as schemas are around it, up to which its reason is asked for: the library goes over a
/// choice's branches again at each choice around, and keeps what it finds against every one.
const MAX_STEPS_WITH_REASON: u64 = 200_000;

/// What a check costs if no part of it ends early.
pub(super) struct Cost {
    steps: u64,
    depth: usize,
}

impl Cost {
    /// `None` where it is more than a check may cost.
    pub(super) fn of(graph: &Graph, value: &Value) -> Option<Self> {
        let tasks = Tasks::from([((graph.root, false), Load { times: 1, depth: 1 })]);
        let mut meter = Meter { graph, cost: Self { steps: 0, depth: 0 } };
        meter.pay(value, tasks)?;
        Some(meter.cost)
    }

    /// Whether the reason of a refusal costs little as well.
    pub(super) fn affords_reason(&self, graph: &Graph) -> bool {
        !graph.has_choices || self.steps.saturating_mul(self.depth as u64) <= MAX_STEPS_WITH_REASON
    }
}

struct Meter<'g> {
    graph: &'g Graph,
    cost: Cost,
}

impl<'g> Meter<'g> {
    /// Each schema is met once however often it is applied, so that this costs no more than it counts.
    fn pay(&mut self, value: &Value, mut tasks: Tasks) -> Option<()> {
        let mut applied = Vec::new();
        while let Some(((id, is_recheck), load)) = tasks.pop_first() {
            let part: &'g Part = &self.graph.parts[id];
            let entries = (part.width + size(value)) / ENTRIES_PER_STEP;
            let compared =
                if part.comparisons == 0 { 0 } else { part.comparisons.saturating_mul(weight(value) as u64) };
            let steps = load.times.saturating_mul((1 + entries).saturating_add(compared));
            self.cost.steps = self.cost.steps.checked_add(steps).filter(|steps| *steps <= MAX_STEPS)?;
            self.cost.depth = self.cost.depth.max(load.depth);
            for inner in &part.in_place {
                add(&mut tasks, (*inner, false), load)?;
                if is_recheck || part.is_rest {
                    add(&mut tasks, (*inner, false), load)?;
                    add(&mut tasks, (*inner, true), load)?;
                }
            }
            applied.push((part, is_recheck, load));
        }
        match value {
            Value::Array(list) => {
                applied.retain(|(part, ..)| part.has_items());
                list.iter()
                    .enumerate()
                    .try_for_each(|(index, item)| self.pay_inside(item, &applied, |part| part.for_item(index)))
            }
            Value::Object(object) => {
                applied.retain(|(part, ..)| part.has_members());
                object
                    .iter()
                    .try_for_each(|(name, member)| self.pay_inside(member, &applied, |part| part.for_member(name)))
            }
            _ => Some(()),
        }
    }

    fn pay_inside<I: Iterator<Item = &'g Id>>(
        &mut self,
        value: &Value,
        applied: &[(&'g Part, bool, Load)],
        schemas: impl Fn(&'g Part) -> I,
    ) -> Option<()> {
        let mut tasks = Tasks::new();
        for (part, is_recheck, load) in applied {
            if *is_recheck {
                part.rechecked.iter().try_for_each(|id| add(&mut tasks, (*id, false), *load))?;
            } else {
                schemas(part).try_for_each(|id| add(&mut tasks, (*id, false), *load))?;
            }
        }
        if tasks.is_empty() { Some(()) } else { self.pay(value, tasks) }
    }
}

fn add(tasks: &mut Tasks, task: (Id, bool), by: Load) -> Option<()> {
    let load = tasks.entry(task).or_default();
    load.times = load.times.saturating_add(by.times);
    load.depth = load.depth.max(by.depth + 1);
    (load.depth <= MAX_DEPTH).then_some(())
}

fn size(value: &Value) -> u64 {
    match value {
        Value::Array(list) => list.len() as u64,
        Value::Object(object) => object.len() as u64,
        Value::String(text) => text.len() as u64 / BYTES_PER_ENTRY,
        _ => 0,
    }
}
