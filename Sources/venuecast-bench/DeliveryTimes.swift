import Foundation
import Glibc
import LinuxSystem
import Matroska
import Rig
import WorkerProtocol

/// A recording as long as `DELIVERY_GB` (6) gigabytes, delivered and verified, beside `cp` of the same bytes in one run.
enum DeliveryTimes {
    private static let rate = 25
    private static let pictureBytes = 250_000
    private static let segmentFrames = 1500

    static func run() async throws -> [Figure] {
        let gigabytes = getenv("DELIVERY_GB").flatMap { Double(String(cString: $0)) } ?? 6
        let workspace = try Workspace()
        defer { workspace.cleanUp() }
        let frames = Int(gigabytes * 1e9) / (pictureBytes + 11_520)
        let bytes = try record(frames, in: workspace.file("recordings/S1"))
        try Files.ensureDirectory(workspace.file("disk"))

        let original = try await time(
            workspace, "cp", ["-r", workspace.file("recordings/S1/master"), workspace.file("a")])
        try await remove(workspace, "a")
        let deliver = try await time(
            workspace, "venuectl",
            [
                "recording", "deliver", "S1", "--recordings", workspace.file("recordings"), "--to",
                workspace.file("disk"),
            ])
        guard let folder = try Files.list(workspace.file("disk")).first else { throw RigError("nothing was delivered") }
        let delivered = workspace.file("disk/\(folder)")
        let copy = try await time(workspace, "cp", ["-r", delivered, workspace.file("b")])
        try await remove(workspace, "b")
        let verify = try await time(workspace, "venuectl", ["recording", "verify", delivered])
        let minutes = Double(frames) / Double(rate * 60)
        let size = "\(tenth(Double(bytes) / 1e9)) GB, \(tenth(minutes)) min"
        return [
            .limited(
                "deliver / cp of the same bytes", deliver.seconds / copy.seconds, "", atMost: 2,
                note:
                    "a recording of \(size): \(tenth(deliver.seconds)) s against \(tenth(copy.seconds)) s for cp of the "
                    + "finished delivery, sync included, caches dropped before each"),
            .told(
                "deliver / cp of the recording alone", deliver.seconds / original.seconds, "",
                note: "\(tenth(original.seconds)) s; a delivery holds it twice, as segments and as clips"),
            .limited("deliver: memory (VmHWM)", Double(deliver.peakBytes) / 1e6, "MB", atMost: 100),
            .told("verify", Double(bytes) * 2 / 1e6 / verify.seconds, "MB/s", note: "\(tenth(verify.seconds)) s"),
            .told("verify: memory (VmHWM)", Double(verify.peakBytes) / 1e6, "MB"),
        ]
    }

    private static func tenth(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private static func remove(_ workspace: Workspace, _ name: String) async throws {
        _ = try await time(workspace, "rm", ["-r", workspace.file(name)], drops: false)
    }

    /// Until everything is on the disk.
    private static func time(
        _ workspace: Workspace, _ program: String, _ arguments: [String], drops: Bool = true
    ) async throws -> (seconds: Double, peakBytes: Int) {
        if drops {
            sync()
            // Root alone may; both would read from memory then.
            if let owner = try? FileDescriptorOwner.open("/proc/sys/vm/drop_caches", O_WRONLY) {
                _ = write(owner.descriptor, "3", 1)
            }
        }
        let began = MonotonicInstant.now
        let process = try workspace.spawn(program, arguments, log: "\(program).log")
        var peak = 0
        var status: ExitStatus?
        while status == nil {
            status = await process.waitForExit(timeout: .milliseconds(50))
            peak = max(peak, peakBytes(process.pid))
        }
        sync()
        guard status == .exited(code: 0) else {
            let log = String(decoding: (try? Files.read(workspace.file("\(program).log"))) ?? [], as: UTF8.self)
            throw RigError("\(program) \(status.map { "\($0)" } ?? ""): \(log)")
        }
        return (Bench.seconds(since: began), peak)
    }

    private static func peakBytes(_ pid: pid_t) -> Int {
        let text = String(decoding: (try? Files.read("/proc/\(pid)/status")) ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    // MARK: A recording

    /// Of pictures that no decoder would like, and noise; four reports of a quarter each.
    private static func record(_ count: Int, in directory: String) throws -> Int {
        try Files.ensureDirectory("\(directory)/master")
        let clock = SessionClock(
            bootID: "11111111-2222", frameRate: rate,
            clock: DayClock(offset: 1_353_891_600_000_000_000, utcOffsetSeconds: 28_800))
        var random = SystemRandomNumberGenerator()
        var picture = (0..<(pictureBytes / 8)).flatMap { _ -> [UInt8] in
            let word = random.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        let sound = (0..<3840).flatMap { _ -> [UInt8] in
            let value = Int32.random(in: -700_000...700_000, using: &random)
            return (0..<3).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let format = MatroskaFormat(
            width: 1920, height: 1080, codecPrivate: [1, 100, 0, 40, 255, 224, 0], frameMilliseconds: 1000 / rate)
        var total = 0
        for (index, start) in stride(from: 0, to: count, by: segmentFrames).enumerated() {
            let name = "S1_\(String(10_001 + index).dropFirst())"
            var record = SegmentRecord(
                file: "\(name).mkv", session: "S1", source: "program", state: .checked, firstSlot: UInt64(start),
                clock: clock, firstTime: "", started: "")
            let (header, layout) = MatroskaWriter.header(
                format, dateNanoseconds: 0, timecode: record.firstTimecode, application: "bench")
            let owner = try FileDescriptorOwner.open("\(directory)/master/\(name).mkv", O_RDWR | O_CREAT, mode: 0o644)
            var (pictures, sounds) = (XXHash64(), XXHash64())
            var size = 0
            func put(_ bytes: [UInt8]) throws {
                guard write(owner.descriptor, bytes, bytes.count) == bytes.count else {
                    throw SystemError(code: errno, operation: "write", path: directory)
                }
                size += bytes.count
            }
            try put(header)
            let end = min(count, start + segmentFrames)
            for frame in start..<end {
                picture[frame % picture.count] &+= 1
                let heads = MatroskaWriter.cluster(
                    milliseconds: (frame - start) * 1000 / rate, pictureSize: picture.count, isKey: true,
                    soundSize: sound.count)
                for part in [heads.beforePicture, picture, heads.beforeSound, sound] { try put(part) }
                picture.withUnsafeBytes { pictures.update($0) }
                sound.withUnsafeBytes { sounds.update($0) }
            }
            let (index, patches) = MatroskaWriter.ending(
                layout, end: size, milliseconds: (end - start) * 1000 / rate, cues: [])
            try put(index)
            for (offset, bytes) in patches { pwrite(owner.descriptor, bytes, bytes.count, off_t(offset)) }
            record.frames = end - start
            record.samples = record.frames * 1920
            record.bytes = size
            (record.pictureXXH64, record.soundXXH64) = (pictures.text, sounds.text)
            try Files.writeAtomically("\(directory)/master/\(name).json", Array(JSONEncoder().encode(record)))
            total += size
        }
        func point(_ slot: Int) -> String { #"{"bootID":"\#(clock.bootID)","slot":\#(slot)}"# }
        let reports = (0..<4).map { number in
            #"{"number":\#(number + 1),"department":"单位","in":\#(point(count * number / 4)),"out":\#(point(count * (number + 1) / 4))}"#
        }
        let clocks = String(decoding: try JSONEncoder().encode([clock]), as: UTF8.self)
        let asRun = #"{"session":"S1","clocks":\#(clocks),"reports":[\#(reports.joined(separator: ","))]}"#
        try Files.writeAtomically("\(directory)/asrun.json", Array(asRun.utf8))
        return total
    }
}
