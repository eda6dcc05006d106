import Glibc
import Rig
import Testing

extension SystemTests {
    /// Twelve venues, while receivers, links and inputs fail.
    @Suite(.timeLimit(.minutes(3))) struct MainJobTests {
        @Test func noFailureReachesAnotherVenueOrStopsTheProgramme() async throws {
            let stage = try Stage(venues: try Rig.Venue.reserve(12))
            try await stage.run {
                let rig = stage.rig
                let recording = stage.workspace.file("shinan.ts")
                try rig.receivers[0].record(to: recording)
                try await stage.begin()
                try await stage.onAir("camera")
                try await rig.receivers[0].waitForMore(25)

                // One venue freezes, another one's link dies.
                rig.receivers[1].signal(SIGSTOP)
                let link = try await rig.pid(of: "link/sifang")
                kill(link, SIGKILL)

                try await stage.signal("input/camera", SIGKILL)
                try await stage.onAir("standby")
                try await stage.onAir("camera")
                let camera = try await rig.pid(of: "input/camera")
                kill(camera, SIGSTOP)
                try await stage.onAir("standby")
                kill(camera, SIGCONT)
                try await stage.onAir("camera")
                // None is left: the slate.
                let standby = try await rig.pid(of: "input/standby")
                kill(standby, SIGSTOP)
                try await rig.status("standby is lost") { status in
                    status.inputs.contains { $0.id == "standby" && $0.health == .failed }
                }
                kill(camera, SIGSTOP)
                try await stage.onAir("slate:fault")
                kill(standby, SIGCONT)
                kill(camera, SIGCONT)
                try await stage.onAir("camera")

                try await rig.receivers[0].waitForMore(25)
                rig.receivers[0].endRecording()
                for (index, receiver) in rig.receivers.enumerated() where index != 1 && index != 2 {
                    receiver.expectOneStream()
                }
                #expect(try await rig.pid(of: "link/sifang") != link)
                try await stage.venue("sifang", "connected again") { $0.state == .connected }
                try await rig.receivers[2].waitForMore(25)
                rig.receivers[1].signal(SIGCONT)
                try await rig.receivers[1].waitForMore(25)

                try await expectScenes(recording, stage.workspace)
            }
        }

        /// Red, and blue or the slate where red failed; every picture 40 ms after the one before; no click.
        private func expectScenes(_ recording: String, _ workspace: Workspace) async throws {
            let footage = try await Footage(recording, workspace: workspace)
            let scenes = footage.scenes.map(\.name)
            // What came back first after the slate depends on which of the two had been good for long enough first.
            let expected = ["red", "blue", "red", "blue", "red", "dark"]
            #expect(Array(scenes.prefix(expected.count)) == expected, "\(footage.scenes)")
            #expect([["red"], ["blue", "red"]].contains(Array(scenes.dropFirst(expected.count))), "\(footage.scenes)")
            let steps = zip(footage.pictureTimes, footage.pictureTimes.dropFirst()).map { $1 - $0 }
            #expect(steps.allSatisfy { abs($0 - 0.04) < 0.0001 }, "\(steps.filter { abs($0 - 0.04) >= 0.0001 })")
            #expect(footage.pictures.count == footage.pictureTimes.count)
            // 1000 Hz at a tenth of full scale has steps of up to 429.
            #expect(footage.largestStep < 600)
        }
    }
}
