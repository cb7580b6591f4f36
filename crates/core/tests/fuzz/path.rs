//! Paths: the first line of an input is the path, the rest the value.

use crate::first_line;
use vouchsafe_core::body::parse_json;
use vouchsafe_core::path::Path;
use vouchsafe_fuzz::fuzz;

/// How many of the selected nodes are looked up again.
const LOOKED_UP: usize = 16;

#[test]
fn a_path_selects_nodes_whose_own_paths_select_them() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "path", |input| {
        let (line, rest) = first_line(input);
        let (Ok(text), Ok(value)) = (std::str::from_utf8(line), parse_json(rest)) else { return };
        let path = match Path::parse(text) {
            Ok(path) => path,
            Err(error) => return assert!(error.position <= text.chars().count(), "{error}"),
        };
        assert_eq!(Path::parse(path.as_str()).expect("what is written is read").as_str(), text);
        let Ok(nodes) = path.locate(&value) else { return };
        assert!(nodes.len() <= 1 || !path.is_singular());
        for node in nodes.iter().take(LOOKED_UP) {
            let Ok(own) = Path::parse(&node.place.to_string()) else { continue };
            let found = own.locate(&value).expect("a normalized path costs little");
            assert!(found.len() == 1 && std::ptr::eq(found[0].value, node.value), "{}", node.place);
        }
    });
}
