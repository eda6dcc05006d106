import Foundation
import HTTPTypes
import LinuxSystem

/// What tells one content of a file from another, and the questions that depend on it (RFC 9110, sections 8.8 and 13).
struct FileTag: Sendable, Equatable {
    /// With its quotes. Strong: a file that is written to gets another time of change, to the nanosecond.
    let etag: String
    /// As HTTP writes dates; to the second, and so weak.
    let lastModified: String
    private let modifiedSeconds: Int

    init(inode: UInt64, bytes: Int, modified: Int) {
        etag = "\"\(String(inode, radix: 36))-\(String(bytes, radix: 36))-\(String(modified, radix: 36))\""
        modifiedSeconds = modified / 1_000_000_000
        lastModified = Self.format(modifiedSeconds)
    }

    init(_ file: FileTree.OpenFile) { self.init(inode: file.inode, bytes: file.bytes, modified: file.modified) }
    init(_ entry: FileTree.Entry) { self.init(inode: entry.inode, bytes: entry.bytes, modified: entry.modified) }

    enum Verdict: Equatable {
        case send
        case notModified
        case preconditionFailed
    }

    /// In the order that section 13.2.2 gives.
    func verdict(_ headers: HTTPFields) -> Verdict {
        if let match = headers[.ifMatch] {
            if !Self.list(match).contains(where: { $0 == "*" || $0 == etag }) { return .preconditionFailed }
        } else if let since = headers[.ifUnmodifiedSince].flatMap(Self.seconds), modifiedSeconds > since {
            return .preconditionFailed
        }
        if let none = headers[.ifNoneMatch] {
            // A weak comparison: what only differs in being weak is the same.
            let isKnown = Self.list(none).contains { $0 == "*" || $0 == etag || $0 == "W/\(etag)" }
            return isKnown ? .notModified : .send
        }
        if let since = headers[.ifModifiedSince].flatMap(Self.seconds), modifiedSeconds <= since { return .notModified }
        return .send
    }

    /// Whether a `Range` is to be heeded. A date is too coarse to rely on, and so never is the same.
    func allowsRange(_ headers: HTTPFields) -> Bool {
        guard let condition = headers[.ifRange] else { return true }
        return condition.trimmingCharacters(in: .whitespaces) == etag
    }

    private static func list(_ header: String) -> [String] {
        header.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    // MARK: HTTP's dates

    private static func formatter() -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter
    }

    private static func format(_ seconds: Int) -> String {
        formatter().string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    private static func seconds(_ header: String) -> Int? {
        formatter().date(from: header).map { Int($0.timeIntervalSince1970) }
    }
}

extension HTTPField.Name {
    static let ifRange = HTTPField.Name("If-Range")!
    static let ifMatch = HTTPField.Name("If-Match")!
    static let ifNoneMatch = HTTPField.Name("If-None-Match")!
    static let ifModifiedSince = HTTPField.Name("If-Modified-Since")!
    static let ifUnmodifiedSince = HTTPField.Name("If-Unmodified-Since")!
}
