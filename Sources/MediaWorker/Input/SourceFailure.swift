import GStreamer

/// Why a source gives nothing.
enum SourceFailure: Error, Equatable {
    case noSuchFile
    case isDirectory
    /// The file may not be read.
    case forbidden
    /// Nothing known is in it.
    case notMedia
    /// It is cut off, or damaged, or coded in a way that nothing here decodes.
    case undecodable(String)
    /// A file that ends before it can follow on itself.
    case tooShort

    case unresolved(String)
    /// Nobody answers.
    case absent
    /// The machine answers, and nothing listens there.
    case connectionRefused
    /// No connection came about; why is to be found out.
    case notConnected
    /// It was there, and is gone.
    case lost
    case portInUse
    case passphraseRejected
    case unauthorized
    /// The camera knows no such path.
    case notFound
    /// Connected, and no media come.
    case silent
    /// The far side answered, and did not want us.
    case refused(String)
    case passphraseUnusable(String)
    case other(String)

    /// What an element gave up for.
    init(_ problem: Message.Problem, _ address: SourceAddress) {
        switch address {
        case .srt where problem.domain == Self.resource: self.init(srt: problem)
        case .rtsp where problem.domain == Self.resource: self.init(rtsp: problem)
        case .file where problem.domain == Self.resource: self.init(file: problem)
        default: self.init(other: problem)
        }
    }

    private static let resource = "gst-resource-error-quark"
    private static let stream = "gst-stream-error-quark"

    private init(srt problem: Message.Problem) {
        let words = problem.text + problem.debug
        if let start = words.firstRange(of: "Error resolving") {
            let detail = words[start.upperBound...].drop { $0 != ":" }.dropFirst(2).prefix { $0 != "\n" }
            self = .unresolved(String(detail))
            return
        }
        switch SenderFailure(problem) {
        case .passphraseRejected: self = .passphraseRejected
        case .absent: self = .absent
        case .lost: self = .lost
        case .portInUse: self = .portInUse
        case .refused(let detail): self = .refused(detail)
        case .other(let detail): self = .other(detail)
        }
    }

    private init(rtsp problem: Message.Problem) {
        func said(_ status: Int) -> Bool { problem.debug.contains("(\(status))") }
        if said(401) || said(403) {
            self = .unauthorized
        } else if said(404) || said(454) {
            self = .notFound
        } else if problem.debug.contains("Timeout while waiting") || problem.debug.contains("Could not receive") {
            self = .absent
        } else if problem.debug.contains("Failed to connect") {
            self = .notConnected
        } else if problem.debug.contains("closed the connection") {
            self = .lost
        } else {
            self = .other(problem.text)
        }
    }

    private init(file problem: Message.Problem) {
        // GST_RESOURCE_ERROR_NOT_FOUND and _OPEN_READ.
        if problem.code == 3 {
            self = .noSuchFile
        } else if problem.text.hasSuffix("is a directory.") {
            self = .isDirectory
        } else if problem.code == 5 {
            self = .forbidden
        } else {
            self = .other(problem.text)
        }
    }

    private init(other problem: Message.Problem) {
        guard problem.domain == Self.stream else {
            self = .other(problem.text)
            return
        }
        // GST_STREAM_ERROR_TYPE_NOT_FOUND and _WRONG_TYPE.
        self = problem.code == 4 || problem.code == 5 ? .notMedia : .undecodable(problem.text)
    }

    /// How long to wait before the next try, in milliseconds, after so many in a row.
    func rest(after failures: Int) -> UInt64 {
        let patient: [UInt64] = [500, 1000, 2000, 5000]
        switch self {
        // SRT itself has waited 3 s.
        case .absent: return 500
        // A camera locks out who guesses too often.
        case .passphraseRejected, .unauthorized, .refused: return 5000
        default: return patient[min(failures, patient.count - 1)]
        }
    }
}
