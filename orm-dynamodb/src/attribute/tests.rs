//! What is written is read back, and what others have written.

use serde_json::json;

use super::*;
use crate::key::plain_text;

fn round_trip(kind: FieldKind, value: Value) {
    let attribute = to_attribute(&value).unwrap();
    assert_eq!(from_attribute(kind, attribute).unwrap(), value);
}

#[test]
fn every_kind_comes_back_as_it_went() {
    round_trip(FieldKind::String, Value::Text("ü \"".into()));
    round_trip(FieldKind::Bytes, Value::Bytes(vec![0, 255]));
    round_trip(FieldKind::Bool, Value::Bool(true));
    round_trip(FieldKind::Integer, Value::Integer(-5));
    round_trip(FieldKind::BigInt, Value::Integer(10_i128.pow(38) - 1));
    round_trip(FieldKind::Decimal, Value::Decimal("-0.0000001".parse().unwrap()));
    round_trip(FieldKind::DateTime, Value::Text("2026-01-02T03:04:05.006Z".into()));
    round_trip(
        FieldKind::Json,
        Value::Json(json!({"a": [1, 1.5, -2, 18446744073709551615_u64, null, true, {"b": ""}]})),
    );
}

#[test]
fn the_forms_of_the_typescript_package_are_read() {
    let read = |kind, attribute| from_attribute(kind, attribute).unwrap();
    assert_eq!(read(FieldKind::BigInt, AttributeValue::S("9007199254740993".into())), Value::Integer(9007199254740993));
    assert_eq!(read(FieldKind::Decimal, AttributeValue::S("12.5".into())), Value::Decimal("12.5".parse().unwrap()));
    assert_eq!(read(FieldKind::String, AttributeValue::Null(true)), Value::Null);
    assert_eq!(read(FieldKind::Json, AttributeValue::Null(true)), Value::Null);
}

#[test]
fn scientific_and_padded_decimals_are_normalised() {
    let read = |text: &str| from_attribute(FieldKind::Decimal, AttributeValue::N(text.into())).unwrap();
    assert_eq!(read("12.50"), Value::Decimal("12.5".parse().unwrap()));
    assert_eq!(read("1E+3"), Value::Decimal("1000".parse().unwrap()));
    assert_eq!(read("-12.5e-3"), Value::Decimal("-0.0125".parse().unwrap()));
    for text in ["1.23456789012345678901234567890123E+5", "1.23456789012345678901234567890123", "1e-29", "1e99", "e"] {
        for stored in [AttributeValue::N(text.into()), AttributeValue::S(text.into())] {
            assert!(from_attribute(FieldKind::Decimal, stored).is_err(), "{text}");
        }
    }
}

#[test]
fn whole_numbers_are_read_in_any_notation() {
    let read = |kind, text: &str| from_attribute(kind, AttributeValue::N(text.into()));
    for (text, whole) in [
        ("5.0", 5),
        ("1E+3", 1000),
        ("-1.50e1", -15),
        ("100E-2", 1),
        ("+7", 7),
        ("0.0", 0),
        ("0.5e1", 5),
        ("9.9999999999999999999999999999999999999E+37", 10_i128.pow(38) - 1),
        ("1.000000000000000000000000000000000000000000000000", 1),
    ] {
        for kind in [FieldKind::Integer, FieldKind::BigInt] {
            assert_eq!(read(kind, text).unwrap(), Value::Integer(whole), "{text}");
        }
    }
    for text in ["1.5", "15e-1", "1e", "e3", "", ".", "1.-5", "1.+5", "1e39", "1e99999999999", "1e-99", "x"] {
        assert!(read(FieldKind::Integer, text).is_err(), "{text}");
    }
    assert!(from_attribute(FieldKind::BigInt, AttributeValue::S("5.0".into())).is_err());
}

#[test]
fn decimals_are_read_in_any_notation() {
    for (text, decimal) in [
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("1.00000000000000000000000000000", "1"),
        ("0.10000000000000000000000000000000", "0.1"),
        ("1.0e-28", "0.0000000000000000000000000001"),
        ("-10e-29", "-0.0000000000000000000000000001"),
        ("1816661083189726405900000000e-35", "0.000000018166610831897264059"),
        ("0e29", "0"),
        ("-0.00E72", "0"),
        ("79228162514264337593543950335.0", "79228162514264337593543950335"),
        ("100000000000000000000000000000.0e-10", "10000000000000000000"),
    ] {
        for attribute in [AttributeValue::S(text.into()), AttributeValue::N(text.into())] {
            let read = from_attribute(FieldKind::Decimal, attribute).unwrap();
            assert_eq!(read, Value::Decimal(decimal.parse().unwrap()), "{text}");
            assert_eq!(plain_text(&read), decimal);
        }
    }
    for text in
        ["", ".", "-", "e3", "1e", "1.-5", "1.0.0", "1e-29", "1.5e-28", "79228162514264337593543950336.0", "x", "0x1"]
    {
        assert!(from_attribute(FieldKind::Decimal, AttributeValue::S(text.into())).is_err(), "{text}");
    }
}

#[test]
fn dynamodb_has_numbers_of_38_digits_in_its_range() {
    for text in ["0", "-0.0e999", "1e125", "9.9e125", "-1E-130", "12345678901234567890123456789012345678", "1.50"] {
        assert!(is_number(text), "{text}");
    }
    for text in
        ["1e126", "1e-131", "10e125", "123456789012345678901234567890123456789", "1e200", "seven", "", "NaN", "inf"]
    {
        assert!(!is_number(text), "{text}");
    }
}

#[test]
fn what_no_field_holds_is_an_error() {
    assert!(from_attribute(FieldKind::String, AttributeValue::Ss(vec!["a".into()])).is_err());
    assert!(from_attribute(FieldKind::Integer, AttributeValue::N("1.5".into())).is_err());
    assert!(from_attribute(FieldKind::Decimal, AttributeValue::N("9".repeat(38))).is_err());
    // Nor are bytes taken for anything else, or anything else for bytes: the lock of such a value is left alone.
    assert!(from_attribute(FieldKind::String, AttributeValue::B(Blob::new(b"a"))).is_err());
    assert!(from_attribute(FieldKind::Bytes, AttributeValue::S("YQ".into())).is_err());
}
