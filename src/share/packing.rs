//! The bytes of a link: deflated, with a dictionary that both sides have. It holds the words of the language as
//! scenarios use them, and belongs to form 1 for ever: not a byte of it may change.

use super::ShareError;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

const DICTIONARY: &[u8] = include_bytes!("../../assets/share/dictionary-1.txt");
/// Most bytes that are unpacked.
pub const LARGEST: usize = (1 << 20) + (64 << 10);
/// Best, in the terms of zlib; raw: no header.
const LEVEL: i32 = 9;
const RAW: i32 = -15;

/// Deflated after the dictionary, which is not written.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, RAW, 0));
    // The dictionary goes before and is flushed to the end of a byte: what comes next refers to it and stands alone.
    through(&mut compressor, DICTIONARY, TDEFLFlush::Sync);
    through(&mut compressor, bytes, TDEFLFlush::Finish)
}

fn through(compressor: &mut CompressorOxide, mut input: &[u8], flush: TDEFLFlush) -> Vec<u8> {
    let mut out = Vec::new();
    let mut room = vec![0; 1 << 16];
    loop {
        let (status, read, written) = compress(compressor, input, &mut room, flush);
        out.extend_from_slice(&room[..written]);
        input = &input[read..];
        let flushed = input.is_empty() && written < room.len();
        if status != TDEFLStatus::Okay || flushed {
            return out;
        }
    }
}

/// What was packed.
///
/// # Errors
/// It is damaged, or more than [`LARGEST`].
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, ShareError> {
    let from = DICTIONARY.len();
    let mut out = DICTIONARY.to_vec();
    out.resize(from + LARGEST + 1, 0);
    let mut inflater = DecompressorOxide::new();
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut inflater, packed, &mut out, from, flags);
    if status == TINFLStatus::HasMoreOutput || written > LARGEST {
        return Err(ShareError::TooLarge(LARGEST));
    }
    if status != TINFLStatus::Done {
        return Err(ShareError::Damaged("it is cut off or changed".to_owned()));
    }
    if read < packed.len() {
        return Err(ShareError::Damaged("something follows its end".to_owned()));
    }
    Ok(out[from..from + written].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_is_that_of_form_1() {
        // What was sent with it can be opened with no other.
        let digest = crate::model::hash::hash(DICTIONARY);
        assert_eq!((DICTIONARY.len(), format!("{digest:016x}")), (31_000, "626570dcac228b42".to_owned()));
    }

    #[test]
    fn whatever_is_packed_comes_back() {
        let noise: Vec<u8> = (0..70_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for bytes in [&b""[..], b"a", b"(version: 1, title: \"x\")", DICTIONARY, &noise] {
            assert_eq!(unpack(&pack(bytes)).as_deref(), Ok(bytes));
        }
        assert!(pack(&DICTIONARY[1_000..5_000]).len() < 60, "what both sides know is not sent");
    }

    #[test]
    fn what_unpacks_without_end_is_refused() {
        let bomb = pack(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(unpack(&bomb), Err(ShareError::TooLarge(LARGEST)));
        for end in 0..20 {
            let whole = pack(b"services.app.workers of a system nobody knows");
            assert!(unpack(&whole[..whole.len().saturating_sub(end + 1)]).is_err());
        }
    }
}
