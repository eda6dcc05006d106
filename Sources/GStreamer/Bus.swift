import CGStreamer

/// What a pipeline reports, without its objects.
public struct Message: Sendable {
    public struct Problem: Sendable, Equatable {
        public var text: String
        /// For developers; may be long.
        public var debug: String
        /// `gst-resource-error-quark`
        public var domain: String
        public var code: Int

        public init(text: String, debug: String = "", domain: String, code: Int) {
            self.text = text
            self.debug = debug
            self.domain = domain
            self.code = code
        }
    }

    public enum Body: Sendable {
        case endOfStream
        case segmentDone
        case error(Problem)
        case warning(Problem)
        case info(Problem)
        case stateChanged(old: Element.State?, new: Element.State?)
        case element(Structure)
        case latency
        case asyncDone
        case streamStart
        case clockLost
        /// GStreamer's name for anything else.
        case other(String)
    }

    /// The name of the object that posted it.
    public var source: String
    /// The names of it and of the bins it is in, outermost first.
    public var sourcePath: [String]
    /// Its type: `GstSRTSink`.
    public var sourceType: String
    public var body: Body
}

/// `@unchecked Sendable` by way of `Object`: a GstBus is thread-safe.
public final class Bus: Object, @unchecked Sendable {
    /// Messages from now on; to be asked for before PLAYING, once, and iterated over once. Bounded: of more than 256
    /// that nobody has read the oldest go. The stream ends with the pipeline, or when another handler takes over.
    public func messages() -> AsyncStream<Message> {
        let (stream, continuation) = AsyncStream<Message>.makeStream(bufferingPolicy: .bufferingNewest(256))
        let end = StreamEnd(continuation)
        onMessage { end.continuation.yield($0) }
        return stream
    }

    /// Ends a stream when the bus lets go of its handler.
    private final class StreamEnd: Sendable {
        let continuation: AsyncStream<Message>.Continuation

        init(_ continuation: AsyncStream<Message>.Continuation) {
            self.continuation = continuation
        }

        deinit {
            continuation.finish()
        }
    }

    /// Calls `handler` on whichever thread posts; it should return soon.
    public func onMessage(_ handler: @escaping @Sendable (Message) -> Void) {
        let bus = pointer.assumingMemoryBound(to: GstBus.self)
        gst_bus_set_sync_handler(
            bus,
            { _, message, box in
                let handler = CallbackBox<@Sendable (Message) -> Void>.from(box!).callback
                handler(Message(message!))
                cg_message_unref(message)
                return GST_BUS_DROP
            },
            CallbackBox(handler).retained(),
            { Unmanaged<AnyObject>.fromOpaque($0!).release() })
    }
}

extension Message {
    init(_ message: UnsafeMutablePointer<GstMessage>) {
        if let object = message.pointee.src {
            let name = gst_object_get_name(object)
            source = name.map { String(cString: $0) } ?? ""
            g_free(name)
            sourcePath = Self.path(of: object)
            sourceType = String(cString: cg_object_type_name(object))
        } else {
            source = ""
            sourcePath = []
            sourceType = ""
        }
        switch cg_message_type(message) {
        case GST_MESSAGE_EOS: body = .endOfStream
        case GST_MESSAGE_SEGMENT_DONE: body = .segmentDone
        case GST_MESSAGE_ERROR: body = .error(Problem(message, gst_message_parse_error))
        case GST_MESSAGE_WARNING: body = .warning(Problem(message, gst_message_parse_warning))
        case GST_MESSAGE_INFO: body = .info(Problem(message, gst_message_parse_info))
        case GST_MESSAGE_STATE_CHANGED:
            var (old, new) = (GST_STATE_VOID_PENDING, GST_STATE_VOID_PENDING)
            gst_message_parse_state_changed(message, &old, &new, nil)
            body = .stateChanged(old: Element.State(rawValue: old.rawValue), new: Element.State(rawValue: new.rawValue))
        case GST_MESSAGE_ELEMENT:
            body = gst_message_get_structure(message).map { .element(Structure($0)) } ?? .other("element")
        case GST_MESSAGE_LATENCY: body = .latency
        case GST_MESSAGE_ASYNC_DONE: body = .asyncDone
        case GST_MESSAGE_STREAM_START: body = .streamStart
        case GST_MESSAGE_CLOCK_LOST: body = .clockLost
        default: body = .other(String(cString: gst_message_type_get_name(cg_message_type(message))))
        }
    }
}

extension Message {
    private static func path(of object: UnsafeMutablePointer<GstObject>) -> [String] {
        var names: [String] = []
        var current = UnsafeMutablePointer<GstObject>(gst_object_ref(object).assumingMemoryBound(to: GstObject.self))
        while true {
            if let name = gst_object_get_name(current) {
                names.append(String(cString: name))
                g_free(name)
            }
            let parent = gst_object_get_parent(current)
            gst_object_unref(current)
            guard let parent else { return names.reversed() }
            current = parent
        }
    }
}

extension Message.Problem {
    fileprivate init(
        _ message: UnsafeMutablePointer<GstMessage>,
        _ parse: (
            UnsafeMutablePointer<GstMessage>?, UnsafeMutablePointer<UnsafeMutablePointer<GError>?>?,
            UnsafeMutablePointer<UnsafeMutablePointer<gchar>?>?
        ) -> Void
    ) {
        var error: UnsafeMutablePointer<GError>?
        var details: UnsafeMutablePointer<gchar>?
        parse(message, &error, &details)
        defer {
            g_error_free(error)
            g_free(details)
        }
        text = error.map { String(cString: $0.pointee.message) } ?? ""
        domain = error.map { String(cString: g_quark_to_string($0.pointee.domain)) } ?? ""
        code = error.map { Int($0.pointee.code) } ?? 0
        debug = details.map { String(cString: $0) } ?? ""
    }
}
