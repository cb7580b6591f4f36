//! A timestamp column's text, as databases and their drivers write it.

/// Microseconds since 1970 of `YYYY-MM-DD[T ]HH:MM:SS[.ffffff]`, read as UTC unless it ends with `Z` or `±HH[:MM]`.
pub(super) fn parse(text: &str) -> Option<u64> {
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b' ') {
        return None;
    }
    let [year, month, day] = parts(date, '-')?;
    let (time, offset_minutes) = split_offset(rest)?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = parts(clock, ':')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let micros: i64 = format!("{:0<6}", fraction.get(..fraction.len().min(6))?).parse().ok()?;
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    u64::try_from((minutes * 60 + second) * 1_000_000 + micros).ok()
}

fn parts(text: &str, separator: char) -> Option<[i64; 3]> {
    let numbers: Option<Vec<i64>> = text
        .split(separator)
        .map(|part| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten())
        .collect();
    numbers?.try_into().ok()
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(time) = text.strip_suffix('Z') {
        return Some((time, 0));
    }
    let Some(sign) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (hours, minutes) = text[sign + 1..].split_once(':').unwrap_or((&text[sign + 1..], "0"));
    let offset = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
    Some((&text[..sign], if text.as_bytes()[sign] == b'-' { -offset } else { offset }))
}

/// Days since 1970, by eras of 400 years that begin on 1 March 0000 (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn timestamps_of_databases_and_drivers_are_read_as_utc() {
        for (text, us) in [
            ("1970-01-01T00:00:00", Some(0)),
            ("2000-02-29 00:00:00", Some(951_782_400_000_000)),
            ("2026-09-21T14:13:20.000001", Some(1_790_000_000_000_001)),
            ("2026-09-21T16:13:20.5+02:00", Some(1_790_000_000_500_000)),
            ("2026-09-21 14:13:20.123456789Z", Some(1_790_000_000_123_456)),
            ("2026-09-21 09:13:20-05", Some(1_790_000_000_000_000)),
            ("2026-13-21 09:13:20", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse(text), us, "{text}");
        }
    }
}
