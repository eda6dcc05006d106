import CGStreamer

/// What a property, a structure's field or a signal's argument may hold.
public enum GstValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case fraction(Int32, Int32)
    /// An enumeration's number and nickname.
    case enumeration(Int64, String)
    case array([GstValue])
    case structure(Structure)
    case object(Object)
    /// What has no form here, as GStreamer writes it: caps, flags, bit masks …
    case other(String)
}

extension GstValue {
    public var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .uint(let value): Int64(exactly: value)
        case .enumeration(let value, _): value
        default: nil
        }
    }

    public var uintValue: UInt64? {
        switch self {
        case .uint(let value): value
        case .int(let value): UInt64(exactly: value)
        default: nil
        }
    }

    /// Of an integer too.
    public var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        default: nil
        }
    }

    public var stringValue: String? {
        switch self {
        case .string(let value), .other(let value): value
        default: nil
        }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var arrayValue: [GstValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var structureValue: Structure? {
        if case .structure(let value) = self { value } else { nil }
    }
}

// MARK: - From and to C

extension GstValue {
    init(_ value: UnsafePointer<GValue>) {
        guard cg_value_is_set(value) != 0 else {
            self = .null
            return
        }
        switch cg_kind_of_type(cg_value_type(value)) {
        case CG_BOOL: self = .bool(g_value_get_boolean(value) != 0)
        case CG_INT: self = .int(Int64(g_value_get_int(value)))
        case CG_UINT: self = .uint(UInt64(g_value_get_uint(value)))
        case CG_INT64: self = .int(Int64(cg_value_get_long(value)))
        case CG_UINT64: self = .uint(UInt64(cg_value_get_ulong(value)))
        case CG_FLOAT: self = .double(Double(g_value_get_float(value)))
        case CG_DOUBLE: self = .double(g_value_get_double(value))
        case CG_STRING: self = g_value_get_string(value).map { .string(String(cString: $0)) } ?? .null
        case CG_ENUM: self = .enumeration(Int64(g_value_get_enum(value)), Self.serialized(value))
        case CG_FLAGS: self = .other(Self.taken(cg_value_flags_text(value)))
        case CG_FRACTION:
            self = .fraction(gst_value_get_fraction_numerator(value), gst_value_get_fraction_denominator(value))
        case CG_STRUCTURE: self = cg_value_get_structure(value).map { .structure(Structure($0)) } ?? .null
        case CG_ARRAY:
            self = .array((0..<gst_value_array_get_size(value)).map { Self(gst_value_array_get_value(value, $0)) })
        case CG_LIST:
            self = .array((0..<gst_value_list_get_size(value)).map { Self(gst_value_list_get_value(value, $0)) })
        case CG_VALUE_ARRAY:
            self = .array((0..<cg_value_array_size(value)).map { Self(cg_value_array_get(value, $0)) })
        case CG_CAPS: self = cg_value_get_caps(value).map { .other(Caps($0).description) } ?? .null
        case CG_OBJECT: self = Self.object(g_value_get_object(value))
        default: self = .other(Self.serialized(value))
        }
    }

    private static func object(_ pointer: UnsafeMutableRawPointer?) -> GstValue {
        guard let pointer else { return .null }
        if let text = cg_socket_address_text(pointer) {
            defer { g_free(text) }
            return .string(String(cString: text))
        }
        return .object(Object.wrap(pointer))
    }

    private static func serialized(_ value: UnsafePointer<GValue>) -> String {
        gst_value_serialize(value).map(taken) ?? String(cString: cg_value_type_name(value))
    }

    private static func taken(_ text: UnsafeMutablePointer<CChar>) -> String {
        defer { g_free(text) }
        return String(cString: text)
    }

    /// Stores exactly what was given into a value that has its type already.
    /// - Throws: when it does not fit; nothing is truncated or rounded.
    func store(in value: UnsafeMutablePointer<GValue>) throws {
        let kind = cg_kind_of_type(cg_value_type(value))
        switch (kind, self) {
        case (CG_BOOL, .bool(let flag)): g_value_set_boolean(value, flag ? 1 : 0)
        case (CG_INT, _): g_value_set_int(value, try exactly())
        case (CG_UINT, _): g_value_set_uint(value, try exactly())
        case (CG_INT64, _): cg_value_set_long(value, try exactly())
        case (CG_UINT64, _): cg_value_set_ulong(value, try exactly())
        case (CG_FLOAT, _): g_value_set_float(value, Float(try number()))
        case (CG_DOUBLE, _): g_value_set_double(value, try number())
        case (CG_STRING, .string(let text)): g_value_set_string(value, text)
        case (CG_STRING, .null): g_value_set_string(value, nil)
        case (CG_ENUM, .int(let number)): g_value_set_enum(value, try Self.checked(number))
        case (CG_ENUM, .enumeration(let number, _)): g_value_set_enum(value, try Self.checked(number))
        case (CG_FRACTION, .fraction(let numerator, let denominator)):
            gst_value_set_fraction(value, numerator, denominator)
        case (CG_OBJECT, .object(let object)): g_value_set_object(value, object.pointer)
        case (CG_STRUCTURE, .structure(let structure)):
            structure.withPointer { gst_value_set_structure(value, $0) }
        case (CG_ARRAY, .array(let elements)):
            for element in elements {
                try element.withValue { gst_value_array_append_value(value, $0) }
            }
        case (CG_STRING, _), (CG_OBJECT, _): throw GStreamerError("\(self) is not of the type that is expected")
        case (_, .string(let text)), (_, .other(let text)):
            guard gst_value_deserialize(value, text) != 0 else {
                throw GStreamerError(
                    "\"\(text)\" cannot be read as \(String(cString: cg_value_type_name(value)))")
            }
        default:
            throw GStreamerError("\(self) is not a \(String(cString: cg_value_type_name(value)))")
        }
    }

    /// For the length of `body`, as a GValue of the type that comes naturally.
    func withValue<Result>(_ body: (UnsafeMutablePointer<GValue>) throws -> Result) throws -> Result {
        var value = GValue()
        g_value_init(&value, naturalType)
        defer { g_value_unset(&value) }
        try store(in: &value)
        return try body(&value)
    }

    private var naturalType: GType {
        switch self {
        case .bool: cg_type_bool()
        case .int(let value): Int32(exactly: value) == nil ? cg_type_int64() : cg_type_int()
        case .enumeration: cg_type_int()
        case .uint(let value): UInt32(exactly: value) == nil ? cg_type_uint64() : cg_type_uint()
        case .double: cg_type_double()
        case .null, .string, .other: cg_type_string()
        case .fraction: cg_type_fraction()
        case .structure: cg_type_structure()
        case .array: cg_type_array()
        case .object: cg_type_object()
        }
    }

    private static func checked(_ number: Int64) throws -> gint {
        guard let result = gint(exactly: number) else { throw GStreamerError("\(number) is out of range") }
        return result
    }

    private func exactly<Number: BinaryInteger>() throws -> Number {
        let result: Number? =
            switch self {
            case .int(let value): Number(exactly: value)
            case .uint(let value): Number(exactly: value)
            case .enumeration(let value, _): Number(exactly: value)
            case .double(let value): Number(exactly: value)
            case .string(let text): Int64(text).flatMap { Number(exactly: $0) }
            default: nil
            }
        guard let result else { throw GStreamerError("\(self) is not a whole number that fits") }
        return result
    }

    private func number() throws -> Double {
        guard let result = doubleValue ?? stringValue.flatMap(Double.init) else {
            throw GStreamerError("\(self) is not a number")
        }
        return result
    }
}
