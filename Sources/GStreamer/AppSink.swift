import CGStreamer

/// What an `appsink` hands over: one buffer, or the buffers of one list.
public struct Sample: Sendable {
    public let buffers: [Buffer]
    public let caps: Caps?
    /// The first buffer's timestamp as the pipeline's running time, in nanoseconds; nil outside of the segment.
    public let runningTime: UInt64?
}

/// Media out of a pipeline into Swift.
public struct AppSink: Sendable {
    private let element: Element

    /// - Throws: when the element is not an `appsink`.
    public init(_ element: Element) throws {
        guard element.typeName == "GstAppSink" else {
            throw GStreamerError("\(element.name) is a \(element.typeName), not an appsink")
        }
        self.element = element
    }

    /// Calls back on the streaming thread. To be set once, before PAUSED.
    /// - Parameter preroll: gets the first sample while the pipeline is PAUSED; it comes again as a sample in PLAYING.
    public func onSample(
        preroll: @escaping @Sendable (Sample) -> Void = { _ in }, endOfStream: @escaping @Sendable () -> Void = {},
        _ handler: @escaping @Sendable (Sample) -> Void
    ) {
        typealias Handlers = (
            preroll: @Sendable (Sample) -> Void, sample: @Sendable (Sample) -> Void, end: @Sendable () -> Void
        )
        var callbacks = GstAppSinkCallbacks()
        callbacks.new_preroll = { sink, box in
            // Does not wait: it is there when this is called.
            guard let sample = gst_app_sink_try_pull_preroll(sink, 0) else { return GST_FLOW_OK }
            defer { cg_sample_unref(sample) }
            CallbackBox<Handlers>.from(box!).callback.preroll(Sample(sample))
            return GST_FLOW_OK
        }
        callbacks.new_sample = { sink, box in
            guard let sample = gst_app_sink_pull_sample(sink) else { return GST_FLOW_EOS }
            defer { cg_sample_unref(sample) }
            CallbackBox<Handlers>.from(box!).callback.sample(Sample(sample))
            return GST_FLOW_OK
        }
        callbacks.eos = { _, box in CallbackBox<Handlers>.from(box!).callback.end() }
        let box = CallbackBox<Handlers>((preroll, handler, endOfStream))
        gst_app_sink_set_callbacks(
            element.pointer.assumingMemoryBound(to: GstAppSink.self), &callbacks, box.retained(),
            { Unmanaged<AnyObject>.fromOpaque($0!).release() })
    }
}

extension Sample {
    init(_ sample: OpaquePointer) {
        caps = gst_sample_get_caps(sample).map { Caps($0) }
        if let list = gst_sample_get_buffer_list(sample) {
            buffers = (0..<gst_buffer_list_length(list)).map { Buffer(sharing: gst_buffer_list_get(list, $0)) }
        } else {
            buffers = gst_sample_get_buffer(sample).map { [Buffer(sharing: $0)] } ?? []
        }
        let pts = buffers.first?.pts ?? Buffer.noTime
        let time = gst_segment_to_running_time(
            gst_sample_get_segment(sample), GST_FORMAT_TIME, guint64(pts))
        runningTime = pts == Buffer.noTime || UInt64(time) == Buffer.noTime ? nil : UInt64(time)
    }
}

/// Media out of Swift into a pipeline.
public struct AppSource: Sendable {
    private let element: Element
    private var source: UnsafeMutablePointer<GstAppSrc> { element.pointer.assumingMemoryBound(to: GstAppSrc.self) }

    /// - Throws: when the element is not an `appsrc`.
    public init(_ element: Element) throws {
        guard element.typeName == "GstAppSrc" else {
            throw GStreamerError("\(element.name) is a \(element.typeName), not an appsrc")
        }
        self.element = element
    }

    public func setCaps(_ caps: Caps) throws {
        let pointer = try caps.makePointer()
        gst_app_src_set_caps(source, pointer)
        cg_caps_unref(pointer)
    }

    /// - Returns: false while the pipeline flushes or has ended.
    @discardableResult
    public func push(_ buffer: Buffer) -> Bool {
        gst_app_src_push_buffer(source, buffer.takePointer()) == GST_FLOW_OK
    }

    /// As one list: one wake-up for the pipeline.
    @discardableResult
    public func push(_ buffers: [Buffer]) -> Bool {
        let list = gst_buffer_list_new_sized(guint(buffers.count))!
        for buffer in buffers { gst_buffer_list_insert(list, -1, buffer.takePointer()) }
        return gst_app_src_push_buffer_list(source, list) == GST_FLOW_OK
    }

    @discardableResult
    public func endOfStream() -> Bool {
        gst_app_src_end_of_stream(source) == GST_FLOW_OK
    }

    /// Bytes that wait inside it.
    public var waitingBytes: UInt64 { UInt64(gst_app_src_get_current_level_bytes(source)) }
}
