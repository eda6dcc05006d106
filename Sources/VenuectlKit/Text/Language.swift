/// What a person reads.
public enum Language: String, Sendable, CaseIterable {
    case zh, en

    /// As the environment asks for it; English where it asks for neither.
    public init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = locale?.lowercased().hasPrefix("zh") == true ? .zh : .en
    }

    func pick(_ en: String, _ zh: String) -> String {
        self == .zh ? zh : en
    }
}
