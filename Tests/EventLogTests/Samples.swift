import Foundation
import LinuxSystem
import Logging
import VenuecastModel

@testable import EventLog

let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// A directory of its own, removed afterwards.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/vceXXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(code: errno, operation: "make a directory") }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}

func open(_ directory: String, keepDays: Int = 186, limits: EventLimits = EventLimits()) -> EventLog {
    var limits = limits
    // A machine full of tests is slower than any disk.
    limits.reading = max(limits.reading, .seconds(20))
    return EventLog(directory: directory + "/events", keepDays: keepDays, limits: limits, logger: quiet)
}

/// A log of `count` events on the disk, closed; its only file.
func write(_ count: Int, in directory: String) async throws -> String {
    let log = open(directory)
    for number in 1...count { log.record(EventDraft("test", "venue/v\(number)", details: ["n": "\(number)"])) }
    guard await log.flush(within: .seconds(20)) else { throw SystemError(code: EIO, operation: "flush the log") }
    let names = try Files.list(log.directory)
    return "\(log.directory)/\(names[0])"
}

extension EventLog {
    func events(_ query: EventQuery) async throws -> [Event] {
        try await lines(query).compactMap { EventLine(reading: $0)?.event }
    }
}
