/// Puts frames into a clip's file, in order.
final class ClipWriter {
    let clip: ClipPlan
    private let output: OutputFile
    /// Frames that are in it.
    private var count = 0
    private let expected: Int

    init(_ clip: ClipPlan, part: String) throws {
        self.clip = clip
        output = try OutputFile(part)
        expected = clip.movie.frames.count { $0 != .standIn }
        try output.append(clip.movie.header().bytes)
    }

    /// - Parameter bytes: of the picture, then from `sound` on of the sound.
    func add(_ bytes: [UInt8], pictureBytes: Int, sound: Range<Int>) throws {
        try output.append(bytes[..<pictureBytes])
        let tracks = bytes.withUnsafeBytes { clip.movie.soundTracks(from: UnsafeRawBufferPointer(rebasing: $0[sound])) }
        try output.append(tracks)
        count += 1
    }

    func finish() throws -> DeliveredFile {
        let (bytes, xxh64, md5) = try output.finish()
        guard count == expected, bytes == clip.bytes else {
            throw DeliveryError(
                "The recording changed while \(clip.file) was cut from it.", "在剪切 \(clip.file) 时，录制内容发生了变化。",
                next: "Run the same command again.", "请重新执行同一命令。")
        }
        return DeliveredFile(path: clip.file, bytes: bytes, xxh64: xxh64, md5: md5)
    }
}
