import GStreamer
import Glibc
import LinuxSystem
import Synchronization

/// Makes small JPEG pictures of raw ones, and leaves the newest in a file if one is named.
final class Thumbnailer: Sendable {
    static let width = 320
    static let height = 180

    private let pipeline: Pipeline
    private let source: AppSource
    private let path: String?
    private let caps = Mutex<Caps?>(nil)
    private let newest = Mutex<[UInt8]?>(nil)

    /// - Parameter path: of the file that always holds the newest; nil for none.
    init(path: String?) throws {
        self.path = path
        pipeline = try Pipeline.parse(
            """
            appsrc name=picture is-live=true format=time max-buffers=2 max-bytes=0 leaky-type=downstream
            ! videoconvertscale add-borders=true
            ! video/x-raw,format=I420,width=\(Self.width),height=\(Self.height),pixel-aspect-ratio=1/1
            ! jpegenc quality=75 ! appsink name=jpeg sync=false async=false
            """)
        source = try AppSource(pipeline.required("picture", in: "thumbnail"))
        try AppSink(pipeline.required("jpeg", in: "thumbnail")).onSample { [weak self] sample in
            guard let self, let buffer = sample.buffers.first else { return }
            self.made(buffer.withBytes { Array($0) })
        }
    }

    /// Blocks for a moment.
    func start() throws { try pipeline.setState(.playing) }

    func stop() {
        _ = try? pipeline.setState(.null)
        if let path { unlink(path) }
    }

    /// Takes a reference and returns at once.
    func take(_ buffer: Buffer, _ caps: Caps) {
        let isNew = self.caps.withLock { current in
            defer { current = caps }
            return current != caps
        }
        if isNew { try? source.setCaps(caps) }
        source.push(buffer)
    }

    /// JPEG; nil before the first.
    var thumbnail: [UInt8]? { newest.withLock { $0 } }

    private func made(_ bytes: [UInt8]) {
        newest.withLock { $0 = bytes }
        guard let path else { return }
        // Not flushed: it is worth nothing after a second.
        let temporary = "\(path).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let written = write(descriptor, bytes, bytes.count)
        close(descriptor)
        if written == bytes.count { rename(temporary, path) } else { unlink(temporary) }
    }
}
