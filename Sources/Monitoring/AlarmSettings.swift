import Alarms

/// What the configuration in force says of alarms.
public struct AlarmSettings: Sendable, Equatable {
    public struct Webhook: Sendable, Equatable {
        public var url: String
        public var secretFile: String

        public init(url: String, secretFile: String) {
            self.url = url
            self.secretFile = secretFile
        }
    }

    public struct Command: Sendable, Equatable {
        /// A program's absolute path and its arguments; no shell reads them.
        public var arguments: [String]
        public var deadline: Duration

        public init(arguments: [String], deadline: Duration) {
            self.arguments = arguments
            self.deadline = deadline
        }
    }

    public var policy = AlarmPolicy()
    public var webhook: Webhook?
    public var command: Command?

    public init() {}
}
