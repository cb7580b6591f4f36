//! Reads the keywords by which a schema applies others, within its own text only.

use super::SchemaError;
use super::graph::{Graph, Id, Part};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How many schemas one schema may be made of: the library goes into each other one within the last.
const MAX_SCHEMAS: usize = 1_000;

/// How many regular expressions a schema may have: one alone can take milliseconds to compile.
const MAX_PATTERNS: usize = 32;

/// What telling that the elements of a list differ counts as; the library compares up to 15 of them pairwise.
const COMPARISONS_OF_UNIQUE_ITEMS: u64 = 16;

/// Reads the schemas that the whole schema can come to apply.
pub(super) fn read(json: &Value) -> Result<Graph, SchemaError> {
    let mut reader =
        Reader { root: json, anchors: HashMap::new(), ids: HashMap::new(), patterns: 0, has_choices: false };
    reader.find_anchors(json, true);
    let mut found = Vec::new();
    reader.ids(vec![json], &mut found)?;
    let mut parts = Vec::new();
    while let Some(schema) = found.get(parts.len()).copied() {
        parts.push(reader.part(schema, parts.is_empty(), &mut found)?);
    }
    Graph::new(parts, reader.has_choices)
}

struct Reader<'j> {
    root: &'j Value,
    /// `None` where several schemas have the name.
    anchors: HashMap<&'j str, Option<&'j Value>>,
    ids: HashMap<*const Value, Id>,
    patterns: usize,
    has_choices: bool,
}

impl<'j> Reader<'j> {
    fn find_anchors(&mut self, json: &'j Value, is_root: bool) {
        match json {
            Value::Array(list) => list.iter().for_each(|value| self.find_anchors(value, false)),
            Value::Object(object) if is_root || !is_resource(object) => {
                for name in ["$anchor", "$dynamicAnchor"].iter().filter_map(|key| object.get(*key)?.as_str()) {
                    self.anchors.entry(name).and_modify(|known| *known = None).or_insert(Some(json));
                }
                object.values().for_each(|value| self.find_anchors(value, false));
            }
            _ => {}
        }
    }

    fn part(&mut self, schema: &'j Value, is_root: bool, found: &mut Vec<&'j Value>) -> Result<Part, SchemaError> {
        let Value::Object(object) = schema else { return Ok(Part::default()) };
        if !is_root && (is_resource(object) || object.contains_key("$schema")) {
            return Err(SchemaError("an `$id` or `$schema` within the schema is not understood".to_owned()));
        }
        let mut part = Part::default();
        for (keyword, value) in object {
            part.width += 1 + length(value);
            let mut ids = |schemas: Vec<&'j Value>| self.ids(schemas, found);
            match keyword.as_str() {
                "properties" => {
                    let names = value.as_object().into_iter().flatten();
                    for (name, schema) in names {
                        part.properties.insert(name.clone(), ids(vec![schema])?[0]);
                    }
                }
                "additionalProperties" => part.other_members.extend(ids(vec![value])?),
                "unevaluatedProperties" => {
                    let rest = ids(vec![value])?;
                    part.other_members.extend(&rest);
                    part.rechecked.extend(rest);
                    part.is_rest = true;
                }
                "patternProperties" => {
                    part.members.extend(ids(inside(value))?);
                    self.count_patterns(inside(value).len())?;
                }
                "propertyNames" => part.members.extend(ids(vec![value])?),
                "prefixItems" => part.prefix.extend(ids(inside(value))?),
                "items" | "additionalItems" => part.other_items.extend(ids(vec![value])?),
                "contains" => {
                    let contained = ids(vec![value])?;
                    part.items.extend(&contained);
                    part.rechecked.extend(contained);
                }
                "unevaluatedItems" => {
                    let rest = ids(vec![value])?;
                    part.other_items.extend(&rest);
                    part.rechecked.extend(rest);
                    part.is_rest = true;
                }
                "pattern" => self.count_patterns(1)?,
                "enum" => part.comparisons += length(value),
                "const" => part.comparisons += 1,
                "uniqueItems" => part.comparisons += COMPARISONS_OF_UNIQUE_ITEMS,
                "not" | "if" | "then" | "else" | "contentSchema" => part.in_place.extend(ids(vec![value])?),
                "allOf" | "anyOf" | "oneOf" | "dependentSchemas" | "dependencies" => {
                    part.in_place.extend(ids(inside(value))?);
                    self.has_choices |= matches!(keyword.as_str(), "anyOf" | "oneOf");
                }
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    let target = self.resolve(value.as_str().unwrap_or_default())?;
                    part.in_place.extend(self.ids(vec![target], found)?);
                }
                _ => {}
            }
        }
        if part.is_rest {
            // To tell what the list's own `contains` leaves unevaluated.
            part.items.extend_from_within(..);
        }
        Ok(part)
    }

    fn ids(&mut self, schemas: Vec<&'j Value>, found: &mut Vec<&'j Value>) -> Result<Vec<Id>, SchemaError> {
        let mut id = |schema: &'j Value| {
            *self.ids.entry(std::ptr::from_ref(schema)).or_insert_with(|| {
                found.push(schema);
                found.len() - 1
            })
        };
        let ids = schemas.into_iter().map(&mut id).collect();
        if found.len() > MAX_SCHEMAS {
            return Err(SchemaError(format!("has more than {MAX_SCHEMAS} schemas within")));
        }
        Ok(ids)
    }

    fn count_patterns(&mut self, count: usize) -> Result<(), SchemaError> {
        self.patterns += count;
        if self.patterns > MAX_PATTERNS {
            return Err(SchemaError(format!("has more than {MAX_PATTERNS} regular expressions")));
        }
        Ok(())
    }

    /// The schema that a reference names, within this schema.
    fn resolve(&self, reference: &str) -> Result<&'j Value, SchemaError> {
        let unknown = || SchemaError(format!("`{reference}` is no place in this schema"));
        let own_id = self.root.get("$id").and_then(Value::as_str).unwrap_or_default();
        let fragment = reference.strip_prefix(own_id).unwrap_or(reference);
        let fragment = if fragment.is_empty() { fragment } else { fragment.strip_prefix('#').ok_or_else(unknown)? };
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8().map_err(|_| unknown())?;
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.anchors.get(&*fragment).copied().flatten().ok_or_else(unknown);
        }
        let mut place = self.root;
        for step in fragment.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            place = match place {
                Value::Object(object) => object.get(&step),
                Value::Array(list) => step.parse::<usize>().ok().and_then(|index| list.get(index)),
                _ => None,
            }
            .filter(|place| !place.as_object().is_some_and(is_resource))
            .ok_or_else(unknown)?;
        }
        Ok(place)
    }
}

/// Whether a schema has an address of its own, by which the references within are resolved.
fn is_resource(object: &Map<String, Value>) -> bool {
    object.get("$id").is_some_and(Value::is_string)
}

fn inside(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(object) => object.values().collect(),
        _ => Vec::new(),
    }
}

fn length(value: &Value) -> u64 {
    match value {
        Value::Array(list) => list.len() as u64,
        Value::Object(object) => object.len() as u64,
        _ => 0,
    }
}
