//! A picture that holds its scenario: a PNG with a link in a text chunk (`iTXt`), which every viewer passes over.

use super::{LONGEST, ShareError, is_link};
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

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

/// The link in a picture. Nothing of it is unpacked but the text that is looked for, and of that no more than a link
/// may have.
///
/// # Errors
/// It is no picture, or holds none.
pub fn link(bytes: &[u8]) -> Result<String, ShareError> {
    let mut rest = bytes.strip_prefix(&SIGNATURE).ok_or_else(|| damaged("it does not begin as one"))?;
    loop {
        let (chunk, behind) = Chunk::first(rest)?;
        match &chunk.kind {
            b"iTXt" if chunk.content.strip_prefix(KEYWORD.as_bytes()).is_some_and(|rest| rest.first() == Some(&0)) => {
                return chunk.link();
            }
            b"IEND" => return Err(ShareError::NoScenarioInside),
            _ => rest = behind,
        }
    }
}

/// A part of a picture (PNG, 5.3): its length, its kind, its content, and a sum over the last two.
struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
    sum: u32,
}

impl<'a> Chunk<'a> {
    /// The first one, and what comes behind it.
    fn first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), ShareError> {
        let cut_off = || damaged("it is cut off");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(cut_off)?;
        let (kind, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
        let (content, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(cut_off)?;
        let (sum, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
        Ok((Self { kind: *kind, content, sum: u32::from_be_bytes(*sum) }, rest))
    }

    /// The link of a text chunk (PNG, 11.3.4.5): its name, whether and how it is packed, a language, the name in that
    /// language, the text.
    fn link(&self) -> Result<String, ShareError> {
        if self.content.len() > 2 * LONGEST {
            return Err(ShareError::TooLong(self.content.len()));
        }
        if sum(&self.kind, self.content) != self.sum {
            return Err(damaged("its text was changed"));
        }
        let mut parts = self.content.splitn(2, |byte| *byte == 0);
        let text = match parts.nth(1) {
            Some([packed, 0, rest @ ..]) if *packed < 2 => {
                let text = rest.splitn(3, |byte| *byte == 0).nth(2).ok_or_else(|| damaged("its text is cut off"))?;
                if *packed == 1 { unpack(text)? } else { text.to_vec() }
            }
            Some(_) | None => return Err(damaged("its text is packed in a way that is not known")),
        };
        if text.len() > LONGEST {
            return Err(ShareError::TooLong(text.len()));
        }
        let text = String::from_utf8(text).map_err(|_| damaged("its text is none"))?;
        if is_link(&text) { Ok(text) } else { Err(ShareError::Damaged("the picture holds no link".to_owned())) }
    }
}

/// What was packed, as long as a link may be.
fn unpack(packed: &[u8]) -> Result<Vec<u8>, ShareError> {
    decompress_to_vec_zlib_with_limit(packed, LONGEST).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => ShareError::TooLarge(LONGEST),
        _ => damaged("its text cannot be unpacked"),
    })
}

/// The sum of a chunk: CRC-32 (PNG, annex D).
fn sum(kind: &[u8], content: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
    };
    !kind.iter().chain(content).fold(u32::MAX, step)
}

fn damaged(what: &str) -> ShareError {
    ShareError::Picture(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;

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
        let mut changed = picture;
        let at = changed.windows(5).position(|five| five == b"s1.AA").unwrap();
        changed[at + 4] = b'B';
        assert_eq!(link(&changed), Err(damaged("its text was changed")));
    }

    /// As other programs write a text: packed.
    fn packed(text: &[u8]) -> Vec<u8> {
        let content = [b"surgelab\0\x01\0\0\0".to_vec(), compress_to_vec_zlib(text, 9)].concat();
        let chunk = |kind: &[u8], content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&length, kind, content, &sum(kind, content).to_be_bytes()].concat()
        };
        let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0];
        [SIGNATURE.to_vec(), chunk(b"IHDR", &head), chunk(b"iTXt", &content), chunk(b"IEND", &[])].concat()
    }

    /// A text of 64 MiB takes 64 KiB where it is packed; no more of it is unpacked than a link may have.
    #[test]
    fn a_packed_text_is_unpacked_up_to_the_longest_link() {
        assert_eq!(link(&packed(b"s1.AAAA")).as_deref(), Ok("s1.AAAA"));
        assert_eq!(link(&packed(&[b'A'; LONGEST + 1])), Err(ShareError::TooLarge(LONGEST)));
        let bomb = packed(&vec![b'A'; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(link(&bomb), Err(ShareError::TooLarge(LONGEST)));
    }
}
