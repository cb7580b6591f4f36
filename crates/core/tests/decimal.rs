//! Exact decimals against integer arithmetic.

use num_bigint::BigInt;
use proptest::prelude::*;
use std::cmp::Ordering;
use vouchsafe_core::decimal::Decimal;

fn decimal(token: &str) -> Decimal {
    Decimal::parse(token).expect(token)
}

#[test]
fn one_number_has_many_tokens() {
    for (left, right) in [
        ("1", "1.0"),
        ("1", "10e-1"),
        ("-0", "0"),
        ("0e999999999999999999999", "-0.000"),
        ("1e400", "10E+399"),
        ("9007199254740993", "9007199254740993.000"),
        ("0.1", "1e-1"),
        ("100", "1e2"),
    ] {
        assert_eq!(decimal(left), decimal(right), "{left} {right}");
    }
}

#[test]
fn numbers_are_ordered_by_value() {
    let ascending = [
        "-1e99999999999999999",
        "-1e400",
        "-2",
        "-1.5",
        "-1e-400",
        "0",
        "1e-99999999999999999",
        "0.1",
        "0.10000000000000000000001",
        "1",
        "9007199254740992",
        "9007199254740993",
        "1e400",
        "1e99999999999999999",
    ];
    for (i, left) in ascending.iter().enumerate() {
        for (j, right) in ascending.iter().enumerate() {
            assert_eq!(decimal(left).cmp(&decimal(right)), i.cmp(&j), "{left} {right}");
        }
    }
}

#[test]
fn what_is_no_number_is_not_read() {
    for token in
        ["", "-", "+1", "1e", "1e+", "e5", ".5", "1x", "0x10", "1e5.5", "NaN", "Infinity", "--1", "1_0", "1e1e1"]
    {
        assert_eq!(Decimal::parse(token), None, "{token}");
    }
}

#[test]
fn an_exponent_beyond_all_measure_is_not_read() {
    assert_eq!(Decimal::parse("1e999999999999999999999"), None);
    assert_eq!(Decimal::parse(&format!("1e{}", "9".repeat(1_000_000))), None);
    assert_eq!(decimal(&format!("1e{}7", "0".repeat(1_000_000))), decimal("1e7"));
}

#[test]
fn huge_numbers_cost_no_more_than_their_tokens() {
    let (huge, tiny) = (decimal("1e999999999"), decimal("1e-999999999"));
    assert!(tiny < huge);
    assert!(!huge.is_within(&tiny, &decimal("1e999999998")));
    assert!(huge.is_within(&tiny, &huge));
    assert!(!huge.is_within(&decimal("-1e-999999999"), &huge));
    assert!(huge.is_within_ratio(&huge, &tiny));
    assert!(!decimal("1.1e999999999").is_within_ratio(&huge, &decimal("0.09")));
    let long = decimal(&format!("0.{}", "3".repeat(1_000_000)));
    assert!(long.is_within(&decimal("0.3333"), &decimal("0.0001")));
    assert!(long < decimal(&format!("0.{}", "3".repeat(1_000_001))));
}

#[test]
fn tolerances_are_inclusive_and_exact() {
    for (left, right, tolerance, near) in [
        ("0.3", "0.1", "0.2", true),
        ("0.3", "0.1", "0.19999999999999999999", false),
        ("-1", "1", "2", true),
        ("5", "5", "0", true),
        ("5", "5.0000000000000000001", "0", false),
        ("1e30", "1", "1e30", true),
        ("1e30", "-1", "1e30", false),
    ] {
        assert_eq!(decimal(left).is_within(&decimal(right), &decimal(tolerance)), near, "{left} {right} {tolerance}");
    }
    assert!(decimal("110").is_within_ratio(&decimal("100"), &decimal("0.1")));
    assert!(decimal("-110").is_within_ratio(&decimal("-100"), &decimal("0.1")));
    assert!(!decimal("110.0001").is_within_ratio(&decimal("100"), &decimal("0.1")));
    assert!(!decimal("0.0001").is_within_ratio(&decimal("0"), &decimal("1")));
}

/// A number as mantissa × 10^exponent.
fn numbers() -> impl Strategy<Value = (i64, i64)> {
    (prop_oneof![-1000_i64..1000, any::<i64>()], -40_i64..40)
}

/// The number × 10⁸⁰, an integer.
fn scaled((mantissa, exponent): (i64, i64)) -> BigInt {
    BigInt::from(mantissa) * BigInt::from(10).pow(u32::try_from(exponent + 80).expect("not below -80"))
}

fn token((mantissa, exponent): (i64, i64)) -> Decimal {
    decimal(&format!("{mantissa}e{exponent}"))
}

fn magnitude(number: BigInt) -> BigInt {
    if number < BigInt::ZERO { -number } else { number }
}

proptest! {
    #[test]
    fn order_is_that_of_integers(left in numbers(), right in numbers()) {
        prop_assert_eq!(token(left).cmp(&token(right)), scaled(left).cmp(&scaled(right)));
    }

    #[test]
    fn the_same_number_is_read_from_any_token(digits in "[0-9]{1,30}", point in 0_usize..30, zeros in 0_usize..5) {
        let point = point.min(digits.len() - 1);
        let (whole, fraction) = digits.split_at(digits.len() - point);
        let shifted = format!("{digits}{}e-{}", "0".repeat(zeros), point + zeros);
        prop_assert_eq!(decimal(&format!("{whole}.{fraction}0")), decimal(&shifted));
    }

    #[test]
    fn absolute_tolerance_is_that_of_integers(left in numbers(), right in numbers(), tolerance in numbers()) {
        let expected = magnitude(scaled(left) - scaled(right)) <= scaled(tolerance);
        prop_assert_eq!(token(left).is_within(&token(right), &token(tolerance)), expected);
    }

    #[test]
    fn relative_tolerance_is_that_of_integers(left in numbers(), right in numbers(), ratio in numbers()) {
        let difference = magnitude(scaled(left) - scaled(right)) * BigInt::from(10).pow(80);
        let ratio = (ratio.0.checked_abs().unwrap_or(0), ratio.1);
        let expected = difference <= scaled(ratio) * magnitude(scaled(right));
        prop_assert_eq!(token(left).is_within_ratio(&token(right), &token(ratio)), expected);
    }

    #[test]
    fn means_are_those_of_integers(values in prop::collection::vec(numbers(), 1..20), bound in numbers()) {
        let sum: BigInt = values.iter().map(|value| scaled(*value)).sum();
        let expected = sum.cmp(&(scaled(bound) * BigInt::from(values.len())));
        let values: Vec<Decimal> = values.into_iter().map(token).collect();
        prop_assert_eq!(token(bound).mean_against(&values), expected);
        prop_assert_eq!(token(bound).is_mean_within(&values, &decimal("0")), expected == Ordering::Equal);
    }
}
