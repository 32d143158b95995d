//! Colours hold what is said of them: text can be read on what it stands on, states can be told apart whatever eyes one
//! has.

use surgelab::lab::theme::{DARK, LIGHT, Palette, Rgb};

fn linear(value: u8) -> f64 {
    let v = f64::from(value) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// WCAG 2: relative luminance.
fn luminance(color: Rgb) -> f64 {
    let [r, g, b] = color.map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// WCAG 2: 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (a, b) = (luminance(one) + 0.05, luminance(other) + 0.05);
    if a > b { a / b } else { b / a }
}

/// Who sees it.
#[derive(Clone, Copy, Debug)]
enum Eyes {
    Normal,
    Protan,
    Deutan,
    Tritan,
}

/// Linear RGB as those eyes have it: Machado, Oliveira and Fernandes 2009, full severity.
fn seen(color: Rgb, eyes: Eyes) -> [f64; 3] {
    let rgb = color.map(linear);
    let rows = match eyes {
        Eyes::Normal => return rgb,
        Eyes::Protan => {
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        }
        Eyes::Deutan => {
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        }
        Eyes::Tritan => {
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
        }
    };
    rows.map(|row: [f64; 3]| row.iter().zip(rgb).map(|(share, value)| share * value).sum::<f64>().clamp(0.0, 1.0))
}

/// CIE L*a*b* under D65.
fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = rgb;
    let xyz = [
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    ];
    let [x, y, z] = xyz.map(|v| if v > 0.008856 { v.cbrt() } else { 7.787 * v + 16.0 / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIE76.
fn distance(one: Rgb, other: Rgb, eyes: Eyes) -> f64 {
    let (a, b) = (lab(seen(one, eyes)), lab(seen(other, eyes)));
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

fn states(palette: &Palette) -> [(&'static str, Rgb); 5] {
    [
        ("moving", palette.moving),
        ("waiting", palette.waiting),
        ("saturated", palette.saturated),
        ("failed", palette.failed),
        ("succeeded", palette.succeeded),
    ]
}

#[test]
fn text_can_be_read() {
    for (name, palette) in [("dark", &DARK), ("light", &LIGHT)] {
        for (what, ink) in [("text", palette.text), ("muted", palette.muted)] {
            for (on, back) in [("ground", palette.ground), ("surface", palette.surface)] {
                let found = contrast(ink, back);
                assert!(found >= 4.5, "{name}: {what} on {on} has a contrast of {found:.2}, below WCAG AA");
            }
        }
    }
}

#[test]
fn signs_can_be_seen() {
    for (name, palette) in [("dark", &DARK), ("light", &LIGHT)] {
        for (state, ink) in states(palette) {
            // In the light, what waits is a filled shape with an outline of ink, whose contrast counts there.
            let least = if name == "light" && state == "waiting" { 2.0 } else { 3.0 };
            let found = contrast(ink, palette.surface);
            assert!(found >= least, "{name}: {state} on the surface has a contrast of {found:.2}");
        }
    }
}

#[test]
fn states_are_told_apart_by_all_eyes() {
    for (name, palette, least) in [("dark", &DARK, 25.0), ("light", &LIGHT, 21.75)] {
        let mut nearest = (f64::INFINITY, String::new());
        for eyes in [Eyes::Normal, Eyes::Protan, Eyes::Deutan, Eyes::Tritan] {
            for (index, (one, a)) in states(palette).into_iter().enumerate() {
                for (other, b) in states(palette).into_iter().skip(index + 1) {
                    let found = distance(a, b, eyes);
                    if found < nearest.0 {
                        nearest = (found, format!("{one} and {other} to {eyes:?} eyes"));
                    }
                }
            }
        }
        assert!(nearest.0 >= least, "{name}: {:.1} between {}", nearest.0, nearest.1);
    }
}

#[test]
fn dimmed_words_are_read_on_whatever_they_stand() {
    for palette in [&DARK, &LIGHT] {
        for ink in [palette.text, palette.muted] {
            for behind in [palette.ground, palette.surface] {
                let share = f64::from(palette.legible(ink));
                let mixed: Vec<u8> = (0..3)
                    .map(|part| (f64::from(behind[part]) * (1.0 - share) + f64::from(ink[part]) * share).round() as u8)
                    .collect();
                let told = contrast([mixed[0], mixed[1], mixed[2]], behind);
                assert!(told >= 4.5, "{ink:?} at {share} on {behind:?}: {told}");
            }
        }
    }
}
