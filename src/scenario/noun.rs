//! The nouns of the language.

/// A noun of the language.
pub trait Noun {}
impl Noun for crate::units::Rate {}
impl Noun for super::profile::Count {}
impl<V: Noun> Noun for super::profile::Profile<V> {}

macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $( $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $([$limit:expr])? = $default:expr ),* $(,)? }
    ) => {
        record! { @type $(#[doc = $doc])* $name { $( $(#[doc = $fdoc])* $field: $ty, )* } }
        impl Default for $name {
            fn default() -> Self { Self { $( $field: $default ),* } }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $( $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $([$limit:expr])? $(= $default:expr)? ),* $(,)? }
    ) => {
        record! { @type $(#[doc = $doc])* $name { $( $(#[doc = $fdoc])* $field: $ty, )* } }
    };
    (@type $(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $fdoc:literal])* $field:ident : $ty:ty, )* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $( $(#[doc = $fdoc])* pub $field: $ty ),* }
    };
}
pub(crate) use record;

macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub enum $name:ident $(<$v:ident : $bound:path>)? $(or ($stand_in:expr))? { $(
            $(#[doc = $vdoc:literal])*
            $variant:ident
            $( ( $( $arg:ident : $argty:ty $([$arglimit:expr])? ),* ) )?
            $( { $( $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $([$limit:expr])? $(= $default:expr)? ),* $(,)? } )?
        ),* $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq $(, $($derive),*)?)]
        pub enum $name $(<$v: $bound>)? { $(
            $(#[doc = $vdoc])*
            $variant
            $( ( $($argty),* ) )?
            $( { $( $(#[doc = $fdoc])* $field: $ty ),* } )?
        ),* }
    };
}
pub(crate) use choice;
