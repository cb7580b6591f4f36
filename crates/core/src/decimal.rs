//! Exact decimals, made from the tokens of JSON numbers and never from doubles.
//!
//! A token may have a million digits or the exponent 10¹⁷: everything here costs time and space in the length of the
//! tokens, never in the size of the numbers.

use serde_json::Number;
use std::cmp::Ordering;

/// Digits of an exponent above which a token is no longer read: sums of such exponents would leave `i64`.
const MAX_EXPONENT_DIGITS: usize = 17;

/// A number ±digits × 10^exponent; zero has no digits, no other has a zero as its first or last digit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads the token of a JSON number; `None` where it is none, or its exponent has more than 17 digits.
    #[must_use]
    pub fn parse(token: &str) -> Option<Self> {
        let (negative, magnitude) = match token.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, token),
        };
        let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = [whole.as_bytes(), fraction.as_bytes()].concat();
        if whole.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        for digit in &mut digits {
            *digit -= b'0';
        }
        let Some(last) = digits.iter().rposition(|digit| *digit != 0) else {
            return Some(Self::default());
        };
        let zeros_behind = digits.len() - 1 - last;
        digits.truncate(last + 1);
        let first = digits.iter().position(|digit| *digit != 0).unwrap_or_default();
        digits.drain(..first);
        let exponent = parse_exponent(exponent)? + length(zeros_behind) - length(fraction.len());
        Some(Self { negative, digits, exponent })
    }

    /// Reads a JSON number; `None` as in [`Decimal::parse`].
    #[must_use]
    pub fn of(number: &Number) -> Option<Self> {
        Self::parse(number.as_str())
    }

    /// How many digits it has, without zeros at either end.
    #[must_use]
    pub fn precision(&self) -> usize {
        self.digits.len()
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether |self − other| ≤ `tolerance`.
    #[must_use]
    pub fn is_within(&self, other: &Self, tolerance: &Self) -> bool {
        self.differs_at_most(other, &Term::of(tolerance))
    }

    /// Whether |self − other| ≤ `ratio` × |other|; costs the product of the lengths of `ratio` and `other`.
    #[must_use]
    pub fn is_within_ratio(&self, other: &Self, ratio: &Self) -> bool {
        let tolerance = Term { negative: ratio.negative, ..Term::of(ratio).times(&Term::of(other)) };
        self.differs_at_most(other, &tolerance)
    }

    fn differs_at_most(&self, other: &Self, tolerance: &Term) -> bool {
        let (left, right) = (Term::of(self), Term::of(other));
        let above = sign_of_sum(&[left.clone(), right.negated(), tolerance.negated()]);
        let below = sign_of_sum(&[right, left.negated(), tolerance.negated()]);
        above.is_le() && below.is_le()
    }

    /// How the mean of `values` compares with `self`, from the mean's side.
    #[must_use]
    pub fn mean_against(&self, values: &[Self]) -> Ordering {
        let mut terms: Vec<Term> = values.iter().map(Term::of).collect();
        terms.push(Term::of(self).repeated(values.len()).negated());
        sign_of_sum(&terms)
    }

    /// Whether |mean of `values` − self| ≤ `tolerance`.
    #[must_use]
    pub fn is_mean_within(&self, values: &[Self], tolerance: &Self) -> bool {
        let count = values.len();
        let room = Term::of(tolerance).repeated(count).negated();
        let mut above: Vec<Term> = values.iter().map(Term::of).collect();
        above.push(Term::of(self).repeated(count).negated());
        let mut below: Vec<Term> = above.iter().map(Term::negated).collect();
        above.push(room.clone());
        below.push(room);
        sign_of_sum(&above).is_le() && sign_of_sum(&below).is_le()
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (Ordering::Greater, Ordering::Greater) => self.compare_magnitude(other),
            (Ordering::Less, Ordering::Less) => other.compare_magnitude(self),
            (left, right) => left.cmp(&right),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Decimal {
    fn sign(&self) -> Ordering {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let top = |decimal: &Self| decimal.exponent + length(decimal.digits.len());
        top(self).cmp(&top(other)).then_with(|| self.digits.cmp(&other.digits))
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let magnitude: i64 = match digits.len() {
        0 => 0,
        1..=MAX_EXPONENT_DIGITS => digits.parse().ok()?,
        _ => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A length as a signed number; no text is longer than `i64` counts.
fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// A summand: digits (or sums of products of digits) from the last one up, below 10^(exponent + their number).
#[derive(Clone)]
struct Term {
    negative: bool,
    digits: Vec<i64>,
    exponent: i64,
}

impl Term {
    fn of(decimal: &Decimal) -> Self {
        let digits = decimal.digits.iter().rev().map(|digit| i64::from(*digit)).collect();
        Self { negative: decimal.negative, digits, exponent: decimal.exponent }
    }

    fn negated(&self) -> Self {
        Self { negative: !self.negative, ..self.clone() }
    }

    fn times(&self, other: &Self) -> Self {
        let mut digits = vec![0; self.digits.len() + other.digits.len()];
        for (i, left) in self.digits.iter().enumerate() {
            for (j, right) in other.digits.iter().enumerate() {
                digits[i + j] += left * right;
            }
        }
        Self { negative: self.negative != other.negative, digits, exponent: self.exponent + other.exponent }
    }

    fn repeated(&self, times: usize) -> Self {
        self.times(&Self::of(&Decimal::parse(&times.to_string()).unwrap_or_default()))
    }

    fn top(&self) -> i64 {
        self.exponent + length(self.digits.len())
    }
}

/// The sign of the sum.
///
/// Where no term has digits for a stretch, the stretch is left out but for the places that a carry from below could
/// reach: what lies above still outweighs what lies below, and the sign stays.
fn sign_of_sum(terms: &[Term]) -> Ordering {
    let mut terms: Vec<&Term> = terms.iter().filter(|term| !term.digits.is_empty()).collect();
    terms.sort_by_key(|term| term.exponent);
    let carry_places = length(terms.len().to_string().len());
    let mut sum: Vec<i64> = Vec::new();
    let Some(mut reach) = terms.first().map(|term| term.exponent) else {
        return Ordering::Equal;
    };
    let mut origin = reach;
    for term in terms {
        origin += (term.exponent - reach - carry_places).max(0);
        reach = reach.max(term.top());
        let start = usize::try_from(term.exponent - origin).expect("terms come in the order of their exponents");
        sum.resize(sum.len().max(start + term.digits.len()), 0);
        for (place, digit) in sum[start..].iter_mut().zip(&term.digits) {
            *place += if term.negative { -digit } else { *digit };
        }
    }
    let (mut carry, mut any) = (0, false);
    for place in sum {
        let total = place + carry;
        any |= total.rem_euclid(10) != 0;
        carry = total.div_euclid(10);
    }
    carry.cmp(&0).then(any.cmp(&false))
}
