//! String and number literals of RFC 9535 §2.3.1 and §2.3.5.

use super::PathError;
use super::parse::Parser;
use serde_json::Value;

impl Parser<'_> {
    /// A string in either kind of quotes.
    pub(super) fn string(&mut self) -> Result<String, PathError> {
        let quote = if self.eat("'") { '\'' } else { self.expect("\"").map(|()| '"')? };
        let mut string = String::new();
        loop {
            let Some(character) = self.peek().filter(|c| *c >= ' ') else {
                return Err(self.error("this string does not end"));
            };
            self.at += character.len_utf8();
            match character {
                '\\' => string.push(self.escape(quote)?),
                _ if character == quote => return Ok(string),
                _ => string.push(character),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, PathError> {
        let Some(character) = self.peek() else {
            return Err(self.error("this string does not end"));
        };
        let meaning = match character {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => character,
            'u' => {
                self.at += 1;
                return self.code_point();
            }
            _ if character == quote => quote,
            _ => return Err(self.error("this escape is not known")),
        };
        self.at += 1;
        Ok(meaning)
    }

    fn code_point(&mut self) -> Result<char, PathError> {
        let first = self.code_unit()?;
        let units = match first {
            0xD800..=0xDBFF => {
                self.expect("\\u")?;
                vec![first, self.code_unit()?]
            }
            _ => vec![first],
        };
        match char::decode_utf16(units).next() {
            Some(Ok(character)) => Ok(character),
            _ => Err(self.error("half of a surrogate pair")),
        }
    }

    fn code_unit(&mut self) -> Result<u16, PathError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
            return Err(self.error("expected four hex digits"));
        };
        self.at += 4;
        Ok(unit)
    }

    pub(super) fn number(&mut self) -> Result<Value, PathError> {
        let start = self.at;
        let token = self.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        if let Ok(number @ Value::Number(_)) = serde_json::from_str(token) {
            return Ok(number);
        }
        self.at = start;
        Err(self.error("expected a number"))
    }
}
