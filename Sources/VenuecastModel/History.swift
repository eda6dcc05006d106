import Foundation

/// `GET /v1/venues/{id}/history`: what a venue got over the last hours, to be plotted. What is not known is null.
public struct VenueHistory: Codable, Sendable, Equatable {
    public struct Point: Codable, Sendable, Equatable {
        /// When it begins.
        public var time: Date
        /// The mean latency; null while nobody was connected.
        @Nullable public var ms: Double?
        /// The largest 99th percentile.
        @Nullable public var p99Ms: Double?
        /// `measured` where all of it was, else `estimated`; null with `ms`.
        @Nullable public var source: String?
        @Nullable public var rttMs: Double?
        /// The largest; likewise `droppedPerSecond`.
        @Nullable public var lossPercent: Double?
        @Nullable public var droppedPerSecond: Double?
        @Nullable public var sendMbps: Double?
        /// Of the time, how much it was connected: 0 … 1.
        public var connected: Double

        public init(time: Date, connected: Double) {
            self.time = time
            self.connected = connected
        }
    }

    public var venue: String
    /// From one point to the next.
    public var stepSeconds: Int
    /// Of the latencies of all that time; null where there are none.
    @Nullable public var p50Ms: Double?
    @Nullable public var p95Ms: Double?
    @Nullable public var p99Ms: Double?
    /// The oldest first.
    public var points: [Point]

    public init(venue: String, stepSeconds: Int, points: [Point] = []) {
        self.venue = venue
        self.stepSeconds = stepSeconds
        self.points = points
    }
}

public struct HistoryQuery: Sendable, Equatable {
    /// A minute to a day.
    public static let spans = 60...86_400
    public static let pointCounts = 1...2000

    public var seconds: Int
    /// At most so many points.
    public var points: Int

    public init(seconds: Int = 3600, points: Int = 360) {
        self.seconds = seconds
        self.points = points
    }
}
