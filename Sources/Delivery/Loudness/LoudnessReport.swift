/// `qc/loudness.json`: as BS.1770 measures, against what GY/T 282-2014 asks of television.
public struct LoudnessReport: Codable, Sendable, Equatable {
    public struct Target: Codable, Sendable, Equatable {
        public var standard = "GY/T 282-2014"
        public var integratedLkfs = -24.0
        public var toleranceLu = 2.0
        public var maximumTruePeakDbtp = -2.0

        public init() {}
    }

    public struct Measured: Codable, Sendable, Equatable {
        /// Nil: silence, or nothing.
        public var integratedLkfs: Double?
        public var rangeLu: Double?
        public var truePeakDbtp: Double?
        /// What is not as it ought to be.
        public var problems: [String]
    }

    public struct Clip: Codable, Sendable, Equatable {
        public var number: Int
        public var take: Int
        public var department: String
        public var file: String?
        /// Of the report itself, without handles.
        public var measured: Measured
    }

    public var target: Target
    public var whole: Measured
    public var clips: [Clip]

    static func judge(
        _ measured: (integrated: Double?, range: Double?, truePeak: Double?), _ target: Target
    ) -> Measured {
        func rounded(_ value: Double?) -> Double? { value.map { ($0 * 10).rounded() / 10 } }
        var problems: [String] = []
        if let integrated = rounded(measured.integrated) {
            if integrated > target.integratedLkfs + target.toleranceLu {
                problems.append("too loud: \(integrated) LKFS")
            }
            if integrated < target.integratedLkfs - target.toleranceLu {
                problems.append("too quiet: \(integrated) LKFS")
            }
        } else {
            problems.append("silent")
        }
        if let peak = rounded(measured.truePeak), peak > target.maximumTruePeakDbtp {
            problems.append("peaks too high: \(peak) dBTP")
        }
        return Measured(
            integratedLkfs: rounded(measured.integrated), rangeLu: rounded(measured.range),
            truePeakDbtp: rounded(measured.truePeak), problems: problems)
    }

    var problems: [String] {
        clips.flatMap { clip in clip.measured.problems.map { "\(clip.number) \(clip.department): \($0)" } }
    }
}
