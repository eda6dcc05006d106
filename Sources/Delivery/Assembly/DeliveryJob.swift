import FoundationEssentials
import Glibc
import LinuxSystem

/// A delivery from beginning to end. Blocks; for one thread.
public final class DeliveryJob {
    let request: DeliveryRequest
    private let givenPlan: DeliveryPlan?
    private let isCancelled: () -> Bool
    private let onProgress: (DeliveryProgress) -> Void
    /// Tests break off here.
    var checkpoint: (String) throws -> Void = { _ in }
    /// Seconds since 1970; tests have their own.
    var now: () -> Int = { Int(time(nil)) }
    /// Tests have disks that fail.
    var beforeRead: (_ file: String, _ offset: Int) throws -> Void = { _, _ in }

    private var progress: ProgressMeter
    private var warnings: [String] = []

    /// - Parameters:
    ///   - plan: what happened in the session; nil: what its as-run file says.
    ///   - isCancelled: asked often; the work then ends with an error, and the next run goes on from there.
    public init(
        _ request: DeliveryRequest, plan: DeliveryPlan? = nil, isCancelled: @escaping () -> Bool = { false },
        onProgress: @escaping (DeliveryProgress) -> Void = { _ in }
    ) {
        self.request = request
        givenPlan = plan
        self.isCancelled = isCancelled
        self.onProgress = onProgress
        progress = ProgressMeter(total: 0)
    }

    /// - Throws: `DeliveryError`, or `SystemError` of a disk. What was done is kept for the next run.
    public func run() throws -> DeliveryReport {
        let began = MonotonicInstant.now
        let facts = try TargetCheck.Facts.of(request.target)
        let surveyed = try Recording.survey(
            session: request.session, directory: "\(request.recordings)/\(request.session)")
        let plan = try givenPlan ?? readPlan(surveyed)
        let name = Self.name(surveyed)
        if Handover.isUnsaid(request, name) { return try finish(plan, surveyed, name) }
        if Files.exists("\(request.target)/\(name)") { throw Staging.taken(request.target, name) }
        // Whatever is refused is refused before anything is written.
        let first = Blueprint(plan, surveyed, name: name, request)
        try TargetCheck.check(
            facts, target: request.target, files: first.files(besides: Staging.sizes(request.target, name)),
            extra: first.encodedBytes)
        try Encoding.check(first)
        let staging = try Staging(target: request.target, name: name, now: now())
        while true {
            do {
                let blueprint = Blueprint(plan, surveyed.applying(staging.findings), name: name, request)
                var report = try assemble(blueprint, staging)
                report.seconds = began.duration(to: .now).inSeconds
                return report
            } catch is PlanChanged {
                // The source is not what it seemed: what is done stays, what it concerns is planned anew.
                continue
            }
        }
    }

    private func readPlan(_ recording: Recording) throws -> DeliveryPlan {
        let (plan, isComplete) = try AsRunFile.plan(recording)
        if !isComplete {
            warn(
                "\(AsRunFile.path(recording.directory)) is missing: nobody knows of the reports, and there are no clips."
            )
        }
        return plan
    }

    /// `20121126_S1`; a session that has the day in its name keeps it.
    static func name(_ recording: Recording) -> String {
        let day = recording.time.day(recording.range.lowerBound)
        return recording.session.hasPrefix(day) ? recording.session : "\(day)_\(recording.session)"
    }

    private func assemble(_ blueprint: Blueprint, _ staging: Staging) throws -> DeliveryReport {
        progress = ProgressMeter(total: blueprint.files(besides: [:]).reduce(0) { $0 + $1.bytes })
        let walk = RecordingWalk(blueprint, staging, self)
        let loudness = try walk.run()
        let encoded = try Encoding(blueprint, staging, self).run()
        try step("documents")
        let documents = try Documents(blueprint, staging, loudness: loudness, media: walk.files + encoded)
        for (path, bytes) in try documents.all() { try write(path, bytes, staging) }
        let files = documents.written.sorted { $0.path < $1.path }
        try staging.keepOnly(Set(files.map(\.path)))
        try step("publish")
        try staging.publish()
        try step("published")
        try handOver(staging, blueprint.recording.directory)
        return DeliveryReport(
            folder: staging.finished, clips: blueprint.clips.count, files: files.count,
            bytes: files.reduce(0) { $0 + $1.bytes }, withoutClip: blueprint.withoutClip,
            gaps: blueprint.gaps, loudnessProblems: loudness?.problems ?? [],
            loudnessMissing: loudness == nil ? walk.loudnessMissing : nil, warnings: warnings, seconds: 0)
    }

    private func handOver(_ staging: Staging, _ recording: String) throws {
        let handover = Handover(recording: recording, finished: staging.finished)
        if let cause = handover.note(now: now()) {
            warn("That it was delivered could not be written down beside the recording: \(cause).")
        }
        try step("written down")
        staging.clear()
    }

    /// The delivery is there, whole; the run that made it could not end.
    private func finish(_ plan: DeliveryPlan, _ recording: Recording, _ name: String) throws -> DeliveryReport {
        let staging = try Staging(target: request.target, name: name, now: now(), isFinishing: true)
        let blueprint = Blueprint(plan, recording.applying(staging.findings), name: name, request)
        try handOver(staging, recording.directory)
        let files = try FileTree(root: staging.finished).list()
        return DeliveryReport(
            folder: staging.finished, clips: blueprint.clips.count, files: files.count,
            bytes: files.reduce(0) { $0 + $1.bytes }, withoutClip: blueprint.withoutClip, gaps: blueprint.gaps,
            loudnessProblems: [], loudnessMissing: nil, warnings: warnings, seconds: 0)
    }

    // MARK: What its parts use

    /// A place where work may be broken off.
    func step(_ name: String) throws {
        try checkpoint(name)
        guard !isCancelled() else {
            throw DeliveryError(
                "Broken off.", "已中断。", next: "Run the same command again: it goes on where it was.",
                "请重新执行同一命令：它会从中断处继续。")
        }
    }

    func advance(_ bytes: Int, file: String) throws {
        if let report = progress.advance(bytes, file: file) { onProgress(report) }
        try step("bytes")
    }

    func warn(_ text: String) { warnings.append(text) }

    private func write(_ path: String, _ bytes: [UInt8], _ staging: Staging) throws {
        try step(path)
        let output = try OutputFile(staging.part(path))
        try output.append(bytes)
        _ = try output.finish()
        try step("\(path) is written")
        guard rename("\(staging.folder)/\(path).part", "\(staging.folder)/\(path)") == 0 else {
            throw SystemError(code: errno, operation: "move a file into place as", path: "\(staging.folder)/\(path)")
        }
    }
}

/// The source turned out to be other than it was surveyed.
struct PlanChanged: Error {}

extension DeliveryJob {
    func skip(_ bytes: Int) { progress.skip(bytes) }
}
