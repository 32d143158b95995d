//! What values a field takes, beyond what its type says.
use crate::scenario::amount::{Amount, Dimension};
use crate::units::Percent;
use std::ops::RangeInclusive;

/// Allowed values of a `T`.
pub trait Limit<T> {
    /// What is wrong with `value`, and what was expected; None when it is allowed.
    fn refuses(&self, name: &str, value: &T) -> Option<(String, String)>;
    /// "1 to 1024".
    fn text(&self) -> String;
    /// The same, to reckon with.
    fn allowed(&self) -> Allowed;
}

/// Values that a field takes, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allowed {
    /// From the one to the other, both included.
    Between(f64, f64),
    /// Amounts of this.
    Of(Dimension),
}

/// Something with a size that can be out of range.
pub trait Measured {
    /// Its size, if it is there.
    fn measure(&self) -> Option<f64>;
    /// A size as one would write it.
    fn print(size: f64) -> String {
        grouped(size)
    }
}

/// A number with its thousands apart: `10_000_000`.
fn grouped(number: f64) -> String {
    let plain = number.to_string();
    if number < 10_000.0 || number.fract() != 0.0 {
        return plain;
    }
    let mut out = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

impl Measured for u32 {
    fn measure(&self) -> Option<f64> {
        Some(f64::from(*self))
    }
}
impl Measured for f64 {
    fn measure(&self) -> Option<f64> {
        Some(*self)
    }
}
impl Measured for Percent {
    fn measure(&self) -> Option<f64> {
        Some(self.0)
    }
    fn print(size: f64) -> String {
        Percent(size).to_string()
    }
}
impl<T: Measured> Measured for Option<T> {
    fn measure(&self) -> Option<f64> {
        self.as_ref().and_then(T::measure)
    }
    fn print(size: f64) -> String {
        T::print(size)
    }
}

impl<T: Measured> Limit<T> for RangeInclusive<f64> {
    fn refuses(&self, name: &str, value: &T) -> Option<(String, String)> {
        let size = value.measure()?;
        (!self.contains(&size))
            .then(|| (format!("`{name}` is out of range"), format!("expected {}", Limit::<T>::text(self))))
    }
    fn text(&self) -> String {
        format!("{} to {}", T::print(*self.start()), T::print(*self.end()))
    }
    fn allowed(&self) -> Allowed {
        Allowed::Between(*self.start(), *self.end())
    }
}

impl Limit<Option<Amount>> for Dimension {
    fn refuses(&self, name: &str, value: &Option<Amount>) -> Option<(String, String)> {
        value.as_ref().and_then(|amount| self.refuses(name, amount))
    }
    fn text(&self) -> String {
        Limit::<Amount>::text(self)
    }
    fn allowed(&self) -> Allowed {
        Allowed::Of(*self)
    }
}

impl Limit<Amount> for Dimension {
    fn refuses(&self, name: &str, value: &Amount) -> Option<(String, String)> {
        (value.dimension() != *self).then(|| {
            let message = format!("`{name}` is {}, and `{value}` is {}", self.what(), value.dimension().what());
            (message, format!("expected {} such as \"{}\"", self.what(), self.example()))
        })
    }
    fn text(&self) -> String {
        self.what().to_owned()
    }
    fn allowed(&self) -> Allowed {
        Allowed::Of(*self)
    }
}
