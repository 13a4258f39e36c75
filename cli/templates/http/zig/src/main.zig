//! The plugin. Each interface that the world exports is a namespace here, with a function for each of its functions.

const std = @import("std");
const wit = @import("wit");

/// The server. plugin.toml, toolcell.toml and the cases name it, too.
const host = "example.com";

const Page = wit.Result([]const u8, wit.tools.PageError);

pub const tools = struct {
    pub fn readPage(arena: std.mem.Allocator, path: []const u8) !Page {
        const response = get(path) orelse return .{ .err = .no_answer };
        if (response.status() != 200) return .{ .err = .{ .status = response.status() } };
        const page = try read(arena, response) orelse return .{ .err = .no_answer };
        return .{ .ok = page };
    }
};

/// Sends a request, and waits until the response begins.
fn get(path: []const u8) ?wit.types.IncomingResponse {
    const request = wit.types.OutgoingRequest.init(wit.types.Fields.init()); // GET, without headers
    _ = request.setScheme(.https);
    _ = request.setAuthority(host);
    _ = request.setPathWithQuery(path);
    const sent = switch (wit.outgoing_handler.handle(request, null)) {
        .ok => |sent| sent,
        .err => return null,
    };
    sent.subscribe().block();
    return switch (sent.get().?.ok) {
        .ok => |response| response,
        .err => null,
    };
}

/// Reads the body of a response; null if it breaks off.
fn read(arena: std.mem.Allocator, response: wit.types.IncomingResponse) !?[]const u8 {
    const stream = response.consume().ok.stream().ok;
    var page: std.ArrayList(u8) = .empty;
    while (true) {
        switch (stream.blockingRead(65536)) {
            .ok => |part| try page.appendSlice(arena, part),
            .err => |end| return if (end == .closed) page.items else null,
        }
    }
}
