//! How wide a text is, before there are fonts: the advances of Inter for what is typed, in thousandths of its size.

/// From the space to the tilde.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357,
    648, 648, 648, 648, 648, 648, 648, 648, 648, 648, 276, 280, 659, 659, 659, 507,
    936, 676, 651, 727, 719, 598, 587, 743, 740, 264, 543, 652, 562, 889, 753, 761,
    635, 761, 639, 638, 642, 741, 676, 949, 642, 665, 625, 362, 357, 362, 469, 452,
    497, 564, 621, 558, 621, 582, 361, 609, 591, 237, 237, 544, 237, 869, 585, 597,
    609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659,
];
#[rustfmt::skip]
const STRONG: [u16; 95] = [
    248, 309, 396, 643, 649, 844, 663, 213, 393, 393, 543, 673, 295, 466, 290, 379,
    670, 670, 670, 670, 669, 670, 670, 670, 670, 670, 290, 295, 673, 673, 673, 544,
    999, 724, 657, 744, 724, 608, 586, 755, 744, 275, 561, 677, 566, 906, 741, 775,
    643, 776, 651, 649, 660, 734, 724, 1007, 690, 705, 653, 393, 379, 393, 481, 468,
    497, 575, 630, 577, 630, 593, 377, 625, 613, 261, 261, 569, 261, 898, 610, 608,
    625, 625, 397, 549, 380, 608, 576, 837, 562, 576, 562, 393, 358, 393, 673,
];
/// Of whatever else there is.
const OTHER: u16 = 640;
/// Of every letter of JetBrains Mono.
const MONO: u16 = 600;

/// Which letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// Inter, regular: text.
    #[default]
    Regular,
    /// Inter, semibold.
    Strong,
    /// JetBrains Mono.
    Mono,
}

/// Pixels across.
pub(super) fn width(text: &str, face: Face, size: f32) -> f32 {
    let advance = |letter: char| {
        let table = match face {
            Face::Regular => &REGULAR,
            Face::Strong => &STRONG,
            Face::Mono => return MONO,
        };
        (letter as usize).checked_sub(32).and_then(|at| table.get(at)).copied().unwrap_or(OTHER)
    };
    text.chars().map(|letter| f32::from(advance(letter))).sum::<f32>() * size / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_of_one_width() {
        let widths: Vec<f32> =
            "0123456789".chars().map(|digit| width(&digit.to_string(), Face::Regular, 12.0)).collect();
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 0.01), "{widths:?}");
        assert!(width("WWW", Face::Strong, 14.0) > 2.0 * width("iii", Face::Strong, 14.0));
    }
}
