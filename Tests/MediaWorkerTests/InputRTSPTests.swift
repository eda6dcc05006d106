import Foundation
import Glibc
import LinuxSystem
import class Rig.Port
import struct Rig.RigError
import func Rig.waitFor
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// RTSP, against GStreamer's own server.
    @Suite struct RTSP {
        /// Starts the fixture; orders go to it through a pipe.
        private struct Camera {
            let stage: InputStage
            let port: Port
            let process: ProcessHandle
            let orders: String
            let log: String

            init(_ stage: InputStage, _ port: Port, _ film: String) async throws {
                (self.stage, self.port) = (stage, port)
                let name = "camera-\(UInt32.random(in: 0...UInt32.max))"
                (orders, log) = (stage.workspace.file("\(name).orders"), "\(name).log")
                #expect(mkfifo(orders, 0o600) == 0)
                let script = "\(InputStage.repository.path)/Tests/Fixtures/rtsp-server.py"
                process = try stage.workspace.shell(
                    "exec /usr/bin/python3 '\(script)' \(port.number) '\(film)' <>'\(orders)'", log: log)
                let (log, process) = (log, process)
                try await waitFor("the RTSP server", seen: { stage.log(log) }) {
                    if process.exitStatus != nil { throw RigError("it has ended") }
                    return stage.log(log).contains("ready") ? true : nil
                }
            }

            func url(_ path: String, user: String = "") -> [String: PlaceholderValue] {
                ["url": .text("rtsp://\(user)127.0.0.1:\(port.number)/\(path)")]
            }

            func order(_ line: String) async throws {
                // Without a reader it is an error, and no wait.
                let pipe = open(orders, O_WRONLY | O_NONBLOCK)
                defer { close(pipe) }
                guard pipe >= 0, write(pipe, "\(line)\n", line.utf8.count + 1) > 0 else {
                    throw RigError("the RTSP server takes no orders: \(stage.log(log))")
                }
                let (stage, log) = (stage, log)
                try await waitFor(line, seen: { stage.log(log) }) { stage.log(log).contains(line) ? true : nil }
            }
        }

        @Test func aCameraThatDiesAndComesBackIsMet() async throws {
            try await InputStage.run { stage in
                let film = try await stage.flashAndBeep("film.mp4")
                let port = try Port.reserve()
                let camera = try await Camera(stage, port, film)
                let input = try await stage.input("input-rtsp", camera.url("both"))
                try await input.picture.waitForMore(75)
                #expect(input.report.reasons.isEmpty)
                input.picture.expectPicturesWithoutGap()

                camera.process.signal(SIGKILL)
                try await eventually("both feeds are closed") { !input.picture.isConnected && !input.sound.isConnected }
                try await input.waitForReason("connection-refused")
                _ = try await Camera(stage, port, film)
                try await input.picture.waitForMore(75)
                #expect(input.report.reasons.isEmpty)
                input.picture.expectPicturesWithoutGap()
                // How a camera's tracks belong together is known for sure with its first RTCP sender report.
                let since = input.flashToBeepMs.count
                try await eventually("picture and sound belong together") {
                    let seen = input.flashToBeepMs
                    return seen.count > since && abs(seen.last ?? 100) < 20
                }
            }
        }

        @Test func aFilmThatEndsIsBegunAgain() async throws {
            try await InputStage.run { stage in
                let camera = try await Camera(stage, Port.reserve(), stage.flashAndBeep("film.mp4", seconds: 2))
                let input = try await stage.input("input-rtsp", camera.url("both"))
                try await eventually("it has come twice") { input.picture.connections == 2 }
                try await input.picture.waitForMore(10)
                #expect(input.report.reasons.isEmpty)
            }
        }

        @Test(arguments: ["sound", "picture"]) func oneTrackGoesOnWithoutTheOther(_ lost: String) async throws {
            try await InputStage.run { stage in
                let camera = try await Camera(stage, Port.reserve(), stage.flashAndBeep("film.mp4"))
                let input = try await stage.input("input-rtsp", camera.url("both"))
                let kept = lost == "sound" ? input.picture : input.sound
                try await eventually("both come") { input.picture.count > 10 && input.sound.count > 10 }
                try await camera.order("\(lost) off")
                try await input.waitForReason("no-\(lost)")
                try await camera.order("\(lost) on")
                try await eventually("both come again") { input.report.reasons.isEmpty }
                try await kept.waitForMore(10)
                #expect(kept.connections == 1)
                // The sound moves with the picture, which goes to the nearest place on the house's grid.
                if lost == "sound" { kept.expectPicturesWithoutGap() } else { kept.expectSoundWithoutGap(within: 25) }
            }
        }

        @Test(arguments: [("picture", "no-sound"), ("sound", "no-picture")])
        func oneTrackAloneIsServed(_ path: String, _ code: String) async throws {
            try await InputStage.run { stage in
                let camera = try await Camera(stage, Port.reserve(), stage.flashAndBeep("film.mp4", seconds: 10))
                let input = try await stage.input("input-rtsp", camera.url(path))
                try await (path == "picture" ? input.picture : input.sound).waitForMore(40)
                #expect(input.report.reasons == [path == "picture" ? .carriesNoSound : .carriesNoPicture])
                #expect(input.report.reasons.map(\.code) == [code])
            }
        }

        @Test func whatIsWrongIsToldApart() async throws {
            try await InputStage.run { stage in
                let camera = try await Camera(stage, Port.reserve(), stage.flashAndBeep("film.mp4", seconds: 5))
                let nobody = try Port.reserve()
                // Takes the call and says nothing.
                let mute = try Port.reserve()
                _ = try stage.workspace.shell(
                    "exec python3 -c 'import socket,time; s=socket.create_server((\"127.0.0.1\", \(mute.number))); "
                        + "time.sleep(60)'", log: "mute.log")
                let silent = try await stage.input("input-rtsp", ["url": .text("rtsp://127.0.0.1:\(mute.number)/main")])
                for (values, code) in [
                    (camera.url("nosuch"), "not-found"), (camera.url("secret"), "unauthorized"),
                    (camera.url("secret", user: "camera:wrong-word@"), "unauthorized"),
                    (["url": .text("rtsp://127.0.0.1:\(nobody.number)/main")], "connection-refused"),
                    (["url": .text("rtsp://no-such-camera.invalid/main")], "unresolved"),
                ] {
                    let input = try await stage.input("input-rtsp", values)
                    try await input.waitForReason(code, within: .seconds(60))
                    #expect(!"\(input.job.report())".contains("wrong-word"))
                    await input.job.stop()
                }
                try await silent.waitForReason("absent")
                let input = try await stage.input("input-rtsp", camera.url("secret", user: "camera:let-me-in@"))
                try await input.picture.waitForMore(10)
                #expect(!"\(input.job.report())".contains("let-me-in"))
            }
        }
    }
}
