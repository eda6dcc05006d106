import CGStreamer

/// A name and named values: messages, statistics, caps.
public struct Structure: Sendable, Equatable {
    public var name: String
    public var fields: [String: GstValue]

    public init(name: String, fields: [String: GstValue] = [:]) {
        self.name = name
        self.fields = fields
    }

    public subscript(field: String) -> GstValue? {
        get { fields[field] }
        set { fields[field] = newValue }
    }

    init(_ structure: UnsafePointer<GstStructure>) {
        name = String(cString: gst_structure_get_name(structure))
        var fields: [String: GstValue] = [:]
        for index in 0..<gst_structure_n_fields(structure) {
            guard let key = gst_structure_nth_field_name(structure, guint(index)),
                let value = gst_structure_get_value(structure, key)
            else { continue }
            fields[String(cString: key)] = GstValue(value)
        }
        self.fields = fields
    }

    /// The pointer lives as long as `body`.
    func withPointer<Result>(_ body: (UnsafeMutablePointer<GstStructure>) throws -> Result) rethrows -> Result {
        let structure = makePointer()
        defer { gst_structure_free(structure) }
        return try body(structure)
    }

    /// Owned by the caller.
    func makePointer() -> UnsafeMutablePointer<GstStructure> {
        let structure = gst_structure_new_empty(name)!
        for (key, value) in fields {
            // A value that has no C form is left out; there is none that can be made in Swift.
            try? value.withValue { gst_structure_set_value(structure, key, $0) }
        }
        return structure
    }
}

/// What media is, as text: `video/x-raw,format=I420`.
public struct Caps: Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    init(_ caps: UnsafePointer<GstCaps>) {
        let text = gst_caps_to_string(caps)
        defer { g_free(text) }
        description = text.map { String(cString: $0) } ?? ""
    }

    /// Of the first structure.
    public var first: Structure? {
        guard let caps = try? makePointer() else { return nil }
        defer { cg_caps_unref(caps) }
        guard gst_caps_get_size(caps) > 0, let structure = gst_caps_get_structure(caps, 0) else { return nil }
        return Structure(structure)
    }

    /// Whether some media is both.
    public func intersects(_ other: Caps) -> Bool {
        guard let mine = try? makePointer() else { return false }
        defer { cg_caps_unref(mine) }
        guard let theirs = try? other.makePointer() else { return false }
        defer { cg_caps_unref(theirs) }
        return gst_caps_can_intersect(mine, theirs) != 0
    }

    /// Owned by the caller.
    func makePointer() throws -> UnsafeMutablePointer<GstCaps> {
        guard let caps = gst_caps_from_string(description) else {
            throw GStreamerError("\"\(description)\" are no caps")
        }
        return caps
    }
}
