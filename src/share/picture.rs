//! A picture that holds its scenario: a PNG with a link in a text chunk (`iTXt`), which every viewer passes over.

use super::{LONGEST, ShareError, is_link};
use std::io::Cursor;

/// The name of the chunk.
const KEYWORD: &str = "surgelab";
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// Whether these bytes begin as a PNG does.
#[must_use]
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// A picture of so many pixels, three bytes each, and a link inside where there is one.
///
/// # Errors
/// The pixels are not as many as it says.
pub fn write((width, height): (u32, u32), pixels: &[u8], link: Option<&str>) -> Result<Vec<u8>, ShareError> {
    let failed = |error: png::EncodingError| ShareError::Picture(error.to_string());
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(link) = link {
        encoder.add_itxt_chunk(KEYWORD.to_owned(), link.to_owned()).map_err(failed)?;
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

/// The link in a picture.
///
/// # Errors
/// It is no picture, or holds none.
pub fn link(bytes: &[u8]) -> Result<String, ShareError> {
    let limits = png::Limits { bytes: 4 * LONGEST };
    let reader = png::Decoder::new_with_limits(Cursor::new(bytes), limits)
        .read_info()
        .map_err(|error| ShareError::Picture(error.to_string()))?;
    let chunk = reader.info().utf8_text.iter().find(|chunk| chunk.keyword == KEYWORD);
    let text = chunk.ok_or(ShareError::NoScenarioInside)?.get_text();
    let text = text.map_err(|error| ShareError::Picture(error.to_string()))?;
    if text.len() > LONGEST {
        return Err(ShareError::TooLong(text.len()));
    }
    if is_link(&text) { Ok(text) } else { Err(ShareError::Damaged("the picture holds no link".to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_out_of_its_picture() {
        let pixels = vec![7; 3 * 5 * 4];
        let link_text = "s1.AAAA-_";
        let picture = write((5, 4), &pixels, Some(link_text)).unwrap();
        assert!(is_one(&picture));
        assert_eq!(link(&picture).as_deref(), Ok(link_text));
        let plain = write((5, 4), &pixels, None).unwrap();
        assert_eq!(link(&plain), Err(ShareError::NoScenarioInside));
        for end in [9, 20, 40] {
            assert!(link(&picture[..end]).is_err(), "cut off after {end} bytes");
        }
        assert!(write((5, 5), &pixels, None).is_err());
    }
}
