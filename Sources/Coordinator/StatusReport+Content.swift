import Supervision
import VenuecastModel
import WorkerProtocol

/// What is seen and heard, and what of it is a fault now.
extension StatusReport {
    /// What is a matter of the picture, and what of the sound, that an operator has chosen with the slate or by muting.
    private static let pictureFaults: Set<String> = ["black", "frozen"]
    private static let soundFaults: Set<String> = ["silent-content", "too-quiet", "too-loud", "clipping"]

    /// What the venues get; nil while nobody sees it.
    var confidence: ContentReport? {
        guard case .confidence(let report) = workers[WorkerID.confidence]?.report?.detail, report.isConnected else {
            return nil
        }
        return report.content
    }

    func content(ofInput id: String) -> ContentReport? {
        guard case .input(let report) = workers[WorkerID.input(id)]?.report?.detail else { return nil }
        return report.content
    }

    /// What is wrong with what goes out.
    /// - Parameter known: reasons there are already: what they explain is not said twice.
    func faults(_ report: ProgramReport, known: [VenuecastModel.Reason]) -> [VenuecastModel.Reason] {
        let codes = Set(known.map(\.code))
        let isSlate = report.onAir.hasPrefix("slate:")
        // Held against now: what the programme said last may be a second old.
        let steadySeconds = report.changedAt.map { Double(now.nanoseconds - $0) / 1e9 } ?? .infinity
        // A freeze is seen for certain where the pictures have not been encoded yet.
        let frozen = content(ofInput: report.onAir)?.findings.filter { $0.reason.code == "frozen" } ?? []
        return ((confidence?.findings ?? []) + frozen).filter { finding in
            let code = finding.reason.code
            // It must have lasted since what is on air was chosen.
            let hasLasted = steadySeconds >= finding.limitSeconds
            if Self.pictureFaults.contains(code) {
                return hasLasted && !isSlate && codes.isDisjoint(with: ["picture-lost", "no-picture"])
                    && !(code == "frozen" && activity.still.contains(report.onAir))
            }
            if Self.soundFaults.contains(code) {
                return hasLasted && !isSlate && !report.sound.muted && !codes.contains("no-sound")
                    && !(code != "clipping" && activity.silent.contains(report.onAir))
            }
            return true
        }.map { VenuecastModel.Reason($0.reason) }
    }
}

extension ContentStatus {
    init(_ report: ContentReport, thumbnail: String) {
        self.init()
        let (picture, sound) = (report.picture, report.sound)
        self.picture.framesPerSecond = rounded(picture.framesPerSecond, 2)
        (self.picture.width, self.picture.height) = (picture.width, picture.height)
        self.picture.ageMs = rounded(picture.ageMs, 0)
        self.picture.luma = rounded(picture.luma, 1)
        self.picture.blackSeconds = rounded(picture.blackSeconds, 1)
        self.picture.stillSeconds = rounded(picture.stillSeconds, 1)
        self.sound.ageMs = rounded(sound.ageMs, 0)
        self.sound.peakDbfs = rounded(sound.peakDbfs, 1)
        self.sound.momentaryLufs = rounded(sound.momentaryLufs, 1)
        self.sound.shortTermLufs = rounded(sound.shortTermLufs, 1)
        self.sound.integratedLufs = rounded(sound.integratedLufs, 1)
        self.sound.clippedSamples = sound.clippedSamples
        self.sound.silentSeconds = rounded(sound.silentSeconds, 1)
        stream = report.stream.map { stream in
            var status = StreamContentStatus()
            status.bitrateKbps = rounded(stream.bitrateKbps, 0)
            status.keyframeSeconds = rounded(stream.keyframeSeconds, 2)
            status.soundAgainstPictureMs = rounded(stream.soundAgainstPictureMs, 0)
            status.pictureLeadMs = rounded(stream.pictureLeadMs, 0)
            status.soundLeadMs = rounded(stream.soundLeadMs, 0)
            status.errors = stream.errors
            status.lastErrorSeconds = rounded(stream.lastErrorSeconds, 0)
            return status
        }
        self.thumbnail = picture.luma == nil ? nil : thumbnail
    }
}
