import Dispatch
import GStreamer
import LinuxSystem
import Logging
import WorkerProtocol

/// An input: brings one source to the house format and serves its picture and its sound as two feeds. A source that
/// ends or fails closes its feeds at once and is tried again by itself.
final class InputJob: MediaJob {
    /// Raw pictures that may wait for one reader, and bytes at least.
    private static let pictureQueue = 5
    private static let pictureQueueBytes = 16 << 20
    private static let soundQueueBytes = 1 << 20
    /// Milliseconds without anything after which a track is not there.
    private static let freshMs = 1000.0

    private let file: PipelineFile
    private let values: [String: PlaceholderValue]
    private let house: HouseFormat
    private let picture: InputTrack
    private let sound: InputTrack
    private let entered = InputRun.SourceCounter()
    private let board = InputBoard()
    private let source: InputSource
    private let examination: InputExamination
    /// For what may block.
    private let queue = DispatchQueue(label: "input-examination")

    /// - Throws: a sentence, when what it is given can never work.
    init(context: JobContext, specification: WorkerSpecification, role: InputRole) throws {
        file = try PipelineFile(path: specification.pipelineFile)
        values = specification.placeholders
        house = role.house
        let settings = try Self.soundSettings(role.adjustment)
        let instance = context.identity.instance
        let complain: @Sendable (String) -> Void = { [logger = context.logger] in logger.error("\($0)") }
        let examination = InputExamination(role.examination, context.logger)
        self.examination = examination
        picture = InputTrack(
            server: FeedServer(
                path: role.feeds.picture, instance: instance, policy: .dropOldest,
                limitBytes: max(Self.pictureQueueBytes, Self.pictureQueue * PictureLayout(role.house).size)),
            onError: complain, onSent: { examination.see($0, $1) })
        sound = InputTrack(
            server: FeedServer(
                path: role.feeds.sound, instance: instance, policy: .dropOldest, limitBytes: Self.soundQueueBytes),
            settings: settings, onError: complain, onSent: { buffer, _ in examination.hear(buffer) })
        source = try InputSource(
            file: file, values: values, role: role, outputs: [.picture: picture, .sound: sound], entered: entered,
            board: board, logger: context.logger)
    }

    private static func soundSettings(_ adjustment: InputAdjustment) throws -> InputTrack.Settings {
        guard let choice = ChannelChoice(adjustment.channels) else {
            throw PipelineFile.Failure(
                description: "channels = \"\(adjustment.channels)\" is not of the form \"1+2\" or \"1\".")
        }
        return InputTrack.Settings(
            shaper: SoundShaper(choice: choice, gainDb: adjustment.gainDb),
            delay: Int64(adjustment.audioDelayMs) * 1_000_000)
    }

    func perform(_ request: WorkerRequest.Body) async -> WorkerResponse.Body {
        guard case .adjust(let adjustment, _) = request else {
            return .refused(Refusal(code: "not-supported", message: "An input takes no such command."))
        }
        do {
            sound.adjust(try Self.soundSettings(adjustment))
            await queue.perform { [examination] in examination.adjust(adjustment.examination) }
            return .done
        } catch {
            return .refused(Refusal(code: "bad-request", message: "\(error)"))
        }
    }

    func start() async throws {
        // Whether it builds at all is found out before anything is promised.
        try file.check(values, house, expecting: house.pictureCaps)
        Task { [source] in await source.run() }
    }

    func stop() async {
        await source.stop()
        await queue.perform { [examination] in examination.stop() }
    }

    func report() -> JobReport {
        let now = MonotonicClock.now()
        let (pictureFacts, soundFacts) = (picture.facts(now: now), sound.facts(now: now))
        let entry = board.read()
        func age(_ facts: InputTrack.Facts) -> Double? { facts.lastAt.map { Double(now - min(now, $0)) / 1e6 } }
        func isFresh(_ age: Double?) -> Bool { age.map { $0 < Self.freshMs } ?? false }
        var report = InputReport(
            pictureFrames: pictureFacts.count, soundBuffers: soundFacts.count, pictureAgeMs: age(pictureFacts),
            soundAgeMs: age(soundFacts), sound: SoundReport(peakDbfs: soundFacts.peakDbfs))
        report.reasons = entry.reasons(picture: isFresh(report.pictureAgeMs), sound: isFresh(report.soundAgeMs))
        report.content = examination.report(
            pictureAgeMs: report.pictureAgeMs, soundAgeMs: report.soundAgeMs, at: now)
        let output = pictureFacts.count + soundFacts.count
        // Sources without a demultiplexer are their own input.
        let input = file.text.contains("name=demux") ? entered.value : output
        return JobReport(
            isReady: entry.isReady, progress: .init(input: input, output: output), lastErrors: entry.errors,
            detail: .input(report))
    }
}
