import ArgumentParser
import Foundation
import VenuecastModel

struct RundownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rundown", abstract: "Who speaks when, and for how long.", subcommands: [Load.self, Show.self])

    struct Load: Action {
        static let configuration = CommandConfiguration(
            commandName: "load", abstract: "Takes the place of the rundown; says everything that is wrong with it.",
            discussion:
                "A CSV file with session,number,department,limitMinutes and, if wanted, title, speaker, venues. "
                + "UTF-8, or what Chinese Excel writes. Sessions that have begun stay as they are.")

        @Argument(help: "The file; - is standard input.")
        var file: String

        @Flag(help: "It is another activity's: earlier sessions are forgotten, their recordings stay.")
        var new = false

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let data = try context.read(file)
            let answer = try await context.asker.post(
                new ? "/v1/rundown/new" : "/v1/rundown", raw: data, as: RundownStatus.self)
            let sessions = answer.value.sessions
            let reports = sessions.reduce(0) { $0 + $1.reports.count }
            context.show(
                answer.data,
                else: [
                    .done(
                        context.words.pick(
                            "rundown loaded: \(sessions.count) sessions, \(reports) reports (\(answer.value.encoding ?? "–"))",
                            "已加载议程：\(sessions.count) 个场次，\(reports) 个汇报（\(answer.value.encoding ?? "–")）"))
                ])
        }
    }

    struct Show: Action {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Every session's reports.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/rundown", as: RundownStatus.self)
            let words = context.words
            let lines = answer.value.sessions.flatMap { context.sessionTables.session($0) + [Line()] }
            context.show(
                answer.data,
                else: lines.isEmpty
                    ? [
                        Line(
                            words.pick(
                                "No rundown is loaded: venuectl rundown load FILE.csv",
                                "尚未加载议程：venuectl rundown load FILE.csv"))
                    ]
                    : lines.dropLast())
        }
    }
}

struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Half-days with their reports and their recording.",
        subcommands: [List.self, Show.self, Start.self, End.self])

    struct List: Action {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "All sessions.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/sessions", as: [SessionSummary].self)
            context.show(answer.data, else: context.sessionTables.list(answer.value))
        }
    }

    struct Show: Action {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "One session: what was given, when, and who pressed.")

        @Argument(help: "The session's id.")
        var id: String

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get(Asker.sessionPath(id), as: SessionSummary.self)
            context.show(answer.data, else: context.sessionTables.session(answer.value))
        }
    }

    struct Start: Action {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Begins a session and its recording, or goes on with one that has ended.")

        @Argument(help: "The session's id, as rundown show has it.")
        var id: String

        @Flag(help: "Also where it cannot be recorded.")
        var yes = false

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.post(
                Asker.sessionPath(id) + "/start", body: OrderTerms(yes: yes ? true : nil), as: SessionSummary.self)
            let count = answer.value.reports.count
            context.show(
                answer.data,
                else: [
                    .done(
                        context.words.pick(
                            "session \(id) runs: \(count) reports. Go on with: venuectl report next",
                            "场次 \(id) 已开始：共 \(count) 个汇报。下一步：venuectl report next"))
                ])
            try await context.tellOfRecording(id)
        }
    }

    struct End: Action {
        static let configuration = CommandConfiguration(
            commandName: "end", abstract: "Ends the session, its report and its recording.")

        @Argument(help: "Its id; without one, the session that runs.")
        var id: String?

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let named: String
            if let id {
                named = id
            } else {
                guard let running = try await context.asker.get("/v1/status", as: ActivityStatus.self).value.session
                else {
                    throw ControlError(
                        status: 409, code: "no-session", title: "No session runs", detail: "No session runs.",
                        nextStep: "See `venuectl session list`.", detailZh: "没有正在进行的场次。",
                        nextStepZh: "请查看 `venuectl session list`。")
                }
                named = running.id
            }
            let answer = try await context.asker.post(Asker.sessionPath(named) + "/end", as: SessionSummary.self)
            let given = answer.value.reports.count { !$0.runs.isEmpty }
            context.show(
                answer.data,
                else: [
                    .done(
                        context.words.pick(
                            "session \(named) has ended: \(given) of \(answer.value.reports.count) reports were given",
                            "场次 \(named) 已结束：\(answer.value.reports.count) 个汇报中进行了 \(given) 个"))
                ])
        }
    }
}

extension Line {
    static func done(_ text: String) -> Line { Line([Line.Span("✓", .green), Line.Span(" \(text)")]) }
}

extension Context {
    fileprivate var sessionTables: SessionTables {
        SessionTables(words: words, clock: VenuectlKit.Clock(zone: .current), width: width)
    }

    /// Whether it is recorded is said from what is on the disk, which takes a second or two.
    fileprivate func tellOfRecording(_ session: String) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var recording: RecordingStatus
        repeat {
            recording = try await asker.get("/v1/status", as: ActivityStatus.self).value.recording
            let isRecorded =
                recording.session == session && recording.state == .recording && (recording.frames ?? 0) > 0
            if isRecorded {
                if !json { console.print([.done(words.pick("it is being recorded", "正在录制"))]) }
                return
            }
            if recording.reasons.contains(where: { $0.code == "recording-not-configured" }) { break }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        let why = recording.reasons.map(words.reason).joined(separator: " ")
        console.complain(
            "venuectl: "
                + words.pick("NOT RECORDED. \(why) See `venuectl status`.", "未录制。\(why)请查看 `venuectl status`。") + "\n")
    }

    fileprivate func read(_ file: String) throws -> Data {
        do {
            return file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw ControlError(
                status: 404, code: "unreadable", title: "The file cannot be read", detail: "\(file) cannot be read.",
                nextStep: "Check its name and its permissions.", detailZh: "无法读取 \(file)。", nextStepZh: "请检查文件名和权限。")
        }
    }
}
