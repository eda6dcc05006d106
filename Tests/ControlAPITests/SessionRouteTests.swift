import ControlClient
import Foundation
import Glibc
import Testing
import VenuecastModel

@testable import ControlAPI

/// Orders about sessions, over real sockets.
@Suite struct SessionRouteTests {
    static func summary(_ id: String) -> SessionSummary {
        SessionSummary(
            id: id, state: .active, isInternal: false, venues: ["jimo"], startedAt: .now, startedBy: "li",
            limitSeconds: 600, revision: 7,
            reports: [
                ReportSummary(
                    number: 1, department: "市财政局", limitSeconds: 600, title: nil, speaker: "张三",
                    runs: [
                        RunSummary(
                            attempt: 1, startedAt: .now, endedAt: nil, inTimecode: "14:00:00:00", outTimecode: nil,
                            durationSeconds: 3, overrunSeconds: 0, startedBy: "li", endedBy: nil, amendedBy: nil)
                    ])
            ], marks: [MarkSummary(text: "掌声", at: .now, timecode: "14:00:00:00", by: "li")])
    }

    static let status = SessionStatus(
        id: "S1", startedAt: .now, startedBy: "li", isInternal: false, venues: ["jimo"], revision: 7,
        report: ReportStatus(
            number: 1, department: "市财政局", title: nil, speaker: nil, attempt: 1, startedAt: .now, startedBy: "li",
            timecode: "14:00:00:00", elapsedSeconds: 3, limitSeconds: 600, remainingSeconds: 597, countdown: .running),
        next: PlannedReportStatus(number: 2, department: "市教育局", limitSeconds: 600), reports: 2, given: 1,
        secondsLeft: 1197)

    private static func prepare(_ stage: Stage) {
        stage.service.change { state in
            state.sessions = [summary("S1")]
            state.status.session = status
        }
    }

    @Test func passesEveryPressOn() async throws {
        try await Stage.run { stage in
            Self.prepare(stage)
            let client = stage.client
            _ = try await client.post("/v1/sessions/S1/start", body: OrderTerms(yes: true), as: SessionSummary.self)
            _ = try await client.post("/v1/reports/next", body: OrderTerms(seen: 7), as: SessionStatus.self)
            _ = try await client.post("/v1/reports/12/start", as: SessionStatus.self)
            try await client.post("/v1/reports/end")
            try await client.post("/v1/reports/undo")
            try await client.post("/v1/reports/3/amend", body: ReportAmendment(in: "14:00:00", attempt: 2))
            try await client.post("/v1/markers", body: MarkRequest(text: "掌声"))
            try await client.post("/v1/sessions/S1/end")
            #expect(
                stage.service.done == [
                    "startSession(\"S1\") yes", "nextReport seen 7", "startReport(12)", "endReport", "undo",
                    "\(SessionOrder.amendReport(3, ReportAmendment(in: "14:00:00", attempt: 2)))", "mark(\"掌声\")",
                    "endSession(\"S1\")",
                ])
            // As the kernel says it.
            #expect(stage.service.person?.uid == getuid())
            #expect(stage.service.person?.name.isEmpty == false)
        }
    }

    @Test func takesARundownAsItIs() async throws {
        try await Stage.run { stage in
            let bytes: [UInt8] = [0xCA, 0xD0, 0x0A]
            let answer = try await stage.client.exchange(.POST, "/v1/rundown", body: Data(bytes))
            #expect(answer.status == 200)
            _ = try await stage.client.exchange(.POST, "/v1/rundown/new", body: Data(bytes))
            #expect(
                stage.service.done == [
                    "\(SessionOrder.loadRundown(csv: bytes, isNew: false))",
                    "\(SessionOrder.loadRundown(csv: bytes, isNew: true))",
                ])
        }
    }

    @Test func showsSessions() async throws {
        try await Stage.run { stage in
            Self.prepare(stage)
            let monitor = ControlClient(socket: stage.monitor, timeout: .seconds(30))
            #expect(try await monitor.get("/v1/sessions", as: [SessionSummary].self).map(\.id) == ["S1"])
            #expect(try await monitor.get("/v1/sessions/S1", as: SessionSummary.self).reports[0].speaker == "张三")
            #expect(try await monitor.get("/v1/rundown", as: RundownStatus.self).loadedBy == "li")
            #expect(try await monitor.status().session?.report?.number == 1)
            let unknown = try await stage.client.exchange(.GET, "/v1/sessions/..%2Fetc")
            #expect(unknown.status == 404)
        }
    }

    static func recording(_ session: String, isInternal: Bool) -> RecordingDetail {
        RecordingDetail(
            summary: RecordingSummary(
                session: session, state: .checked, isInternal: isInternal, startedAt: .now, sources: ["program"],
                bytes: 1, segments: 1, checkedSegments: 1, damagedSegments: 0, copiedSegments: 0, frames: 25,
                missingFrames: 0, repeatedFrames: 0), directory: "/recordings/\(session)",
            segments: [
                RecordingDetail.Segment(
                    path: "master/\(session)_0001.mkv", source: "program", state: "checked",
                    firstTime: "2012-11-16T14:00:00.000+08:00", firstTimecode: "14:00:00:00", frames: 25, bytes: 1,
                    missingBefore: 0, repeatedFrames: 0, silentFrames: 0, isRecovered: false, isCopied: false,
                    sha256: "ab", problem: nil)
            ])
    }

    @Test func hidesWhatAnInternalSessionRecorded() async throws {
        try await Stage.run { stage in
            stage.service.change {
                $0.recordings = [Self.recording("S1", isInternal: false), Self.recording("S3", isInternal: true)]
            }
            let monitor = ControlClient(socket: stage.monitor, timeout: .seconds(30))
            #expect(try await monitor.get("/v1/recordings", as: [RecordingSummary].self).map(\.session) == ["S1"])
            #expect(try await monitor.get("/v1/recordings/S1", as: RecordingDetail.self).segments.count == 1)
            // As one that does not exist.
            let hidden = try await monitor.exchange(.GET, "/v1/recordings/S3")
            let unknown = try await monitor.exchange(.GET, "/v1/recordings/S9")
            #expect(hidden.status == 404 && unknown.status == 404)
            #expect(
                String(decoding: hidden.body, as: UTF8.self).replacing("S3", with: "S9")
                    == String(decoding: unknown.body, as: UTF8.self))
            let all = try await stage.client.get("/v1/recordings", as: [RecordingSummary].self)
            #expect(all.map(\.session) == ["S1", "S3"])
            #expect(try await stage.client.get("/v1/recordings/S3", as: RecordingDetail.self).summary.isInternal)
        }
    }

    @Test func namesWhatIsWrongWithARequest() async throws {
        try await Stage.run { stage in
            for (path, body, expected) in [
                ("/v1/reports/next", #"{"seen": "7"}"#, "whole number"),
                ("/v1/reports/zwei/start", "", "no report's number"),
                ("/v1/reports/1/amend", "", "no body"), ("/v1/reports/1/amend", #"{"im": "x"}"#, "\"im\" is not known"),
                ("/v1/markers", "{}", "\"text\" is missing"),
                ("/v1/sessions/S1/start", #"{"force": true}"#, "not known"),
            ] {
                let answer = try await stage.client.exchange(.POST, path, body: Data(body.utf8))
                let problem = try JSONDecoder().decode(ControlError.self, from: answer.body)
                #expect(answer.status == 400 && problem.detail.contains(expected), "\(path): \(problem.detail)")
            }
            #expect(stage.service.done.isEmpty)
        }
    }
}
