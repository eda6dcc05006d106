import Foundation
import LinuxSystem
import TransportStream

/// What a receiver got, decoded: the mean colour of each picture and the sound, with their times.
public struct Footage: Sendable {
    public struct Colour: Sendable, Equatable, CustomStringConvertible {
        public var red: UInt8
        public var green: UInt8
        public var blue: UInt8

        public init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        public var description: String { "(\(red),\(green),\(blue))" }
        public var luma: Int { (Int(red) * 54 + Int(green) * 183 + Int(blue) * 19) / 256 }

        /// Red, blue and green of the test pattern; anything else is "other".
        public var name: String {
            if red > 150, green < 80, blue < 80 { return "red" }
            if blue > 150, green < 80, red < 80 { return "blue" }
            if green > 100, red < 80, blue < 80 { return "green" }
            if red > 180, green > 180, blue > 180 { return "white" }
            return red < 40 && green < 60 && blue < 110 ? "dark" : "other"
        }
    }

    public var pictures: [Colour] = []
    /// Seconds of the first picture and the first sample on the stream's clock.
    public var pictureStart = 0.0
    public var soundStart = 0.0
    /// Of the pictures, from the stream: seconds.
    public var pictureTimes: [Double] = []
    /// Mono, 48 kHz.
    public var samples: [Int16] = []

    /// Of a transport stream, decoded with ffmpeg; anything that complains about is an error.
    public init(_ path: String, workspace: Workspace) async throws {
        try Self.cutToWholeUnits(path)
        try await append(path, workspace)
        pictureTimes = try await Self.times(path, "v", workspace)
        pictureStart = pictureTimes.first ?? 0
        soundStart = try await Self.times(path, "a", workspace).first ?? 0
    }

    /// Of a recording's segments, one after the other: the place of a picture or a sample is how many came before it.
    public init(recording segments: [String], workspace: Workspace) async throws {
        for segment in segments { try await append(segment, workspace) }
    }

    private mutating func append(_ path: String, _ workspace: Workspace) async throws {
        let (rgb, pcm) = ("\(path).rgb", "\(path).pcm")
        defer { for file in [rgb, pcm] { unlink(file) } }
        try await Self.run(
            "ffmpeg -v error -xerror -y -i '\(path)' -an -fps_mode passthrough -vf scale=1:1:flags=area,format=rgb24 -f rawvideo '\(rgb)'",
            path, workspace)
        try await Self.run("ffmpeg -v error -y -i '\(path)' -vn -ac 1 -ar 48000 -f s16le '\(pcm)'", path, workspace)
        let colours = [UInt8](try Data(contentsOf: URL(fileURLWithPath: rgb)))
        pictures += stride(from: 0, to: colours.count - 2, by: 3).map {
            Colour(red: colours[$0], green: colours[$0 + 1], blue: colours[$0 + 2])
        }
        let sound = try Data(contentsOf: URL(fileURLWithPath: pcm))
        samples += sound.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    /// What was seen, one word for each stretch: `red`, `blue`, `red` …, with the number of pictures.
    public var scenes: [(name: String, pictures: Int)] {
        var scenes: [(name: String, pictures: Int)] = []
        for picture in pictures {
            if scenes.last?.name == picture.name {
                scenes[scenes.count - 1].pictures += 1
            } else {
                scenes.append((picture.name, 1))
            }
        }
        return scenes
    }

    /// When each flash began: seconds.
    public var flashes: [Double] {
        pictures.indices.dropFirst().filter { pictures[$0].luma > 128 && pictures[$0 - 1].luma <= 128 }
            .map { $0 < pictureTimes.count ? pictureTimes[$0] : pictureStart + Double($0) / 25 }
    }

    /// When each beep began: seconds.
    public var beeps: [Double] {
        var beeps: [Double] = []
        // One that sounds from the first sample on has begun before.
        var quiet = 0
        for (index, sample) in samples.enumerated() {
            if abs(Int(sample)) > 1500 {
                if quiet > 4800 { beeps.append(soundStart + Double(index) / 48_000) }
                quiet = 0
            } else {
                quiet += 1
            }
        }
        return beeps
    }

    /// From each flash to its beep, in milliseconds; positive when the beep is late.
    public var flashToBeepMs: [Double] {
        let beeps = beeps
        return flashes.compactMap { flash in
            beeps.map { ($0 - flash) * 1000 }.min { abs($0) < abs($1) }.flatMap { abs($0) < 400 ? $0 : nil }
        }
    }

    /// The largest difference from one sample to the next.
    public var largestStep: Int {
        zip(samples, samples.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }

    /// A recording begins and ends anywhere: what is kept begins with the tables before the first IDR, and ends where the
    /// last packet of picture or sound begins (a muxer writes one after the other: before it all are whole).
    private static func cutToWholeUnits(_ path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let size = PacketView.size
        let offset = (0..<size).first { start in
            stride(from: start, to: min(bytes.count, start + 20 * size), by: size).allSatisfy {
                bytes[$0] == PacketView.syncByte
            }
        }
        guard let offset else { throw RigError("\(path) is no transport stream") }
        var tables: Int?
        var first: Int?
        var last: Int?
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: offset, through: bytes.count - size, by: size) {
                let whole = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
                guard let packet = PacketView(whole) else { continue }
                if packet.pid == 0 { tables = start }
                guard packet.payloadUnitStart, packet.pid >= 0x40 else { continue }
                if first == nil, packet.randomAccess, packet.pid == 256 { first = tables }
                last = start
            }
        }
        guard let first, let last, first < last else { throw RigError("\(path) holds no whole picture") }
        try Data(bytes[first..<last]).write(to: URL(fileURLWithPath: path))
    }

    private static func run(_ line: String, _ path: String, _ workspace: Workspace) async throws {
        let log = "decode-\(UInt32.random(in: 0...UInt32.max)).log"
        let process = try workspace.shell("exec \(line)", log: log)
        let status = await process.waitForExit(timeout: .seconds(120))
        let said = (try? Files.read(workspace.file(log), limit: 1 << 20)) ?? []
        guard let status, case .exited(code: 0) = status else {
            throw RigError("\(line): \(String(decoding: said.suffix(2000), as: UTF8.self))")
        }
    }

    private static func times(_ path: String, _ kind: String, _ workspace: Workspace) async throws -> [Double] {
        let file = "\(path).\(kind).times"
        try await run(
            "ffprobe -v error -select_streams \(kind) -show_entries packet=pts_time -of csv=p=0 '\(path)' -o '\(file)'",
            path, workspace)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return text.split(separator: "\n").compactMap { Double($0.prefix { $0 != "," }) }
    }
}
