//! `record!` and `choice!`: a type, its reader, its writer and its row in the field table in one definition.
//!
//! ```text
//! record! { /// doc
//!     pub struct Machine { /// doc
//!         count: u32 [0.0..=100_000.0] = 1, .. } }      // type, allowed values, default; no default: required
//! record! { pub struct Service { /// doc
//!         on: Vec<String> as Refers(Machine) = Vec::new(), .. } }      // what its texts, or its map's keys, name
//! ```

/// `None`, or `Some` of what is given.
macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

/// The form of a variant with these values.
macro_rules! form {
    () => {
        $crate::scenario::described::Form::Bare
    };
    (( $($value:ident)* )) => {
        $crate::scenario::described::Form::Positional
    };
    ({ $($field:ident)* }) => {
        $crate::scenario::described::Form::Named
    };
}

/// A type with named fields. With a default for each, it has a `Default`.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $(
            $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $(as $names:ident $(($thing:ident))?)? $([$limit:expr])?
                = $default:expr
        ),* $(,)? }
    ) => {
        record! { @type $(#[doc = $doc])* pub struct $name { $(
            $(#[doc = $fdoc])* $field: $ty $(as $names $(($thing))?)? $([$limit])? = $default,
        )* } }
        impl Default for $name {
            fn default() -> Self { Self { $( $field: $default ),* } }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $(
            $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $(as $names:ident $(($thing:ident))?)? $([$limit:expr])?
                $(= $default:expr)?
        ),* $(,)? }
    ) => {
        record! { @type $(#[doc = $doc])* pub struct $name { $(
            $(#[doc = $fdoc])* $field: $ty $(as $names $(($thing))?)? $([$limit])? $(= $default)?,
        )* } }
    };
    (@type
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $(
            $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $(as $names:ident $(($thing:ident))?)? $([$limit:expr])?
                $(= $default:expr)?,
        )* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $( $(#[doc = $fdoc])* pub $field: $ty ),* }

        impl $crate::scenario::described::Described for $name {
            fn shape() -> $crate::scenario::described::Shape {
                #[allow(unused_imports, reason = "not all have defaults")]
                use $crate::scenario::described::{Field, Names, Record, Shape, Thing, optional, show};
                Shape::Record(const { &Record {
                    name: stringify!($name),
                    doc: concat!($($doc),*),
                    fields: &[ $( Field {
                        name: stringify!($field),
                        doc: concat!($($fdoc),*),
                        shape: <$ty as $crate::scenario::described::Described>::shape,
                        default: optional!($( || { let value: $ty = $default; show(&value) } )?),
                        limit: optional!($( || $crate::scenario::described::Limit::<$ty>::text(&$limit) )?),
                        allowed: optional!($( || $crate::scenario::described::Limit::<$ty>::allowed(&$limit) )?),
                        names: optional!($( Names::$names $((Thing::$thing))? )?),
                    } ),* ],
                } })
            }

            fn read(
                node: &$crate::scenario::syntax::Node, reader: &mut $crate::scenario::described::Reader<'_>,
            ) -> Option<Self> {
                use $crate::scenario::described::{Limit, optional};
                let mut parts = reader.record(node, Self::shape())?.into_iter();
                $(
                    let limit: Option<&dyn Limit<$ty>> = optional!($( &$limit )?);
                    let default: Option<fn() -> $ty> = optional!($( || $default )?);
                    let $field = reader.field(stringify!($field), parts.next().flatten(), limit, default);
                )*
                Some(Self { $( $field: $field? ),* })
            }

            fn write(&self) -> $crate::scenario::described::Doc {
                use $crate::scenario::described::{Doc, optional};
                let mut doc = Doc::group("(", ")");
                $(
                    let default: Option<$ty> = optional!($( $default )?);
                    if default.as_ref() != Some(&self.$field) {
                        doc.push(Some(stringify!($field)), $crate::scenario::described::Described::write(&self.$field));
                    }
                )*
                doc
            }
        }
    };
}

/// A type that is one of several things: `Name`, `Name(value)` or `Name { field: value }`.
/// `or (value)` after its name: what takes the place of one that cannot be read.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub enum $name:ident $(<$v:ident : $bound:path>)? $(or ($stand_in:expr))? { $(
            $(#[doc = $vdoc:literal])*
            $variant:ident
            $( ( $( $arg:ident : $argty:ty $(as $argnames:ident $(($argthing:ident))?)? $([$arglimit:expr])? ),* ) )?
            $( { $(
                $(#[doc = $fdoc:literal])* $field:ident : $ty:ty $(as $names:ident $(($thing:ident))?)?
                    $([$limit:expr])? $(= $default:expr)?
            ),* $(,)? } )?
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

        impl $(<$v: $bound + Clone + PartialEq>)? $crate::scenario::described::Described for $name $(<$v>)? {
            fn shape() -> $crate::scenario::described::Shape {
                #[allow(unused_imports, reason = "which of them depends on the variants")]
                use $crate::scenario::described::{
                    Choice, Described, Field, Limit, Names, Shape, Thing, Variant, form, optional, show,
                };
                Shape::Choice(const { &Choice {
                    name: stringify!($name),
                    doc: concat!($($doc),*),
                    variants: &[ $( Variant {
                        name: stringify!($variant),
                        doc: concat!($($vdoc),*),
                        form: form!($( ( $($arg)* ) )? $( { $($field)* } )?),
                        fields: &[
                            $( $( Field {
                                name: stringify!($arg),
                                doc: "",
                                shape: <$argty as Described>::shape,
                                default: None,
                                limit: optional!($( || Limit::<$argty>::text(&$arglimit) )?),
                                allowed: optional!($( || Limit::<$argty>::allowed(&$arglimit) )?),
                                names: optional!($( Names::$argnames $((Thing::$argthing))? )?),
                            } ),* )?
                            $( $( Field {
                                name: stringify!($field),
                                doc: concat!($($fdoc),*),
                                shape: <$ty as Described>::shape,
                                default: optional!($( || { let value: $ty = $default; show(&value) } )?),
                                limit: optional!($( || Limit::<$ty>::text(&$limit) )?),
                                allowed: optional!($( || Limit::<$ty>::allowed(&$limit) )?),
                                names: optional!($( Names::$names $((Thing::$thing))? )?),
                            } ),* )?
                        ],
                    } ),* ],
                } })
            }

            fn read(
                node: &$crate::scenario::syntax::Node, reader: &mut $crate::scenario::described::Reader<'_>,
            ) -> Option<Self> {
                #[allow(unused_imports, reason = "which of them depends on the variants")]
                use $crate::scenario::described::{Limit, optional};
                let (variant, parts) = reader.choice(node, Self::shape())?;
                #[allow(unused_variables, unused_mut, reason = "used by variants with values")]
                let mut parts = parts.into_iter();
                match variant {
                    $( stringify!($variant) => {
                        $( $(
                            let limit: Option<&dyn Limit<$argty>> = optional!($( &$arglimit )?);
                            let $arg = reader.field(stringify!($arg), parts.next().flatten(), limit, None);
                        )* )?
                        $( $(
                            let limit: Option<&dyn Limit<$ty>> = optional!($( &$limit )?);
                            let default: Option<fn() -> $ty> = optional!($( || $default )?);
                            let $field = reader.field(stringify!($field), parts.next().flatten(), limit, default);
                        )* )?
                        Some(Self::$variant $( ( $($arg?),* ) )? $( { $($field: $field?),* } )?)
                    } )*
                    _ => None,
                }
            }

            fn write(&self) -> $crate::scenario::described::Doc {
                #[allow(unused_imports, reason = "which of them depends on the variants")]
                use $crate::scenario::described::{Doc, Described, optional};
                match self {
                    $( Self::$variant $( ( $($arg),* ) )? $( { $($field),* } )? => {
                        #[allow(unused_mut, reason = "variants without values")]
                        let mut doc = Doc::group(concat!(stringify!($variant), "("), ")");
                        $( $( doc.push(None, Described::write($arg)); )* )?
                        $( $(
                            let default: Option<$ty> = optional!($( $default )?);
                            if default.as_ref() != Some($field) {
                                doc.push(Some(stringify!($field)), Described::write($field));
                            }
                        )* )?
                        doc.or_bare(stringify!($variant))
                    } ),*
                }
            }

            $( fn stand_in() -> Option<Self> { Some($stand_in) } )?
        }
    };
}

pub(crate) use {choice, form, optional, record};
