//! Reads the filters of RFC 9535 §2.3.5, and their functions with the types of §2.4.

use super::PathError;
use super::parse::Parser;
use super::pattern;
use super::syntax::{Operand, Operator, Pattern, Query, Test, is_singular};
use serde_json::Value;

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// What stands on a side of a comparison, or alone.
enum Term {
    Query(Query),
    Operand(Operand),
    Test(Test),
}

impl Parser<'_> {
    pub(super) fn any_of(&mut self) -> Result<Test, PathError> {
        let mut tests = self.joined("||", Self::all_of)?;
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::Any(tests) })
    }

    fn all_of(&mut self) -> Result<Test, PathError> {
        let mut tests = self.joined("&&", Self::basic)?;
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::All(tests) })
    }

    fn joined(
        &mut self,
        operator: &str,
        part: impl Fn(&mut Self) -> Result<Test, PathError>,
    ) -> Result<Vec<Test>, PathError> {
        let mut tests = vec![part(self)?];
        loop {
            let end = self.at;
            self.space();
            if !self.eat(operator) {
                self.at = end;
                return Ok(tests);
            }
            self.space();
            tests.push(part(self)?);
        }
    }

    fn basic(&mut self) -> Result<Test, PathError> {
        if self.eat("!") {
            self.space();
            let test = if self.peek() == Some('(') { self.parenthesized()? } else { self.alone()? };
            return Ok(Test::Not(Box::new(test)));
        }
        if self.peek() == Some('(') {
            return self.parenthesized();
        }
        let start = self.at;
        let left = self.term()?;
        let end = self.at;
        self.space();
        for (token, operator) in OPERATORS {
            if self.eat(token) {
                let left = self.comparable(left)?;
                self.space();
                let right = self.term()?;
                return Ok(Test::Compare(left, operator, self.comparable(right)?));
            }
        }
        self.at = start;
        let test = self.as_test(left)?;
        self.at = end;
        Ok(test)
    }

    fn parenthesized(&mut self) -> Result<Test, PathError> {
        self.expect("(")?;
        self.nested(|parser| {
            parser.space();
            let test = parser.any_of()?;
            parser.space();
            parser.expect(")")?;
            Ok(test)
        })
    }

    fn alone(&mut self) -> Result<Test, PathError> {
        let term = self.term()?;
        self.as_test(term)
    }

    fn as_test(&self, term: Term) -> Result<Test, PathError> {
        match term {
            Term::Query(query) => Ok(Test::Exists(query)),
            Term::Test(test) => Ok(test),
            Term::Operand(_) => Err(self.error("a value is no test: compare it with something")),
        }
    }

    fn comparable(&self, term: Term) -> Result<Operand, PathError> {
        match term {
            Term::Operand(operand) => Ok(operand),
            Term::Query(query) if is_singular(&query.segments) => Ok(Operand::Query(query)),
            Term::Query(_) => Err(self.error("only a query for a single node can be compared")),
            Term::Test(_) => Err(self.error("the result of a test cannot be compared")),
        }
    }

    fn term(&mut self) -> Result<Term, PathError> {
        match self.peek() {
            Some('@' | '$') => Ok(Term::Query(self.query()?)),
            Some('\'' | '"') => Ok(Term::Operand(Operand::Literal(Value::String(self.string()?)))),
            Some('-' | '0'..='9') => Ok(Term::Operand(Operand::Literal(self.number()?))),
            _ => self.word(),
        }
    }

    fn query(&mut self) -> Result<Query, PathError> {
        let from_root = self.eat("$");
        if !from_root {
            self.expect("@")?;
        }
        Ok(Query { from_root, segments: self.segments()? })
    }

    fn word(&mut self) -> Result<Term, PathError> {
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_').to_owned();
        if self.eat("(") {
            return self.nested(|parser| {
                parser.space();
                let function = parser.function(&word)?;
                parser.space();
                parser.expect(")")?;
                Ok(function)
            });
        }
        let literal = match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => {
                self.at = start;
                return Err(self.error("expected `@`, `$`, a literal or a function"));
            }
        };
        Ok(Term::Operand(Operand::Literal(literal)))
    }

    fn function(&mut self, name: &str) -> Result<Term, PathError> {
        Ok(match name {
            "length" => Term::Operand(Operand::Length(Box::new(self.value_argument()?))),
            "count" => Term::Operand(Operand::Count(self.query()?)),
            "value" => Term::Operand(Operand::ValueOf(self.query()?)),
            "match" | "search" => {
                let whole = name == "match";
                let text = self.value_argument()?;
                self.space();
                self.expect(",")?;
                self.space();
                self.count_pattern()?;
                let pattern = match self.value_argument()? {
                    Operand::Literal(literal) => {
                        Pattern::Fixed(literal.as_str().and_then(|text| pattern::compile(text, whole)))
                    }
                    pattern => Pattern::Computed { pattern, whole },
                };
                Term::Test(Test::Matches { text, pattern })
            }
            _ => return Err(self.error(&format!("`{name}` is no function"))),
        })
    }

    fn value_argument(&mut self) -> Result<Operand, PathError> {
        let term = self.term()?;
        self.comparable(term)
    }
}
