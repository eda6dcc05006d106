import Dispatch
import GStreamer
import TransportStream
import WorkerProtocol

/// Decodes key pictures and sound. What comes out is in its consumers' hands on the pipeline's own threads.
final class ContentDecoder: Sendable {
    private let pipeline: Pipeline
    private let picture: AppSource
    private let sound: AppSource
    /// Signalled by each of both that has given out everything.
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - onPicture: I420.
    ///   - onSound: 48 kHz stereo, 32-bit float.
    ///   - onFailure: with a sentence; it decodes nothing any more.
    init(
        file: PipelineFile, values: [String: PlaceholderValue], onPicture: @escaping @Sendable (Sample) -> Void,
        onSound: @escaping @Sendable (Sample) -> Void, onFailure: @escaping @Sendable (String) -> Void
    ) throws {
        pipeline = try file.build(values)
        pipeline.useMonotonicClock()
        picture = try AppSource(pipeline.required("codedpicture", in: file.path))
        sound = try AppSource(pipeline.required("codedsound", in: file.path))
        let (pictures, sounds) = try (
            AppSink(pipeline.required("pictures", in: file.path)), AppSink(pipeline.required("sounds", in: file.path))
        )
        pictures.onSample(endOfStream: { [ended] in ended.signal() }, onPicture)
        sounds.onSample(endOfStream: { [ended] in ended.signal() }, onSound)
        pipeline.bus.onMessage { message in
            if case .error(let problem) = message.body { onFailure("\(message.source): \(problem.text)") }
        }
    }

    /// Blocks for a moment.
    func start() throws { try pipeline.setState(.playing) }

    /// Something that was given waits to be decoded.
    var isBehind: Bool { picture.waitingBytes > 0 || sound.waitingBytes > 0 }

    /// Nothing more comes: returns when all that was given has come out. Blocks.
    /// - Parameter seconds: no longer; what cannot be decoded never comes out.
    func finish(within seconds: Double) {
        picture.endOfStream()
        sound.endOfStream()
        let deadline = DispatchTime.now() + seconds
        for _ in 0..<2 where ended.wait(timeout: deadline) == .timedOut { return }
    }

    /// May block.
    func stop() { _ = try? pipeline.setState(.null) }

    /// - Parameter time: what comes out of it has the same, nanoseconds.
    func take(_ unit: ElementaryUnit, at time: UInt64) {
        let buffer = Buffer(unit.bytes, pts: time)
        switch unit.kind {
        case .keyPicture: picture.push(buffer)
        case .sound: sound.push(buffer)
        }
    }
}
