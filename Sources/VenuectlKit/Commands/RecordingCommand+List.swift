import ArgumentParser
import VenuecastModel

extension RecordingCommand {
    struct List: Action {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "What was recorded, as it lies on the disk.")

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let asker = remote.url == nil ? context.asker : try remote.asker(context, global)
            let answer = try await asker.get("/v1/recordings", as: [RecordingSummary].self)
            context.show(answer.data, else: context.recordingTable(answer.value))
        }
    }

    struct Show: Action {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "One session's segments: complete, checked, what is missing.")

        @Argument(help: "The session's id.")
        var session: String

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let asker = remote.url == nil ? context.asker : try remote.asker(context, global)
            let answer = try await asker.get(Asker.recordingPath(session), as: RecordingDetail.self)
            context.show(answer.data, else: context.segmentTable(answer.value))
        }
    }
}

extension Context {
    fileprivate func recordingTable(_ recordings: [RecordingSummary]) -> [Line] {
        if recordings.isEmpty { return [Line(words.pick("Nothing was recorded yet.", "尚无录制。"))] }
        let clock = VenuectlKit.Clock(zone: .current)
        func column(_ title: String, trailing: Bool = true, _ cell: (RecordingSummary) -> Line.Span) -> Table.Column {
            Table.Column(title: title, trailing: trailing, cells: recordings.map(cell))
        }
        return Table(columns: [
            column(words.pick("session", "场次"), trailing: false) { Line.Span($0.session) },
            column(words.pick("state", "状态"), trailing: false) { recording in
                Line.Span(words.recordingState(recording.state), recording.state == .damaged ? .alarm : .plain)
            },
            column(words.pick("since", "开始"), trailing: false) { recording in
                Line.Span(recording.startedAt.map(clock.dayAndTime) ?? Figure.unknown)
            },
            column(words.pick("segments", "分段")) { Line.Span("\($0.segments)") },
            column(words.pick("checked", "已校验")) { Line.Span("\($0.checkedSegments)") },
            column(words.pick("size", "大小")) { Line.Span(Figure.bytes($0.bytes)) },
            column(words.pick("frames", "帧数")) { Line.Span("\($0.frames)") },
            column(words.pick("missing", "缺失")) { recording in
                Line.Span("\(recording.missingFrames)", recording.missingFrames > 0 ? .yellow : .plain)
            },
            column(words.pick("repeated", "重复")) { recording in
                Line.Span("\(recording.repeatedFrames)", recording.repeatedFrames > 0 ? .yellow : .plain)
            },
            column(words.pick("handed over", "移交"), trailing: false) { recording in
                switch recording.handover {
                case .delivered?: Line.Span(words.pick("delivered", "已交付"))
                case .received?: Line.Span(words.pick("received", "已签收"), .green)
                case nil: Line.Span(Figure.unknown)
                }
            },
            column(words.pick("sources", "来源"), trailing: false) { recording in
                let note = recording.isInternal ? words.pick(" (internal)", "（内部）") : ""
                return Line.Span(recording.sources.joined(separator: " ") + note)
            },
        ]).lines(width: width)
    }

    fileprivate func segmentTable(_ recording: RecordingDetail) -> [Line] {
        func column(
            _ title: String, trailing: Bool = true, _ cell: (RecordingDetail.Segment) -> Line.Span
        ) -> Table.Column {
            Table.Column(title: title, trailing: trailing, cells: recording.segments.map(cell))
        }
        func count(_ number: Int) -> Line.Span { Line.Span("\(number)", number > 0 ? .yellow : .plain) }
        let table = Table(columns: [
            column(words.pick("segment", "分段"), trailing: false) { Line.Span($0.path) },
            column(words.pick("state", "状态"), trailing: false) { segment in
                Line.Span(words.segmentState(segment.state), segment.state == "damaged" ? .alarm : .plain)
            },
            column(words.pick("first frame", "首帧"), trailing: false) { Line.Span($0.firstTimecode) },
            column(words.pick("frames", "帧数")) { Line.Span("\($0.frames)") },
            column(words.pick("size", "大小")) { Line.Span(Figure.bytes($0.bytes)) },
            column(words.pick("missing before", "之前缺失")) { count($0.missingBefore) },
            column(words.pick("repeated", "重复")) { count($0.repeatedFrames) },
            column(words.pick("silent", "无声")) { count($0.silentFrames) },
            column(words.pick("copy", "副本"), trailing: false) { Line.Span($0.isCopied ? "✓" : "") },
        ])
        let problems = recording.segments.compactMap { segment in
            segment.problem.map { Line([Line.Span("✗ ", .red), Line.Span("\(segment.path): \($0)")]) }
        }
        return [Line(recording.directory, .dim)] + table.lines(width: width) + problems
            + recording.deliveries.flatMap(deliveryLines)
    }

    private func deliveryLines(_ delivery: DeliveryStatus) -> [Line] {
        let clock = VenuectlKit.Clock(zone: .current)
        func time(_ text: String?) -> String {
            text.flatMap(VenuecastJSON.parse).map(clock.dayAndTime) ?? Figure.unknown
        }
        let size = Figure.bytes(UInt64(delivery.bytes))
        let (at, by, to) = (time(delivery.at), delivery.by ?? Figure.unknown, delivery.to ?? delivery.delivery)
        let made = words.pick(
            "delivered \(at) by \(by): \(to), \(delivery.files) files, \(size)",
            "已交付 \(at)，\(by)：\(to)，\(delivery.files) 个文件，\(size)")
        return [Line([Line.Span("→ ", .bold), Line.Span(made)])]
            + delivery.received.map { receipt in
                let text = words.pick(
                    "  received \(time(receipt.at)) by \(receipt.by), read again and whole",
                    "  已签收 \(time(receipt.at))，\(receipt.by)，已重新读出校验")
                return Line([Line.Span("✓ ", .green), Line.Span(text)])
            }
    }
}

extension Words {
    func recordingState(_ state: RecordingSummary.State) -> String {
        switch state {
        case .recording: pick("recording", "录制中")
        case .closed: pick("closed", "已收尾")
        case .checked: pick("checked", "已校验")
        case .damaged: pick("DAMAGED", "有损坏")
        }
    }

    func segmentState(_ state: String) -> String {
        guard language == .zh else { return state }
        return ["open": "录制中", "closed": "已收尾", "checked": "已校验", "damaged": "损坏"][state] ?? state
    }
}
