import GStreamer

/// What `srtsink` gave up for; told apart by its words, since its error codes do not.
enum SenderFailure: Sendable, Equatable {
    case passphraseRejected
    /// Nobody answered.
    case absent
    /// It was connected, and is no more.
    case lost
    case portInUse
    /// The far side answered, and did not want us.
    case refused(String)
    case other(String)

    init(_ problem: Message.Problem) {
        self.init(text: problem.text, debug: problem.debug)
    }

    init(text: String, debug: String) {
        let words = text + "\n" + debug
        func detail(after prefix: String) -> String? {
            words.firstRange(of: prefix).map { range in
                String(words[range.upperBound...].prefix { $0 != "\n" && $0 != "." })
            }
        }
        if words.contains("Failed to authenticate") {
            self = .passphraseRejected
        } else if words.contains("Cannot bind to") {
            self = .portInUse
        } else if words.contains("Connection timeout") || words.contains("time out") {
            self = .absent
        } else if words.contains("Socket is broken or closed") || words.contains("Connection was broken")
            || words.contains("Connection does not exist")
        {
            self = .lost
        } else if let reason = detail(after: "Error on SRT socket: ") {
            self = .refused(reason)
        } else {
            self = .other(text)
        }
    }
}
