import CGStreamer

/// A GObject: properties, signals, actions.
///
/// `@unchecked Sendable`: reference counts, properties and signals of GStreamer's objects are thread-safe, and the
/// pointer never changes.
public class Object: @unchecked Sendable, Equatable {
    let pointer: UnsafeMutableRawPointer

    /// Takes over a reference the caller owns.
    init(owning pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }

    deinit {
        g_object_unref(pointer)
    }

    /// The most fitting class for what is there, with a reference of its own.
    static func wrap(_ pointer: UnsafeMutableRawPointer) -> Object {
        g_object_ref(pointer)
        if cg_is_pipeline(pointer) != 0 { return Pipeline(owning: pointer) }
        if cg_is_element(pointer) != 0 { return Element(owning: pointer) }
        if cg_is_pad(pointer) != 0 { return Pad(owning: pointer) }
        return Object(owning: pointer)
    }

    public static func == (left: Object, right: Object) -> Bool {
        left.pointer == right.pointer
    }

    /// `GstSRTSink`
    public var typeName: String { String(cString: cg_object_type_name(pointer)) }

    public func hasProperty(_ name: String) -> Bool {
        cg_find_property(pointer, name) != nil
    }

    /// Stores the value exactly, or throws and changes nothing. A string is read by the property's type where that is
    /// not a string itself (enumerations, fractions, caps).
    public func set(_ name: String, _ value: GstValue) throws {
        guard let specification = cg_find_property(pointer, name) else {
            throw GStreamerError("\(typeName) has no property \(name)")
        }
        guard specification.pointee.flags.rawValue & G_PARAM_WRITABLE.rawValue != 0 else {
            throw GStreamerError("\(typeName).\(name) cannot be written")
        }
        var stored = GValue()
        g_value_init(&stored, specification.pointee.value_type)
        defer { g_value_unset(&stored) }
        do {
            try value.store(in: &stored)
        } catch let error as GStreamerError {
            throw GStreamerError("\(typeName).\(name): \(error.message)")
        }
        // Strings may be normalised; a number out of range is not what was asked for.
        var checked = GValue()
        g_value_init(&checked, specification.pointee.value_type)
        defer { g_value_unset(&checked) }
        g_value_copy(&stored, &checked)
        if g_param_value_validate(specification, &checked) != 0, GstValue(&checked) != GstValue(&stored) {
            throw GStreamerError("\(typeName).\(name): \(GstValue(&stored)) is out of range")
        }
        g_object_set_property(pointer.assumingMemoryBound(to: GObject.self), name, &stored)
    }

    public func get(_ name: String) throws -> GstValue {
        guard let specification = cg_find_property(pointer, name) else {
            throw GStreamerError("\(typeName) has no property \(name)")
        }
        var value = GValue()
        g_value_init(&value, specification.pointee.value_type)
        defer { g_value_unset(&value) }
        g_object_get_property(pointer.assumingMemoryBound(to: GObject.self), name, &value)
        return GstValue(&value)
    }

    /// Runs an action signal, such as `multifdsink`'s `add`.
    @discardableResult
    public func emit(_ signal: String, _ arguments: [GstValue] = []) throws -> GstValue {
        var query = GSignalQuery()
        let identifier = g_signal_lookup(signal, cg_object_type(pointer))
        g_signal_query(identifier, &query)
        guard identifier != 0 else { throw GStreamerError("\(typeName) has no signal \(signal)") }
        guard Int(query.n_params) == arguments.count else {
            throw GStreamerError("\(typeName).\(signal) takes \(query.n_params) arguments, not \(arguments.count)")
        }
        var values = [GValue](repeating: GValue(), count: arguments.count + 1)
        defer {
            for index in values.indices where cg_value_is_set(&values[index]) != 0 { g_value_unset(&values[index]) }
        }
        g_value_init(&values[0], cg_object_type(pointer))
        g_value_set_object(&values[0], pointer)
        for (index, argument) in arguments.enumerated() {
            // The lowest bit only says who owns the memory (G_SIGNAL_TYPE_STATIC_SCOPE).
            g_value_init(&values[index + 1], query.param_types[index] & ~1)
            try argument.store(in: &values[index + 1])
        }
        let returned = query.return_type & ~1
        guard returned != cg_type_none() else {
            g_signal_emitv(&values, identifier, 0, nil)
            return .null
        }
        var result = GValue()
        g_value_init(&result, returned)
        defer { g_value_unset(&result) }
        g_signal_emitv(&values, identifier, 0, &result)
        return GstValue(&result)
    }

    /// Calls `handler` with the signal's arguments (without the object itself) on whichever thread emits it. What it
    /// returns is the signal's answer, where it has one.
    @discardableResult
    public func connect(
        _ signal: String, _ handler: @escaping @Sendable ([GstValue]) -> GstValue?
    ) throws -> SignalConnection {
        guard g_signal_lookup(signal, cg_object_type(pointer)) != 0 else {
            throw GStreamerError("\(typeName) has no signal \(signal)")
        }
        let box = CallbackBox(handler)
        let closure = cg_closure_new(
            box.retained(),
            { data, _ in Unmanaged<AnyObject>.fromOpaque(data!).release() },
            { closure, answer, count, arguments, _, _ in
                let box = CallbackBox<@Sendable ([GstValue]) -> GstValue?>.from(cg_closure_data(closure))
                let values = (1..<max(1, Int(count))).map { GstValue(arguments! + $0) }
                let result = box.callback(values)
                if let answer, cg_value_is_set(answer) != 0, let result { try? result.store(in: answer) }
            })
        let identifier = g_signal_connect_closure(pointer, signal, closure, 0)
        return SignalConnection(object: self, identifier: identifier)
    }
}

/// A connected handler; it stays connected until told otherwise or until its object goes.
public struct SignalConnection: Sendable {
    fileprivate weak var object: Object?
    fileprivate let identifier: gulong

    public func disconnect() {
        guard let object else { return }
        g_signal_handler_disconnect(object.pointer, identifier)
    }
}
