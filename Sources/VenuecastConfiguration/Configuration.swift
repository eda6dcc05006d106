import ArchiveAccess
import VenuecastModel

/// An activity as its configuration file describes it, checked: every path is absolute, every value in its range.
public struct Configuration: Sendable, Equatable {
    /// The file it was read from, absolute.
    public var path: String
    /// The activity's name, for people.
    public var activityName: String
    public var house: House
    public var inputs: [Input]
    public var program: Program
    public var venues: [Venue]
    public var control: Control
    /// Nil: nothing is recorded.
    public var recording: Recording?
    public var events = Events()
    public var alarms = Alarms()
    /// Nil: recordings are not served over the network.
    public var archive: ArchiveSettings?
    public var delivery = Delivery()
    public var monitoring = Monitoring()
    /// The pipeline file every link runs, absolute.
    public var linkPipelineFile: String

    /// The picture every input is brought to.
    public struct House: Sendable, Equatable {
        public var width: Int
        public var height: Int
        /// Whole frames a second: 25 or 50.
        public var frameRate: Int
        /// Of what is recorded and of what goes from worker to worker; venues always get 4:2:0.
        public var chroma: Chroma

        public enum Chroma: String, Sendable, CaseIterable {
            case yuv420 = "4:2:0"
            case yuv422 = "4:2:2"
        }

        public init(width: Int, height: Int, frameRate: Int, chroma: Chroma = .yuv420) {
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.chroma = chroma
        }
    }

    public struct Input: Sendable, Equatable {
        public var id: String
        /// The pipeline's name, without directory and `.pipeline`.
        public var pipeline: String
        /// Its file, absolute.
        public var pipelineFile: String
        /// The values this input gives the pipeline file's `${…}`.
        public var placeholders: [String: ConfigurationValue]
        /// −60 … 24 dB.
        public var gainDb: Double
        /// Which source channels become left and right: `1+2`, `3+4`, `1` (to both).
        public var channels: String
        /// −500 … 2000 ms; positive makes the sound later.
        public var audioDelayMs: Int
        /// Plays again from the start when the source ends.
        public var loop: Bool
        public var passphraseFile: String?
        /// It shows slides: a picture that stands still is no fault.
        public var still = false
        /// It has no sound worth listening to: silence is no fault.
        public var silent = false

        public init(
            id: String, pipeline: String, pipelineFile: String, placeholders: [String: ConfigurationValue] = [:],
            gainDb: Double = 0, channels: String = "1+2", audioDelayMs: Int = 0, loop: Bool = false,
            passphraseFile: String? = nil
        ) {
            self.id = id
            self.pipeline = pipeline
            self.pipelineFile = pipelineFile
            self.placeholders = placeholders
            self.gainDb = gainDb
            self.channels = channels
            self.audioDelayMs = audioDelayMs
            self.loop = loop
            self.passphraseFile = passphraseFile
        }
    }

    public struct Program: Sendable, Equatable {
        /// Ids, in order of priority.
        public var inputs: [String]
        public var slates: [Slate]
        /// How long an input must have been good before it comes back by itself.
        public var returnAfterSeconds: Double
        public var videoBitrateKbps: Int
        public var audioBitrateKbps: Int
        public var keyframeSeconds: Int
        /// What the line out of the house carries; nil: not said, and so not checked.
        public var uplinkMbps: Double?
        /// What venues get while a session is for others.
        public var othersGet = Others.slate(nil)
        /// Where venues see what is left of a report's time; nil: nowhere.
        public var countdown: Countdown?
        public var pipelineFile: String

        public struct Countdown: Sendable, Equatable {
            /// `top-left`, `top-right`, `bottom-left`, `bottom-right`.
            public var corner: String
            /// Shown from so many seconds before the limit on.
            public var lastSeconds: Double

            public static let corners = ["top-left", "top-right", "bottom-left", "bottom-right"]

            public init(corner: String, lastSeconds: Double = 120) {
                self.corner = corner
                self.lastSeconds = lastSeconds
            }
        }

        public enum Others: Sendable, Equatable {
            /// The slate of that id; nil: a plain one with the activity's name.
            case slate(String?)
            case nothing
        }

        public init(
            inputs: [String], slates: [Slate], returnAfterSeconds: Double = 3, videoBitrateKbps: Int,
            audioBitrateKbps: Int, keyframeSeconds: Int = 1, uplinkMbps: Double? = nil, pipelineFile: String
        ) {
            self.inputs = inputs
            self.slates = slates
            self.returnAfterSeconds = returnAfterSeconds
            self.videoBitrateKbps = videoBitrateKbps
            self.audioBitrateKbps = audioBitrateKbps
            self.keyframeSeconds = keyframeSeconds
            self.uplinkMbps = uplinkMbps
            self.pipelineFile = pipelineFile
        }
    }

    /// Either an image or a text.
    public struct Slate: Sendable, Equatable {
        public var id: String
        /// A PNG file, absolute.
        public var image: String?
        public var text: String?

        public init(id: String, image: String? = nil, text: String? = nil) {
            self.id = id
            self.image = image
            self.text = text
        }
    }

    public struct Venue: Sendable, Equatable {
        public var id: String
        /// For people; the id where the file gives none.
        public var name: String
        public var link: Link

        public init(id: String, name: String, link: Link) {
            self.id = id
            self.name = name
            self.link = link
        }
    }

    public struct Link: Sendable, Equatable {
        /// Checked; never holds a secret.
        public var url: String
        /// SRT latency to negotiate.
        public var latencyMs: Int
        public var passphraseFile: String?

        public init(url: String, latencyMs: Int = 800, passphraseFile: String? = nil) {
            self.url = url
            self.latencyMs = latencyMs
            self.passphraseFile = passphraseFile
        }
    }

    public struct Recording: Sendable, Equatable {
        /// As it was written: absolute, or relative to the state directory; `copyDirectory` likewise.
        public var directory: String
        /// On another disk: each closed segment is copied there.
        public var copyDirectory: String?
        /// Ids of inputs that are recorded besides the programme.
        public var inputs: [String]
        public var segmentSeconds: Int
        public var videoBitrateKbps: Int
        /// With less free room nothing more is recorded.
        public var minimumFreeBytes: Int64
        /// So long after they were received recordings are removed; nil: never.
        public var retentionDays: Int?
        /// Encoded media that may wait for the disk, of each recorder, in memory.
        public var bufferBytes: Int
        public var pipelineFile: String
        /// The values this table gives the pipeline file's `${…}`.
        public var placeholders: [String: ConfigurationValue]

        public init(
            directory: String, copyDirectory: String? = nil, inputs: [String] = [], segmentSeconds: Int = 60,
            videoBitrateKbps: Int = 50_000, minimumFreeBytes: Int64 = 20_000_000_000, bufferBytes: Int = 256 << 20,
            pipelineFile: String, placeholders: [String: ConfigurationValue] = [:]
        ) {
            self.directory = directory
            self.copyDirectory = copyDirectory
            self.inputs = inputs
            self.segmentSeconds = segmentSeconds
            self.videoBitrateKbps = videoBitrateKbps
            self.minimumFreeBytes = minimumFreeBytes
            self.bufferBytes = bufferBytes
            self.pipelineFile = pipelineFile
            self.placeholders = placeholders
        }

        /// What one recorder writes in a second: picture, and 24-bit stereo.
        public var bytesPerSecond: Double { Double(videoBitrateKbps) * 125 + 48_000 * 2 * 3 }
    }

    /// How long what is wrong must last to be an alarm, and whom alarms go to.
    public struct Alarms: Sendable, Equatable {
        /// Nothing on air, the fault slate, no picture, no sound.
        public var programSeconds = 2
        /// A venue that was connected gets nothing.
        public var venueSeconds = 10
        /// A venue has never been connected.
        public var absentSeconds = 60
        public var inputSeconds = 5
        public var recordingSeconds = 5
        /// What works and is impaired.
        public var impairedSeconds = 30
        /// It must be gone so long.
        public var clearSeconds = 10
        public var webhook: Webhook?
        public var command: Command?

        public init() {}

        public struct Webhook: Sendable, Equatable {
            /// `http` or `https`.
            public var url: String
            /// What it is signed with.
            public var secretFile: String

            public init(url: String, secretFile: String) {
                self.url = url
                self.secretFile = secretFile
            }
        }

        public struct Command: Sendable, Equatable {
            /// A program's absolute path and its arguments; no shell reads them.
            public var arguments: [String]
            public var deadlineSeconds: Int

            public init(arguments: [String], deadlineSeconds: Int = 10) {
                self.arguments = arguments
                self.deadlineSeconds = deadlineSeconds
            }
        }
    }

    /// The record of what was done and what happened.
    public struct Events: Sendable, Equatable {
        /// Older events are removed. Six at least, as GB/T 22239 asks of logs.
        public var keepMonths = 6

        public init() {}

        /// No month is longer than 31 days.
        public var keepDays: Int { keepMonths * 31 }
    }

    /// What a delivery is like when its command does not say otherwise.
    public struct Delivery: Sendable, Equatable {
        /// Seconds before and after each report.
        public var handleSeconds: Double?
        /// `mono` or `stereo`.
        public var sound: String?
        public var mxf: Bool?
        public var proxies: Bool?
        public var master: Bool?
        public var asciiNames: Bool?
        public var gbk: Bool?

        public init() {}
    }

    /// Who may talk to the daemon.
    public struct Control: Sendable, Equatable {
        public struct Socket: Sendable, Equatable {
            /// Permission bits, such as 0o660.
            public var mode: UInt32
            /// The group that owns the socket; nil: the daemon's own.
            public var group: String?

            public init(mode: UInt32, group: String? = nil) {
                self.mode = mode
                self.group = group
            }
        }

        /// `control.sock`: everything.
        public var operatorSocket: Socket
        /// `monitor.sock`: reads only.
        public var monitorSocket: Socket
        /// `archive.sock`: the files of recordings.
        public var archiveSocket = Socket(mode: 0o660)
        /// Of all downloads together; 0: as fast as can be.
        public var archiveMbps = 400
        /// On TCP loopback, for scrapers that know no Unix sockets; nil: not there.
        public var scrapePort: Int?

        public init(operatorSocket: Socket, monitorSocket: Socket) {
            self.operatorSocket = operatorSocket
            self.monitorSocket = monitorSocket
        }
    }

    public init(
        path: String, activityName: String, house: House, inputs: [Input], program: Program, venues: [Venue],
        control: Control, recording: Recording? = nil, linkPipelineFile: String
    ) {
        self.path = path
        self.activityName = activityName
        self.house = house
        self.inputs = inputs
        self.program = program
        self.venues = venues
        self.control = control
        self.recording = recording
        self.linkPipelineFile = linkPipelineFile
    }
}

/// A value as TOML has it; what a pipeline file's placeholder is given.
public enum ConfigurationValue: Sendable, Equatable {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
}

extension Configuration {
    /// What one venue's link carries in kbit/s: picture and sound, and what comes on top of them.
    public var kbpsPerVenue: Double {
        Double(program.videoBitrateKbps + program.audioBitrateKbps) * Uplink.overhead
    }
}
