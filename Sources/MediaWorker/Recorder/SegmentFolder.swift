import FoundationEssentials
import Glibc
import LinuxSystem
import WorkerProtocol

/// Where a recorder's segments lie and how they are called. Everything here may wait for the disk.
struct SegmentFolder: Sendable {
    /// The recordings' own.
    let root: String
    /// `…/SESSION`
    let sessionDirectory: String
    /// `…/SESSION/master`
    let path: String
    let session: String

    init(_ role: RecorderRole) throws {
        for name in [role.session, role.folder] where !Self.isPlainName(name) {
            throw PipelineFile.Failure(
                description: "\"\(name)\" is no name for files: letters, digits, -, _ and . are, and no . in front.")
        }
        let directory = role.sessionDirectory
        sessionDirectory = directory
        root = Files.directory(of: directory)
        session = role.session
        path = "\(role.sessionDirectory)/\(role.folder)"
    }

    /// What can be part of a path without leading anywhere else.
    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-_.".unicodeScalars.contains(scalar)
            }
    }

    /// Makes what is missing below the recordings' own directory, which has to be there: if it is not, a disk is not
    /// mounted, and what is under its mount point is the wrong one.
    func prepare() throws {
        guard Files.exists(root) else {
            throw SystemError(
                code: ENOENT, operation: "record to", path: root,
                advice: "Mount the disk, or make the directory; it is looked for again every second.")
        }
        for directory in [sessionDirectory, path] where mkdir(directory, 0o750) != 0 && errno != EEXIST {
            throw SystemError(code: errno, operation: "make the directory", path: directory)
        }
    }

    /// Of a segment's file.
    func name(_ index: Int) -> String {
        let digits = String(index)
        return "\(session)_\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).mkv"
    }

    /// The number in a segment's or a record's name; nil for any other file.
    private func index(_ name: String) -> Int? {
        guard name.hasPrefix("\(session)_"), let dot = name.lastIndex(of: "."),
            ["mkv", "json"].contains(name[name.index(after: dot)...])
        else { return nil }
        return Int(name[..<dot].dropFirst(session.count + 1))
    }

    struct Survey: Sendable {
        /// The highest number in use.
        var highestIndex = 0
        /// Those that were closed, in order.
        var closed: [SegmentRecord] = []
        /// Those that nobody has closed: with the record their recorder left, if any.
        var unclosed: [(file: String, record: SegmentRecord?)] = []
    }

    func survey() throws -> Survey {
        var survey = Survey()
        let names = try Files.list(path)
        survey.highestIndex = names.compactMap(index).max() ?? 0
        for name in names where name.hasSuffix(".mkv") && index(name) != nil {
            let record = try? load("\(path)/\(name)")
            if let record, record.state != .open {
                survey.closed.append(record)
            } else {
                survey.unclosed.append((name, record))
            }
        }
        return survey
    }

    // MARK: Records

    static func recordPath(_ segment: String) -> String { String(segment.dropLast(".mkv".count)) + ".json" }

    func load(_ segment: String) throws -> SegmentRecord {
        try JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read(Self.recordPath(segment))))
    }

    func save(_ record: SegmentRecord) throws {
        try Self.save(record, beside: "\(path)/\(record.file)")
    }

    static func save(_ record: SegmentRecord, beside segment: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try Files.writeAtomically(recordPath(segment), Array(encoder.encode(record)), mode: 0o640)
    }

    // MARK: The session's clock

    /// The one that is there, or `own`, which is then there for all others.
    func clock(orElse own: SessionClock) throws -> SessionClock {
        try prepare()
        let file = "\(sessionDirectory)/\(SessionClock.fileName(bootID: own.bootID))"
        func existing() throws -> SessionClock {
            try JSONDecoder().decode(SessionClock.self, from: Data(Files.read(file)))
        }
        if let clock = try? existing() { return clock }
        let temporary = "\(file).\(getpid())"
        try Files.writeAtomically(temporary, Array(JSONEncoder().encode(own)), mode: 0o640)
        defer { unlink(temporary) }
        // Whole, or not at all, and the first one stays.
        if link(temporary, file) == 0 { return own }
        return try existing()
    }
}

/// RFC 3339 with milliseconds.
/// - Parameter nanoseconds: since 1970, UTC.
func rfc3339(_ nanoseconds: Int64, utcOffsetSeconds: Int) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000) + utcOffsetSeconds
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    func two(_ number: Int32) -> String { padded(Int(number), 2) }
    let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    let minutes = abs(utcOffsetSeconds) / 60
    let zone = "\(utcOffsetSeconds < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    return "\(date)T\(time).\(padded(Int(nanoseconds / 1_000_000 % 1000), 3))\(zone)"
}
