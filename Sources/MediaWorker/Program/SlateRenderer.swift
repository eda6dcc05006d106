import GStreamer
import Synchronization
import WorkerProtocol

/// Draws a slate once, as one frame of the house format. Blocks for up to `deadline`.
enum SlateRenderer {
    private static let deadline: UInt64 = 5_000_000_000

    /// A picture that cannot be used is replaced by a plain slate; `problem` then says why.
    static func render(
        _ slate: ProgramRole.Slate, house: HouseFormat, problem: (String) -> Void
    ) throws -> Buffer {
        if let image = slate.image {
            do {
                return try picture(image, house)
            } catch {
                problem("slate \(slate.id): \(image) cannot be drawn (\(error)); a plain slate stands in for it")
            }
        }
        return try text(slate.text ?? slate.id, house)
    }

    private static func picture(_ path: String, _ house: HouseFormat) throws -> Buffer {
        let pipeline = try Pipeline.parse(
            "filesrc name=source ! pngdec ! videoconvertscale add-borders=true ! \(caps(house)) ! appsink name=out sync=false"
        )
        try pipeline.element(named: "source")?.set("location", .string(path))
        return try firstFrame(of: pipeline)
    }

    private static func text(_ text: String, _ house: HouseFormat) throws -> Buffer {
        // Dark blue; the letters scale with the picture by themselves.
        let pipeline = try Pipeline.parse(
            """
            videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xff10254a
            ! video/x-raw,format=AYUV,width=\(house.width),height=\(house.height),framerate=\(house.frameRate)/1
            ! textoverlay name=words valignment=center halignment=center line-alignment=center shaded-background=false
                font-desc="Noto Sans CJK SC 26" wrap-mode=wordchar
            ! videoconvertscale ! \(caps(house)) ! appsink name=out sync=false
            """)
        try pipeline.element(named: "words")?.set("text", .string(escaped(text)))
        return try firstFrame(of: pipeline)
    }

    private static func caps(_ house: HouseFormat) -> String {
        "video/x-raw,format=\(house.chroma.pictureFormat),width=\(house.width),height=\(house.height),pixel-aspect-ratio=1/1,colorimetry=bt709"
    }

    /// The overlay reads its text as Pango markup.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }

    private static func firstFrame(of pipeline: Pipeline) throws -> Buffer {
        let box = FrameBox()
        guard let out = pipeline.element(named: "out") else { throw GStreamerError("no sink") }
        try AppSink(out).onSample { box.offer($0.buffers.first) }
        pipeline.bus.onMessage { message in
            if case .error(let problem) = message.body { box.fail(problem.text) }
        }
        try pipeline.setState(.playing)
        defer { _ = try? pipeline.setState(.null) }
        let end = MonotonicClock.now() + deadline
        while MonotonicClock.now() < end {
            if let frame = try box.taken() { return frame }
            MediaThread.sleep(milliseconds: 5)
        }
        throw GStreamerError("no picture came within 5 s")
    }

    private final class FrameBox: Sendable {
        private let state = Mutex<(frame: Buffer?, error: String?)>((nil, nil))

        func offer(_ buffer: Buffer?) { state.withLock { $0.frame = $0.frame ?? buffer } }
        func fail(_ error: String) { state.withLock { $0.error = $0.error ?? error } }

        func taken() throws -> Buffer? {
            try state.withLock { state in
                if let frame = state.frame { return frame }
                if let error = state.error { throw GStreamerError(error) }
                return nil
            }
        }
    }
}
