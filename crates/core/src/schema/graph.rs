//! Which schemas within a schema are applied to which parts of a value.

use super::SchemaError;
use std::collections::BTreeMap;

/// How often schemas may be compiled in all so that others can tell what they leave unevaluated.
const MAX_RECHECKS: u64 = 10_000;

/// The schemas within a schema; each comes before those that it applies in place.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) parts: Vec<Part>,
    pub(super) root: Id,
    /// Whether a schema offers a choice of schemas.
    pub(super) has_choices: bool,
}

/// A schema's place in the graph.
pub(super) type Id = usize;

/// A schema and the schemas that it applies.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// To the same value.
    pub(super) in_place: Vec<Id>,
    /// To the member of this name.
    pub(super) properties: BTreeMap<String, Id>,
    /// To members that `properties` does not name.
    pub(super) other_members: Vec<Id>,
    /// To every member.
    pub(super) members: Vec<Id>,
    /// To the elements at the front of a list, one each.
    pub(super) prefix: Vec<Id>,
    /// To the elements behind those.
    pub(super) other_items: Vec<Id>,
    /// To every element.
    pub(super) items: Vec<Id>,
    /// Those of the above that are asked again where it is told what a schema around has left unevaluated.
    pub(super) rechecked: Vec<Id>,
    /// Whether it asks what the schemas for the same value have left unevaluated.
    pub(super) is_rest: bool,
    /// How many things its own keywords list.
    pub(super) width: u64,
    /// How many values it is compared with as a whole.
    pub(super) comparisons: u64,
}

impl Graph {
    /// Puts the schemas, the root first, into their order.
    pub(super) fn new(mut parts: Vec<Part>, has_choices: bool) -> Result<Self, SchemaError> {
        let order = order(&parts)?;
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, id)| places[*id] = place);
        let moved = order.into_iter().map(|id| {
            let mut part = std::mem::take(&mut parts[id]);
            part.ids_mut().for_each(|id| *id = places[*id]);
            part
        });
        let graph = Self { parts: moved.collect(), root: places[0], has_choices };
        graph.check_rechecks()?;
        Ok(graph)
    }

    /// The library compiles a schema again for each that asks what it has left unevaluated.
    fn check_rechecks(&self) -> Result<(), SchemaError> {
        let mut compiled = vec![(0_u64, 0_u64); self.parts.len()];
        let mut rechecks = 0_u64;
        for (id, part) in self.parts.iter().enumerate().rev() {
            let applied = || part.in_place.iter().map(|id| compiled[*id]);
            let again = applied().fold(1, |sum: u64, (once, again)| sum.saturating_add(once).saturating_add(again));
            let once = applied().fold(1, |sum: u64, (once, _)| sum.saturating_add(once));
            let asked = if part.is_rest { again } else { 0 };
            compiled[id] = (once.saturating_add(asked), again);
            rechecks = rechecks.saturating_add(asked);
        }
        if rechecks > MAX_RECHECKS {
            return Err(SchemaError("asks too often what schemas within leave unevaluated".to_owned()));
        }
        Ok(())
    }
}

impl Part {
    pub(super) fn has_members(&self) -> bool {
        !(self.properties.is_empty()
            && [&self.other_members, &self.members, &self.rechecked].iter().all(|ids| ids.is_empty()))
    }

    pub(super) fn has_items(&self) -> bool {
        [&self.prefix, &self.other_items, &self.items, &self.rechecked].iter().any(|ids| !ids.is_empty())
    }

    /// The schemas for the member of this name.
    pub(super) fn for_member(&self, name: &str) -> impl Iterator<Item = &Id> {
        let named = self.properties.get(name);
        let others = if named.is_some() { &[][..] } else { &self.other_members };
        named.into_iter().chain(others).chain(&self.members)
    }

    /// The schemas for the element at this index.
    pub(super) fn for_item(&self, index: usize) -> impl Iterator<Item = &Id> {
        let placed = self.prefix.get(index);
        let others = if placed.is_some() { &[][..] } else { &self.other_items };
        placed.into_iter().chain(others).chain(&self.items)
    }

    fn ids_mut(&mut self) -> impl Iterator<Item = &mut Id> {
        let lists = [
            &mut self.in_place,
            &mut self.other_members,
            &mut self.members,
            &mut self.prefix,
            &mut self.other_items,
            &mut self.items,
            &mut self.rechecked,
        ];
        lists.into_iter().flatten().chain(self.properties.values_mut())
    }
}

/// The schemas, each before those that it applies in place.
fn order(parts: &[Part]) -> Result<Vec<Id>, SchemaError> {
    let mut callers = vec![0; parts.len()];
    parts.iter().flat_map(|part| &part.in_place).for_each(|id| callers[*id] += 1);
    let mut order: Vec<Id> = (0..parts.len()).filter(|id| callers[*id] == 0).collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        for applied in &parts[id].in_place {
            callers[*applied] -= 1;
            if callers[*applied] == 0 {
                order.push(*applied);
            }
        }
        next += 1;
    }
    if order.len() < parts.len() {
        return Err(SchemaError("a reference leads back to itself without going into the value".to_owned()));
    }
    Ok(order)
}
