import Crypto
import Foundation
import LinuxSystem
import VenuecastModel

/// One event as it stands in a file: its JSON object, with the chain's hash as the last member. The hash is taken over
/// the text as it is, so that nobody has to write an object the same way twice.
struct EventLine: Sendable, Equatable {
    /// Before the first event of all.
    static let genesis = String(repeating: "0", count: 64)
    /// What is larger was never given: it is damage. JSON's readers take no more either.
    static let largestId: UInt64 = 1 << 53
    private static let marker = Array(#","hash":""#.utf8)
    private static let hashLength = 64

    /// Without the line's end.
    let bytes: [UInt8]
    let hash: String

    /// Puts an event at the end of a chain.
    init(_ event: Event, after previous: String) throws {
        var bare = event
        bare.hash = nil
        let body = Array(try VenuecastJSON.encode(bare))
        hash = Self.hash(body, after: previous)
        bytes = body.dropLast() + Self.marker + Array(hash.utf8) + Array("\"}".utf8)
    }

    /// Takes a line of a file apart; nil where it has no hash at its end.
    init?(reading line: some Collection<UInt8>) {
        bytes = Array(line)
        let tail = Self.marker.count + Self.hashLength + 2
        guard bytes.count > tail, bytes.suffix(2) == Array("\"}".utf8)[...],
            bytes[(bytes.count - tail)...].starts(with: Self.marker)
        else { return nil }
        let digits = bytes.dropLast(2).suffix(Self.hashLength)
        guard digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        hash = String(decoding: digits, as: UTF8.self)
    }

    /// Whether it stands behind the event with that hash, unchanged.
    func follows(_ previous: String) -> Bool {
        let body = Array(bytes.dropLast(Self.marker.count + Self.hashLength + 2)) + [UInt8(ascii: "}")]
        return Self.hash(body, after: previous) == hash
    }

    var event: Event? {
        guard let event = try? VenuecastJSON.decode(Event.self, from: Data(bytes)), event.id <= Self.largestId else {
            return nil
        }
        return event
    }

    private static func hash(_ body: [UInt8], after previous: String) -> String {
        var digest = SHA256()
        digest.update(data: Data(previous.utf8))
        digest.update(data: Data(body))
        return digest.finalize().hexadecimal
    }
}

/// A file's first line: where in the chain it begins, so that it can be checked where the one before is gone.
struct EventFileHeader: Codable, Sendable, Equatable {
    /// Of this format.
    var venuecastEvents = 1
    var firstId: UInt64
    /// The hash of the event before.
    var previous: String

    init(firstId: UInt64, previous: String) {
        self.firstId = firstId
        self.previous = previous
    }

    init?(reading line: some Collection<UInt8>) {
        guard let header = try? JSONDecoder().decode(Self.self, from: Data(line)),
            header.firstId <= EventLine.largestId
        else { return nil }
        self = header
    }

    var bytes: [UInt8] {
        #"{"venuecastEvents":\#(venuecastEvents),"firstId":\#(firstId),"previous":"\#(previous)"}"#.utf8 + []
    }
}

/// `000000000001-2026-11-25.jsonl`: by its first event, so that names sort as the chain runs, whatever the clock did.
struct EventFileName: Sendable, Equatable {
    var firstId: UInt64
    /// Local, of its first event.
    var day: String

    init(firstId: UInt64, day: String) {
        self.firstId = firstId
        self.day = day
    }

    init?(_ name: String) {
        guard let match = name.wholeMatch(of: #/(\d{12,15})-(\d{4}-\d\d-\d\d)\.jsonl/#), let id = UInt64(match.1) else {
            return nil
        }
        firstId = id
        day = String(match.2)
    }

    var text: String {
        let digits = String(firstId)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "-\(day).jsonl"
    }

    static func day(of date: Date) -> String { String(VenuecastJSON.format(date).prefix(10)) }
}
