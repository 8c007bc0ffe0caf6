//! The numbers of documents, each in one form.

use std::sync::LazyLock;

use serde_json::Number;

use crate::error::ValueError;
use crate::value::MAX_DIGITS;

/// The magnitudes of a DynamoDB number: from 1E-130 to 9.99E+125.
const EXPONENTS: std::ops::Range<i64> = -130..126;

/// Up to so many digits and zeros a number is written out; what is longer has an exponent.
const WRITTEN_OUT: i64 = MAX_DIGITS as i64 + 2;

/// Whether `serde_json` keeps numbers as text, with all their digits, and not as floats. Any crate of the program may have
/// turned that on for all of them (its feature `arbitrary_precision`), and no crate can ask at compile time.
static ARE_TEXTS: LazyLock<bool> =
    LazyLock::new(|| "1.00".parse::<Number>().is_ok_and(|number| number.to_string() == "1.00"));

/// The number that a store of decimal numbers holds as `text`, in the form that numbers have in
/// [`Value::Json`](crate::Value::Json): for drivers that read documents.
///
/// # Errors
/// When `text` is not a number.
pub fn document_number(text: &str) -> Result<Number, ValueError> {
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Ok(whole.into());
    }
    let number = if *ARE_TEXTS {
        Decimal::parse(text).and_then(|decimal| decimal.to_string().parse().ok())
    } else {
        text.parse().ok().and_then(|float| whole(float).or_else(|| Number::from_f64(float)))
    };
    number.ok_or_else(|| ValueError::new(format!("the number {text:?} in the stored document cannot be read")))
}

/// Brings a number into the one form that a store of decimal numbers gives back: `1.0` and `1` are the same number there.
///
/// # Errors
/// When DynamoDB has no such number.
pub(super) fn canonical(number: &mut Number) -> Result<(), ValueError> {
    if *ARE_TEXTS {
        let text = canonical_text(&number.to_string())?;
        *number = text.parse().map_err(|_| ValueError::new(format!("{text} is not a number")))?;
    } else if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
        if float != 0.0 && !(1e-130..1e126).contains(&float.abs()) {
            return Err(out_of_range(format_args!("{float:e}")));
        }
        if let Some(whole) = whole(float) {
            *number = whole;
        }
    }
    Ok(())
}

fn out_of_range(number: std::fmt::Arguments<'_>) -> ValueError {
    ValueError::new(format!(
        "the number {number} in the document is outside 1E-130..1E+126, the range of a DynamoDB number"
    ))
}

/// The conversions are exact: the float is whole, and 2^64 and -2^63 bound the two types.
fn whole(float: f64) -> Option<Number> {
    if float.fract() != 0.0 {
        None
    } else if (0.0..18_446_744_073_709_551_616.0).contains(&float) {
        Some(Number::from(float as u64))
    } else if (-9_223_372_036_854_775_808.0..0.0).contains(&float) {
        Some(Number::from(float as i64))
    } else {
        None
    }
}

/// One text for all notations of a number, with the same digits.
fn canonical_text(text: &str) -> Result<String, ValueError> {
    let decimal = Decimal::parse(text).ok_or_else(|| ValueError::new(format!("{text} is not a number")))?;
    if decimal.digits.len() > MAX_DIGITS as usize {
        return Err(ValueError::new(format!(
            "a number in the document has {} digits, and a DynamoDB number at most {MAX_DIGITS}: store it as text",
            decimal.digits.len()
        )));
    }
    if !decimal.digits.is_empty() && !EXPONENTS.contains(&decimal.exponent()) {
        return Err(out_of_range(format_args!("{}", decimal.scientific())));
    }
    Ok(decimal.to_string())
}

/// `0.<digits>` times ten to the power of `point`.
struct Decimal {
    negative: bool,
    /// Neither the first nor the last is a zero; none for zero.
    digits: String,
    point: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let written = format!("{whole}{fraction}");
        if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = written.trim_start_matches('0');
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Self { negative: false, digits, point: 0 });
        }
        let leading_zeros = written.len() - significant.len();
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()?;
        // What is too large for the type is far out of the range either way.
        let exponent: i128 = exponent.parse().ok()?;
        let exponent = exponent.clamp(i32::MIN.into(), i32::MAX.into()) as i64;
        Some(Self { negative, digits, point: point + exponent })
    }

    /// With one digit before the point.
    const fn exponent(&self) -> i64 {
        self.point - 1
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// As `serde_json` writes it.
    fn scientific(&self) -> String {
        let (first, others) = self.digits.split_at_checked(1).unwrap_or(("0", ""));
        let point = if others.is_empty() { "" } else { "." };
        format!("{}{first}{point}{others}e{:+}", self.sign(), self.exponent())
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { digits, point, .. } = self;
        let zeros = |count: usize| "0".repeat(count);
        let before = usize::try_from(*point).unwrap_or(0);
        match digits.split_at_checked(before) {
            _ if digits.is_empty() => f.write_str("0"),
            _ if *point > WRITTEN_OUT || digits.len() as i64 - *point > WRITTEN_OUT => f.write_str(&self.scientific()),
            Some(("", fraction)) => {
                write!(f, "{}0.{}{fraction}", self.sign(), zeros(usize::try_from(-point).unwrap_or(0)))
            }
            Some((whole, "")) => write!(f, "{}{whole}", self.sign()),
            Some((whole, fraction)) => write!(f, "{}{whole}.{fraction}", self.sign()),
            None => write!(f, "{}{digits}{}", self.sign(), zeros(before.saturating_sub(digits.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use serde_json::Value as Document;

    use super::*;
    use crate::types::Column as _;
    use crate::value::Value;

    #[test]
    fn a_number_has_one_text_with_all_its_digits() {
        for (texts, canonical) in [
            (["0", "-0", "0.00", "-0e7", "0e99999999999"].as_slice(), "0"),
            (&["5", "5.0", "0.05e2", "50e-1", "5E+0"], "5"),
            (&["-12.5", "-12.50", "-1.25e1", "-125E-1"], "-12.5"),
            (&["0.001", "1e-3", "0.0010"], "0.001"),
            (&["9007199254740993.00", "9007199254740993", "9.007199254740993e15"], "9007199254740993"),
            (&["12345678901234567.89", "1.234567890123456789E16"], "12345678901234567.89"),
            (&["100000000000000000000000000", "1e26", "10E25"], "100000000000000000000000000"),
            (&["1e100", "10e99", "0.1e101"], "1e+100"),
            (&["-1.5e-100", "-15e-101"], "-1.5e-100"),
            (&["1e-130", "0.1e-129"], "1e-130"),
            (&["9.99e125", "99.9e124"], "9.99e+125"),
        ] {
            for text in texts {
                assert_eq!(canonical_text(text).unwrap(), canonical, "{text}");
            }
        }
        let many = "1".repeat(39);
        for text in
            [&*many, "1e126", "-1e126", "9e-131", "1e99999999999", "1e-99999999999", "", "-", ".", "1e", "x", "1e9x"]
        {
            assert!(canonical_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read_or_refused() {
        for text in [
            "9007199254740993.00",
            "12345678901234567.89",
            "-0",
            "-0.0",
            "0.10",
            "1e5",
            "1E-7",
            "18446744073709551616",
            "340282366920938463463374607431768211455",
            "-9223372036854775809",
            "1e400",
            "1e126",
            "1.5E100",
            "-15e-101",
            "1e-131",
            "0.1234567890123456789012345678901234567890",
        ] {
            let Ok(written) = serde_json::from_str::<Document>(text) else { continue };
            // Two of one number, in a filter and in a record, have to be equal.
            let Ok(Value::Json(Document::Number(stored))) = Document::encode(written) else { continue };
            assert_eq!(document_number(&stored.to_string()).unwrap(), stored, "{text}");
            if *ARE_TEXTS {
                assert_eq!(canonical_text(text).unwrap(), stored.to_string());
            }
        }
    }

    #[test]
    fn what_others_have_stored_is_read_in_the_one_form() {
        for (text, canonical) in
            [("5.0", "5"), ("1E+3", "1000"), ("-2.50e1", "-25"), ("18446744073709551615", "18446744073709551615")]
        {
            assert_eq!(document_number(text).unwrap().to_string(), canonical);
        }
    }

    proptest! {
        #[test]
        fn every_notation_has_the_same_text(digits in "[1-9][0-9]{0,37}", places in 0_usize..60, exponent in -60_i64..60) {
            let text = canonical_text(&format!("{digits}e{exponent}")).unwrap();
            prop_assert_eq!(&canonical_text(&text).unwrap(), &text);
            let written = format!("{}{digits}", "0".repeat(places + 1));
            let (whole, fraction) = written.split_at(written.len() - places);
            let moved = format!("{whole}.{fraction}0E{:+}", exponent + places as i64);
            prop_assert_eq!(&canonical_text(&moved).unwrap(), &text);
            prop_assert_eq!(canonical_text(&format!("-{moved}")).unwrap(), format!("-{text}"));
        }

        #[test]
        fn a_float_is_the_same_float_again(float in proptest::num::f64::NORMAL) {
            if let Ok(text) = canonical_text(&format!("{float:e}")) {
                prop_assert_eq!(text.parse::<f64>(), Ok(float));
                prop_assert!(document_number(&text).is_ok());
            }
        }
    }
}
