//! The characters of no width that scripts and emoji need: where they may stand.
//!
//! U+200C and U+200D change how the letters beside them are joined: Persian plurals, conjuncts of Indic scripts. The
//! rule is that of RFC 5892 (appendix A.1 and A.2) for names in the same scripts: after a virama, or between two letters
//! of a script whose letters join. U+200D also joins emoji, and U+FE0E and U+FE0F say how one is shown. Anywhere else they
//! only hide something.

/// Zero-width non-joiner.
const NON_JOINER: char = '\u{200c}';

/// Zero-width joiner.
const JOINER: char = '\u{200d}';

/// Shows the symbol before it as text.
const TEXT_STYLE: char = '\u{fe0e}';

/// Shows the symbol before it as a picture.
const EMOJI_STYLE: char = '\u{fe0f}';

/// The viramas: each takes the vowel from the consonant before it, so that the next one may join (canonical combining
/// class 9).
const VIRAMAS: [char; 62] = [
    '\u{94d}',
    '\u{9cd}',
    '\u{a4d}',
    '\u{acd}',
    '\u{b4d}',
    '\u{bcd}',
    '\u{c4d}',
    '\u{ccd}',
    '\u{d3b}',
    '\u{d3c}',
    '\u{d4d}',
    '\u{dca}',
    '\u{e3a}',
    '\u{eba}',
    '\u{f84}',
    '\u{1039}',
    '\u{103a}',
    '\u{1714}',
    '\u{1715}',
    '\u{1734}',
    '\u{17d2}',
    '\u{1a60}',
    '\u{1b44}',
    '\u{1baa}',
    '\u{1bab}',
    '\u{1bf2}',
    '\u{1bf3}',
    '\u{2d7f}',
    '\u{a806}',
    '\u{a82c}',
    '\u{a8c4}',
    '\u{a953}',
    '\u{a9c0}',
    '\u{aaf6}',
    '\u{abed}',
    '\u{10a3f}',
    '\u{11046}',
    '\u{1107f}',
    '\u{110b9}',
    '\u{11133}',
    '\u{11134}',
    '\u{111c0}',
    '\u{11235}',
    '\u{112ea}',
    '\u{1134d}',
    '\u{11442}',
    '\u{114c2}',
    '\u{115bf}',
    '\u{1163f}',
    '\u{116b6}',
    '\u{1172b}',
    '\u{11839}',
    '\u{1193d}',
    '\u{1193e}',
    '\u{119e0}',
    '\u{11a34}',
    '\u{11a47}',
    '\u{11a99}',
    '\u{11c3f}',
    '\u{11d44}',
    '\u{11d45}',
    '\u{11d97}',
];

/// Tells whether a character takes no space and joins or styles its neighbours.
pub(super) fn is_joiner(character: char) -> bool {
    matches!(character, NON_JOINER | JOINER | TEXT_STYLE | EMOJI_STYLE)
}

/// Tells whether a joiner has something to do between these two characters.
pub(super) fn joins(joiner: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match joiner {
        TEXT_STYLE | EMOJI_STYLE => is_symbol(before),
        _ if VIRAMAS.contains(&before) => true,
        _ if after.is_some_and(|after| is_joining(before) && is_joining(after)) => true,
        JOINER => is_emoji_end(before) && after.is_some_and(is_symbol),
        _ => false,
    }
}

/// Tells whether a character belongs to a script whose letters join one another (`Joining_Type`), or is a mark on such a
/// letter. Digits and punctuation of these scripts do not join.
fn is_joining(character: char) -> bool {
    matches!(character,
        // Arabic with its supplements, Syriac, N'Ko, Mandaic.
        '\u{620}'..='\u{65f}' | '\u{66e}'..='\u{6d5}' | '\u{6da}'..='\u{6dc}' | '\u{6ee}' | '\u{6ef}' | '\u{6fa}'..='\u{6ff}'
        | '\u{710}'..='\u{77f}' | '\u{7ca}'..='\u{7f5}' | '\u{840}'..='\u{85b}' | '\u{860}'..='\u{8ff}'
        | '\u{fb50}'..='\u{fbb1}' | '\u{fbd3}'..='\u{fd3d}' | '\u{fe70}'..='\u{fefc}'
        // Mongolian, Phags-pa.
        | '\u{1820}'..='\u{18aa}' | '\u{a840}'..='\u{a873}'
        // Manichaean, Psalter Pahlavi, Hanifi Rohingya, Sogdian, Chorasmian, Adlam.
        | '\u{10ac0}'..='\u{10ae4}' | '\u{10b80}'..='\u{10b91}' | '\u{10d00}'..='\u{10d27}'
        | '\u{10f30}'..='\u{10f54}' | '\u{10fb0}'..='\u{10fcb}' | '\u{1e900}'..='\u{1e94a}')
}

/// Tells whether an emoji may end with a character: a symbol, its style, or its skin tone.
fn is_emoji_end(character: char) -> bool {
    character == EMOJI_STYLE || is_symbol(character)
}

/// Tells whether a character is a symbol that has an emoji form, or stands in a keycap.
fn is_symbol(character: char) -> bool {
    matches!(
        character,
        '#' | '*' | '0'..='9' | '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25a0}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
    )
}
