import CGStreamer

/// A pipeline that goes to NULL, which may take its time, when nobody holds it any more.
public final class Pipeline: Element, @unchecked Sendable {
    public let bus: Bus

    override init(owning pointer: UnsafeMutableRawPointer) {
        bus = Bus(
            owning: UnsafeMutableRawPointer(gst_pipeline_get_bus(pointer.assumingMemoryBound(to: GstPipeline.self))))
        super.init(owning: pointer)
    }

    private var gstPipeline: UnsafeMutablePointer<GstPipeline> { pointer.assumingMemoryBound(to: GstPipeline.self) }

    /// From a gst-launch description; anything wrong with it is an error, also what gst-launch would only warn of.
    public static func parse(_ description: String) throws -> Pipeline {
        var error: UnsafeMutablePointer<GError>?
        let parsed = gst_parse_launch_full(description, nil, GST_PARSE_FLAG_FATAL_ERRORS, &error)
        if let error {
            defer { g_error_free(error) }
            if let parsed { gst_object_unref(parsed) }
            throw GStreamerError(String(cString: error.pointee.message))
        }
        guard let parsed else { throw GStreamerError("the description gives no pipeline") }
        let sunk = UnsafeMutableRawPointer(gst_object_ref_sink(parsed)!)
        if cg_is_pipeline(sunk) != 0 { return Pipeline(owning: sunk) }
        // A single element is not put into a pipeline by the parser.
        let pipeline = UnsafeMutableRawPointer(gst_object_ref_sink(gst_pipeline_new(nil))!)
        gst_bin_add(pipeline.assumingMemoryBound(to: GstBin.self), sunk.assumingMemoryBound(to: GstElement.self))
        gst_object_unref(sunk)
        return Pipeline(owning: pipeline)
    }

    deinit {
        gst_element_set_state(element, GST_STATE_NULL)
    }

    public func element(named name: String) -> Element? {
        guard let found = gst_bin_get_by_name(pointer.assumingMemoryBound(to: GstBin.self), name) else { return nil }
        return Element(owning: UnsafeMutableRawPointer(found))
    }

    /// Keeps to CLOCK_MONOTONIC, whatever clocks the elements have to offer.
    public func useMonotonicClock() {
        let clock = gst_system_clock_obtain()
        gst_pipeline_use_clock(gstPipeline, clock)
        gst_object_unref(clock)
    }

    /// Running time becomes CLOCK_MONOTONIC itself: base time 0, so that timestamps of pipelines that follow one
    /// another, or run beside each other in several processes, are of one clock.
    public func runOnMonotonicTime() {
        useMonotonicClock()
        gst_element_set_start_time(element, GstClockTime.max)
        gst_element_set_base_time(element, 0)
    }

    /// Running time 0 will be at this time of the clock, whenever the pipeline gets to PLAYING. For a live source a
    /// moment that has just passed; for others it may be one to come.
    public func setBaseTime(_ nanoseconds: UInt64) {
        gst_element_set_start_time(element, GstClockTime.max)
        gst_element_set_base_time(element, GstClockTime(nanoseconds))
    }

    /// The clock's time at which running time was 0, in nanoseconds; known once PLAYING.
    public var baseTime: UInt64 { UInt64(gst_element_get_base_time(element)) }

    /// Nanoseconds between a timestamp and its presentation in sinks, in place of what the elements add up to.
    public func setLatency(_ nanoseconds: UInt64) {
        gst_pipeline_set_latency(gstPipeline, GstClockTime(nanoseconds))
    }

    /// What the elements' latencies add up to now, in nanoseconds; to be called after a `.latency` message.
    @discardableResult
    public func recalculateLatency() -> Bool {
        gst_bin_recalculate_latency(pointer.assumingMemoryBound(to: GstBin.self)) != 0
    }
}
