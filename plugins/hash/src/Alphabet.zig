//! An encoding in which each character stands for the same number of bits.

const std = @import("std");
const Allocator = std.mem.Allocator;

const Alphabet = @This();

/// As many as the bits of a character can tell apart.
characters: []const u8,
/// What fills up the last group, if anything does.
padding: ?u8 = null,
/// Whether a letter means the same in both cases.
ignores_case: bool = false,
/// Characters that stand for others when they are read: pairs of one and the other.
aliases: []const [2]u8 = &.{},

pub const hex: Alphabet = .{ .characters = "0123456789abcdef", .ignores_case = true };
pub const base32: Alphabet = .{
    .characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    .padding = '=',
    .ignores_case = true,
};
pub const crockford: Alphabet = .{
    .characters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    .ignores_case = true,
    .aliases = &.{ "O0".*, "I1".*, "L1".* },
};
pub const base64: Alphabet = .{ .characters = letters ++ "+/", .padding = '=' };
pub const base64_url: Alphabet = .{ .characters = letters ++ "-_" };

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What became of a text.
pub const Decoded = union(enum) {
    bytes: []const u8,
    /// Where a character is that has no place there.
    invalid: usize,
    /// The last byte or the padding is not whole.
    incomplete,
};

/// Writes bytes.
pub fn encode(alphabet: Alphabet, arena: Allocator, bytes: []const u8) ![]const u8 {
    const bits = alphabet.bitsOfCharacter();
    const mask = alphabet.characters.len - 1;
    var text: std.ArrayList(u8) = try .initCapacity(arena, (bytes.len * 8 / bits) + alphabet.charactersOfGroup());
    var pending: usize = 0;
    var count: u5 = 0;
    for (bytes) |byte| {
        pending = (pending & 0xff) << 8 | byte;
        count += 8;
        while (count >= bits) {
            count -= bits;
            text.appendAssumeCapacity(alphabet.characters[(pending >> count) & mask]);
        }
    }
    if (count > 0) text.appendAssumeCapacity(alphabet.characters[(pending << (bits - count)) & mask]);
    if (alphabet.padding) |padding| text.appendNTimesAssumeCapacity(padding, alphabet.missing(text.items.len));
    return text.items;
}

/// Reads bytes.
pub fn decode(alphabet: Alphabet, arena: Allocator, text: []const u8) !Decoded {
    const bits = alphabet.bitsOfCharacter();
    const values = alphabet.valuesOfBytes();
    var bytes: std.ArrayList(u8) = try .initCapacity(arena, text.len * bits / 8);
    var pending: usize = 0;
    var count: u5 = 0;
    var characters: usize = 0;
    var paddings: usize = 0;
    for (text, 0..) |character, at| {
        if (std.ascii.isWhitespace(character)) continue;
        if (character == alphabet.padding) {
            paddings += 1;
            continue;
        }
        const value = values[character];
        if (value == no_value or paddings > 0) return .{ .invalid = at };
        characters += 1;
        pending = (pending & 0xff) << bits | value;
        count += bits;
        if (count >= 8) {
            count -= 8;
            bytes.appendAssumeCapacity(@truncate(pending >> count));
        }
    }
    const left = pending & ((@as(usize, 1) << count) - 1);
    const is_whole = count < bits and left == 0 and (paddings == 0 or paddings == alphabet.missing(characters));
    return if (is_whole) .{ .bytes = bytes.items } else .incomplete;
}

/// What a byte means that is no character of the alphabet.
const no_value = 0xff;

fn valuesOfBytes(alphabet: Alphabet) [256]u8 {
    var values: [256]u8 = @splat(no_value);
    for (alphabet.characters, 0..) |character, value| values[character] = @intCast(value);
    for (alphabet.aliases) |alias| values[alias[0]] = values[alias[1]];
    if (!alphabet.ignores_case) return values;
    for ('A'..'Z' + 1) |upper| {
        const lower = std.ascii.toLower(@intCast(upper));
        const value = @min(values[upper], values[lower]);
        values[upper] = value;
        values[lower] = value;
    }
    return values;
}

fn bitsOfCharacter(alphabet: Alphabet) u4 {
    return std.math.log2_int(u8, @intCast(alphabet.characters.len));
}

/// How many characters stand for a whole number of bytes.
fn charactersOfGroup(alphabet: Alphabet) usize {
    return 8 / std.math.gcd(@as(u8, 8), alphabet.bitsOfCharacter());
}

/// How many characters the last group lacks.
fn missing(alphabet: Alphabet, characters: usize) usize {
    const group = alphabet.charactersOfGroup();
    return (group - characters % group) % group;
}
